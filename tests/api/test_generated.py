"""Does every operation that schemathesis makes up from the schema get an answer of it, or an error that is documented?"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, print_schema
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.access.keys import new_key
from api.codes import rows
from tests.faults.processes import SOAK
from tests.guides import ROOT
from tests.served import listening, with_article

pytestmark = pytest.mark.property

SCHEMA = ROOT / "api" / "schema.graphql"
DOCUMENTED = {row.code for row in rows()} - {"INTERNAL"}
SLOW = list(HealthCheck)
EXAMPLES = 60 if SOAK else 1
"""Of each root field; one takes some 50 ms."""
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "EDTF": st.sampled_from(["2020", "2020-12-30?", "2020-12/..", "", "2020-13"]),
    "Position": st.integers(-1, 2**53),
}
"""Those that schemathesis does not know."""


async def test_generated_operations(tmp_path: Path):
    path = tmp_path / "communique.db"
    path.write_bytes(await asyncio.to_thread(with_article))
    token = new_key()
    async with listening(path, token) as (_, url):
        await asyncio.to_thread(explore, f"{url}/graphql", {"authorization": f"Bearer {token}"})


def known() -> str:
    """The schema without the directives that schemathesis refuses to know."""
    schema = build_schema(SCHEMA.read_text("utf-8"))
    schema.directives = tuple(d for d in schema.directives if d.name not in {"defer", "stream"})
    return print_schema(schema)


def explore(url: str, headers: dict[str, str]) -> None:
    """Ask for every root field."""
    import schemathesis  # here alone: who collects tests need not load its hundreds of modules
    from schemathesis.checks import not_a_server_error, response_schema_conformance
    from schemathesis.core.result import Ok
    from schemathesis.graphql import nodes

    for name, values in SCALARS.items():
        of = nodes.Int if name == "Position" else nodes.String
        schemathesis.graphql.scalar(name, values.map(of))
    for found in schemathesis.graphql.from_file(known()).get_all_operations():
        assert isinstance(found, Ok)

        @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=SLOW)
        @given(found.ok().as_strategy())
        def ask(case: schemathesis.Case) -> None:
            response = case.call(base_url=url, headers=headers)
            checks = [not_a_server_error, response_schema_conformance]
            case.validate_response(response, checks=checks)
            answer = response.json()
            assert response.status_code == 200
            codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
            assert codes <= DOCUMENTED
            assert codes or answer["data"]

        ask()
