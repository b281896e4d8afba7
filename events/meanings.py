"""What does a field mean?  The docstring below it, read from the source of its class when somebody asks.

Pydantic's `use_attribute_docstrings` would read each class as it is made, and finds its source anew each time: a tenth of a second for all.
"""

import ast
import sys
from collections.abc import Mapping
from functools import cache
from inspect import cleandoc, getsource
from itertools import pairwise


def meaning_of(cls: type, field: str) -> str | None:
    """The docstring of a field of a class, or of one that it inherits from; none if it has none.

    >>> from events.values import Quote
    >>> meaning_of(Quote, "exact")
    'The words, to the character.'
    """
    for each in cls.__mro__:
        if field in vars(each).get("__annotations__", ()):
            return _in_module(each.__module__)[each.__name__].get(field)
    return None


@cache
def _in_module(module: str) -> Mapping[str, Mapping[str, str]]:
    """The docstrings of the fields of each class of a module."""
    body = ast.parse(getsource(sys.modules[module])).body
    return {node.name: _in_class(node) for node in body if isinstance(node, ast.ClassDef)}


def _in_class(node: ast.ClassDef) -> Mapping[str, str]:
    found = {}
    for pair in pairwise(node.body):
        match pair:
            case (
                ast.AnnAssign(target=ast.Name(id=field)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[field] = cleandoc(text)
            case _:
                pass
    return found
