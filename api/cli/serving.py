"""How is the API served?  `communique run` and `communique serve`."""

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click

from api.cli.output import progress
from api.cli.statuses import exits

if TYPE_CHECKING:
    import socket

    from api.composition import System
    from api.settings import Settings

COLLECT: Final = (50_000, 20, 100)
"""When the garbage collector looks, and how far: seldom, since a look at all that thousands of subscribers hold stops everybody."""

SERVED: Final = exits(
    "stopped by Ctrl-C or SIGTERM", cannot_run="the settings, the port or the database do not do"
)


def where(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say where to listen."""
    for option in (
        click.option("--port", type=click.IntRange(0, 65535), help="0 takes any free port."),
        click.option("--host", help="Address to listen on; 0.0.0.0 is all of IPv4, :: of IPv6."),
    ):
        command = option(command)
    return command


@click.command(epilog=SERVED)
@where
def run(host: str | None, port: int | None) -> None:
    """Load the articles that come along, once, and serve.

    This is what `make run` does.  An article that is in the log already is left as it is.
    """
    _serve(host, port, load=True)


@click.command(epilog=SERVED)
@where
def serve(host: str | None, port: int | None) -> None:
    """Serve the API, GraphiQL and the start page.

    Goes on until Ctrl-C or SIGTERM; requests have five seconds to end then, and subscriptions end
    so that clients come back.  Both options go before
    COMMUNIQUE_HOST and COMMUNIQUE_PORT.  The database is made if there is none, and brought to its
    newest form.  Any number of other processes may read and append at the same time; what they
    append is served at once.

    `/readyz` answers with 200 while the views keep up with the log, `/healthz` always.
    """
    _serve(host, port, load=False)


def _serve(host: str | None, port: int | None, *, load: bool) -> None:
    gc.disable()  # looking through what is imported, and stays, would take a quarter of the start
    from api.server import listen
    from api.settings import load as load_settings

    given = {"host": host, "port": port}
    settings = load_settings(**{k: v for k, v in given.items() if v is not None})
    with listen(settings.host, settings.port) as listening:
        import logging

        import uvloop

        logging.basicConfig(level=logging.WARNING, format="communique: %(levelname)s: %(message)s")
        uvloop.run(_serve_on(listening, settings, load=load))


async def _serve_on(listening: "socket.socket", settings: "Settings", *, load: bool) -> None:
    from api.app import create_app
    from api.composition import opened
    from api.server import serve as serve_app

    async with opened(settings, follow=True) as system:
        if load:
            await _load_articles(system)
        app, head = create_app(system), await system.log.head()
        gc.freeze()
        gc.set_threshold(*COLLECT)
        gc.enable()
        await serve_app(app, listening, settings, lambda: _welcome(system, listening, head))


async def _load_articles(system: "System") -> None:
    """Ingest the articles that come with the product, unless the log has their streams."""
    from seeds import ARTICLES

    # Each file is named as its slug, so that none must be parsed when there is nothing to do.
    streams = {f"article/{path.stem}": path for path in sorted(ARTICLES.glob("*.yaml"))}
    held = await system.log.versions(streams)
    for stream, path in streams.items():
        if not held[stream]:
            from seeds.dossier import load
            from seeds.ingest import ingest

            await ingest(system.log, load(path), system.settings.recorder)
    with progress("Folding") as bar:
        await system.views.catch_up(bar)


def _welcome(system: "System", listening: "socket.socket", head: int) -> None:
    from rich.markup import escape

    from api.cli.output import console
    from api.server import address

    url, out = address(listening), console()
    data = escape(system.settings.place)
    out.print(f"[bold]Communiqué[/] listens on [bold]{url}[/]", soft_wrap=True)
    page = "GraphiQL" if system.settings.explorable else "GraphQL "
    out.print(f"  {page}  {url}/graphql", soft_wrap=True)
    out.print(f"  data      {data}, at position {head}", soft_wrap=True)
    out.print("  [dim]Ctrl-C stops it[/]")
    out.file.flush()
