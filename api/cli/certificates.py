"""Does a copy of the log amount to what somebody certified?  `communique certificate check`."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.output import as_json, print_json, progress
from api.cli.statuses import exits

if TYPE_CHECKING:
    from projections.certificates import Mismatch


@click.group()
def certificate() -> None:
    """Check replay certificates.

    A certificate, which `communique replay --verify` writes, says what a log amounts to, up to a position: the root of the Merkle tree (RFC
    6962) over its records, and the digest of each view that follows from them.  Whoever has a copy
    of the log can recompute it, and needs to trust neither the views nor who made it.
    """


@certificate.command(
    epilog=exits(
        "the log amounts to what is certified",
        "it does not",
        "FILE is no certificate; there is no database, or it is damaged, and where",
    )
)
@click.argument("file", type=click.Path(exists=True, allow_dash=True, path_type=Path))
@as_json
def check(*, file: Path, as_json: bool) -> None:
    """Recompute a certificate from the log of this database.

    The log is folded from nothing up to the certificate's position, whatever has come behind it,
    and every record is checked on the way; the live views are not read.  Each thing that is not as
    certified is named: the position, if the log ends before it; the Merkle root; when the last
    record was recorded; the version of a projection, and then the digests of its views say nothing
    and are left out; the digest of a view.  `-` is standard input.

    With --json, each is `{"what", "certified", "found"}`; the last line is `{"position", "agrees"}`.
    """
    if not asyncio.run(_check(file, as_json=as_json)):
        click.get_current_context().exit(1)


async def _check(path: Path, *, as_json: bool) -> bool:
    from dataclasses import asdict

    from api.cli.files import read
    from api.composition import opened_log
    from api.settings import load
    from projections.certificates import NoCertificate, certificate_of
    from projections.certificates import check as recompute

    with read(path) as file:
        try:
            certified = certificate_of(file.read())
        except NoCertificate as refusal:
            raise NoCertificate(f"{path}: {refusal.message}") from None
    async with opened_log(load(), make=False) as (_, log):
        with progress("Replaying") as bar:
            mismatches = await recompute(log, certified, bar)
    if as_json:
        for each in mismatches:
            print_json(asdict(each))
        print_json({"position": certified.position, "agrees": not mismatches})
    else:
        _tell(path, certified.position, mismatches)
    return not mismatches


def _tell(path: Path, position: int, mismatches: "list[Mismatch]") -> None:
    if not mismatches:
        click.echo(f"{path}: the log is as certified, up to position {position}")
    for each in mismatches:
        here = "nothing" if each.found is None else each.found
        there = "nothing" if each.certified is None else each.certified
        click.echo(f"{path}: {each.what} is {here} here, certified is {there}")
