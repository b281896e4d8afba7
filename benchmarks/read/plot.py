"""How do the figures look?  As bars: requests a second of each server, for each operation, on a scale on which every tenfold is as long."""

from collections.abc import Iterator
from html import escape
from math import log10
from typing import Any, Final

from benchmarks.read.comparing import AIMED
from benchmarks.read.results import NAMES
from benchmarks.read.servers import BARE, CACHED, OURS, PEERS

COLOURS: Final = {OURS: "#1f6feb", CACHED: "#79b8ff", BARE: "#8c959f", PEERS: "#d29922"}
NAMED, WIDTH, BAR, GAP, LEAST = 110, 420, 18, 14, 10
"""Pixels for the names, for the longest bar, of a bar, between two groups; and the rate at which the scale begins."""


def svg(readings: list[dict[str, Any]]) -> str:
    """The figures at the number of connections that is looked at most closely, as an SVG image."""
    found = [each for each in readings if each["connections"] == AIMED]
    most = max(each["rate"] for each in found)
    marks, y, group = [], 10, None
    for each in found:
        if group != (group := (each["engine"], each["operation"])):
            y += GAP + BAR
            title = f"{NAMES[each['engine']]}: {each['operation']}"
            marks.append(_text(0, y - 5, title, weight="bold"))
        length = max(1.0, WIDTH * log10(each["rate"] / LEAST) / log10(most / LEAST))
        marks.extend(_bar(y, length, each["server"], each["rate"]))
        y += BAR
    inside = "\n".join(marks)
    size = f'width="{NAMED + WIDTH + 70}" height="{y + GAP}"'
    title = f"Requests a second, {AIMED} connections, logarithmic scale"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">\n'
        f'<title>{title}</title>\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
        f"{_text(0, 15, title)}\n{inside}\n</svg>\n"
    )


def _bar(y: int, length: float, server: str, rate: float) -> Iterator[str]:
    yield _text(10, y + BAR - 5, server)
    place = f'x="{NAMED}" y="{y + 2}" width="{length:.0f}" height="{BAR - 4}"'
    yield f'<rect {place} fill="{COLOURS[server]}"/>'
    yield _text(NAMED + round(length) + 5, y + BAR - 5, f"{rate:,.0f}")


def _text(x: int, y: int, text: str, weight: str = "normal") -> str:
    return f'<text x="{x}" y="{y}" font-weight="{weight}">{escape(text)}</text>'
