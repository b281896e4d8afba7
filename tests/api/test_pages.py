"""Do the pages work in a browser that reaches no other host?"""

import hashlib
import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
from graphql import parse
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.routing import Route

from api import pages


@pytest.fixture
async def browser() -> AsyncIterator[AsyncClient]:
    app = Starlette(routes=[*pages.routes(graphiql=True), Route("/graphql", pages.graphiql)])
    async with AsyncClient(transport=ASGITransport(app), base_url="http://here") as client:
        yield client


def links(html: str) -> list[str]:
    return re.findall(r'(?:href|src)="(?!data:)([^"]+)"', html)


async def test_start_page_links_each_example(browser: AsyncClient) -> None:
    linked = [urlsplit(link) for link in links((await browser.get("/")).text)]
    queries = {parse_qs(link.query)["query"][0] for link in linked if link.query}
    files = {path.read_text() for path in (pages.STATIC / "examples").iterdir()}
    assert queries == files


@pytest.mark.parametrize("example", pages.examples(), ids=lambda example: example.title)
def test_example_says_what_it_shows(example: pages.Example) -> None:
    assert example.title
    assert example.description.endswith(".")
    assert len(parse(example.body).definitions) == 1


@pytest.mark.parametrize("path", ["/", "/graphql"])
async def test_page_names_no_other_host(browser: AsyncClient, path: str) -> None:
    page = await browser.get(path)
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert all(link.startswith("/") for link in links(page.text))


async def test_graphiql_finds_its_assets(browser: AsyncClient) -> None:
    assets = [link for link in links((await browser.get("/graphql")).text) if "/static/" in link]
    assert len(assets) == 6
    for asset in assets:
        answer = await browser.get(asset)
        assert answer.status_code == 200
        assert ("immutable" in answer.headers["cache-control"]) == (".min." in asset)


def test_styles_load_nothing_from_elsewhere() -> None:
    for style in (pages.STATIC / "graphiql").glob("*.css"):
        urls = re.findall(r"url\(\s*['\"]?([^)]{5})", style.read_text())
        assert set(urls) == {"data:"}


def test_vendored_files_are_the_published_ones() -> None:
    folder = pages.STATIC / "graphiql"
    listed = dict(re.findall(r"(?m)^\| `(.+?)` .*`(\w{64})`", (folder / "README.md").read_text()))
    files = folder.glob("*.min.*")
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files} == listed
