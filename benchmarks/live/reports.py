"""What is appended?  A report about a key: in the article of that key, the actor of that key backs one more.

So each report opens a relation of its own.
"""

from collections import defaultdict
from itertools import count
from typing import Any, Final
from uuid import uuid4

from benchmarks.history import told
from events.log import Write

SENTENCE: Final = "The one backs the other."
"""The text of every article, which every report quotes."""
RECORD: Final = """
    mutation ($input: RecordInput!) {
      record(input: $input) { __typename ... on Recorded { last } ... on Problem { message } } }
"""


def recording(key: int) -> dict[str, Any]:
    """The variables with which `RECORD` appends a report."""
    report = _report(key) | {"predicate": "BACKS", "evidence": [{"exact": SENTENCE}]}
    return {"input": {"article": f"article-{key}", "reports": [{"relationAttested": report}]}}


def write(key: int) -> Write:
    """What goes into the log for a report."""
    quote = {"exact": SENTENCE, "start": 0, "end": len(SENTENCE)}
    report = _report(key) | {"predicate": "backs", "evidence": [quote]}
    return Write(f"article/article-{key}", [told("RelationAttested", **report)])


def _report(key: int) -> dict[str, Any]:
    return {
        "ref": f"r-{uuid4()}",
        "subject": f"actor-{key}",
        "object": f"actor-{key + 1 + next(_BACKED[key])}",
    }


_BACKED: Final["defaultdict[int, count[int]]"] = defaultdict(count)
"""How many the actor of each key backs."""
