"""What does a request ask, whatever brought it?  Its document is in it, or named: by `documentId`, or by Apollo's `persistedQuery`.

Both ways of naming lead to the same documents, since front ends use the one or the other for the same manifest.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

from api.documents.automatic import Automatic
from api.documents.ids import hash_of, key_of
from api.documents.manifests import Look, trusted
from api.documents.refusing import ID_REQUIRED, NOT_FOUND, NOT_SUPPORTED, refusal
from api.requests import Asked, BadRequest, asked_by
from api.settings import Settings


class Documents:
    """The documents that requests can name."""

    def __init__(
        self,
        look: Look,
        trusted: Mapping[str, str],
        automatic: Automatic,
        *,
        trusted_only: bool,
    ) -> None:
        """`trusted_only`: whether no document is run that a request brings along."""
        self._look, self._trusted, self._automatic = look, trusted, automatic
        self._trusted_only = trusted_only

    @classmethod
    def of(cls, settings: Settings, look: Look) -> Self:
        """Those of an installation.  Raises Misconfigured."""
        documents = trusted(settings.manifests, look)
        automatic = Automatic(settings.apq_bytes)
        return cls(look, documents, automatic, trusted_only=settings.trusted_only)

    def asked_by(self, given: Any) -> Asked:
        """What the parameters of a request ask.  Raises BadRequest, BadDocument."""
        asked = asked_by(given)
        is_named = asked.document_id is not None
        named = asked.document_id if is_named else _hash(asked.extensions)
        has_text = bool(asked.query and not asked.query.isspace())
        if not has_text:
            if named is None:
                raise BadRequest(
                    "`query` must be a GraphQL document, or `documentId` the id of one"
                )
            return replace(asked, query=self._found(named))
        if is_named:
            raise BadRequest("give either `documentId` or `query`: which of them counts?")
        if self._trusted_only:
            raise refusal(ID_REQUIRED)
        if named is not None:
            self._keep(named, asked.query)
        return asked

    def _found(self, id_: str) -> str:
        key = key_of(id_)
        text = self._trusted.get(key) or self._automatic.get(key)
        if text is None:
            is_known = self._trusted or self._automatic.is_on
            raise refusal(NOT_FOUND if is_known else NOT_SUPPORTED)
        return text

    def _keep(self, hash_: str, text: str) -> None:
        """Keep a document that came with its hash, unless it is wrong, which is told when it is to be run."""
        key = key_of(hash_)
        if key != hash_of(text):
            raise BadRequest("`persistedQuery.sha256Hash` is not the SHA-256 of `query`")
        if self._automatic.is_on and not self._look(text).errors:
            self._automatic.keep(key, text)


def _hash(extensions: Mapping[str, Any]) -> str | None:
    """The hash by which a client of automatic persisted queries names its document, if it is one.  Raises BadRequest."""
    named = extensions.get("persistedQuery")
    if named is None:
        return None
    match named:
        case {"version": 1, "sha256Hash": str(hash_)} if hash_:
            return hash_
    form = '{"version": 1, "sha256Hash": "…"}'
    raise BadRequest(f"`extensions.persistedQuery` must be {form}")
