"""What may happen to an actor's identity?  The decider of the streams `actor/<slug>`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from events.actors import (
    ActorCorrected,
    ActorRegistered,
    ActorsMerged,
    AliasAdded,
    AliasRetracted,
    MergeUndone,
)
from events.quotes import check
from events.refusals import (
    AlreadyExists,
    Malformed,
    MergeRefused,
    NothingToChange,
    UnknownActor,
    UnknownArticle,
)
from events.vocabulary import AnyEvent, corrected, settled


@dataclass(frozen=True)
class RegisterActor:
    """Make an actor known under a slug, with its other names."""

    slug: str
    actor: ActorRegistered
    aliases: tuple[AliasAdded, ...] = ()


@dataclass(frozen=True)
class AddAliases:
    """Note other names of an actor."""

    slug: str
    aliases: tuple[AliasAdded, ...]


@dataclass(frozen=True)
class RetractAlias:
    """Take an alias back."""

    slug: str
    alias: str
    reason: str
    by: str | None = None


@dataclass(frozen=True)
class CorrectActor:
    """Put right what is registered about an actor."""

    slug: str
    changes: dict[str, Any]
    reason: str
    by: str | None = None


@dataclass(frozen=True)
class MergeActors:
    """Let another actor stand for this one too."""

    slug: str
    into: str
    reason: str
    by: str | None = None


@dataclass(frozen=True)
class UndoMerge:
    """Let a merged actor stand for itself again."""

    slug: str
    reason: str
    by: str | None = None


Named = TypeVar("Named", ActorRegistered, AliasAdded)
ActorCommand = RegisterActor | AddAliases | RetractAlias | CorrectActor | MergeActors | UndoMerge


@dataclass
class ActorState:
    """What an actor's stream says so far."""

    slug: str
    version: int = 0
    actor: ActorRegistered | None = None
    aliases: dict[str, AliasAdded] = field(default_factory=dict)
    merged_into: str | None = None


def evolve(state: ActorState, event: AnyEvent) -> ActorState:
    """The state after one more event; the given state is used up."""
    state.version += 1
    match event:
        case ActorRegistered():
            state.actor = event
        case ActorCorrected() if state.actor is not None:
            state.actor = corrected(state.actor, event.changes)
        case AliasAdded():
            state.aliases[event.alias] = event
        case AliasRetracted():
            del state.aliases[event.alias]
        case ActorsMerged():
            state.merged_into = event.into
        case MergeUndone():
            state.merged_into = None
        case _:
            message = f"{event.kind} does not belong into an actor's stream"
            raise Malformed(message)
    return state


def decide(
    command: ActorCommand,
    state: ActorState,
    texts: Mapping[str, str],
    others: Mapping[str, ActorState],
) -> list[AnyEvent]:
    """The events that a command leads to.  `texts`: of the articles that are quoted, by slug; `others`: the actors it names.

    Raises AlreadyExists, UnknownActor, UnknownArticle, QuoteNotFound, NothingToChange, MergeRefused, Malformed.
    """
    if isinstance(command, RegisterActor):
        if state.actor is not None:
            message = f"actor {command.slug!r} is registered already, as {state.actor.name!r}"
            raise AlreadyExists(message)
        return [_quoted(command.actor, texts), *_new_aliases(command.aliases, state, texts)]
    if state.actor is None:
        message = f"no actor {command.slug!r} is registered"
        raise UnknownActor(message)
    match command:
        case AddAliases(aliases=aliases):
            return _new_aliases(aliases, state, texts)
        case RetractAlias(alias=alias):
            if alias not in state.aliases:
                message = f"actor {command.slug!r} has no alias {alias!r}"
                raise NothingToChange(message)
            return [AliasRetracted(alias=alias, reason=command.reason, by=command.by)]
        case CorrectActor(changes=changes):
            actor = corrected(state.actor, changes)
            if actor == state.actor:
                message = f"actor {command.slug!r} already is as the correction would make it"
                raise NothingToChange(message)
            _quoted(actor, texts)
            changes = settled(actor, changes)
            return [ActorCorrected(changes=changes, reason=command.reason, by=command.by)]
        case MergeActors():
            return [_merge(command, state, others)]
        case UndoMerge(reason=reason, by=by):
            if state.merged_into is None:
                message = f"actor {command.slug!r} is not merged into another one"
                raise MergeRefused(message)
            return [MergeUndone(into=state.merged_into, reason=reason, by=by)]


def _new_aliases(
    aliases: tuple[AliasAdded, ...], state: ActorState, texts: Mapping[str, str]
) -> list[AnyEvent]:
    known = {*state.aliases}
    for alias in aliases:
        if alias.alias in known:
            message = f"actor {state.slug!r} has the alias {alias.alias!r} already"
            raise AlreadyExists(message)
        known.add(alias.alias)
    return [_quoted(alias, texts) for alias in aliases]


def _quoted(naming: Named, texts: Mapping[str, str]) -> Named:
    if bool(naming.evidence) != (naming.article is not None):
        message = "evidence needs the article that it quotes, and an article needs a quote from it"
        raise Malformed(message)
    if naming.article is not None:
        text = texts.get(naming.article)
        if text is None:
            message = f"there is no article {naming.article!r}; ingest it first"
            raise UnknownArticle(message)
        for quote in naming.evidence:
            check(text, quote)
    return naming


def _merge(
    command: MergeActors, state: ActorState, others: Mapping[str, ActorState]
) -> ActorsMerged:
    other = others.get(command.into)
    if other is None or other.actor is None:
        message = f"no actor {command.into!r} is registered"
        raise UnknownActor(message)
    if command.into == command.slug:
        message = f"{command.slug!r} and {command.into!r} are the same actor"
        raise MergeRefused(message)
    for each in (state, other):
        if each.merged_into is not None:
            message = (
                f"actor {each.slug!r} was merged into {each.merged_into!r} already; merge that one"
            )
            raise MergeRefused(message)
    return ActorsMerged(into=command.into, reason=command.reason, by=command.by)
