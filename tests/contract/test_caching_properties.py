"""Is what is given again what would be read?  For a random history, asked about while it is recorded, on a real database."""

from random import Random

import pytest

from api.access.callers import ANONYMOUS
from api.caching import Results
from api.operations import Operations
from api.requests import Asked
from tests.faults.processes import SOAK
from tests.feeds import following
from tests.strategies import ACTORS, ARTICLES, long_history
from tests.views import ENGINES

RELATIONS = "relations(first: 200) { totalCount nodes { id holds status history { position until } because { rule evidence { exact } } } }"
NODES = "nodes { id kind status modality mentions { slug } corrections { number undone { reason } } history { position until } }"
QUESTIONS = (
    f"query ($slug: String!) {{ actor(slug: $slug) {{ name aliases {{ name }} {RELATIONS} }} }}",
    f"query ($slug: String!, $p: Position!) {{ actor(slug: $slug, asOf: {{position: $p}}) {{ name {RELATIONS} }} }}",
    f"query ($article: String!) {{ timeline(filter: {{article: $article}}, first: 100) {{ {NODES} }} }}",
    f"query ($p: Position!) {{ timeline(asOf: {{position: $p}}, last: 100) {{ totalCount {NODES} pageInfo {{ startCursor }} }} }}",
    "query ($p: Position!) { a: actors(asOf: {position: $p}) { totalCount } status { head position } }",
    "{ commissions(first: 50) { nodes { id size } } articles { totalCount } }",
)


@pytest.mark.property
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", range(100 if SOAK else 1))
async def test_answers_are_what_would_be_read(engine: str, seed: int) -> None:
    random = Random(seed)
    history = long_history(random, 40)
    async with following(engine) as followed:
        plain = followed.operations
        plain._results, results = None, Results(50_000)
        keeping = Operations(plain._schema, plain._context, plain._queries, results)
        done = 0
        while done < len(history.records):
            size = random.randint(1, 12)
            await followed.system.append(history.records[done : done + size])
            await followed.system.views.catch_up()
            done += size
            for _ in range(12):
                values = {
                    "slug": random.choice(ACTORS),
                    "article": random.choice(ARTICLES),
                    "p": random.choice([3, done // 2, done, done + 5]),
                }
                query = random.choice(QUESTIONS)
                names = [name for name in values if f"${name}" in query]
                asked = Asked(query, None, {name: values[name] for name in names})
                given = await keeping.answer(keeping.call(asked, ANONYMOUS))
                read = await plain.answer(plain.call(asked, ANONYMOUS))
                assert given == read
                assert not given.errors
        assert results.hits
        assert results.misses


@pytest.mark.parametrize("engine", ENGINES)
async def test_what_the_log_is_at_is_told_though_the_views_lag(engine: str) -> None:
    history = long_history(Random(1), 5)
    async with following(engine) as followed:
        for number, record in enumerate(history.records[:3], 1):
            await followed.system.append([record])
            told = await followed.read("{ status { head position } }")
            assert told == {"status": {"head": number, "position": 0}}
