"""How is the API served?  `communique run` and `communique serve`."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import click

from api.cli.output import progress
from api.cli.statuses import exits

if TYPE_CHECKING:
    import socket

    from api.composition import System
    from api.front import Front
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

    Where only this machine can reach the server, and no tokens are set up, it prints a link for a
    recorder, with a token that lives as long as the server.

    `/healthz` answers with 200 as long as the process runs, also while a start rebuilds the views;
    `/readyz` does while the views keep up with the log.
    """
    _serve(host, port, load=False)


def _serve(host: str | None, port: int | None, *, load: bool) -> None:
    gc.disable()  # looking through what is imported, and stays, would take a quarter of the start
    from api.server import listen
    from api.settings import load as load_settings

    given = {"host": host, "port": port}
    settings = load_settings(**{k: v for k, v in given.items() if v is not None})
    with listen(settings.host, settings.port) as listening:
        import uvloop

        from api.telemetry import logs

        logs.set_up(settings)
        uvloop.run(_serve_on(listening, settings, load=load))


async def _serve_on(listening: "socket.socket", settings: "Settings", *, load: bool) -> None:
    from api.front import Front
    from api.server import serve as serve_app

    front = Front()
    await serve_app(front, listening, settings, _prepared(front, listening, settings, load=load))


@asynccontextmanager
async def _prepared(
    front: "Front", listening: "socket.socket", settings: "Settings", *, load: bool
) -> AsyncIterator[None]:
    """The system, opened, behind the front."""
    await asyncio.to_thread(import_module, "api.app")  # a second, in which requests are answered
    from api.access.keys import new_key
    from api.app import create_app
    from api.composition import opened
    from api.server import is_loopback

    trial = None if settings.has_tokens or not is_loopback(listening) else new_key()
    async with opened(settings, follow=True, tell=front.tell) as system:
        if load:
            front.tell("loading the articles that come along")
            await _load_articles(system)
        app, head = create_app(system, trial), await system.log.head()
        gc.freeze()
        gc.set_threshold(*COLLECT)
        gc.enable()
        async with app.router.lifespan_context(app):
            front.open(app)
            _welcome(system, listening, head, trial)
            yield


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


def _welcome(system: "System", listening: "socket.socket", head: int, trial: str | None) -> None:
    from api.server import address

    url = address(listening)
    click.echo(f"{click.style('Communiqué', bold=True)} listens on {click.style(url, bold=True)}")
    page = "GraphiQL" if system.settings.explorable else "GraphQL "
    click.echo(f"  {page}  {url}/graphql")
    if trial and system.settings.graphiql:
        click.echo(f"  recorder  {url}/graphql#token={trial}")
    click.echo(f"  data      {system.settings.place}, at position {head}")
    click.secho("  Ctrl-C stops it", dim=True)
