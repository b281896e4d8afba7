"""How long does it take to see that a document asks for too much, or how much it costs?

    python -m benchmarks.limits

For each of some documents of up to 100 kB that are as bad as they can be: the pass over its text, what graphql-core takes to parse it,
the walk over what was parsed, and what graphql-core takes to validate it where it gets that far.  Last, what a request pays whose
document is known: its cost with its variables.
"""

from collections.abc import Callable
from functools import partial
from time import perf_counter

from graphql import DocumentNode, GraphQLError, parse, validate

from api.limits import text
from api.limits.bounds import Limits
from api.limits.walk import Walker
from api.schema import schema
from api.validating import RULES
from benchmarks.harness import show

SIZE = 100_000
ROUNDS = 9


def fragments(number: int, body: Callable[[int], str]) -> str:
    return " ".join(f"fragment F{n} on Actor {{ {body(n)} }}" for n in range(number))


def doubling(n: int) -> str:
    return f"a: relations {{ nodes {{ id }} }} ...F{n + 1} ...F{n + 1}"


NESTED = ": actors { nodes { relations { nodes { subject { relations { nodes { object { id } } } } } } } } "
DOCUMENTS = {
    "names": "a " * (SIZE // 2),
    "brackets": "()" * (SIZE // 2),
    "junk": "?" * SIZE,
    "string that does not end": '"' + "x" * (SIZE - 1),
    "escapes": '"\\' * (SIZE // 2),
    "comments": "#\n" * (SIZE // 2),
    "most tokens that pass": "{ a(b: [" + "1 " * 9_990 + "]) }",
    "one long value": '{ actor(slug: "' + "x" * (SIZE - 30) + '") { name } }',
    "most fields in objects": "{" + " ".join(f"a{n}{NESTED}" for n in range(99)) + "}",
    "objects of one name": "{" + f"a{NESTED}" * 99 + "}",
    "most fields": "{ actors { nodes {"
    + " ".join("... {" + "".join(f" f{m}x{n}" for n in range(99)) + "}" for m in range(15))
    + "} } }",
    "3,000 aliases": "{ actors { nodes {" + " ".join(f"a{n}: id" for n in range(3_000)) + "} } }",
    "one field 200 times": "{ actors { nodes {" + " id" * 200 + "} } }",
    "100 fragments in one place": "{ actors { nodes {"
    + " ".join(f"...F{n}" for n in range(100))
    + "} } }"
    + fragments(100, lambda _: "id name"),
    "40 doubling fragments": "{ actors { nodes { ...F0 } } }"
    + fragments(40, doubling)
    + "fragment F40 on Actor { id }",
}
PAGES = "query ($n: Int, $m: Int = 5) { actors(first: $n) { nodes { name relations(first: $m) { nodes { key } } } } }"


def spent(work: Callable[[], object]) -> tuple[float, object]:
    """The least seconds that some work takes, and what comes of it."""
    least, result = float("inf"), None
    for _ in range(ROUNDS):
        start = perf_counter()
        try:
            result = work()
        except GraphQLError as error:
            result = (error.extensions or {}).get("code", "no GraphQL")
        least = min(least, perf_counter() - start)
    return least, result


def row(name: str, source: str, walker: Walker) -> list[str]:
    made = schema()._schema
    seconds, result = spent(partial(text.check, source, walker.limits))
    times = [seconds]
    if result is None:
        seconds, result = spent(partial(parse, source))
        times.append(seconds)
    if isinstance(result, DocumentNode):
        seconds, walked = spent(partial(walker.walk, result))
        times.append(seconds)
        if not isinstance(walked, str):
            seconds, errors = spent(partial(validate, made, result, RULES))
            times.append(seconds)
            walked = "not valid" if errors else "passes"
        result = walked
    shown = [f"{each * 1e3:.2f}" for each in times]
    return [name, f"{len(source):,}", *shown, *[""] * (4 - len(shown)), str(result)]


def main() -> None:
    walker = Walker(schema()._schema, Limits())
    rows = [row(name, source, walker) for name, source in DOCUMENTS.items()]
    columns = ["ms", "bytes", "text", "parse", "walk", "validate", "result"]
    costs = walker.walk(parse(PAGES))[None]
    seconds, _ = spent(lambda: [costs.of({"n": 50}) for _ in range(1_000)])
    note = f"The cost of a known document with its variables takes {seconds * 1e3:.1f} µs."
    show("Seeing to the limits", columns, rows, note)


if __name__ == "__main__":
    main()
