"""How are lists asked for?  Relay connections, and the fields that lead to them."""

from collections.abc import Mapping
from enum import Enum
from inspect import Parameter, Signature
from typing import Annotated, Any, Generic, Optional, TypeVar

import strawberry

from api.nouns import noun, one_of, said
from api.scalars import DateTime, Position

Node = TypeVar("Node")


@noun
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool = said("Whether there are edges after the page.")
    has_previous_page: bool = said("Whether there are edges before the page.")
    start_cursor: str | None = said("Cursor of the first edge; null on an empty page.")
    end_cursor: str | None = said("Cursor of the last edge; null on an empty page.")


@noun
class Edge(Generic[Node]):
    """One element of a list, with its place."""

    cursor: str = said(
        "The place, for `after` and `before`; it also holds the position at which the list was read."
    )
    node: Node = said("The element.")


@noun
class Connection(Generic[Node]):
    """A page of a list. Pages that follow a cursor read the list as it was when the cursor was given."""

    edges: list[Edge[Node]] = said("The elements of the page, each with its cursor.")
    nodes: list[Node] = said("The elements of the page.")
    page_info: PageInfo = said("Where the page stands in the list.")
    total_count: int = said("How many elements the whole list has.")


@one_of
class AsOf:
    """Recorded time: what was known then. Exactly one field."""

    position: Position | None = strawberry.field(
        default=strawberry.UNSET,
        description="Right after the event at this position; one beyond the head means the present.",
    )
    recorded_at: DateTime | None = strawberry.field(
        default=strawberry.UNSET,
        description="Right after the last event recorded at or before this instant.",
    )


Arguments = Mapping[str, tuple[Any, str]]
"""Type and description of each argument, by name; one that Python keeps for itself ends in an underscore."""

AS_OF: Arguments = {
    "as_of": (Optional[AsOf], "Read as of a moment of recorded time, here and in everything below.")
}

PAGE: Arguments = {
    "first": (Optional[int], "How many edges from the beginning: 0 to 200; 20 if nothing is said."),
    "after": (Optional[str], "Only edges after this cursor."),
    "last": (Optional[int], "How many edges from the end, instead of `first`."),
    "before": (Optional[str], "Only edges before this cursor."),
}


def asked(type_: Any, description: str, arguments: Arguments | None = None) -> Any:
    """A field with arguments whose value is read together with everything around it."""
    parameters = [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=strawberry.UNSET if _is_optional(annotation) else Parameter.empty,
            annotation=Annotated[
                annotation,
                strawberry.argument(
                    description=explained, name=name[:-1] if name.endswith("_") else None
                ),
            ],
        )
        for name, (annotation, explained) in (arguments or {}).items()
    ]

    def read(**_: Any) -> Any:
        raise AssertionError("the schema gives every field of a view its own way to be read")

    read.__signature__ = Signature(parameters, return_annotation=type_)  # type: ignore[attr-defined]
    read.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": type_}
    return strawberry.field(read, description=description)


def connection(
    node: Any,
    description: str,
    *,
    filter: Any = None,
    order: type[Enum] | None = None,
    more: Arguments | None = None,
) -> Any:
    """A field that is a connection."""
    arguments = dict(PAGE)
    if filter is not None:
        arguments["filter"] = (Optional[filter], "Only elements that fit all of this.")
    if order is not None:
        arguments["order_by"] = (Optional[order], "In which order.")
    return asked(Connection[node], description, {**arguments, **(more or {})})


def _is_optional(annotation: Any) -> bool:
    return type(None) in getattr(annotation, "__args__", ())
