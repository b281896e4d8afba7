"""What does a browser see: the start page, and GraphiQL with all that it needs.

Nothing on these pages comes from another host, and the browser is told so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import takewhile
from pathlib import Path
from string import Template
from typing import Any, Final, Self
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parent / "static"

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "style-src 'self' 'unsafe-inline'; font-src data:; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}

CARD = """\
    <article class="card">
      <h3><a href="{href}">{title}</a></h3>
      <p>{description}</p>
      <pre>{body}</pre>
    </article>"""


@dataclass(frozen=True, slots=True)
class Example:
    """A query to begin with: a file whose leading comment gives its title and what it shows."""

    title: str
    description: str
    body: str
    href: str

    @classmethod
    def read(cls, path: Path) -> Self:
        text = path.read_text("utf-8")
        comment = list(takewhile(lambda line: line.startswith("#"), text.splitlines(keepends=True)))
        title, *description = (line.removeprefix("#").strip() for line in comment)
        return cls(
            title=title.removeprefix("Title: "),
            description=" ".join(description),
            body=text.removeprefix("".join(comment)).strip(),
            href="/graphql?query=" + quote(text, safe=""),
        )

    def card(self) -> str:
        return CARD.format(
            href=escape(self.href),
            title=escape(self.title),
            description=escape(self.description),
            body=escape(self.body),
        )


def examples() -> Sequence[Example]:
    return [Example.read(path) for path in sorted((STATIC / "examples").glob("*.graphql"))]


@cache
def start_page() -> str:
    shown = examples()
    template = Template((STATIC / "index.html").read_text("utf-8"))
    return template.substitute(
        first=escape(shown[0].href), cards="\n".join(example.card() for example in shown)
    )


async def index(_: Request) -> Response:
    return HTMLResponse(start_page(), headers=HEADERS)


async def graphiql(_: Request) -> Response:
    """Answer a browser that opens `/graphql`; `?query=` and `?variables=` are read there."""
    return FileResponse(STATIC / "graphiql.html", headers=HEADERS)


class Assets(StaticFiles):
    """Vendored files carry a version in their name: a browser may keep them for ever. Ours not."""

    def file_response(self, full_path: Any, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(full_path, *args, **kwargs)
        kept = ".min." in Path(full_path).name
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if kept else "no-cache"
        )
        return response


START: Final = Route("/", index)
ASSETS: Final = Mount("/static/graphiql", Assets(directory=STATIC / "graphiql"))


def routes(*, graphiql: bool) -> Sequence[BaseRoute]:
    """Where the pages are, and what GraphiQL needs, if it is served."""
    return [START, ASSETS] if graphiql else [START]
