"""Are trusted documents read from manifests as tools write them, and every mistake told before anything is served?"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from api.documents.manifests import trusted
from api.limits.bounds import Limits
from api.schema import schema
from api.settings import Misconfigured
from api.validating import Validator

STATUS = "query Status { status { head } }"
HASH = sha256(STATUS.encode()).hexdigest()


def read(*paths: Path) -> dict[str, str]:
    return trusted(paths, Validator(schema()._schema, Limits(max_depth=5)).document)


def manifest(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


@pytest.mark.parametrize(
    ("id_", "key"),
    [
        (HASH, HASH),
        (f"sha256:{HASH}", HASH),
        ("3be4abb81fa595e25eb725b2c6a87508", "3be4abb81fa595e25eb725b2c6a87508"),
        ("Status", "Status"),
        ("x-desk:status_1.0~a", "x-desk:status_1.0~a"),
    ],
)
def test_ids_that_tools_write(id_: str, key: str, tmp_path: Path):
    assert read(manifest(tmp_path / "m.json", {id_: STATUS})) == {key: STATUS}


def test_several_manifests_are_one(tmp_path: Path):
    one = manifest(tmp_path / "one.json", {HASH: STATUS, "a": STATUS})
    other = manifest(tmp_path / "other.json", {f"sha256:{HASH}": STATUS, "b": STATUS})
    assert read(one, other) == {HASH: STATUS, "a": STATUS, "b": STATUS}
    assert read() == {}


def test_every_mistake_is_told_at_once(tmp_path: Path):
    good = manifest(tmp_path / "good.json", {"known": STATUS})
    bad = manifest(
        tmp_path / "bad.json",
        {
            HASH: STATUS + " ",
            "a b": STATUS,
            "sha256:x": STATUS,
            "md5:3be4": STATUS,
            "number": 5,
            "syntax": "query {",
            "fields": "query A {\n  nobody\n  nothing\n}",
            "deep": "{ a { b { c { d { e { f } } } } } }",
            "known": "query Other { status { head } }",
        },
    )
    broken = manifest(tmp_path / "broken.json", "{")
    listed = manifest(tmp_path / "list.json", [STATUS])
    missing = tmp_path / "missing.json"
    with pytest.raises(Misconfigured) as caught:
        read(good, bad, broken, listed, missing)
    *mistakes, no_json, no_manifest, no_file = caught.value.message.splitlines()
    changed = sha256((STATUS + " ").encode()).hexdigest()
    no_id = "it is no id; there are sha256:<64 digits>, x-<name>:<id>, and ids of letters, digits and - . _ ~"
    assert mistakes == [
        f"{bad}, {HASH!r}: the SHA-256 of the document is {changed}; a tool may have changed it after it was named",
        f"{bad}, 'a b': {no_id}",
        f"{bad}, 'sha256:x': {no_id}",
        f"{bad}, 'md5:3be4': {no_id}",
        f"{bad}, 'number': it is no document, but another value",
        f"{bad}, 'syntax': Syntax Error: Expected Name, found <EOF>. (line 1, column 8, INVALID_GRAPHQL)",
        f"{bad}, 'fields': Cannot query field 'nobody' on type 'Query'. Did you mean 'node'? (line 2, column 3, INVALID_GRAPHQL)",
        f"{bad}, 'fields': Cannot query field 'nothing' on type 'Query'. (line 3, column 3, INVALID_GRAPHQL)",
        f"{bad}, 'deep': fields and fragments are nested too deeply here; the limit is 5 (line 1, column 21, TOO_DEEP)",
        f"{bad}, 'known': another document has this id, too",
    ]
    wrong = "COMMUNIQUE_DOCUMENTS is wrong:"
    assert no_json.startswith(f"{wrong} {broken} is no JSON in UTF-8: ")
    assert no_manifest == f'{wrong} {listed} is no manifest; one is {{"<id>": "<document>", …}}'
    assert no_file == f"{wrong} {missing} cannot be read: No such file or directory"
