"""Which events can there be at all?  Whatever the models accept, texts of any script included.

Made from the JSON schemas of the vocabulary: a new kind takes part as soon as it is in the union.
"""

from functools import cache
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from pydantic import ValidationError

from events.values import Value
from events.vocabulary import KINDS, AnyEvent, event_of, schema_version

DATES = st.sampled_from(
    ["2020", "2020?-02", "2020-12-30%", "[..2020-12-30]", "2020-07/..", "/2020"]
)
AWKWARD = st.text('\x00\x1f"\\/\u007f\u2028\ufeffé🕊️\b\f\n\r\t', min_size=1, max_size=5)
NAMES = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
LARGEST = 2**53 - 1


@st.composite
def events(draw: st.DrawFn) -> AnyEvent:
    """Events of every kind."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    payload = draw(of_model(KINDS[kind]))
    del payload["kind"]
    try:
        KINDS[kind].model_validate(payload)
    except ValidationError:
        assume(False)  # noqa: FBT003 - a rule over several fields, such as low <= best <= high
    return event_of(kind, schema_version(kind), payload)


@cache
def of_model(model: type[Value]) -> st.SearchStrategy[dict[str, Any]]:
    schema = model.model_json_schema()
    return of_schema(schema, schema.get("$defs", {}))


def of_schema(schema: dict[str, Any], known: dict[str, Any]) -> st.SearchStrategy[Any]:
    """JSON values that a JSON schema allows, as far as the vocabulary uses such."""
    match schema:
        case {"$ref": ref}:
            return of_schema(known[ref.rpartition("/")[2]], known)
        case {"anyOf": several}:
            return st.one_of([of_schema(each, known) for each in several])
        case {"const": only}:
            return st.just(only)
        case {"enum": values}:
            return st.sampled_from(values)
        case {"type": "object", "properties": properties}:
            required = set(schema.get("required", ())) | {"kind"} & properties.keys()
            members = {name: of_schema(each, known) for name, each in properties.items()}
            return st.fixed_dictionaries(
                {name: member for name, member in members.items() if name in required},
                optional={name: m for name, m in members.items() if name not in required},
            )
        case {"type": "object"}:
            return st.dictionaries(NAMES, of_json(), min_size=1, max_size=3)
        case {"type": "array", "items": items}:
            least = schema.get("minItems", 0)
            most = min(schema.get("maxItems", 3), max(least, 3))
            return st.lists(of_schema(items, known), min_size=least, max_size=most)
        case {"type": "string"}:
            return of_text(schema)
        case {"type": "integer"}:
            least, most = schema.get("minimum", -LARGEST), schema.get("maximum", LARGEST)
            return st.integers(least, most)
        case {"type": "boolean"}:
            return st.booleans()
        case {"type": "null"}:
            return st.none()
    raise AssertionError(schema)


def of_text(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if schema.get("format") == "edtf":
        return DATES
    least = schema.get("minLength", 0)
    pattern = schema.get("pattern", "")
    if "\\x00" in pattern:
        return (
            (AWKWARD | st.text(max_size=30))
            .map(lambda t: t.replace("\0", ""))
            .filter(lambda text: len(text) >= least)
        )
    if pattern:
        return st.from_regex(pattern, fullmatch=True)
    return AWKWARD | st.text(min_size=least, max_size=30)


def of_json() -> st.SearchStrategy[Any]:
    """What corrections may put into a field: JSON without fractions, with names of ASCII."""
    return st.recursive(
        st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | AWKWARD | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=4,
    )
