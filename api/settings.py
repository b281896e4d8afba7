"""What does an installation decide?  Settings, all of them from the environment."""

import os
import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, StringConstraints, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.access.settings import AccessSettings
from api.limits.bounds import Limits
from events.database_names import name_of
from events.meanings import meaning_of
from events.refusals import Refusal

PREFIX: Final = "COMMUNIQUE_"
RELATIVE, ABSOLUTE = "sqlite:///var/communique.db", "sqlite:////var/lib/communique.db"
POSTGRES: Final = "postgresql://user@host/news"
POSTGRES_SCHEME: Final = "postgresql://"

ORIGIN: Final = re.compile(r"https?://(\[[0-9a-f:.]+\]|[^\s/:,?#@\[\]]+)(:\d{1,5})?", re.IGNORECASE)
"""Scheme, host and port, as browsers send them."""


class Misconfigured(Refusal):
    """The program cannot run as it is set up."""

    code: ClassVar[str] = "MISCONFIGURED"


def naming_a_database(url: str) -> str:
    """The URL of a database.  Raises ValueError, whose message does not repeat the URL, which may hold a password."""
    scheme, separator, rest = url.partition("://")
    path = rest.removeprefix("/")
    if not separator:
        raise ValueError(f"it is no URL; write for example {RELATIVE} or {ABSOLUTE}")
    if scheme == "postgresql":
        if not rest.partition("?")[0].partition("/")[2]:
            raise ValueError(f"it names no database; write for example {POSTGRES}")
        return url
    if scheme != "sqlite":
        known = f"there are sqlite, as in {RELATIVE}, and postgresql, as in {POSTGRES}"
        raise ValueError(f"there is no engine for {scheme!r}; {known}")
    if path == rest or path in {"", ":memory:"} or path.endswith("/"):
        raise ValueError(f"it names no file; write for example {RELATIVE} or {ABSOLUTE}")
    if "?" in path:
        raise ValueError("a sqlite URL takes no parameters; leave out all from '?' on")
    return url


