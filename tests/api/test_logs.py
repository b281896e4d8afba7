"""What is logged, and in which form?  Whoever logs, a line is one of ours; and nothing that a client sends can forge one."""

import json
import logging
import signal
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from api.telemetry.logs import TEXT, Plain, set_up
from tests.commands import serving

SECRET = "a-value-that-nobody-may-read"
FORGED = "communique: ERROR: forged"
NAMED = (
    'query Named($slug: String!) { actor(slug: $slug) { name } also: actor(slug: "%s") { name } }'
)
JSON = {"COMMUNIQUE_LOG_FORMAT": "json", "COMMUNIQUE_LOG_REQUESTS": "true"}


def test_line_per_request_in_json(tmp_path: Path) -> None:
    with serving(tmp_path / "a.db", "serve", **JSON, COMMUNIQUE_LOG_LEVEL="info") as server:
        asked = {"query": NAMED % SECRET, "variables": {"slug": SECRET}}
        headers = {"x-request-id": "one", "authorization": f"Basic {SECRET}"}
        answer = server.client.post("/graphql", json=asked, headers=headers)
        assert answer.status_code == 200
        server.client.get(f"/%0a{FORGED}%1b[2J?{SECRET}")
        server.client.post("/graphql", json={"query": "{"})
        status, errors = server.stop(signal.SIGTERM)
    assert status == 0
    assert SECRET not in errors
    assert errors.isascii()
    lines: list[dict[str, Any]] = [json.loads(line) for line in errors.splitlines()]
    assert {"uvicorn.error", "communique.requests"} <= {line["logger"] for line in lines}
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    query, forged, bad = (line for line in lines if line["logger"] == "communique.requests")
    assert query.pop("milliseconds") > 0
    assert query.pop("time").endswith("+00:00")
    assert query.pop("message").startswith("query Named over http: 200 ok, ")
    assert query == {
        "level": "INFO",
        "logger": "communique.requests",
        "request_id": "one",
        "operation": "Named",
        "kind": "query",
        "path": "/graphql",
        "transport": "http",
        "status": 200,
        "outcome": "ok",
        "bytes": len(answer.content),
    }
    assert (forged["path"], forged["status"]) == (f"/\n{FORGED}\x1b[2J", 404)
    assert (bad["outcome"], bad["path"]) == ("error", "/graphql")


@pytest.mark.parametrize("character", ["\n", "\r", "\x1b", "\x85", "\u2028", "\x00", "\x7f"])
def test_no_text_begins_a_line_of_its_own(character: str) -> None:
    forged = ValueError(f"{character}{FORGED}")
    exception = (ValueError, forged, None)
    name = f"a{character}{FORGED}"
    record = logging.LogRecord("x", logging.INFO, "", 0, "query %s", (name,), exception)
    record.by = ""
    lines = Plain(TEXT).format(record).split("\n")
    assert lines[0].startswith("communique: INFO: query a\\")
    assert all(line.startswith("  ") for line in lines[1:])
    assert character == "\n" or character not in "".join(lines)


def test_text_says_which_request(capsys: pytest.CaptureFixture[str]) -> None:
    from api.telemetry.work import Watch, Work

    root = logging.getLogger()
    before, level = [*root.handlers], root.level
    try:
        set_up(Settings(log_level="info"))
        watch = Watch()
        with watch.over(Work("one", "/graphql", "http", watch)):
            logging.getLogger("anybody").warning("something")
        logging.getLogger("anybody").debug("nothing")
    finally:
        logging.captureWarnings(capture=False)
        root.handlers[:] = before
        root.setLevel(level)
    assert capsys.readouterr().err == "communique: WARNING: something [one]\n"
