"""How hard do the tests try: a little each time, for long with SOAK=1.  And what is tidied up in the end."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import postgres

# Without deadlines: on a busy machine they say more about the machine than about the code.
settings.register_profile("quick", deadline=None, max_examples=40)
settings.register_profile("soak", deadline=None, max_examples=5_000)
settings.load_profile("soak" if os.environ.get("SOAK") else "quick")


@pytest.fixture(scope="session", autouse=True)
def _servers() -> Iterator[None]:
    yield
    postgres.stop()
