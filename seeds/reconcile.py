"""What must be appended so that the log says what a dossier says?

A dossier is compared with what *it* said before (`seeds.earlier`), not with what the log says now.
So the same dossier again appends nothing, a changed one appends exactly what was changed in it, and
what others did meanwhile stays: their reports are never retracted, and their corrections give way
only in a field that the dossier itself changes.

- An article's text never changes; another text is another article.  Its other data are corrected;
  if somebody else ingested it, only in what the dossier says, not in what it leaves out.
- A report that left the dossier is retracted.  Its ref is used up: in a log that only grows, a ref
  means one report of one kind for ever.  A ref that somebody else used first is a problem, unless
  the report is the same.
- An actor belongs to nobody.  The dossier that registered it corrects it; to all others it is the
  actor they mean if it has, or once had, the same kind and name, and they only add aliases.  It
  stays registered when it leaves the dossier.
- An alias is retracted by the dossier that added it.  One that somebody else added is left alone.
"""

from collections.abc import Iterator
from typing import Any

from events.actor import ActorState, AddAliases, CorrectActor, RegisterActor, RetractAlias
from events.article_commands import (
    CorrectArticle,
    CorrectReport,
    IngestArticle,
    RecordReports,
    RetractReport,
    UndoRetraction,
)
from events.article_state import ArticleState
from events.handling import Command, World
from events.refusals import Malformed
from events.values import Value
from events.vocabulary import AnyReport, corrected, payload_of
from seeds.dossier import Dossier, DossierActor
from seeds.earlier import Earlier, EarlierActor
from seeds.problems import DossierRefused, Problem

CHANGED = "changed in the dossier"
GONE = "no longer in the dossier"
BACK = "in the dossier again"


def reconcile(
    dossier: Dossier, world: World, earlier: Earlier, reason: str | None = None
) -> list[Command]:
    """The commands that let the log say what the dossier says; none if it does already.

    `reason` is given for corrections and retractions.  Raises DossierRefused with every problem
    that the log has with the dossier.
    """
    reconciling = _Reconciling(dossier, world, earlier, reason)
    commands = [*reconciling.article(), *reconciling.actors(), *reconciling.reports()]
    if reconciling.problems:
        raise DossierRefused(reconciling.problems)
    return commands


class _Reconciling:
    def __init__(
        self, dossier: Dossier, world: World, earlier: Earlier, reason: str | None
    ) -> None:
        self.dossier, self.world, self.earlier, self.reason = dossier, world, earlier, reason
        self.state = world.articles.get(dossier.slug, ArticleState(dossier.slug))
        self.problems: list[Problem] = []

    def article(self) -> Iterator[Command]:
        slug, article = self.dossier.slug, self.dossier.article
        now, before = self.state.article, self.earlier.article
        if now is None or before is None:
            yield IngestArticle(slug, article)
            return
        if now.text != article.text:
            what = f"article {slug!r} is in the log with another text"
            self._refuse("article", what, "another text is another article: give it another slug")
            return
        after = article if self.earlier.ingested else corrected(before, payload_of(article))
        if changes := self._changes("article", before, after, now):
            yield CorrectArticle(slug, changes, self.reason or CHANGED, self.dossier.by)

    def actors(self) -> Iterator[Command]:
        for slug, given in self.dossier.actors.items():
            now = self.world.actors.get(slug, ActorState(slug))
            if now.actor is None:
                yield RegisterActor(slug, given.actor, tuple(given.aliases.values()))
                continue
            before = self.earlier.actors.get(slug, EarlierActor())
            if before.registered is not None:
                changes = self._changes(f"actor/{slug}", before.registered, given.actor, now.actor)
                if changes:
                    yield CorrectActor(slug, changes, self.reason or CHANGED, given.actor.by)
            elif (given.actor.actor_kind, given.actor.name) not in before.identities:
                known = f"{now.actor.actor_kind} {now.actor.name!r}"
                what = f"actor {slug!r} is in the log already, as {known}"
                right = "write it so if it is the same actor, else give it another slug"
                self._refuse(f"actor/{slug}", what, right)
            yield from self._aliases(slug, given, before, now)

    def _aliases(
        self, slug: str, given: DossierActor, before: EarlierActor, now: ActorState
    ) -> Iterator[Command]:
        held = dict(now.aliases)
        for alias, added in before.aliases.items():
            kept = given.aliases.get(alias)
            if kept != added and held.get(alias) == added:
                reason = self.reason or (CHANGED if kept else GONE)
                yield RetractAlias(slug, alias, reason, self.dossier.by)
                del held[alias]
        new = [
            added
            for alias, added in given.aliases.items()
            if alias not in held and before.aliases.get(alias) != added
        ]
        if new:
            yield AddAliases(slug, tuple(new))

    def reports(self) -> Iterator[Command]:
        slug, given, before = self.dossier.slug, self.dossier.reports, self.earlier.reports
        new = [report for ref, report in given.items() if self._is_new(ref, report)]
        if new:
            yield RecordReports(slug, tuple(new))
        for ref, report in given.items():
            if ref not in before or not self._can_be_corrected(ref, report):
                continue
            if ref in self.earlier.retracted and self.state.reports[ref].retracted:
                yield UndoRetraction(slug, ref, self.reason or BACK, report.by)
            now = self.state.reports[ref].report
            if changes := self._changes(f"report/{ref}", before[ref], report, now):
                yield CorrectReport(slug, ref, changes, self.reason or CHANGED, report.by)
        for ref in sorted(before.keys() - given.keys() - self.earlier.retracted):
            if not self.state.reports[ref].retracted:
                yield RetractReport(slug, ref, self.reason or GONE, self.dossier.by)

    def _is_new(self, ref: str, report: AnyReport) -> bool:
        held = self.state.reports.get(ref)
        if held is None:
            return True
        if ref not in self.earlier.reports and (held.retracted or held.report != report):
            what = f"another report {ref!r} of this article was recorded by somebody else"
            self._refuse(f"report/{ref}", what, "give this one another ref")
        return False

    def _can_be_corrected(self, ref: str, report: AnyReport) -> bool:
        before = self.earlier.reports[ref]
        if report.kind != before.kind:
            what = f"report {ref!r} was recorded as {before.kind}, not as {report.kind}"
            self._refuse(
                f"report/{ref}",
                what,
                "give it another ref; the other report is retracted when its ref is gone",
            )
        elif ref in self.earlier.retracted:
            return True
        elif report == before:
            return False
        elif self.state.reports[ref].retracted:
            what = f"report {ref!r} was changed here, but retracted in the log by somebody else"
            self._refuse(f"report/{ref}", what, "take it out, or give it another ref")
        else:
            return True
        return False

    def _changes(self, part: str, before: Value, after: Value, now: Value) -> dict[str, Any]:
        """The fields that the dossier changed; none if the log has them so already."""
        old, new = payload_of(before), payload_of(after)
        changes = {name: new.get(name) for name in {**old, **new} if old.get(name) != new.get(name)}
        try:
            return changes if changes and corrected(now, changes) != now else {}
        except Malformed as refusal:
            what = f"what was changed does not fit what the log has by now ({refusal.message})"
            self._refuse(part, what, "write the whole of it as it should be")
            return {}

    def _refuse(self, part: str, what: str, right: str) -> None:
        self.problems.append(self.dossier.problem(part, what, right))
