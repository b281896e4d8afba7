"""What can be searched for?  One document per article, actor and report, with the words that find it.

The engine's full-text index hangs on this table (see the engine's file); `query` is the small language that people type.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from events.actors import (
    ActorCorrected,
    ActorRegistered,
    ActorsMerged,
    AliasAdded,
    AliasRetracted,
    MergeUndone,
)
from events.curation import Curated
from events.record import Recorded
from events.refusals import Malformed
from events.sources import ArticleCorrected, ArticleIngested
from events.values import Report, Value
from events.vocabulary import AnyReport
from projections.actors import Actor, Alias, standing
from projections.articles import Article
from projections.reports import Change
from projections.rows import Rows
from projections.versioned import Versioned, indexes, listed


class Document(Versioned, table=True):
    """The searchable words of one node; its key is the node's global id."""

    __tablename__ = "documents"
    __table_args__ = indexes("documents", *listed("documents_all", "rank", "position"))

    type: str
    """`Article`, `Actor` or `Report`."""
    target: str
    """The node's key within its type."""
    rank: int
    """Actors (0) are found before articles (1), and these before reports (2)."""
    position: int
    text: str


RANKS: Final = {"Actor": 0, "Article": 1, "Report": 2}


def fold(rows: Rows, record: Recorded, changes: Iterable[Change]) -> None:
    """Documents after one more event."""
    for change in changes:
        if change.after is None:
            rows.end(Document, f"Report:{change.key}")
        elif change.before is None:
            rows.add(
                Document, _document("Report", change.key, change.position, _words(change.after))
            )
        else:
            _put(rows, "Report", change.key, change.position, _words(change.after))
    match record.event:
        case ArticleIngested() | ArticleCorrected():
            row = rows.get(Article, record.slug)
            if row is not None:
                words = [row["title"], row["publisher"] or "", row["text"]]
                _put(rows, "Article", record.slug, row["position"], words)
        case ActorRegistered() | ActorCorrected() | AliasAdded() | AliasRetracted():
            _put_actor(rows, standing(rows, record.slug))
        case ActorsMerged() as event:
            rows.end(Document, f"Actor:{record.slug}")
            _put_actor(rows, event.into)
        case MergeUndone() as event:
            _put_actor(rows, record.slug)
            _put_actor(rows, standing(rows, event.into))
        case Report() | Curated():
            pass


def _put_actor(rows: Rows, slug: str) -> None:
    row = rows.get(Actor, slug)
    if row is not None:
        aliases = sorted({alias["alias"] for alias in rows.find(Alias, "actor", slug)})
        _put(rows, "Actor", slug, row["position"], [row["name"], slug, *aliases])


def _put(rows: Rows, type_: str, target: str, position: int, words: Iterable[str]) -> None:
    rows.put(Document, _document(type_, target, position, words))


def _document(type_: str, target: str, position: int, words: Iterable[str]) -> dict[str, Any]:
    return {
        "key": f"{type_}:{target}",
        "type": type_,
        "target": target,
        "rank": RANKS[type_],
        "position": position,
        "text": "\n".join(words),
    }


def _words(report: AnyReport) -> list[str]:
    """What a report says in words of its own, and the words that it quotes."""
    return [
        *dict.fromkeys(_texts(report)),
        *dict.fromkeys(quote.exact for quote in report.evidence),
    ]


_SILENT: Final = {"ref", "evidence", "attribution", "when", "by", "note", "links", "kind"}


def _texts(value: Value) -> Iterator[str]:
    for name, field in vars(value).items():
        if name in _SILENT:
            continue
        for each in field if isinstance(field, tuple) else (field,):
            if isinstance(each, Value):
                yield from _texts(each)
            elif type(each) is str:
                yield each


_TERM: Final = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


def terms(text: str) -> list[tuple[bool, list[str], bool]]:
    """What a search text asks for: (wanted, words in a row, whether the last is only a beginning) for each term.

    Words are joined by *and*; `"in a row"` is a phrase, `word*` a beginning, `-word` excludes.  Everything else is no syntax but separates
    words.  Raises Malformed when no word is left, or when only exclusions are.
    """
    found = []
    for minus, phrase, word in _TERM.findall(text):
        words = re.findall(r"\w+", phrase or word)
        if words:
            found.append((not minus, words, bool(word) and word.endswith("*")))
    if not any(wanted for wanted, _, _ in found):
        message = f"search text {text[:100]!r} has no word to look for"
        raise Malformed(message)
    return found
