"""Does everybody get what their role may have, and nobody more: by API keys, over HTTP?"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.access.authentication import MAX_TOKEN
from tests.commands import SLUG
from tests.keys import Keys, bearer
from tests.served import Api, served_article

VIEWS = '{ actor(slug: "lavrov") { name because { rule event { ref } } } }'
LOG = "{ log(first: 1) { nodes { record } } }"
RETRACT = f"""mutation ($key: String) {{ retract(input: {{article: "{SLUG}", report: "arms-to-haftar", reason: "x", key: $key}}) {{
  __typename ... on Recorded {{ last reports {{ id }} }} ... on Problem {{ message }} }} }}"""
SCHEMA = "{ __schema { queryType { name } } }"
GRAPHQL = "application/graphql-response+json"
OK = "ok"
FEW = "NOT_PERMITTED"
WHO = "UNAUTHENTICATED"

MAY: dict[tuple[str, str], tuple[str, str, str]] = {
    ("log", "nobody"): (OK, OK, WHO),
    ("log", "reader"): (OK, OK, FEW),
    ("log", "recorder"): (OK, OK, OK),
    ("log", "auditor"): (OK, OK, FEW),
    ("log", "admin"): (OK, OK, OK),
    ("views", "nobody"): (OK, WHO, WHO),
    ("views", "reader"): (OK, FEW, FEW),
    ("views", "recorder"): (OK, FEW, OK),
    ("views", "auditor"): (OK, OK, FEW),
    ("nothing", "nobody"): (WHO, WHO, WHO),
    ("nothing", "reader"): (OK, FEW, FEW),
    ("nothing", "recorder"): (OK, FEW, OK),
    ("nothing", "auditor"): (OK, OK, FEW),
    ("nothing", "admin"): (OK, OK, OK),
}
"""What becomes of the views, the log, and recording, by what is open and who asks."""


class Office:
    """The API, and a key for every role."""

    def __init__(self, api: Api, keys: Keys) -> None:
        self.api, self.keys = api, keys

    async def post(self, token: str | None, query: str, **variables: Any) -> httpx.Response:
        headers = bearer(token) if token is not None else {"authorization": ""}
        return await self.api.client.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers={**headers, "accept": GRAPHQL},
        )

    def token(self, role: str) -> str | None:
        return None if role == "nobody" else self.keys.key(role)


@pytest.fixture(autouse=True)
def _looked_at_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """See every change of the file at once, not once a second."""
    monkeypatch.setattr("api.access.keys.LOOK", -1)


@pytest.fixture(params=["log", "views", "nothing"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    keys = Keys(tmp_path)
    for role in ("reader", "recorder", "auditor", "admin"):
        keys.key(role)
    path = tmp_path / "communique.db"
    async with served_article(path, open_to=request.param, **keys.settings) as api:
        yield Office(api, keys)


def code_of(response: httpx.Response) -> str:
    body = response.json()
    if "errors" not in body:
        assert response.status_code == 200
        return OK
    code = str(body["errors"][0]["extensions"]["code"])
    assert response.status_code == {FEW: 403, WHO: 401}[code], body
    assert ("www-authenticate" in response.headers) == (code == WHO)
    assert "data" not in body
    return code


async def test_everybody_gets_what_their_role_may_have(office: Office):
    open_to = office.api.system.settings.open_to
    for (opened, role), expected in MAY.items():
        if opened == open_to:
            token = office.token(role)
            codes = [code_of(await office.post(token, each)) for each in (VIEWS, LOG, RETRACT)]
            assert tuple(codes) == expected, role


async def test_record_of_the_log_is_as_a_missing_node(office: Office):
    """To who may not read the log: the same bytes, but for the id; also in a list, and where Strawberry executes it."""
    reader, auditor = office.token("reader"), office.token("auditor")
    sees = office.api.system.settings.open_to == "log"
    node = "{{ node(id: {}) {{ __typename id ... on LogEntry {{ record }} }} {} }}"
    for more in ("", "__schema { queryType { name } }"):
        there = await office.post(reader, node.format('"LogEntry:7"', more))
        missing = await office.post(reader, node.format('"LogEntry:700000"', more))
        assert (there.content == missing.content) != sees
        seen = (await office.post(auditor, node.format('"LogEntry:7"', more))).json()
        assert seen["data"]["node"]["record"]
    many = '{ nodes(ids: ["LogEntry:7", "Actor:lavrov"]) { id } }'
    (entry, actor) = (await office.post(reader, many)).json()["data"]["nodes"]
    assert (entry is not None, actor["id"]) == (sees, "Actor:lavrov")


async def test_recorder_is_named_in_the_log(office: Office):
    await office.post(office.keys.key("recorder", "night-desk"), RETRACT)
    last = "{ log(last: 1) { nodes { recorder } } }"
    found = (await office.post(office.token("auditor"), last)).json()["data"]["log"]["nodes"]
    assert found == [{"recorder": "recorder:night-desk"}]


@pytest.mark.parametrize("office", ["nothing"], indirect=True)
async def test_who_may_read_nothing_learns_nothing_of_the_schema(office: Office):
    for query in (SCHEMA, "{ nobody }", "{", "{ __typename }"):
        assert code_of(await office.post(None, query)) == WHO
    unknown = await office.api.client.post(
        "/graphql", json={"documentId": "unknown"}, headers={"authorization": ""}
    )
    assert code_of(unknown) == WHO
    stream = await office.api.client.put("/graphql", headers={"authorization": ""})
    assert stream.status_code == 401


@pytest.mark.parametrize("office", ["log"], indirect=True)
async def test_mutation_by_get_is_not_allowed_whoever_asks(office: Office):
    response = await office.api.client.get(
        "/graphql", params={"query": RETRACT}, headers={"authorization": ""}
    )
    assert response.status_code == 405


BAD = {
    "unknown": "cmq_" + "x" * 43,
    "empty": "",
    "no token of ours": "abc",
    "long": "x" * (MAX_TOKEN + 1),
    "not ASCII": "cmq_é",
}


@pytest.mark.parametrize("token", BAD.values(), ids=BAD)
@pytest.mark.parametrize("office", ["log"], indirect=True)
async def test_bad_token_is_refused_even_where_none_is_needed(token: str, office: Office):
    response = await office.api.client.post(
        "/graphql",
        json={"query": VIEWS},
        headers=[(b"authorization", b"Bearer " + token.encode("latin-1"))],
    )
    assert code_of(response) == WHO
    assert (
        response.headers["www-authenticate"] == 'Bearer realm="communique", error="invalid_token"'
    )
    assert not token or token not in response.text


@pytest.mark.parametrize("office", ["log"], indirect=True)
async def test_other_schemes_are_for_the_proxy(office: Office):
    headers = {"authorization": "Basic ZGVzazpwdw=="}
    response = await office.api.client.post("/graphql", json={"query": RETRACT}, headers=headers)
    assert code_of(response) == WHO
    assert response.headers["www-authenticate"] == 'Bearer realm="communique"'


@pytest.mark.parametrize("office", ["nothing"], indirect=True)
async def test_deleted_line_revokes_its_key(office: Office):
    kept, revoked = office.keys.key("reader"), office.keys.key("reader", "leaver")
    assert code_of(await office.post(revoked, VIEWS)) == OK
    lines = office.keys.path.read_text().splitlines(keepends=True)
    office.keys.path.write_text("".join(line for line in lines if "leaver" not in line))
    assert code_of(await office.post(revoked, VIEWS)) == WHO
    assert code_of(await office.post(kept, VIEWS)) == OK
    office.keys.path.unlink()
    assert code_of(await office.post(kept, VIEWS)) == WHO


@pytest.mark.parametrize("office", ["nothing"], indirect=True)
async def test_keys_of_before_hold_while_the_file_is_wrong(
    office: Office, caplog: pytest.LogCaptureFixture
):
    key = office.keys.key("reader")
    assert code_of(await office.post(key, VIEWS)) == OK
    with office.keys.path.open("a") as file:
        file.write("reader desk\n")
    assert code_of(await office.post(key, VIEWS)) == OK
    assert "line 7 is not `role subject end SHA-256`" in caplog.text
    caplog.clear()


@pytest.mark.parametrize("office", ["nothing"], indirect=True)
async def test_key_ends_when_it_was_said_to(office: Office):
    now = datetime.now(UTC)
    over = office.keys.key("admin", expires=now - timedelta(seconds=1))
    holds = office.keys.key("admin", expires=now + timedelta(days=1))
    refused = await office.post(over, VIEWS)
    assert code_of(refused) == WHO
    assert refused.json()["errors"][0]["message"] == "the token has expired"
    assert code_of(await office.post(holds, VIEWS)) == OK


def test_only_the_owner_reads_the_file(tmp_path: Path):
    keys = Keys(tmp_path)
    keys.path.unlink()
    key = keys.key("admin")
    assert keys.path.stat().st_mode & 0o777 == 0o600
    assert key not in keys.path.read_text()
