"""How are reports and actors put right?"""

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry

from api.doing import Info, done, located, or_none, text_of
from api.inputs import (
    CorrectInput,
    DisputeInput,
    MergeActorsInput,
    RetractInput,
    SettleDisputeInput,
    UndoCorrectionInput,
    UndoMergeInput,
    UndoRetractionInput,
)
from api.nouns import noun
from api.results import (
    CorrectResult,
    DisputeResult,
    MergeActorsResult,
    RetractResult,
    SettleDisputeResult,
    UndoCorrectionResult,
    UndoMergeResult,
    UndoRetractionResult,
)
from api.vocabulary import as_value
from events.actor import MergeActors, UndoMerge
from events.article_commands import (
    CorrectReport,
    RecordDispute,
    RetractReport,
    SettleDispute,
    UndoCorrection,
    UndoRetraction,
)
from events.handling import Command


@noun
class Curating:
    """What can be put right."""

    @strawberry.mutation(description="Puts a report right.", graphql_type=CorrectResult)
    async def correct(self, info: Info, input: CorrectInput) -> Any:
        async def commands() -> list[Command]:
            text = await text_of(info.context.log, input.article)
            ((_, changes),) = as_value(input.changes).items()
            by = or_none(input.by)
            changes = located(changes, text)
            return [CorrectReport(input.article, input.report, changes, input.reason, by)]

        return await _on_report(info, input, commands)

    @strawberry.mutation(
        description="Takes a correction back; later corrections of the report go on to hold.",
        graphql_type=UndoCorrectionResult,
    )
    async def undo_correction(self, info: Info, input: UndoCorrectionInput) -> Any:
        by = or_none(input.by)
        command = UndoCorrection(input.article, input.report, input.correction, input.reason, by)
        return await _on_report(info, input, _only(command))

    @strawberry.mutation(description="Takes a report back.", graphql_type=RetractResult)
    async def retract(self, info: Info, input: RetractInput) -> Any:
        command = RetractReport(input.article, input.report, input.reason, or_none(input.by))
        return await _on_report(info, input, _only(command))

    @strawberry.mutation(
        description="Takes a retraction back: the report stands again.",
        graphql_type=UndoRetractionResult,
    )
    async def undo_retraction(self, info: Info, input: UndoRetractionInput) -> Any:
        command = UndoRetraction(input.article, input.report, input.reason, or_none(input.by))
        return await _on_report(info, input, _only(command))

    @strawberry.mutation(
        description="Notes that two reports contradict each other; both stay, and show it.",
        graphql_type=DisputeResult,
    )
    async def dispute(self, info: Info, input: DisputeInput) -> Any:
        return await _on_reports(info, input, RecordDispute)

    @strawberry.mutation(
        description="Notes that two reports do not contradict each other, or no longer.",
        graphql_type=SettleDisputeResult,
    )
    async def settle_dispute(self, info: Info, input: SettleDisputeInput) -> Any:
        return await _on_reports(info, input, SettleDispute)

    @strawberry.mutation(
        description="Lets one actor stand for another too; both slugs keep leading there.",
        graphql_type=MergeActorsResult,
    )
    async def merge_actors(self, info: Info, input: MergeActorsInput) -> Any:
        command = MergeActors(input.actor, input.into, input.reason, or_none(input.by))
        return await done(info, _only(command), key=input.key, actors=[input.into])

    @strawberry.mutation(
        description="Takes a merge back: the actor stands for itself again, and for those merged into it.",
        graphql_type=UndoMergeResult,
    )
    async def undo_merge(self, info: Info, input: UndoMergeInput) -> Any:
        command = UndoMerge(input.actor, input.reason, or_none(input.by))
        return await done(info, _only(command), key=input.key, actors=[input.actor])


def _only(command: Command) -> Callable[[], Awaitable[list[Command]]]:
    async def commands() -> list[Command]:
        return [command]

    return commands


async def _on_report(
    info: Info,
    input: CorrectInput | UndoCorrectionInput | RetractInput | UndoRetractionInput,
    commands: Callable[[], Awaitable[list[Command]]],
) -> Any:
    return await done(
        info,
        commands,
        key=input.key,
        expected=input.expected_version,
        article=input.article,
        reports=[f"{input.article}/{input.report}"],
    )


async def _on_reports(
    info: Info,
    input: DisputeInput | SettleDisputeInput,
    decide: type[RecordDispute | SettleDispute],
) -> Any:
    slug, ref = input.report.article, input.report.report
    against = f"{input.against.article}/{input.against.report}"
    command = decide(slug, ref, against, input.reason, or_none(input.by))
    reports = [f"{slug}/{ref}", against]
    return await done(info, _only(command), key=input.key, article=slug, reports=reports)
