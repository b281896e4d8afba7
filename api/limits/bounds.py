"""How much is too much?  The limits, and how it is told that one of them is exceeded."""

from collections.abc import Mapping
from typing import Annotated, Final

from graphql import GraphQLError, Node
from graphql.language import Source
from pydantic import BaseModel, ConfigDict, Field

AtLeastOne = Annotated[int, Field(ge=1)]

CODES: Final[Mapping[str, str]] = {
    "max_document_bytes": "DOCUMENT_TOO_LONG",
    "max_tokens": "TOO_MANY_TOKENS",
    "max_nesting": "TOO_DEEP",
    "max_depth": "TOO_DEEP",
    "max_breadth": "TOO_WIDE",
    "max_fields": "TOO_MANY_FIELDS",
    "max_aliases": "TOO_MANY_ALIASES",
    "max_directives": "TOO_MANY_DIRECTIVES",
    "max_root_fields": "TOO_MANY_ROOT_FIELDS",
    "max_comparisons": "TOO_MANY_COMPARISONS",
    "max_variables_depth": "VARIABLES_TOO_DEEP",
    "max_cost": "TOO_COSTLY",
}
"""The code of the error that tells of each limit."""
INTROSPECTION_OFF: Final = "INTROSPECTION_OFF"
"""The code of the error that there is no schema to be seen."""


class Limits(BaseModel):
    """What a document may ask for."""

    model_config = ConfigDict(frozen=True)

    max_document_bytes: AtLeastOne = 100_000
    """How many bytes in UTF-8 a document may have, at least 1; long values belong into variables."""
    max_tokens: AtLeastOne = 10_000
    """How many tokens a document may have, at least 1; comments count, too."""
    max_nesting: Annotated[int, Field(ge=1, le=100)] = 80
    """How many brackets may be open at once in a document, 1 to 100."""
    max_depth: Annotated[int, Field(ge=1, le=100)] = 50
    """How many fields and fragments may stand within each other, 1 to 100."""
    max_breadth: AtLeastOne = 200
    """How many fields and fragments one selection may have, at least 1."""
    max_fields: AtLeastOne = 2_000
    """How many fields a document may have, at least 1."""
    max_aliases: AtLeastOne = 1_000
    """How many fields of a document may be given another name, at least 1."""
    max_directives: AtLeastOne = 200
    """How many directives a document may use, at least 1."""
    max_root_fields: AtLeastOne = 100
    """How many root fields an operation may have, at least 1; fields in fragments count wherever these are used."""
    max_comparisons: AtLeastOne = 200_000
    """How many pairs of fields of one name in one place may have to be compared, at least 1; a pair with selections counts 20."""
    max_variables_depth: Annotated[int, Field(ge=1, le=200)] = 30
    """How many lists and objects may stand within each other in variables, 1 to 200."""
    max_cost: AtLeastOne = 100_000
    """How many objects an answer may have, at least 1; estimated from the sizes of the pages that are asked for."""
    introspection: bool = True
    """Whether clients may ask for the schema; if not, errors suggest no names either."""

    def exceeded(
        self, limit: str, message: str, node: Node | None = None, at: tuple[str, int] | None = None
    ) -> GraphQLError:
        """Why a document is refused: by which limit, and where: at a node, or at (text, offset)."""
        most = getattr(self, limit)
        return GraphQLError(
            f"{message}; the limit is {most}",
            node,
            source=None if at is None else Source(at[0]),
            positions=None if at is None else [at[1]],
            extensions={"code": CODES[limit], "limit": most},
        )
