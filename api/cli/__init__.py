"""What can be done from a command line?  All commands, and how they tell a refusal."""

import gc
import os
import sys
from typing import Final

import click

from api.cli.auditing import log
from api.cli.certificates import certificate
from api.cli.copying import copy
from api.cli.exchanging import export, import_
from api.cli.importing import import_data
from api.cli.ingesting import ingest
from api.cli.replaying import replay
from api.cli.serving import run, serve
from api.cli.tokens import token
from api.cli.upkeep import migrate, rebuild, schema, status

STATUSES: Final = """
\b
Exit status:
  0  done
  1  the input was refused, or a check found differences
  2  the program cannot run: settings, port, database, file, usage

\b
Settings, from the environment:
  COMMUNIQUE_DATABASE_URL  where the data are (sqlite:///var/communique.db;
                           sqlite:////path/to.db for an absolute path;
                           postgresql://user@host/news)
  COMMUNIQUE_HOST          address to listen on (127.0.0.1)
  COMMUNIQUE_PORT          port to listen on (8000)
  COMMUNIQUE_RECORDER      who is noted as recorder in the log (local)
  COMMUNIQUE_REPLICA_URL   a replica of the PostgreSQL database, for queries
  COMMUNIQUE_POOLED        whether a pooler stands before PostgreSQL (false)

docs/guides/operate.md has every setting.
"""

CANNOT_RUN: Final = frozenset(
    {"MISCONFIGURED", "LOG_UNAVAILABLE", "LOG_DAMAGED", "NOT_READ", "NOT_WRITTEN", "NO_CERTIFICATE"}
)
"""Codes of the refusals that no other input would help against."""

COLLECT: Final = 50_000
"""How many more objects there are before the garbage collector looks: what is read, parsed and folded mostly goes without it."""

INTERRUPTED: Final = 130
"""What a shell reports of a program that Ctrl-C ended."""


class Commands(click.Group):
    """Commands in the order in which they were added; a refusal is a line and an exit status."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click passes it
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> object:
        from api.packages import foreign

        gc.set_threshold(COLLECT)
        if complaint := foreign():
            click.echo(f"communique: {complaint}", err=True)
            ctx.exit(2)
        from events.refusals import Refusal

        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except Refusal as refusal:
            for line in refusal.message.splitlines():
                click.echo(f"communique: {line}", err=True)
            ctx.exit(2 if refusal.code in CANNOT_RUN else 1)
        except BrokenPipeError:
            _silence()
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        return None


@click.group(
    "communique", cls=Commands, epilog=STATUSES, context_settings={"max_content_width": 100}
)
@click.version_option(package_name="communique", message="%(prog)s %(version)s")
def main() -> None:
    """Turn news articles into an append-only log of domain events, and serve it.

    A dossier says what an article reports, each report with the exact words.  `ingest` records it
    in the log; views of actors, relations, statements … are folded from the log and served as
    GraphQL.  An auditor has `log`, `replay` and `certificate`.  `communique COMMAND --help` says
    more.
    """


for command in (
    *(run, serve, ingest, import_data, log, replay, certificate),
    *(copy, status, rebuild, migrate, schema, token),
):
    main.add_command(command)
for part in (export, import_):
    log.add_command(part)


def _silence() -> None:
    """Whoever read our output has seen enough; do not complain when the rest is flushed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
