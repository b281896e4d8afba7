"""Why may somebody not do this?  Refusals that say who may, and by which header a client notices."""

from typing import Final

from api.access.callers import RIGHTS, Caller, Rights
from api.requests import BadRequest

CHALLENGE: Final = 'Bearer realm="communique"'
SEND: Final = "send `Authorization: Bearer …`"


class Unauthenticated(BadRequest):
    """It is not known who asks: the token is needed, or it does not hold."""

    def __init__(self, message: str, *, invalid: bool = True) -> None:
        """`invalid`: whether there was a token."""
        super().__init__(message, 401, "UNAUTHENTICATED")
        # https://www.rfc-editor.org/rfc/rfc6750#section-3.1: no error code for who showed no token
        challenge = f'{CHALLENGE}, error="invalid_token"' if invalid else CHALLENGE
        self.headers = {"WWW-Authenticate": challenge}


class CannotAuthenticate(BadRequest):
    """What tokens are held against cannot be reached now; it is no fault of the token."""

    def __init__(self, message: str, seconds: float) -> None:
        """`seconds`: when it is tried again."""
        super().__init__(message, 503, "AUTHENTICATION_UNAVAILABLE")
        self.headers = {"Retry-After": f"{seconds:.0f}"}


def not_permitted(caller: Caller, needed: Rights) -> BadRequest:
    """Why a caller may not do what needs these rights."""
    missing = " and ".join(sorted(right.value for right in needed - caller.rights))
    roles = [role.value for role, rights in RIGHTS.items() if needed <= rights]
    who = f"{', '.join(roles[:-1])} or {roles[-1]}" if len(roles) > 1 else roles[0]
    needs = f"the operation needs {missing}, for which there is the role {who}"
    if not caller.subject:
        return Unauthenticated(f"{needs}; {SEND}", invalid=False)
    message = f"{needs}; the token's role is {caller.role or 'none'}"
    return BadRequest(message, 403, "NOT_PERMITTED")
