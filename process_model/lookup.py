"""The reading side of instances for pages and API: lists, one whole instance, any id resolved."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from process_model.events import BusinessEvent, ObjectRef
from process_model.questions import Selection, ask, question
from process_model.resolution import Resolution as Resolution
from process_model.resolution import resolve as resolve
from process_model.store import Handle
from process_model.stored import events_by_hash
from process_model.traces import traces_of
from process_model.winners import counted

SORTS = (
    "last_event_at", "opened_at", "stage_due", "stage_since", "amount", "number", "customer",
    "region", "status",
)  # fmt: skip
"""What a list of instances may be sorted by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceRow:
    """An instance as lists show it; times aware, ``amount`` in ``currency``."""

    dataset: str
    instance_id: str
    leader_type: str
    number: str
    customer: str
    region: str
    business_unit: str
    legal_entity: str
    product_family: str
    sales_channel: str
    customer_tier: str
    amount: Decimal | None
    currency: str
    status: str
    stage: str
    stage_since: datetime | None
    stage_due: datetime | None
    opened_at: datetime
    last_event_at: datetime
    closed_at: datetime | None
    has_failure: bool
    past_due: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, and how many rows the whole has."""

    rows: list[InstanceRow]
    total: int
    last: tuple[str, float, str] = ("", 0.0, "")
    """where the last row stands in the order: what ``after`` takes for the next page"""


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """An event as it stands in an instance."""

    event: BusinessEvent
    stage: str
    shared: bool


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """An object of an instance with its share of it."""

    key: str
    type: str
    role: str
    share: float
    basis: str
    amount: Decimal | None
    currency: str

    @property
    def number(self) -> str:
        """The id as people say it."""
        return ObjectRef.of(self.key).id


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link of an instance, with the event that proved it."""

    from_key: str
    to_key: str
    kind: str
    evidence: str
    basis: str
    amount: Decimal | None
    proof_source: str
    proof_id: str


@dataclass(frozen=True, slots=True)
class StageRow:
    """One wait: a stage of one branch, for one object; its deadline is the promise."""

    name: str
    object: str
    entered_at: datetime
    completed_at: datetime | None
    due_at: datetime | None
    due_from: str
    state: str
    amount: Decimal | None
    currency: str
    dated_at: datetime
    """the document's first fact"""


@dataclass(frozen=True, slots=True)
class SyncRow:
    """One object that crossed, or should have crossed, between two systems."""

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
    amount: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """Work that left automation."""

    id: str
    class_: str
    owner: str
    stage: str
    object: str
    raised_at: datetime
    resolved_at: datetime | None
    error_type: str
    amount: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceDetail:
    """One instance, whole; events stand in total order."""

    row: InstanceRow
    events: list[TimelineEvent]
    objects: list[ObjectRow]
    links: list[LinkRow]
    stages: list[StageRow]
    syncs: list[SyncRow]
    exceptions: list[ExceptionRow]
    deviations: list[str] = field(default_factory=list)
    siblings: list[str] = field(default_factory=list)
    """instances that share a document with this one"""
    redirected_from: str = ""
    trace_ids: list[str] = field(default_factory=list)
    """the traces of its events, of spans that name its objects, and those linked to them"""

    @property
    def promises(self) -> list[StageRow]:
        """The stages that carry a deadline."""
        return [stage for stage in self.stages if stage.due_at is not None]


@dataclass(frozen=True, slots=True)
class SpanRow:
    """One span; ``duration_ns`` in nanoseconds, ``attributes`` of the span and its resource."""

    trace_id: str
    span_id: str
    parent_span_id: str
    name: str
    kind: str
    service: str
    started_at: datetime
    duration_ns: int
    status: str
    status_message: str
    attributes: dict[str, str]
    linked_trace_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogRow:
    """One log record."""

    at: datetime
    trace_id: str
    span_id: str
    severity: str
    service: str
    body: str
    attributes: dict[str, str]


def instances_page(
    reader: Handle,
    selection: Selection,
    *,
    query: str = "",
    status: Sequence[str] = (),
    stage: Sequence[str] = (),
    past_due: bool | None = None,
    failed: bool | None = None,
    error_type: str = "",
    ids: Sequence[str] = (),
    variant: Sequence[str] = (),
    sort: str = "last_event_at",
    descending: bool = True,
    limit: int = 100,
    offset: int = 0,
    after: tuple[str, float, str] = ("", 0.0, ""),
) -> Page:
    """The instances that were alive in the period; ``query`` looks into numbers and keys.

    ``after`` takes the rows behind that place in the order, wherever new ones came in.

    ``error_type`` keeps those in which something failed that way within the period, ``ids`` those
    instances alone, ``variant`` is one of ``mining.variants``; ``+`` behind it keeps its cases that
    are through, ``-`` those that are not.
    """
    if sort not in SORTS:
        raise ValueError(f"sort by one of {', '.join(SORTS)}")
    chosen = selection.parameters() | {
        "query": query,
        "status": list(status),
        "stage": list(stage),
        "past_due": -1 if past_due is None else int(past_due),
        "failed": -1 if failed is None else int(failed),
        "error_type": error_type,
        "ids": list(ids),
        "variant": list(variant),
    }
    window = {"sort": sort, "descending": int(descending), "limit": limit, "offset": offset}
    window |= dict(zip(("after_text", "after_number", "after_id"), after, strict=True))
    found = ask(reader, "instances_page", **chosen, **window)
    total = ask(reader, "instances_total", **chosen)[0].total
    bottom = found[-1] if found else None
    last = (bottom.text_key, bottom.number_key, bottom.instance_id) if bottom else after
    return Page([_row(row._asdict()) for row in found], total, last)


