"""What is called?  An operation of a document, by somebody who may run it, or may not."""

from dataclasses import dataclass

from graphql import OperationType

from api.access.callers import Caller
from api.access.refusals import not_permitted
from api.requests import Asked
from api.validating import Operation


@dataclass(frozen=True, slots=True)
class Call:
    """An operation that somebody asks for."""

    operation: Operation
    asked: Asked
    caller: Caller

    @property
    def kind(self) -> OperationType:
        return self.operation.kind

    def permit(self) -> None:
        """See that the caller may run it.  Raises BadRequest."""
        if not self.operation.needs <= self.caller.rights:
            raise not_permitted(self.caller, self.operation.needs)
