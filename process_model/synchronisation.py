"""Which objects crossed from one system to another, when, and after how many attempts; pure.

Objects are counted, not calls: a retry that works makes one success, not one of two.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from process_model.config import ModelConfig
from process_model.correlation import Grown
from process_model.events import BusinessEvent
from process_model.vocabulary import Outcome, Stage

_LIMIT = timedelta(hours=4)
_STAGE_OF = {
    "opportunity": Stage.OPPORTUNITY,
    "quote": Stage.QUOTE,
    "contract": Stage.ACCEPTANCE,
    "order": Stage.ORDER,
    "delivery": Stage.FULFILMENT,
    "invoice": Stage.INVOICE,
    "credit_note": Stage.INVOICE,
    "payment": Stage.PAYMENT,
    "subscription": Stage.RENEWAL,
}


@dataclass(frozen=True, slots=True)
class Crossing:
    """One object on its way between two systems."""

    stage: str
    from_system: str
    to_system: str
    object: str
    obliged_at: datetime
    due_at: datetime
    first_success_at: datetime | None
    attempts: int
    failures: int
    last_error_type: str


@dataclass(frozen=True, slots=True)
class ExceptionCase:
    """Work that left automation, from its raising to its resolution."""

    id: str
    class_: str
    owner: str
    stage: str
    object: str
    raised_at: datetime
    resolved_at: datetime | None
    error_type: str
    amount: str | None
    currency: str


def stage_of_object(key: str) -> str:
    """The stage that sync and exception facts about the object belong to, '' for none."""
    return _STAGE_OF.get(key.partition(":")[0], "")


def crossings(grown: Grown, config: ModelConfig) -> list[Crossing]:
    """One row an object and pair of systems, from the sync facts of the instance."""
    told: dict[tuple[str, str, str], list[BusinessEvent]] = defaultdict(list)
    for event in grown.events:
        if event.type.startswith("sync."):
            key = event.sync_object or event.subject
            told[event.sync_from, event.sync_to, key].append(event)
    return [_crossing(*hop, events, config) for hop, events in sorted(told.items())]


def _crossing(
    from_system: str, to_system: str, key: str, events: list[BusinessEvent], config: ModelConfig
) -> Crossing:
    failed = [e for e in events if e.type == "sync.failed" or e.outcome == Outcome.FAILURE]
    worked = [e for e in events if e.type == "sync.succeeded" and e.outcome != Outcome.FAILURE]
    begun = [e for e in events if e.type == "sync.attempted"]
    limit = config.handover_limits.get(f"{from_system}->{to_system}", _LIMIT)
    obliged = events[0].event_time
    return Crossing(
        stage=stage_of_object(key),
        from_system=from_system,
        to_system=to_system,
        object=key,
        obliged_at=obliged,
        due_at=events[0].due or obliged + limit,
        first_success_at=worked[0].event_time if worked else None,
        # an attempt may be told at its start, at its end, or both
        attempts=max(len(begun), len(failed) + len(worked)),
        failures=len(failed),
        last_error_type=failed[-1].error_type if failed else "",
    )


def exception_cases(grown: Grown) -> list[ExceptionCase]:
    """One row an exception of the instance, by its raising."""
    told: dict[str, list[BusinessEvent]] = defaultdict(list)
    for event in grown.events:
        if event.type.startswith("exception.") and (event.exception_id or event.subject):
            told[event.exception_id or event.subject].append(event)
    cases = [_case(id_, events) for id_, events in told.items()]
    return sorted(cases, key=lambda case: (case.raised_at, case.id))


def _case(id_: str, events: list[BusinessEvent]) -> ExceptionCase:
    raised = next((e for e in events if e.type == "exception.raised"), events[0])
    resolved = [e for e in events if e.type == "exception.resolved" and _after(e, raised)]
    owners = [e.exception_owner for e in events if e.exception_owner]
    return ExceptionCase(
        id=id_,
        class_=next((e.exception_class for e in events if e.exception_class), ""),
        owner=owners[-1] if owners else "",
        stage=stage_of_object(raised.subject),
        object=raised.subject,
        raised_at=raised.event_time,
        resolved_at=resolved[-1].event_time if resolved else None,
        error_type=raised.error_type,
        amount=raised.amount,
        currency=raised.currency,
    )


def _after(event: BusinessEvent, raised: BusinessEvent) -> bool:
    return event.outcome != Outcome.FAILURE and event.event_time >= raised.event_time
