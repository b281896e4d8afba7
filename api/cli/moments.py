"""Up to where?  A position in the log or an instant, as the command line names them."""

import re

import click


class Moment(click.ParamType[int | str]):
    """A position, or an instant as the log writes it."""

    name = "position|instant"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        from events.instants import instant

        text = str(value)
        if re.fullmatch(r"[0-9]{1,16}", text):
            return int(text)
        try:
            return instant(text)
        except ValueError as error:
            self.fail(f"{error}; nor is it a position: 0, 1, 2, 3 …", param, ctx)
