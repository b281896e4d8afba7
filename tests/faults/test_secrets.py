"""Is a secret told to nobody?  Recognisable ones go in wherever they can, and must come out nowhere: no answer, line or certificate."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from websockets.exceptions import InvalidStatus

from tests.commands import EVENTS, Server, invoke, serving
from tests.issuer import secret_token
from tests.keys import Keys, bearer
from tests.live import opened
from tests.served import with_article

pytestmark = pytest.mark.fault

MARK = "xyzzy"
"""It is in every secret."""
SECRET = f"{MARK}-a-secret-of-thirty-two-bytes-or-more"
QUERY = {"query": "{ status { head } }"}

REGISTER = """mutation { registerActors(input: {actors: [{slug: "oslo", kind: STATE, name: "Oslo"}]}) {
  __typename ... on Problem { message } } }"""

TOKENS = {
    "an API key": f"cmq_{MARK}",
    "no token of ours": MARK,
    "a JSON web token of another secret": secret_token(f"{MARK}-another-one-of-32-bytes-or-more"),
    "one that says too much": secret_token(SECRET, sub=f"{MARK} {MARK}"),
    "a long one": MARK * 2_000,
    "one with control characters": f"{MARK}\t{MARK}",
}

MISTAKES = {
    "DATABASE_URL": f"mysql://user:{MARK}@host/news",
    "REPLICA_URL": f"sqlite://user:{MARK}@host/news",
    "JWT_SECRET": MARK,
    "JWKS_URL": f"http://user:{MARK}@id.example.org/keys",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secrets")


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[Server]:
    keys = Keys(place)
    settings = {
        "COMMUNIQUE_KEYS_FILE": str(keys.path),
        "COMMUNIQUE_JWT_SECRET": SECRET,
        "COMMUNIQUE_JWT_ISSUER": "https://id.example.org/",
        "COMMUNIQUE_JWT_AUDIENCE": "communique",
    }
    good = keys.key("recorder")
    (place / "communique.db").write_bytes(with_article())
    with serving(place / "communique.db", "serve", **settings) as server:
        server.client.headers["x-good"] = good
        yield server
        status, errors = server.stop(15)
        assert (status, MARK in errors, good in errors) == (0, False, False)


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
async def test_token_is_not_repeated(token: str, server: Server):
    """However it is sent: in the header, in the URL where it does not belong, over a WebSocket."""
    client, headers = server.client, bearer(token)
    answers = [
        client.post("/graphql", json=QUERY, headers=headers),
        client.get("/graphql", params=QUERY, headers=headers),
        client.get("/graphql", params=QUERY | {"access_token": token}),
        client.get("/graphql", params={"token": token}, headers={"accept": "text/event-stream"}),
        client.put("/graphql", headers=headers),
        client.get(f"/{quote(token)}"),
    ]
    for answer in answers:
        assert MARK not in answer.text
        assert MARK not in str(answer.headers)
    async with opened(client.base_url) as talk:
        await talk.say("connection_init", payload={"token": token})
        with pytest.raises(Exception) as closed:  # noqa: PT011 - whatever it is, it must not repeat it
            await talk.socket.recv()
        assert MARK not in str(closed.value)


async def test_token_is_not_repeated_when_a_socket_is_refused(server: Server):
    with pytest.raises(InvalidStatus) as refused:
        async with opened(server.client.base_url, additional_headers=bearer(MARK)):
            pass
    assert MARK.encode() not in (refused.value.response.body or b"")


@pytest.mark.parametrize("name", MISTAKES)
def test_wrong_setting_is_not_repeated(name: str, tmp_path: Path):
    done = invoke(tmp_path / "x.db", "status", **{f"COMMUNIQUE_{name}": MISTAKES[name]})
    assert done.exit_code == 2
    assert f"COMMUNIQUE_{name} is wrong" in done.stderr
    assert MARK not in done.stdout + done.stderr


def test_log_and_certificate_name_subjects_and_no_tokens(server: Server, place: Path):
    good, path = server.client.headers["x-good"], place / "communique.db"
    answer = server.client.post("/graphql", json={"query": REGISTER}, headers=bearer(good))
    assert answer.json()["data"]["registerActors"] == {"__typename": "Recorded"}
    certificate = place / "certificate.json"
    assert invoke(path, "replay", "--verify", "--certificate", certificate).exit_code == 0
    last = invoke(path, "log", "--after", EVENTS, "--json").stdout
    assert '"recorder":"recorder:desk"' in last
    for told in (last, certificate.read_text()):
        assert good not in told
        assert MARK not in told
