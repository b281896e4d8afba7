"""How are figures told?  As tables, on a terminal and in documents."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from benchmarks.read.comparing import AIMED
from benchmarks.read.servers import BARE, CACHED, OURS, PEERS

RATIOS: Final = ((OURS, PEERS), (OURS, BARE), (CACHED, PEERS))
NAMES: Final = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
MISSING: Final = "—"

Record = dict[str, Any]
"""One figure: what was measured, and what came of it; times in ms."""


class Table(NamedTuple):
    """A table of figures; its first column is text."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """The table as in the documents."""
        head, line = "| " + " | ".join(self.columns), "|---" + "|---:" * (len(self.columns) - 1)
        rows = ("| " + " | ".join(row) + " |" for row in self.rows)
        return "\n".join((f"**{self.title}**", "", f"{head} |", f"{line}|", *rows))


def tables(results: Record) -> Iterator[Table]:
    """The tables that there are figures for."""
    engines = list(dict.fromkeys(each["engine"] for each in results["servers"]))
    for engine in engines:
        found = [each for each in results["servers"] if each["engine"] == engine]
        yield _rates(engine, results["events"], found)
        yield _costs(engine, results["events"], found)
    if results["growth"]:
        yield _growth(results["growth"])
    if results["ways"]:
        yield _ways(results["ways"], results["events"])


def _rates(engine: str, events: int, found: list[Record]) -> Table:
    servers = list(dict.fromkeys(each["server"] for each in found))
    ratios = [pair for pair in RATIOS if set(pair) <= set(servers)]
    rates = {
        (each["operation"], each["connections"], each["server"]): each["rate"] for each in found
    }
    rows = []
    for operation, connections in dict.fromkeys(key[:2] for key in rates):
        here = {server: rates[operation, connections, server] for server in servers}
        rows.append((
            operation,
            f"{connections}",
            *(f"{here[server]:,.0f}" for server in servers),
            *(f"{here[one] / here[other]:.2f}" for one, other in ratios),
        ))  # fmt: skip
    columns = ("requests/s", "sockets", *servers, *(f"{one}:{other}" for one, other in ratios))
    return Table(f"Beside others, {NAMES[engine]}, {events:,} events", columns, rows)


def _costs(engine: str, events: int, found: list[Record]) -> Table:
    rows = [
        (
            each["operation"],
            each["server"],
            *(f"{each[name]:.2f}" for name in ("p50", "p99", "cpu")),
            f"{each['database']:.2f}" if each["database"] else MISSING,
            f"{each['memory']:,.0f}",
        )
        for each in found
        if each["connections"] == AIMED
    ]
    columns = ("a request", "server", "p50 ms", "p99 ms", "CPU ms", "of the database", "MB")
    title = f"What a request costs, {NAMES[engine]}, {events:,} events, {AIMED} connections"
    return Table(title, columns, rows)


def _growth(found: list[Record]) -> Table:
    lengths = sorted({each["events"] for each in found})
    costs: dict[tuple[str, str], dict[tuple[bool, int], float]] = {}
    for each in found:
        here = costs.setdefault((each["engine"], each["operation"]), {})
        here[each["then"] is not None, each["events"]] = each["cpu"] + each["database"]
    rows = [
        (
            f"{NAMES[engine]}, {operation}",
            *(f"{cost[past, events]:.2f}" for past in (False, True) for events in lengths),
        )
        for (engine, operation), cost in costs.items()
    ]
    moments = ("", ", the half")
    columns = ("CPU ms", *(f"{events:,}{moment}" for moment in moments for events in lengths))
    return Table("Server and database together, by events in the log and moment", columns, rows)


def _ways(found: list[Record], events: int) -> Table:
    rows = [
        (
            f"{NAMES[each['engine']]}, {each['operation']}",
            *(f"{each[way]:.2f}" for way in ("reading", "bare", "executor")),
            f"{each['bare'] / each['reading']:.2f}",
            f"{each['executor'] / each['reading']:.1f}",
        )
        for each in found
    ]
    columns = ("ms", "reading", "bare SQL", "executor", "bare:reading", "executor:reading")
    return Table(f"The ways of a query in one process, {events:,} events", columns, rows)


def document(results: Record) -> str:
    """The figures as Markdown."""
    told = (table.markdown() for table in tables(results))
    return "\n\n".join((results["conditions"], *told)) + "\n"
