"""Does a log come out of a file as it went in, and is a file that was tampered with refused?"""

import json
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.canonical import canonical
from events.exchange import header_of, import_lines, lines
from events.log import Provenance, Write
from events.record import leaf_hash
from tests.commands import COMMAND, DOSSIER, EVENTS, invoke, surroundings
from tests.histories import History
from tests.strategies import histories
from tests.views import opened

Lines = list[bytes]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the article in it."""
    path = tmp_path_factory.mktemp("exported") / "communique.db"
    assert invoke(path, "ingest", DOSSIER).exit_code == 0
    return path


@pytest.fixture(scope="module")
def exported(database: Path) -> Path:
    """The log of the article, exported."""
    path = database.with_name("log.jsonl")
    assert invoke(database, "log", "export", path).exit_code == 0
    return path


def status(database: Path) -> dict:
    told = json.loads(invoke(database, "status", "--digests", "--json").stdout)
    return {name: told[name] for name in ("head", "projections", "digests")}


def test_lines_are_a_header_and_the_exact_records(database: Path, exported: Path) -> None:
    header, *rest = exported.read_bytes().splitlines()
    records = invoke(database, "log", "--json").stdout_bytes.splitlines()
    assert json.loads(header)["format"] == "communique-log/1"
    assert json.loads(header)["records"] == EVENTS == len(rest)
    assert rest == [
        b'{"leaf":"%s","record":%s}' % (leaf_hash(record).hex().encode(), record)
        for record in records
    ]


def test_import_gives_the_same_log_and_the_same_views(
    database: Path, exported: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "new" / "copy.db"
    result = invoke(copy, "log", "import", exported)
    root = json.loads(exported.read_bytes().splitlines()[0])["root"]
    assert result.stdout == f"{exported}: {EVENTS} records, Merkle root {root}\n"
    assert status(copy) == status(database)
    again = tmp_path / "again.jsonl"
    assert invoke(copy, "log", "export", again).exit_code == 0
    assert again.read_bytes() == exported.read_bytes()


def test_an_imported_dossier_is_not_recorded_again(exported: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    invoke(copy, "log", "import", exported)
    assert "nothing new" in invoke(copy, "ingest", DOSSIER).stdout
    assert status(copy)["head"] == EVENTS


def test_from_standard_output_to_standard_input(
    database: Path, exported: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    out = subprocess.run(
        [COMMAND, "log", "export", "-"], env=surroundings(database), capture_output=True, check=True
    )
    assert (out.stdout, out.stderr) == (exported.read_bytes(), b"")
    subprocess.run(
        [COMMAND, "log", "import", "-"], env=surroundings(copy), input=out.stdout, check=True
    )
    assert status(copy) == status(database)


def test_an_empty_log_travels_too(exported: Path, tmp_path: Path) -> None:
    empty, file, copy = tmp_path / "empty.db", tmp_path / "empty.jsonl", tmp_path / "copy.db"
    file.write_bytes(
        canonical({"format": "communique-log/1", "records": 0, "root": sha256(b"").hexdigest()})
    )
    assert invoke(empty, "log", "import", file).exit_code == 0
    assert invoke(empty, "log", "export", copy).exit_code == 0
    assert copy.read_bytes() == file.read_bytes() + b"\n"


def test_a_database_that_is_not_empty_is_refused(database: Path, exported: Path) -> None:
    before = status(database)
    result = invoke(database, "log", "import", exported)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"the log has {EVENTS} records already; only an empty one is filled" in result.stderr
    assert status(database) == before


def told(line: bytes, **members: object) -> bytes:
    """A line whose record says something else, with the hash that it then has."""
    record = canonical({**json.loads(line)["record"], **members})
    return b'{"leaf":"%s","record":%s}\n' % (leaf_hash(record).hex().encode(), record)


def spaced(line: bytes) -> bytes:
    """A line whose record says the same with more spaces, with the hash that it then has."""
    record = json.dumps(json.loads(line)["record"]).encode()
    return b'{"leaf":"%s","record":%s}\n' % (leaf_hash(record).hex().encode(), record)


def headed(line: bytes, **members: object) -> bytes:
    return canonical({**json.loads(line), **members}) + b"\n"


def changed(number: int, change: Callable[[bytes], bytes]) -> Callable[[Lines], Lines]:
    return lambda lines: [*lines[: number - 1], change(lines[number - 1]), *lines[number:]]


TAMPERINGS: dict[str, tuple[Callable[[Lines], Lines], int, str]] = {
    "nothing at all": (lambda _: [], 1, "no header of an exported log"),
    "no header": (lambda lines: lines[1:], 1, "no header of an exported log"),
    "another format": (
        changed(1, lambda line: headed(line, format="communique-log/2")),
        1,
        "format: Input should be 'communique-log/1'",
    ),
    "a line missing": (lambda lines: lines[:9] + lines[10:], 10, "9 must follow"),
    "a line twice": (lambda lines: lines[:10] + lines[9:], 11, "10 must follow"),
    "two lines swapped": (
        lambda lines: [*lines[:9], lines[10], lines[9], *lines[11:]],
        10,
        "position 10 stands where 9 must follow",
    ),
    "a word altered": (
        changed(10, lambda line: line.replace(b"local", b"lokal")),
        10,
        "the record was altered: its leaf hash is ",
    ),
    "a hash altered": (
        changed(10, lambda line: line[:9] + b"0" * 64 + line[73:]),
        10,
        f"not {'0' * 64}",
    ),
    "a word and its hash altered": (
        changed(10, lambda line: told(line, recorder="somebody else")),
        EVENTS + 1,
        "the records have the Merkle root ",
    ),
    "another form": (changed(10, spaced), 10, "not in its canonical form, RFC 8785"),
    "a fraction": (
        changed(10, lambda line: told(line, version=1.0)),
        10,
        "not in its canonical form, RFC 8785",
    ),
    "a member more": (changed(10, lambda line: told(line, more=1)), 10, "more: Extra inputs"),
    "another type": (changed(10, lambda line: told(line, key=7)), 10, "key: Input should be"),
    "no time": (
        changed(10, lambda line: told(line, recorded_at="2020-12-30T12:00:00+02:00")),
        10,
        "the log writes this as 2020-12-30T10:00:00.000000Z",
    ),
    "no stream": (changed(10, lambda line: told(line, stream="siala")), 10, "stream: "),
    "a kind of the future": (
        changed(10, lambda line: told(line, kind="WarEnded")),
        10,
        "unknown kind 'WarEnded'",
    ),
    "a version of the future": (
        changed(10, lambda line: told(line, schema_version=9)),
        10,
        "a newer program wrote it",
    ),
    "a payload that is none": (
        changed(10, lambda line: told(line, payload={"alias": "x"})),
        10,
        "actor_kind: Field required",
    ),
    "no JSON": (
        changed(10, lambda line: line[:-4] + b"}}\n"),
        10,
        "the record was altered",
    ),
    "a blank line": (changed(10, lambda _: b"\n"), 10, "this is no record of an exported log"),
    "other ends of lines": (
        lambda lines: [line.replace(b"\n", b"\r\n") for line in lines],
        2,
        "this is no record of an exported log",
    ),
    "cut off between lines": (
        lambda lines: lines[:50],
        50,
        f"the file ends after 49 records; its header says {EVENTS}",
    ),
    "cut off within a line": (
        lambda lines: [*lines[:50], lines[50][:100]],
        51,
        "this is no record of an exported log",
    ),
    "something behind the end": (
        lambda lines: [*lines, lines[-1]],
        EVENTS + 2,
        f"its header says {EVENTS} records",
    ),
    "another count": (
        changed(1, lambda line: headed(line, records=EVENTS + 1)),
        EVENTS + 1,
        f"the file ends after {EVENTS} records",
    ),
    "another root": (
        changed(1, lambda line: headed(line, root="0" * 64)),
        EVENTS + 1,
        f"the header says {'0' * 64}",
    ),
}
"""What was done to the lines, on which line that is seen, and what is said of it."""


@pytest.mark.parametrize(("tamper", "number", "words"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_is_refused_with_its_line(
    exported: Path,
    tmp_path: Path,
    tamper: Callable[[Lines], Lines],
    number: int,
    words: str,
) -> None:
    file, copy = tmp_path / "tampered.jsonl", tmp_path / "copy.db"
    file.write_bytes(b"".join(tamper(exported.read_bytes().splitlines(keepends=True))))

    result = invoke(copy, "log", "import", file)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"communique: {file}: line {number}: ")
    assert words in result.stderr
    assert status(copy)["head"] == 0
    assert invoke(copy, "log", "import", exported).exit_code == 0


def test_a_record_that_is_not_json_is_refused(exported: Path, tmp_path: Path) -> None:
    file = tmp_path / "tampered.jsonl"
    header, *_ = exported.read_bytes().splitlines(keepends=True)
    leaf = leaf_hash(b"{oops}").hex().encode()
    file.write_bytes(header + b'{"leaf":"%s","record":{oops}}\n' % leaf)
    result = invoke(tmp_path / "copy.db", "log", "import", file)
    assert result.exit_code == 1
    assert "line 2: the record is not JSON" in result.stderr


@pytest.mark.parametrize("number", range(2, EVENTS + 2, 9))
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_no_byte_of_a_line_can_be_another(
    exported: Path, tmp_path: Path, number: int, share: float
) -> None:
    def flip(line: bytes) -> bytes:
        at = int(len(line) * share)
        return line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :]

    file = tmp_path / "tampered.jsonl"
    written = exported.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(changed(number, flip)(written)))
    result = invoke(tmp_path / "copy.db", "log", "import", file)
    assert result.exit_code == 1
    assert f"line {number}: " in result.stderr


def test_options_of_the_log_do_not_go_with_its_parts(exported: Path, tmp_path: Path) -> None:
    result = invoke(tmp_path / "copy.db", "log", "--json", "import", exported)
    assert result.exit_code == 2
    assert "`communique log` alone" in result.stderr
    assert not (tmp_path / "copy.db").exists()


def test_export_makes_no_database(tmp_path: Path) -> None:
    result = invoke(tmp_path / "none.db", "log", "export", tmp_path / "log.jsonl")
    assert result.exit_code == 2
    assert "there is no database" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.property
@settings(max_examples=max(5, settings().max_examples // 4))
@given(histories(), st.lists(st.integers(1, 5), max_size=60), st.integers(0, 3))
async def test_import_undoes_export(history: History, sizes: list[int], unkeyed: int) -> None:
    """Of appends of several sizes, of which one in `unkeyed` has no key."""
    appends, start = list[tuple[list[Write], str | None]](), 0
    for number, size in enumerate([*sizes, len(history.records)]):
        if some := history.records[start : start + size]:
            key = None if unkeyed and number % unkeyed == 0 else f"key {number}"
            appends.append(([Write(record.stream, [record.event]) for record in some], key))
        start += size
    with TemporaryDirectory() as directory:
        async with (
            opened(Path(directory) / "one.db") as one,
            opened(Path(directory) / "other.db") as other,
        ):
            answers = [
                await one.log.append(writes, Provenance("test"), key) for writes, key in appends
            ]
            header = await header_of(one.log)
            file = b"".join([some async for some in lines(one.log, header)])

            assert await import_lines(other.log, file.splitlines(keepends=True)) == header

            end = len(history.records) + 1
            assert await other.log.read(limit=end) == await one.log.read(limit=end)
            for (writes, key), answer in zip(appends, answers, strict=True):
                if key is not None:
                    again = await other.log.append(writes, Provenance("test"), key)
                    assert again.repeated
                    assert (again.first, again.ids) == (answer.first, answer.ids)
            await other.views.catch_up()
            await one.views.catch_up()
            assert await other.digests() == await one.digests()
