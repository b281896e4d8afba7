"""Is a text worth parsing?  Its bytes, tokens and open brackets are counted first, in one pass that ends where a limit is exceeded."""

import re
from typing import Final

from api.limits.bounds import Limits

TOKEN: Final = re.compile(
    r'([{\[(])|([}\])])|"""(?:\\"""|[^"]|"(?!""))*+(?:""")?|"(?:[^"\\\n\r]|\\.)*+"?'
    r"|#[^\n\r]*+|\.\.\.|[!$&:=@|]|[_A-Za-z]\w*+|-?\d[\w.+-]*+|[^\s,\ufeff]"
)
"""A token, a comment, or a character that can be neither.  A text that does not end counts as one, so that nothing is looked at twice."""
OPENING, CLOSING = 1, 2


def check(source: str, limits: Limits) -> None:
    """Raises GraphQLError for a text that is too long, has too many tokens or is nested too deeply."""
    size = len(source.encode("utf-8", "surrogatepass"))
    if size > limits.max_document_bytes:
        raise limits.exceeded("max_document_bytes", f"the document has {size} bytes")
    most, deepest, depth = limits.max_tokens, limits.max_nesting, 0
    for number, token in enumerate(TOKEN.finditer(source)):
        if number == most:
            at = source, token.start()
            raise limits.exceeded("max_tokens", "the document has too many tokens", at=at)
        kind = token.lastindex
        if kind == OPENING:
            depth += 1
            if depth > deepest:
                at = source, token.start()
                raise limits.exceeded("max_nesting", f"{depth} brackets are open here", at=at)
        elif kind == CLOSING:
            depth -= 1
