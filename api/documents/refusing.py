"""Why is a document that is named, or is not, not run?  The codes are those that Apollo's clients and servers know."""

from collections.abc import Mapping
from typing import Final

from graphql import GraphQLError

from api.errors import BadDocument

NOT_FOUND: Final = "PERSISTED_QUERY_NOT_FOUND"
NOT_SUPPORTED: Final = "PERSISTED_QUERY_NOT_SUPPORTED"
ID_REQUIRED: Final = "PERSISTED_QUERY_ID_REQUIRED"
MEANINGS: Final[Mapping[str, str]] = {
    NOT_FOUND: "The server has no document of this id or hash; where it keeps what clients send, send it with its hash.",
    NOT_SUPPORTED: "The server knows no documents by id or hash: neither `COMMUNIQUE_DOCUMENTS` nor `COMMUNIQUE_APQ_BYTES` is set.",
    ID_REQUIRED: "The server answers only the documents of its manifests, by their ids: `COMMUNIQUE_TRUSTED_ONLY`.",
}  # fmt: skip
SAID: Final[Mapping[str, str]] = {
    NOT_FOUND: "PersistedQueryNotFound",
    NOT_SUPPORTED: "PersistedQueryNotSupported",
    ID_REQUIRED: "this server answers trusted documents only; name one by `documentId`",
}
"""The messages; clients of automatic persisted queries, urql's for one, take the first two for codes."""


def refusal(code: str) -> BadDocument:
    """Why no document is run."""
    return BadDocument([GraphQLError(SAID[code], extensions={"code": code})])
