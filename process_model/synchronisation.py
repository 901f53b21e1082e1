"""Which objects crossed from one system to another, or should have, and when; pure.

Objects are counted, not calls: a retry that works makes one success, not one of two. An object
should have crossed when somebody tried (sync facts), or when the process promises it: an accepted
quote to the system of orders, an order to the system of invoices. A promise that sync facts tell of
too is one crossing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from process_model.config import ModelConfig
from process_model.correlation import Grown
from process_model.events import BusinessEvent, system_of
from process_model.reference import reference
from process_model.stages import Documents, StageWait
from process_model.vocabulary import Outcome, Stage, SystemKind

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


def crossings(
    documents: Documents,
    events: Iterable[BusinessEvent],
    waits: Iterable[StageWait],
    config: ModelConfig,
) -> list[Crossing]:
    """One row an object and pair of systems, from the sync facts and promises of an instance."""
    told: dict[tuple[str, str, str], list[BusinessEvent]] = defaultdict(list)
    for event in events:
        if event.type.startswith("sync."):
            key = documents.same.of(event.sync_object or event.subject)
            told[event.sync_from, event.sync_to, key].append(event)
    found = {hop: _crossing(*hop, facts, config) for hop, facts in told.items()}
    joined: set[tuple[str, str, str]] = set()
    for promise in _promises(documents, waits, config):
        # promises come in process order: what told of the quote's way into the system of orders
        # does not tell of the order's way into the system of invoices, though it may be the same
        same = [
            hop
            for hop, facts in told.items()
            if hop not in joined and promise.is_told_by(hop, facts)
        ]
        joined.update(same)
        for hop in same:
            found[hop] = promise.joined_with(found[hop], config)
        if not same:
            found[promise.hop] = promise.crossing
    return [found[hop] for hop in sorted(found)]


@dataclass(frozen=True, slots=True)
class _Promise:
    """A hand-over that a stage obliges, kept when the successor exists."""

    crossing: Crossing
    successors: frozenset[str]
    successor_type: str
    arrives_in: frozenset[str]
    """the systems that would be the right end of it; empty when nobody knows"""

    @property
    def hop(self) -> tuple[str, str, str]:
        return self.crossing.from_system, self.crossing.to_system, self.crossing.object

    def is_told_by(self, hop: tuple[str, str, str], facts: Iterable[BusinessEvent]) -> bool:
        """Whether the sync facts are about this very hand-over, and not about a leg of its way."""
        _, to_system, key = hop
        if self.arrives_in and to_system not in self.arrives_in:
            return False
        if key == self.crossing.object or key in self.successors:
            return True
        is_successor = key.partition(":")[0] == self.successor_type
        return is_successor and any(self.crossing.object in e.object_keys for e in facts)

    def joined_with(self, told: Crossing, config: ModelConfig) -> Crossing:
        """The told crossing, running from when it was promised."""
        own = self.crossing
        limit = config.handover_limits.get(f"{told.from_system}->{told.to_system}")
        successes = [at for at in (told.first_success_at, own.first_success_at) if at]
        return replace(
            told,
            stage=own.stage,
            obliged_at=min(own.obliged_at, told.obliged_at),
            due_at=own.obliged_at + limit if limit else own.due_at,
            first_success_at=min(successes, default=None),
        )


def _promises(
    documents: Documents, waits: Iterable[StageWait], config: ModelConfig
) -> Iterator[_Promise]:
    for wait in waits:
        stage = reference().stage(wait.stage)
        # a stage that waits for its own document had no predecessor to hand over
        own_document = wait.object.startswith(f"{stage.object_type}:")
        if stage.handover is None or own_document or wait.state not in ("open", "done"):
            continue
        kind = stage.handover[1]
        successors = documents.after(wait.object, stage.object_type)
        systems = {system_of(documents.events[key][0].source) for key in successors}
        arrives_in = systems or {s for s in (config.systems.get(SystemKind(kind)),) if s}
        crossing = Crossing(
            stage=str(wait.stage),
            from_system=_obliged_in(documents, wait),
            to_system=min(arrives_in, default=kind),
            object=wait.object,
            obliged_at=wait.entered_at,
            due_at=wait.due_at or wait.entered_at + _LIMIT,
            first_success_at=wait.completed_at,
            attempts=0,
            failures=0,
            last_error_type="",
        )
        names = frozenset(arrives_in)
        yield _Promise(crossing, frozenset(successors), stage.object_type, names)


def _obliged_in(documents: Documents, wait: StageWait) -> str:
    """The system that told of what obliges the hand-over, else the one that holds the document."""
    facts = documents.events[wait.object]
    obliging = next((e for e in facts if e.event_time == wait.entered_at), facts[0])
    return system_of(obliging.source)


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
