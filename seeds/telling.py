"""How is a problem put into words: what is wrong, and what would be right?"""

from collections.abc import Collection
from typing import Final

from pydantic_core import ErrorDetails

from events.meanings import meaning_of
from events.quotes import nearest
from events.references import shapes
from events.refusals import QuoteNotFound
from events.values import Value
from seeds.problems import choose

LONGEST: Final = 120
"""Characters of a value that a message shows."""

Words = tuple[str, str]
"""What is wrong, and what would be right."""


def of_field(name: str, key: str, title: str, fields: Collection[str]) -> Words:
    """A field that is none of those that there are; `name` leads to it, `key` is its last part."""
    near, listed = choose(key, fields), f"there are {', '.join(fields)}"
    right = f"{near} ({listed})" if near.startswith("did") else listed
    return f"{name} is no field of {title}", right


def of_quote(
    text: str, refusal: QuoteNotFound, exact: str, prefix: str = "", suffix: str = ""
) -> Words:
    """A quote that has no place in the text, or several."""
    if prefix + exact + suffix in text:
        what, _, right = refusal.message.rpartition("; ")
        return what, right
    if exact in text:
        what = f"the quote {_short(exact)} does not stand between this prefix and suffix"
    else:
        what = f"the quote {_short(exact)} is not in the text"
    return what, nearest(text, exact)


def of_validation(error: ErrorDetails, model: type[Value], name: str, title: str) -> Words:
    """What pydantic found wrong with a value; `name` is the field's name in the dossier."""
    described = _described(model, error["loc"])
    given, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "missing":
            return f"{title} has no {name}", f"{name}: {described}"
        case "too_short":
            what = f"{name} has {context['actual_length']} entries"
            return what, f"it has at least {context['min_length']}"
        case "too_long":
            what = f"{name} has {context['actual_length']} entries"
            return what, f"it has at most {context['max_length']}"
        case "value_error":
            what, separator, right = str(context["error"]).rpartition("; ")
            if not separator:
                what, right = right, described
            shown = f"{name} is {_short(given)}" if isinstance(given, str) else name
            return f"{shown}: {what}", right
        case _:
            what = error["msg"][0].lower() + error["msg"][1:]
            return f"{name} is {_short(given)}: {what}", described


def _described(model: type[Value], path: tuple[str | int, ...]) -> str:
    described = "the fields must agree with each other"
    for name in path:
        if isinstance(name, str) and name in model.model_fields:
            described = meaning_of(model, name) or described
            inner = shapes(model)[name].type
            if not issubclass(inner, Value):
                break
            model = inner
    return described.rstrip(".")


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 3]}..."
