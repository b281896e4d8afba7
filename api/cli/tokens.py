"""How does somebody get a token?  `communique token` makes an API key, and lists those that there are."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from api.cli.statuses import exits

if TYPE_CHECKING:
    from api.access.callers import Caller

ROLES: Final = ("reader", "recorder", "auditor", "admin")
MADE: Final = exits("made", cannot_run="the settings or the file do not do")


@click.command(epilog=MADE)
@click.option("--subject", help="Who it is for; the log names them as recorder, beside the role.")
@click.option("--role", type=click.Choice(ROLES), help="What they are trusted with.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The day it ends, in UTC.")
@click.option("--list", "listed", is_flag=True, help="Show whose keys there are, and make none.")
def token(subject: str | None, role: str | None, expires: datetime | None, *, listed: bool) -> None:
    """Make an API key, and print it, once.

    Its hash is added to the file that COMMUNIQUE_KEYS_FILE names, which a running server reads
    again by itself.  Whoever deletes the line revokes the key.
    """
    from api.access.keys import add, new_key, read
    from api.access.subjects import checked
    from api.settings import Misconfigured, load

    place = load().keys_file
    if not place:
        raise Misconfigured("COMMUNIQUE_KEYS_FILE must name the file for the hashes of the keys")
    path = Path(place)
    try:
        if listed:
            _show(read(path, frozenset()))
            return
        if subject is None or role is None:
            raise click.UsageError("a key needs --subject and --role")
        from api.access.callers import Role

        key = new_key()
        end = expires.replace(tzinfo=UTC) if expires else None
        add(path, key, checked(subject), Role(role), end)
    except OSError as error:
        raise Misconfigured(f"COMMUNIQUE_KEYS_FILE is wrong: {error}") from None
    except ValueError as error:
        raise Misconfigured(str(error)) from None
    click.echo(key)
    click.echo("communique: this is shown once; the file has only its hash", err=True)


def _show(callers: "Mapping[bytes, Caller]") -> None:
    for digest, caller in callers.items():
        end = "never"
        if caller.expires is not None:
            end = f"{datetime.fromtimestamp(caller.expires, UTC):%Y-%m-%d}"
            end += " (over)" if caller.has_expired else ""
        click.echo(f"{digest.hex()[:8]}  {caller.role}  {caller.subject}  {end}")
