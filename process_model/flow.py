"""How value flows through the stages: where cases stand, how long stages take, what has waited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from process_model.config import ModelConfig
from process_model.money import Total, total
from process_model.questions import Selection, ask
from process_model.store import Handle
from process_model.vocabulary import Stage

SIZES = (360.0, 1_080.0, 3_600.0, 10_800.0, 36_000.0, 108_000.0, 360_000.0, 1_080_000.0)
"""The edges between sizes of durations in seconds: 0.1, 0.3, 1, 3, 10, 30, 100 and 300 hours."""

AGES = (86_400.0, 172_800.0, 259_200.0, 604_800.0, 1_209_600.0, 2_419_200.0)
"""The edges between ages of a backlog in seconds: 1, 2, 3, 7, 14 and 28 days."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Cases that stand in one place of the process: waiting, given up there, or through."""

    stage: str
    """'' for those that are through"""
    status: str
    """open, completed or withdrawn"""
    late: bool
    """past the deadline of the stage they wait in"""
    instances: int
    customers: int
    worth: Total


@dataclass(frozen=True, slots=True)
class Duration:
    """Waits of one stage that ended in one bucket, of one size (an index into ``SIZES``)."""

    bucket: datetime
    size: int
    waits: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Cases that wait in a stage for some time (an index into ``AGES``)."""

    stage: str
    age: int
    instances: int
    late: int


@dataclass(frozen=True, slots=True)
class Step:
    """How many cases got past a stage, of those that began in the period."""

    stage: Stage
    passed: int
    worth: tuple[Total, ...]
    """of those that got past it; one part a place where they stand now"""
    kept: float | None
    """the share of those that got past the stage before; ``None`` for the first"""


STEPS = (
    Stage.QUOTE, Stage.APPROVAL, Stage.ACCEPTANCE, Stage.ORDER, Stage.FULFILMENT, Stage.INVOICE,
    Stage.PAYMENT,
)  # fmt: skip
"""The stages that every case must get past, in order; renewal is another story."""

_PLACE = {str(stage): place for place, stage in enumerate(Stage)}


def standing(reader: Handle, selection: Selection, config: ModelConfig) -> list[Standing]:
    """Where the cases that began in the period stand: each in one place, none left out."""
    rows = ask(
        reader,
        "standing",
        **selection.parameters(),
        reporting_currency=config.reporting_currency,
    )
    return [
        Standing(
            stage=row.stage,
            status=row.status,
            late=bool(row.late),
            instances=row.instances,
            customers=row.customers,
            worth=total(row, config.reporting_currency),
        )
        for row in rows
    ]


def steps(stand: Sequence[Standing]) -> list[Step]:
    """How many cases got past each stage; a case that skipped an optional stage got past it."""
    found: list[Step] = []
    for stage in STEPS:
        past = [one for one in stand if _is_past(one, stage)]
        passed = sum(one.instances for one in past)
        before = found[-1].passed if found else 0
        kept = passed / before if found and before else None
        found.append(Step(stage, passed, tuple(one.worth for one in past), kept))
    return found


def _is_past(one: Standing, stage: Stage) -> bool:
    if not one.stage:
        return one.status == "completed"
    return _PLACE[one.stage] > _PLACE[stage]


def durations(
    reader: Handle, selection: Selection, stage: Stage, object_type: str = ""
) -> list[Duration]:
    """How long the stage took, for waits that ended in the period; bucket '' counts by day.

    ``object_type`` keeps to the waits of such documents: a quote's wait for its order.
    """
    chosen = selection.parameters() | {"stage": str(stage), "object_type": object_type}
    return [Duration(*row) for row in ask(reader, "durations", **chosen, edges=list(SIZES))]


def backlog_ages(reader: Handle, selection: Selection) -> list[Waiting]:
    """What waits now, by stage and age; of the past the KPI ``stage_backlog`` knows."""
    chosen = selection.parameters()
    return [Waiting(*row) for row in ask(reader, "backlog_ages", **chosen, edges=list(AGES))]
