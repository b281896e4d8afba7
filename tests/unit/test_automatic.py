"""Is what clients sent with its hash kept within its bytes, and can whoever sends much push out what others ask for?"""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from api.documents.automatic import Automatic
from api.documents.ids import hash_of

SIZE = 100_000


def test_what_was_kept_is_found():
    kept = Automatic(SIZE)
    kept.keep("a", "{ status { head } }")
    assert kept.get("a") == "{ status { head } }"
    assert kept.get("b") is None


def test_nothing_is_kept_where_it_is_off():
    kept = Automatic(0)
    kept.keep("a", "{ status { head } }")
    assert not kept.is_on
    assert kept.get("a") is None


def test_one_larger_than_all_is_not_kept_and_pushes_out_nothing_that_was_asked_for():
    kept = Automatic(SIZE)
    kept.keep("a", "{ a }")
    assert kept.get("a")
    kept.keep("b", "x" * 2 * SIZE)
    assert kept.get("b") is None
    assert kept.get("a") == "{ a }"


def test_a_flood_pushes_out_only_what_nobody_asked_for_again():
    kept = Automatic(SIZE)
    asked = {f"front end {number}": f"{{ a{number} }}" for number in range(100)}
    for hash_, text in asked.items():
        kept.keep(hash_, text)
        kept.get(hash_)
    kept.keep("once", "{ once }")
    for number in range(5_000):
        kept.keep(f"flood {number}", f"{{ flood{number} }}")
    assert {hash_: kept.get(hash_) for hash_ in asked} == asked
    assert kept.get("once") is None
    assert kept.get("flood 4999") is not None


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=300))
def test_it_never_takes_more_than_its_bytes(steps: list[tuple[int, bool]]):
    """Whatever is kept and asked for, in any order; what is given back is always what was kept."""
    kept, texts = Automatic(3_000), {f"{n}": f"{n}" * 20 * n for n in range(31)}
    for number, keeps in steps:
        hash_ = str(number)
        if keeps:
            kept.keep(hash_, texts[hash_])
        else:
            assert kept.get(hash_) in {None, texts[hash_]}
        held = [*kept._again.items(), *kept._once.items()]
        assert len(dict(held)) == len(held)
        assert sum(len(text) for _, text in held) <= 3_000


def test_its_bytes_are_those_in_memory():
    texts = [f"{{ é{'x' * (number % 700)} {number} }}" for number in range(20_000)]
    hashes = [hash_of(text) for text in texts]
    tracemalloc.start()
    try:
        kept, before = Automatic(1_000_000), tracemalloc.get_traced_memory()[0]
        for hash_, text in zip(hashes, texts, strict=True):
            kept.keep(hash_ + "", text[:1] + text[1:])  # of its own, as requests bring them
            kept.get(hash_)
        took = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert 500_000 < took < 1_100_000
