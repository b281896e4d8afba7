"""What do clients get who read answers in parts as they were told before 2023?  Each part says by its path where it belongs.

https://github.com/graphql/graphql-spec/tree/48cf7263a71a683fab03d45d309fd42d8d9a6659/spec.  It is not said there beforehand
what was put off; and a part of a list begins at an index, for which the lengths of the lists that were told are kept in mind.
"""

from dataclasses import dataclass, field
from typing import Any

Payload = dict[str, Any]
Path = tuple[str | int, ...]


@dataclass
class Older:
    """Tells the payloads of one answer in their older form."""

    _pending: dict[str, Payload] = field(default_factory=dict)
    _lengths: dict[Path, int] = field(default_factory=dict)

    def told(self, payload: Payload) -> Payload:
        """A payload in its older form; they must come in their order."""
        self._pending |= {each["id"]: each for each in payload.get("pending", ())}
        if "data" in payload:
            self._note((), payload["data"])
            return {name: value for name, value in payload.items() if name != "pending"}
        parts = [self._part(each) for each in payload.get("incremental", ())]
        parts += [self._failed(each) for each in payload.get("completed", ()) if "errors" in each]
        more = {"incremental": parts} if parts else {}
        return {**more, "hasNext": payload["hasNext"]}

    def _part(self, each: Payload) -> Payload:
        pending = self._pending[each["id"]]
        path = (*pending["path"], *each.get("subPath", ()))
        if "items" in each:
            begin = self._lengths[path]
            self._lengths[path] += len(each["items"])
            self._note_all(path, each["items"], begin)
            path = (*path, begin)
        else:
            self._note(path, each["data"])
        what = {name: value for name, value in each.items() if name not in {"id", "subPath"}}
        return {**what, "path": path, **_label(pending)}

    def _failed(self, each: Payload) -> Payload:
        """What will not come, and why."""
        pending = self._pending[each["id"]]
        path = tuple(pending["path"])
        length = self._lengths.get(path)
        what: Payload = {"data": None, "path": path}
        if length is not None:
            what = {"items": None, "path": (*path, length)}
        return {**what, "errors": each["errors"], **_label(pending)}

    def _note(self, path: Path, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                self._note((*path, key), inner)
        elif isinstance(value, list):
            self._lengths[path] = len(value)
            self._note_all(path, value, 0)

    def _note_all(self, path: Path, items: list[Any], begin: int) -> None:
        for index, item in enumerate(items, begin):
            self._note((*path, index), item)


def _label(pending: Payload) -> Payload:
    return {"label": pending["label"]} if pending.get("label") is not None else {}