class Settings(AccessSettings, Limits, BaseSettings):
    """Each is an environment variable: its name here, in capitals, behind `COMMUNIQUE_`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
    )

    database_url: str = RELATIVE
    """Where the log and its views are: a SQLite file, whose relative path begins in the working directory, or a PostgreSQL database."""
    replica_url: str = ""
    """A streaming replica of the PostgreSQL database, from which queries are read; nothing means that the database itself answers them."""
    pooled: bool = False
    """Whether a pooler in transaction mode stands before PostgreSQL; what other processes commit is then noticed within a second."""
    migrate_at_start: bool = True
    """Whether a start brings the log's tables in PostgreSQL to their newest form; if not, `communique migrate` does."""
    host: Annotated[str, StringConstraints(min_length=1)] = "127.0.0.1"
    """The address to listen on."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """The port to listen on, up to 65535; 0 takes any that is free."""
    recorder: Annotated[str, StringConstraints(min_length=1, max_length=200)] = "local"
    """Who is noted in the log as having recorded what this installation appends."""
    allowed_origins: str = ""
    """The origins, separated by commas, whose pages may ask as the server's own pages may, such as https://desk.example.org."""
    connections_per_address: Annotated[int, Field(ge=1)] = 500
    """How many WebSockets and event streams one client address may have open, at least 1; a further one is refused with 429."""
    operations_per_connection: Annotated[int, Field(ge=1)] = 100
    """How many operations may run at the same time on a WebSocket or a stream that they share, at least 1; a further one gets an error."""
    message_size: Annotated[int, Field(ge=1_000)] = 4_000_000
    """How many bytes a message over a WebSocket may have, at least 1000; a larger one closes it with code 1009."""
    init_timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 10.0
    """How many seconds a WebSocket may be without connection_init (4408 closes it then), and a reserved stream without being opened."""
    keep_alive: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 15.0
    """How many seconds pass between two signs of life: a ping over a WebSocket, a comment in an event stream."""
    slow_timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 30.0
    """How many seconds a client may take nothing of what waits for it; it is closed then, a WebSocket with code 1013, and may come back."""
    graphiql: bool = True
    """Whether a browser that opens /graphql gets GraphiQL."""
    result_cache: Annotated[int, Field(ge=0)] = 64_000_000
    """About how many bytes of answers to queries are kept, to be given again as long as they are exact; 0 keeps none."""
    documents: str = ""
    """The manifests of trusted documents, files separated by commas, which the server checks when it starts."""
    apq_bytes: Annotated[int, Field(ge=0)] = 0
    """How many bytes are kept of documents that clients send with their hash (automatic persisted queries); 0 keeps none."""
    trusted_only: bool = False
    """Whether only the documents of the manifests are answered; then there is no start page and no GraphiQL either."""
    max_body_bytes: Annotated[int, Field(ge=1_000)] = 4_000_000
    """How many bytes the body of a request may have, at least 1000; an article's text is the largest thing that is sent."""
    receive_timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 30.0
    """How many seconds the header and body of a request may take to arrive; the connection is closed then, with 408."""
    query_timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 2.0
    """How many seconds a query may take in the database; it is broken off then, with the code TOO_SLOW."""
    position_timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 5.0
    """How many seconds a position is waited for that a query or a cursor names, and the views do not reflect yet."""

    log_format: Literal["text", "json"] = "text"
    """How lines of the log are written: `text`, for people, or `json`, an object on a line."""
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    """What is logged: `debug`, `info`, `warning` or `error`, and all that is more serious."""
    log_requests: bool = False
    """Whether a line is logged for each request and each operation over a WebSocket, whatever the level."""
    metrics: bool = False
    """Whether /metrics is served, for Prometheus, to everybody who reaches the port."""
    traces: bool = False
    """Whether traces are sent by OpenTelemetry, which must be installed; the variables `OTEL_…` say where to, and how many."""
    max_lag: Annotated[int, Field(ge=0)] = 0
    """How many positions the views may be behind the log before /readyz answers 503; 0 is any number."""
    max_lag_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 60.0
    """How many seconds ago the first event may have been recorded that the views lack, before /readyz answers 503; 0 is any number."""
    drain: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """How many seconds requests are still taken after a signal to stop, while /readyz answers 503, so that balancers send no more."""

    @property
    def origins(self) -> frozenset[str]:
        """The allowed origins."""
        return frozenset(filter(None, map(str.strip, self.allowed_origins.lower().split(","))))

    @property
    def manifests(self) -> list[Path]:
        """The files with the trusted documents."""
        return [Path(each) for each in filter(None, map(str.strip, self.documents.split(",")))]

    @property
    def explorable(self) -> bool:
        """Whether there is GraphiQL: it sends what people write, which is not trusted."""
        return self.graphiql and not self.trusted_only

    @property
    def database(self) -> Path | None:
        """The file of the SQLite database; none if it is PostgreSQL."""
        scheme, _, path = self.database_url.partition(":///")
        return Path(path) if scheme == "sqlite" else None

    @property
    def place(self) -> str:
        """Where the data are, as people are told; without a password."""
        return (
            name_of(self.database_url) if self.database is None else str(self.database.absolute())
        )

    @field_validator("database_url")
    @classmethod
    def _names_a_database(cls, url: str) -> str:
        return naming_a_database(url)

    @field_validator("replica_url")
    @classmethod
    def _names_a_replica(cls, url: str, info: ValidationInfo) -> str:
        if url and not naming_a_database(url).startswith(POSTGRES_SCHEME):
            raise ValueError(f"a replica is a PostgreSQL database, as in {POSTGRES}")
        if url and not info.data.get("database_url", POSTGRES).startswith(POSTGRES_SCHEME):
            raise ValueError("a SQLite database has no replica; leave it out")
        return url

    @field_validator("trusted_only")
    @classmethod
    def _has_what_is_trusted(cls, trusted_only: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's signature
        if trusted_only and not info.data.get("documents"):
            raise ValueError(f"nothing would be answered; {PREFIX}DOCUMENTS names the manifests")
        if trusted_only and info.data.get("apq_bytes"):
            raise ValueError(f"{PREFIX}APQ_BYTES would keep what anybody sends; leave it out")
        return trusted_only

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, origins: str) -> str:
        for origin in filter(None, map(str.strip, origins.split(","))):
            if not ORIGIN.fullmatch(origin):
                form = "https://desk.example.org or http://localhost:3000"
                raise ValueError(f"{origin!r} is no origin; write for example {form}")
        return origins


def load(**given: Any) -> Settings:
    """The settings; what is given here goes before the environment.

    Raises Misconfigured with every mistake, each on a line.
    """
    mistakes = _unknown()
    try:
        settings = Settings(**given)
    except ValidationError as error:
        mistakes += [_told(each["loc"], each) for each in error.errors()]
    else:
        if not mistakes:
            return settings
    raise Misconfigured("\n".join(mistakes))


def _unknown() -> list[str]:
    known = [name.upper() for name in Settings.model_fields]
    given = {name: name.upper() for name in sorted(os.environ)}
    mistakes = []
    for variable, name in given.items():
        if name.startswith(PREFIX) and (unknown := name.removeprefix(PREFIX)) not in known:
            near = get_close_matches(unknown, known) or known
            there_is = " or ".join(PREFIX + each for each in near)
            mistakes.append(f"{variable} is no setting; there is {there_is}")
    return mistakes


def _told(place: Sequence[int | str], error: Any) -> str:
    if not place:
        return str(error["ctx"]["error"])  # it is about several
    name = str(place[0])
    variable = PREFIX + name.upper()
    if error["type"] == "value_error":
        return f"{variable} is wrong: {error['ctx']['error']}"
    meant = meaning_of(Settings, name) or ""
    return f"{variable} is {error['input']!r}; it is {meant[0].lower()}{meant[1:].rstrip('.')}"