def instance(
    reader: Handle, dataset: str, instance_id: str, *, as_of: datetime | None = None
) -> InstanceDetail | None:
    """The instance of that id; an id that was led by another document since is followed."""
    parameters = {"dataset": dataset, "instance_id": instance_id, "as_of": as_of or _now()}
    found = reader.query("instance", question("instance"), parameters).dicts()
    if not found:
        led = ask(reader, "redirect", dataset=dataset, old_id=instance_id)
        if not led or led[0].new_id == instance_id:
            return None
        detail = instance(reader, dataset, led[0].new_id, as_of=as_of)
        return None if detail is None else replace(detail, redirected_from=instance_id)
    return _detail(reader, dataset, found[0])


def spans_of(reader: Handle, trace_ids: Sequence[str]) -> list[SpanRow]:
    """The spans of the traces, each (trace id, span id) once, by start."""
    rows = ask(reader, "spans_of_traces", trace_ids=list(trace_ids)) if trace_ids else []
    return [SpanRow(**_once(row._asdict())) for row in rows]


def logs_of(reader: Handle, trace_ids: Sequence[str]) -> list[LogRow]:
    """The log records of the traces, by time."""
    rows = ask(reader, "logs_of_traces", trace_ids=list(trace_ids)) if trace_ids else []
    return [LogRow(*row) for row in rows]


def _once(span: dict[str, Any]) -> dict[str, Any]:
    return span | {"linked_trace_ids": tuple(span["linked_trace_ids"])}


def _row(found: dict[str, Any]) -> InstanceRow:
    names = InstanceRow.__dataclass_fields__
    flags = {name: bool(found[name]) for name in ("has_failure", "past_due")}
    return InstanceRow(**({name: found[name] for name in names} | flags))


def _nested(found: dict[str, Any], group: str) -> list[tuple[Any, ...]]:
    columns = [value for name, value in found.items() if name.startswith(f"{group}.")]
    return list(zip(*columns, strict=True))


def _detail(reader: Handle, dataset: str, found: dict[str, Any]) -> InstanceDetail:
    standing = {
        hash_: (stage, bool(shared))
        for hash_, _activity, stage, _time, shared in _nested(found, "events")
    }
    stored = events_by_hash(reader, dataset, list(standing))
    hash_of = {(event.source, event.id): hash_ for hash_, event in stored}
    events = [
        TimelineEvent(event, *standing[hash_of[event.source, event.id]])
        for event in counted(event for _, event in stored)
    ]
    detail = InstanceDetail(
        row=_row(found),
        events=events,
        objects=[ObjectRow(*row) for row in _nested(found, "objects")],
        links=[LinkRow(*row) for row in _nested(found, "links")],
        stages=[StageRow(*row) for row in _nested(found, "stages")],
        syncs=[SyncRow(*row) for row in _nested(found, "syncs")],
        exceptions=[ExceptionRow(*row) for row in _nested(found, "exceptions")],
    )
    told_in = (entry.event.trace_id for entry in events)
    traces = traces_of(reader, dataset, told_in, list(found["names"]))
    return replace(
        detail,
        deviations=_deviations(detail),
        siblings=_siblings(reader, detail),
        trace_ids=traces,
    )


def _deviations(detail: InstanceDetail) -> list[str]:
    said = [
        f"{stage.name} was skipped for {ObjectRef.of(stage.object).id}"
        for stage in detail.stages
        if stage.state == "skipped"
    ]
    done: dict[tuple[str, str], int] = {}
    failed: set[tuple[str, str]] = set()
    for entry in detail.events:
        fact = _fact(entry.event)
        if entry.event.outcome == "failure":
            failed.add(fact)
            continue
        if fact in failed:
            failed.discard(fact)
            said.append(f"{fact[0]} failed and then succeeded")
        if entry.stage and fact[1]:
            done[fact] = done.get(fact, 0) + 1
    said += [f"{type_} happened {n} times" for (type_, _), n in done.items() if n > 1]
    said += [f"{type_} failed and never succeeded" for type_, _ in sorted(failed)]
    return said


def _fact(event: BusinessEvent) -> tuple[str, str]:
    """What was tried, and with which object: sync.failed and sync.succeeded are one crossing."""
    if event.type.startswith("sync."):
        crossing = f"hand-over from {event.sync_from} to {event.sync_to}"
        return crossing, event.sync_object or event.subject
    return event.type, event.subject


def _siblings(reader: Handle, detail: InstanceDetail) -> list[str]:
    shared = [entry.key for entry in detail.objects if entry.role == "own" and entry.share < 1]
    if not shared:
        return []
    row = detail.row
    found = ask(reader, "instances_of_objects", dataset=row.dataset, object_keys=shared)
    return sorted(one.instance_id for one in found if one.instance_id != row.instance_id)


def _now() -> datetime:
    return datetime.now(UTC)
