"""Which actors do the names of the sides mean?  One for each name, wherever it stands."""

from hashlib import sha256
from typing import Final
from unicodedata import normalize

from events.actors import ActorKind, ActorRegistered
from events.values import Quote
from seeds.sheet import MAX_SLUG, slugified
from seeds.ucdp.rows import BY

DIGITS: Final = 8
"""Hexadecimal digits that tell names apart which look the same in a slug."""


class Cast:
    """The slugs of all names that were met so far; the same names in the same order have the same ones."""

    def __init__(self) -> None:
        self._slugs: dict[str, str] = {}
        self._taken = set[str]()

    def slug(self, name: str) -> str:
        """The slug of a name: made of its letters, with a digest if another name looks the same.

        >>> cast = Cast()
        >>> cast.slug("Beltrán Leyva Cartel"), cast.slug("Beltran Leyva cartel")
        ('ucdp-beltran-leyva-cartel', 'ucdp-beltran-leyva-cartel-05b4b2ec')
        """
        if name not in self._slugs:
            letters = normalize("NFKD", name).encode("ascii", "ignore").decode()
            slug = slugified(f"ucdp {letters}")
            if slug in self._taken:
                stem = slug[: MAX_SLUG - DIGITS - 1].strip("-")
                slug = f"{stem}-{sha256(name.encode()).hexdigest()[:DIGITS]}"
            self._taken.add(slug)
            self._slugs[name] = slug
        return self._slugs[name]


def actor(name: str, article: str, quote: Quote) -> ActorRegistered:
    """Who is named so, in words of an article."""
    return ActorRegistered(
        actor_kind=kind_of(name), name=name, article=article, evidence=(quote,), by=BY
    )


def kind_of(name: str) -> ActorKind:
    """What sort of actor a name means.

    >>> [str(kind_of(name)) for name in ("Government of Chad", "Civilians", "Luo, Kisii", "IS")]
    ['government', 'group', 'group', 'armed_group']
    """
    if name.startswith("Government of "):
        return ActorKind.GOVERNMENT
    if name == "Civilians" or "," in name:
        return ActorKind.GROUP
    return ActorKind.ARMED_GROUP
