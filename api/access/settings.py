"""What does an installation decide about who may do what?  Settings, of which those of the whole installation are made."""

from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

MIN_SECRET: Final = 32
"""Bytes of a secret that signs by HS256: as many as the hash has (RFC 7518, 3.2)."""
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")

OpenTo = Literal["nothing", "views", "log"]
"""What anybody may read."""


class AccessSettings(BaseModel):
    """Settings of access."""

    model_config = ConfigDict(frozen=True)

    open_to: OpenTo = "log"
    """What may be read without a token: `nothing`, the `views`, or the `log`, too; recording always needs one."""
    keys_file: str = ""
    """The file with the hashes of API keys, to which `communique token` adds; it is read again when it has changed."""
    jwks_url: str = ""
    """Where the keys are published (JWKS) that sign JSON web tokens by RS256 or ES256, such as https://id.example.org/jwks.json."""
    jwt_key_file: str = ""
    """A PEM file with the public key that verifies JSON web tokens by RS256 or ES256, in place of published keys."""
    jwt_secret: SecretStr = SecretStr("")
    """The secret that signs JSON web tokens by HS256, in place of a key; at least 32 bytes."""
    jwt_issuer: str = ""
    """Who must have issued JSON web tokens: their `iss`."""
    jwt_audience: str = ""
    """For whom JSON web tokens must be: one of their `aud`."""
    jwt_role_claim: Annotated[str, Field(min_length=1)] = "role"
    """The claim that names the role: one name, several in a list, or separated by spaces, as in `scope`."""
    jwt_leeway: Annotated[float, Field(ge=0, le=300)] = 10.0
    """How many seconds the clocks of the issuer and of this machine may differ, up to 300."""
    requests_per_minute: Annotated[int, Field(ge=0)] = 0
    """How many operations a subject may send in a minute, or else an address; a further one is refused with 429, and 0 sets no limit."""

    @property
    def has_tokens(self) -> bool:
        """Whether there are tokens at all."""
        return bool(self.keys_file) or self.has_jwt

    @property
    def has_jwt(self) -> bool:
        """Whether there are JSON web tokens."""
        return bool(self.jwks_url or self.jwt_key_file or self.jwt_secret.get_secret_value())

    @field_validator("jwks_url")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and not (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        ):
            raise ValueError("keys are fetched by https, or by http from this machine alone")
        if parts.username or parts.password:
            raise ValueError("it takes no user and no password; published keys are public")
        return url

    @field_validator("jwt_secret")
    @classmethod
    def _is_long(cls, secret: SecretStr) -> SecretStr:
        length = len(secret.get_secret_value().encode())
        if 0 < length < MIN_SECRET:
            raise ValueError(f"it has {length} bytes, and must have {MIN_SECRET} or more")
        return secret

    @model_validator(mode="after")
    def _fit(self) -> Self:
        ways = [self.jwks_url, self.jwt_key_file, self.jwt_secret.get_secret_value()]
        if sum(map(bool, ways)) > 1:
            message = "JSON web tokens are verified in one way; keep one of COMMUNIQUE_JWKS_URL, COMMUNIQUE_JWT_KEY_FILE"
            raise ValueError(f"{message} and COMMUNIQUE_JWT_SECRET")
        if self.has_jwt and not (self.jwt_issuer and self.jwt_audience):
            message = "or tokens that were made for somebody else would do"
            raise ValueError(
                f"set COMMUNIQUE_JWT_ISSUER and COMMUNIQUE_JWT_AUDIENCE, too, {message}"
            )
        return self
