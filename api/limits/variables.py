"""How deeply do lists and objects stand within each other in the variables of a request?"""

from collections.abc import Mapping
from typing import Any


def exceed(variables: Mapping[str, Any], most: int) -> bool:
    """Whether there are more levels than `most`; it is not looked further than one below them.

    >>> exceed({"a": [{"b": 1}]}, 2), exceed({"a": [{"b": [1]}]}, 2)
    (False, True)
    """
    level = [each for each in variables.values() if isinstance(each, dict | list)]
    for _ in range(most):
        if not level:
            return False
        level = [
            each
            for inner in level
            for each in (inner.values() if isinstance(inner, dict) else inner)
            if isinstance(each, dict | list)
        ]
    return bool(level)
