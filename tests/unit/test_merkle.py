"""Is the root that of RFC 6962?"""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.merkle import Tree
from events.record import leaf_hash

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        *("", "00", "10", "2021", "3031", "40414243"),
        *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Of no leaf, the first one, the first two …: the vectors of Certificate Transparency's reference implementation."""


def tree_of(leaves: list[bytes]) -> Tree:
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf_hash(leaf))
    return tree


def defined(leaves: list[bytes]) -> bytes:
    """The root, as section 2.1 of the RFC defines it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    return sha256(b"\1" + defined(leaves[:left]) + defined(leaves[left:])).digest()


@pytest.mark.parametrize(("size", "root"), list(enumerate(ROOTS)))
def test_roots_are_the_known_ones(size: int, root: str) -> None:
    assert tree_of(LEAVES[:size]).root.hex() == root


@pytest.mark.property
@given(st.lists(st.binary(max_size=3), max_size=300))
def test_root_is_that_of_the_definition(leaves: list[bytes]) -> None:
    tree = tree_of(leaves)
    assert tree.size == len(leaves)
    assert tree.root == defined(leaves)


def test_a_tree_grows_on_after_its_root_was_asked_for() -> None:
    tree = Tree()
    for size, leaf in enumerate(LEAVES, 1):
        tree.add(leaf_hash(leaf))
        assert tree.root.hex() == ROOTS[size]


def test_few_hashes_are_kept_of_many_leaves() -> None:
    tree = Tree()
    for _ in range(2**12 - 1):
        tree.add(bytes(32))
    assert len(tree._subtrees) == 12
