"""Are the settings read as they are meant, and every mistake told?"""

import os
from pathlib import Path

import pytest

from api.packages import foreign
from api.settings import Misconfigured, load


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in os.environ:
        if name.upper().startswith("COMMUNIQUE_"):
            monkeypatch.delenv(name)
    return monkeypatch


def refusal(**given: object) -> str:
    with pytest.raises(Misconfigured) as caught:
        load(**given)
    return caught.value.message


def test_nothing_must_be_set() -> None:
    settings = load()
    assert (settings.host, settings.port, settings.recorder) == ("127.0.0.1", 8000, "local")
    assert settings.database == Path("var/communique.db")


def test_environment_goes_before_defaults(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("COMMUNIQUE_PORT", "8001")
    environment.setenv("COMMUNIQUE_RECORDER", "newsroom")
    assert (load().port, load().recorder) == (8001, "newsroom")


def test_what_is_given_goes_before_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("COMMUNIQUE_PORT", "8001")
    assert load(port=8002).port == 8002


def test_empty_means_not_set(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("COMMUNIQUE_PORT", "")
    assert load().port == 8000


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///here.db", "here.db"),
        ("sqlite:////data/here.db", "/data/here.db"),
        ("sqlite:///a folder/ö.db", "a folder/ö.db"),
    ],
)
def test_three_slashes_are_relative_and_four_absolute(url: str, path: str) -> None:
    assert load(database_url=url).database == Path(path)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://me:secret@host/db", "there is no engine for 'mysql'; there are sqlite"),
        ("postgresql://me:secret@host", "it names no database; write for example postgresql://"),
        ("var/communique.db", "it is no URL; write for example sqlite:///var/communique.db"),
        ("sqlite:var.db", "it is no URL"),
        ("sqlite://", "it names no file"),
        ("sqlite://var.db", "it names no file"),
        ("sqlite:///", "it names no file"),
        ("sqlite:////data/", "it names no file"),
        ("sqlite:///:memory:", "it names no file"),
        ("sqlite:///var.db?mode=ro", "takes no parameters"),
    ],
)
def test_database_that_cannot_be(url: str, told: str) -> None:
    message = refusal(database_url=url)
    assert message.startswith("COMMUNIQUE_DATABASE_URL is wrong: ")
    assert told in message
    assert "secret" not in message


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://me:secret@replica", "it names no database"),
        ("sqlite:///secret.db", "a replica is a PostgreSQL database, as in postgresql://"),
    ],
)
def test_replica_that_cannot_be(url: str, told: str) -> None:
    message = refusal(database_url="postgresql://me@host/news", replica_url=url)
    assert message.startswith("COMMUNIQUE_REPLICA_URL is wrong: ")
    assert told in message
    assert "secret" not in message


def test_a_file_has_no_replica() -> None:
    assert refusal(replica_url="postgresql://me@host/news") == (
        "COMMUNIQUE_REPLICA_URL is wrong: a SQLite database has no replica; leave it out"
    )


def test_value_that_does_not_fit_is_told_with_what_would() -> None:
    assert refusal(port="80x") == (
        "COMMUNIQUE_PORT is '80x'; it is the port to listen on, up to 65535; 0 takes any that is free"
    )


def test_unknown_setting_is_told_with_its_nearest(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("COMMUNIQUE_DATABASE", "sqlite:///x.db")
    assert refusal() == "COMMUNIQUE_DATABASE is no setting; there is COMMUNIQUE_DATABASE_URL"


def test_every_mistake_is_told_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("COMMUNIQUE_QUUX", "1")
    environment.setenv("COMMUNIQUE_PORT", "-1")
    environment.setenv("COMMUNIQUE_DATABASE_URL", "mysql://x/y")
    lines = refusal().splitlines()
    assert len(lines) == 3
    assert "COMMUNIQUE_HOST or COMMUNIQUE_PORT or COMMUNIQUE_RECORDER" in lines[0]


def test_packages_are_ours() -> None:
    assert foreign() is None


def test_origins_are_a_list(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("COMMUNIQUE_ALLOWED_ORIGINS", "https://Desk.example.org, http://[::1]:3000")
    assert load().origins == {"https://desk.example.org", "http://[::1]:3000"}
    environment.setenv("COMMUNIQUE_ALLOWED_ORIGINS", "")
    assert load().origins == set()


@pytest.mark.parametrize(
    "origin", ["*", "desk.example.org", "https://a.org/", "https://a.org/b", "ftp://a.org", "null"]
)
def test_what_is_no_origin(origin: str) -> None:
    message = refusal(allowed_origins=f"https://a.org, {origin}")
    assert message == (
        f"COMMUNIQUE_ALLOWED_ORIGINS is wrong: {origin!r} is no origin; "
        "write for example https://desk.example.org or http://localhost:3000"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("connections_per_address", 0),
        ("operations_per_connection", "many"),
        ("message_size", 10),
        ("init_timeout", 0),
        ("keep_alive", "inf"),
        ("slow_timeout", "nan"),
    ],
)
def test_limit_that_is_none(name: str, value: object) -> None:
    assert refusal(**{name: value}).startswith(f"COMMUNIQUE_{name.upper()} is {value!r}; it is ")


def test_manifests_are_a_list() -> None:
    assert load(documents="now.json, old.json,").manifests == [Path("now.json"), Path("old.json")]
    assert load().manifests == []


def test_only_what_is_trusted_can_be_all_that_is_answered() -> None:
    assert refusal(trusted_only=True) == (
        "COMMUNIQUE_TRUSTED_ONLY is wrong: nothing would be answered; COMMUNIQUE_DOCUMENTS names the manifests"
    )
    assert refusal(documents="m.json", apq_bytes=1, trusted_only=True) == (
        "COMMUNIQUE_TRUSTED_ONLY is wrong: COMMUNIQUE_APQ_BYTES would keep what anybody sends; leave it out"
    )
    assert not load(documents="m.json", trusted_only=True).explorable
    assert load(documents="m.json").explorable
