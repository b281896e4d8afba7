"""Into which words is a text cut that can be searched?  Into those of SQLite's full-text index, which cuts them for every engine."""

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Final

from events.sqlite_library import sqlite3

TOKENIZER: Final = "unicode61 remove_diacritics 2"
"""Letters and digits make words; capitals and accents do not matter."""

LONGEST: Final = 255
"""Characters of a word that are indexed where the index has a limit of its own."""
MOST: Final = 1_000_000
"""Bytes of different words of a text that are indexed there."""

_LOCK: Final = Lock()


@cache
def _index() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.execute(
        f"CREATE VIRTUAL TABLE texts USING fts5(text, content='', tokenize='{TOKENIZER}')"
    )
    connection.execute("CREATE VIRTUAL TABLE tokens USING fts5vocab(texts, instance)")
    return connection


def tokens(texts: Sequence[str]) -> list[list[str]]:
    """The words of each text, in their order.

    >>> tokens(["Ein Café, 2 Türen", ""])
    [['ein', 'cafe', '2', 'turen'], []]
    """
    found: list[list[str]] = [[] for _ in texts]
    with _LOCK:
        index = _index()
        index.executemany("INSERT INTO texts (rowid, text) VALUES (?, ?)", enumerate(texts))
        for text, word in index.execute('SELECT doc, term FROM tokens ORDER BY doc, "offset"'):
            found[text].append(word)
        index.execute("INSERT INTO texts (texts) VALUES ('delete-all')")
    return found


def lexeme(word: str) -> str:
    """A word as it is indexed where words have a greatest length."""
    return word[:LONGEST]


def lexemes(words: Sequence[str]) -> list[str]:
    """The different words of a text, as far as a `tsvector` has room for them."""
    found, room = dict.fromkeys(map(lexeme, words)), MOST
    return [word for word in found if (room := room - len(word.encode())) >= 0]
