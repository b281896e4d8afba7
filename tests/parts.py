"""What does a client make of an answer that came in parts?  One answer, by either form in which parts are told."""

from collections.abc import Iterable
from typing import Any

Payload = dict[str, Any]


def merged(payloads: Iterable[Payload]) -> tuple[Any, list[Any]]:
    """(data, errors) of the payloads of one answer, of which only the last one has no next."""
    data, errors, pending = None, list[Any](), dict[str, Payload]()
    more = [True]
    for payload in payloads:
        assert more.pop()
        more.append(payload["hasNext"])
        data = payload.get("data", data)
        errors += payload.get("errors", ())
        for each in payload.get("pending", ()):
            assert each["id"] not in pending
            pending[each["id"]] = each
        for each in payload.get("incremental", ()):
            _add(_at(data, [*pending[each["id"]]["path"], *each.get("subPath", ())]), each)
            errors += each.get("errors", ())
        for each in payload.get("completed", ()):
            errors += pending.pop(each["id"]) and each.get("errors", ())
    assert (more, pending) == ([False], {})
    return data, errors


def merged_by_path(payloads: Iterable[Payload]) -> tuple[Any, list[Any]]:
    """The same of payloads in their older form."""
    data, errors = None, list[Any]()
    for payload in payloads:
        assert not payload.keys() & {"pending", "completed"}
        data = payload.get("data", data)
        errors += payload.get("errors", ())
        for each in payload.get("incremental", ()):
            errors += each.get("errors", ())
            path = each["path"]
            if each.get("items"):
                there = _at(data, path[:-1])
                assert path[-1] == len(there)
                _add(there, each)
            elif each.get("data"):
                _add(_at(data, path), each)
    return data, errors


def _at(data: Any, path: Iterable[str | int]) -> Any:
    for step in path:
        data = data[step]
    return data


def _add(there: Any, each: Payload) -> None:
    if isinstance(there, list):
        there.extend(each["items"])
    else:
        assert not there.keys() & each["data"].keys(), "told twice"
        there.update(each["data"])
