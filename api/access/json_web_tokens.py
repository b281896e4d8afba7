"""Whom does a JSON web token name?  What is verified is decided by settings, never by the token: https://www.rfc-editor.org/rfc/rfc8725.

This is the one file that needs PyJWT and cryptography, beside that of the published keys, and is imported only where there are such tokens.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from api.access.callers import RIGHTS, Caller, Rights, Role
from api.access.jwks import PublishedKeys
from api.access.refusals import Unauthenticated
from api.access.settings import AccessSettings
from api.access.subjects import checked

PUBLIC_KEY: Final = ("RS256", "ES256")
SECRET: Final = ("HS256",)
REQUIRED: Final = ("aud", "exp", "iss", "sub")
SCOPE: Final = "communique:"
"""What may stand before a role among other scopes."""
MIN_RSA: Final = 2048

WHY: Final[tuple[tuple[type[jwt.PyJWTError], str], ...]] = (
    (jwt.ExpiredSignatureError, "has expired"),
    (jwt.ImmatureSignatureError, "is not valid yet"),
    (jwt.InvalidAudienceError, "is for another audience"),
    (jwt.InvalidIssuerError, "is of another issuer"),
    (jwt.MissingRequiredClaimError, f"must have {', '.join(REQUIRED)}"),
    (jwt.InvalidAlgorithmError, "is signed by another algorithm than is accepted here"),
    (jwt.InvalidSignatureError, "is not signed by its issuer"),
)
"""What is said of each failure; nothing of it repeats the token."""

Key = Any
Find = Callable[[str | None], Awaitable[Key]]
"""The key with an id."""


class JsonWebTokens:
    """The tokens of one issuer."""

    def __init__(self, settings: AccessSettings, open_to: Rights) -> None:
        """Raises OSError and ValueError of the key file."""
        self._settings, self._open_to = settings, open_to
        self._find, self._algorithms = _keys(settings)

    async def caller(self, token: str) -> Caller:
        """Whom a token names.  Raises Unauthenticated, CannotAuthenticate."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in self._algorithms:  # before a key is looked for
                raise jwt.InvalidAlgorithmError
            claims = jwt.decode(
                token,
                await self._find(header.get("kid")),
                self._algorithms,
                options={"require": list(REQUIRED)},
                audience=self._settings.jwt_audience,
                issuer=self._settings.jwt_issuer,
                leeway=self._settings.jwt_leeway,
            )
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise Unauthenticated(f"the token {_why(error)}") from None
        return self._named(claims)

    def _named(self, claims: dict[str, Any]) -> Caller:
        role = _role(claims.get(self._settings.jwt_role_claim))
        try:
            subject = checked(claims["sub"])
        except ValueError as error:
            raise Unauthenticated(f"the token does not do: {error}") from None
        expires = claims["exp"] + self._settings.jwt_leeway
        rights = self._open_to | (RIGHTS[role] if role else frozenset())
        return Caller(subject, role, expires, rights)


def _keys(settings: AccessSettings) -> tuple[Find, tuple[str, ...]]:
    """Where keys come from, and the algorithms that they are for."""
    if settings.jwks_url:
        return PublishedKeys(settings.jwks_url).key, PUBLIC_KEY
    if settings.jwt_key_file:
        key, algorithm = _public_key(Path(settings.jwt_key_file).read_bytes())
        return _always(key), (algorithm,)
    return _always(settings.jwt_secret.get_secret_value()), SECRET


def _always(key: Key) -> Find:
    async def find(_: str | None) -> Key:
        return key

    return find


def _public_key(pem: bytes) -> tuple[Key, str]:
    try:
        key = load_pem_public_key(pem)
    except ValueError:
        raise ValueError(
            "it holds no public key in PEM; a private key stays with the issuer"
        ) from None
    if isinstance(key, RSAPublicKey) and key.key_size >= MIN_RSA:
        return key, "RS256"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key, "ES256"
    raise ValueError(f"its key must be RSA of {MIN_RSA} bits or more, or of the curve P-256")


def _role(claim: Any) -> Role | None:
    """The role that a claim names, among other words.  Raises Unauthenticated for two of which neither includes the other."""
    words = claim.split() if isinstance(claim, str) else claim if isinstance(claim, list) else ()
    names = {str(word).removeprefix(SCOPE) for word in words}
    roles = [role for role in Role if role in names]
    if not roles:
        return None
    most = max(roles, key=lambda role: len(RIGHTS[role]))
    if not all(RIGHTS[role] <= RIGHTS[most] for role in roles):
        raise Unauthenticated("the token names both recorder and auditor; name one, or admin")
    return most


def _why(error: Exception) -> str:
    return next(
        (why for type_, why in WHY if isinstance(error, type_)), "is no valid JSON web token"
    )
