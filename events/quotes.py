"""Where do the quoted words stand in the text?  Exact, never fuzzy."""

from difflib import SequenceMatcher

from events.refusals import QuoteNotFound
from events.values import Quote

CONTEXT = 32
"""Characters of prefix and suffix that a located quote keeps."""
SHOWN = 120
"""Characters of a quote that a message shows."""
LISTED = 5
"""Places that a message lists."""
COMPARED = 200, 100_000
"""Characters of a missing quote, and of the text, that are compared to show the nearest place."""


def locate(text: str, exact: str, prefix: str = "", suffix: str = "") -> Quote:
    """The one place of `exact` in `text` that has `prefix` before and `suffix` behind it.

    Raises QuoteNotFound when there is no such place (the message shows the nearest one, which is never taken) or several.

    >>> locate("peace, and peace again", "peace", prefix="and ").start
    11
    """
    starts = (
        [at + len(prefix) for at in _occurrences(text, prefix + exact + suffix)] if exact else []
    )
    match starts:
        case [start]:
            return at_offset(text, start, start + len(exact))
        case []:
            message = f"quote {_shorten(exact)!r} is not in the text; {nearest(text, exact)}"
            raise QuoteNotFound(message)
        case _:
            message = (
                f"quote {_shorten(exact)!r} stands {len(starts)} times in the text (at {_listed(starts)}); "
                "add a prefix or suffix that tells them apart"
            )
            raise QuoteNotFound(message)


def at_offset(text: str, start: int, end: int) -> Quote:
    """The quote of `text[start:end]`, with its surroundings."""
    return Quote(
        exact=text[start:end],
        prefix=text[max(0, start - CONTEXT) : start],
        suffix=text[end : end + CONTEXT],
        start=start,
        end=end,
    )


def check(text: str, quote: Quote) -> None:
    """Refuse a quote that does not stand where its selector says."""
    if text[quote.start : quote.end] != quote.exact:
        message = (
            f"quote {_shorten(quote.exact)!r} is not at {quote.start}..{quote.end} of the text, "
            f"which reads {_shorten(text[quote.start : quote.end])!r} there"
        )
        raise QuoteNotFound(message)
    if not (
        text.endswith(quote.prefix, 0, quote.start) and text.startswith(quote.suffix, quote.end)
    ):
        message = (
            f"quote {_shorten(quote.exact)!r} at {quote.start}..{quote.end} is not between "
            f"prefix {quote.prefix!r} and suffix {quote.suffix!r}"
        )
        raise QuoteNotFound(message)


def nearest(text: str, exact: str) -> str:
    """A sentence that shows the place of `text` most like `exact`, for error messages only."""
    words, text = exact[: COMPARED[0]], text[: COMPARED[1]]
    matcher = SequenceMatcher(None, text, words, autojunk=False)
    found = matcher.find_longest_match()
    if found.size < min(4, len(exact)):
        return "nothing in it comes near"
    start = max(0, found.a - found.b)
    found_words = text[start : start + len(exact)]
    line = text.count("\n", 0, start) + 1
    return f"the nearest place is line {line}, offset {start}: {_shorten(found_words)!r}"


def _occurrences(text: str, words: str) -> list[int]:
    found, at = [], text.find(words)
    while at >= 0:
        found.append(at)
        at = text.find(words, at + 1)
    return found


def _shorten(words: str) -> str:
    return words if len(words) <= SHOWN else words[: SHOWN - 1] + "…"


def _listed(starts: list[int]) -> str:
    return ", ".join(map(str, starts[:LISTED])) + (" …" if len(starts) > LISTED else "")
