"""How is a refusal shown?  Each expected failure is a type of its own, with a stable code and a message that says what would be right."""

from inspect import getdoc
from typing import Any, Final

import strawberry

from api.errors import log_fault
from api.nouns import interface, said
from api.scalars import Position
from events import refusals
from events.refusals import Refusal


@interface
class Problem:
    """Why something was refused; nothing was written."""

    code: str = said("Stable name of the problem, for programs.")
    message: str = said("What was wrong, where, and what would be right.")


def _problem(refusal: type[Refusal], **more: tuple[Any, str]) -> Any:
    annotations = {name: type_ for name, (type_, _) in more.items()}
    fields = {name: said(description) for name, (_, description) in more.items()}
    namespace = {"__annotations__": annotations, "__module__": __name__, **fields}
    cls = type(refusal.__name__, (Problem,), namespace)
    return strawberry.type(cls, description=getdoc(refusal))


AlreadyExists: Any = _problem(refusals.AlreadyExists)
AlreadyRetracted: Any = _problem(refusals.AlreadyRetracted)
KeyReused: Any = _problem(
    refusals.KeyReused, position=(Position, "Position at which the key was used.")
)
LogUnavailable: Any = _problem(refusals.LogUnavailable)
Malformed: Any = _problem(refusals.Malformed)
MergeRefused: Any = _problem(refusals.MergeRefused)
NothingToChange: Any = _problem(refusals.NothingToChange)
QuoteNotFound: Any = _problem(refusals.QuoteNotFound)
UnknownActor: Any = _problem(refusals.UnknownActor)
UnknownArticle: Any = _problem(refusals.UnknownArticle)
UnknownReport: Any = _problem(refusals.UnknownReport)
VersionConflict: Any = _problem(
    refusals.VersionConflict,
    expected=(int, "The version that was expected."),
    actual=(int, "The version that the stream has."),
)

PROBLEMS: Final[dict[type[Refusal], Any]] = {
    getattr(refusals, problem.__name__): problem
    for problem in (
        *(AlreadyExists, AlreadyRetracted, KeyReused, LogUnavailable, Malformed, MergeRefused),
        *(NothingToChange, QuoteNotFound, UnknownActor, UnknownArticle, UnknownReport),
        VersionConflict,
    )
}
"""The type that shows each refusal."""


def problem_of(refusal: Refusal) -> Any:
    """A refusal as the API shows it; one that no result names is raised again."""
    shown = PROBLEMS.get(type(refusal))
    if shown is None:
        raise refusal
    log_fault(refusal)
    names = [field.python_name for field in shown.__strawberry_definition__.fields]
    return shown(**{name: getattr(refusal, name) for name in names})
