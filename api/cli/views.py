"""Which view is meant by a name on the command line?"""

from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from projections.digests import View

LISTED: Final = "articles, actors, relations, statements, meetings, commissions, timeline, search"
"""The names, for help texts, which must not wait until the views are imported."""


class ViewName(click.ParamType["View"]):
    """The name of a view."""

    name = "view"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> "View":
        from projections.digests import VIEWS
        from seeds.problems import choose

        known = {view.name: view for view in VIEWS}
        if value not in known:
            self.fail(f"{value!r} is no view; {choose(str(value), known)}", param, ctx)
        return known[str(value)]
