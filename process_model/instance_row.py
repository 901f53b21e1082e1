"""One instance as the row of the table ``instances``: all that is derived of it, in one piece."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from process_model.config import ModelConfig
from process_model.correlation import Grown
from process_model.events import BusinessEvent, ObjectRef
from process_model.reference import reference
from process_model.shares import Share, shares_of
from process_model.stages import Documents, StageWait, current_wait, stage_waits
from process_model.synchronisation import (
    Crossing,
    ExceptionCase,
    crossings,
    exception_cases,
    stage_of_object,
)
from process_model.vocabulary import SEGMENTS, Outcome

Worths = Mapping[str, Share]
"""object → what it is worth to the instance"""
Hashes = Mapping[tuple[str, str], int]
"""(source, id) of an event → the hash the store knows it by"""


def rows_of(
    dataset: str, grown: Sequence[Grown], hashes: Hashes, config: ModelConfig
) -> dict[str, dict[str, Any]]:
    """The rows of all instances of whole components, by instance id, without their version."""
    shares = shares_of(grown)
    told = Counter((e.source, e.id) for one in grown for e in one.events)
    return {
        one.instance_id: _row(dataset, one, shares[one.leader], told, hashes, config)
        for one in grown
    }


def _row(
    dataset: str,
    grown: Grown,
    worths: Worths,
    told: Counter[tuple[str, str]],
    hashes: Hashes,
    config: ModelConfig,
) -> dict[str, Any]:
    documents = Documents(grown)
    waits = stage_waits(documents, config)
    events = grown.events
    bearing = [e for e in events if e.type in reference().stage_of]
    activities = [e.activity or e.type for e in bearing]
    row: dict[str, Any] = {"dataset": dataset, "instance_id": grown.instance_id}
    row |= _identity(grown) | _segments(events) | _worth_of_all(grown, worths) | _standing(waits)
    row |= {
        "opened_at": events[0].event_time,
        "last_event_at": events[-1].event_time,
        "has_failure": int(any(e.outcome == Outcome.FAILURE for e in events)),
        "variant": _variant(activities),
        "activities": activities,
        "times": [e.event_time for e in bearing],
        "names": sorted(grown.names),
        "conversations": list(grown.conversations),
    }
    row |= _columns("events", [_event_entry(e, told, hashes) for e in events], _EVENT)
    objects = [_object_entry(k, grown, worths) for k in sorted(grown.own | grown.context)]
    row |= _columns("objects", objects, _OBJECT)
    row |= _columns("links", _link_entries(grown), _LINK)
    row |= _columns("stages", [_stage_entry(w, worths) for w in waits], _STAGE)
    crossed = crossings(documents, grown.events, waits, config)
    syncs = [_sync_entry(c, worths) for c in crossed]
    row |= _columns("syncs", syncs, _SYNC)
    cases = [_exception_entry(c, worths) for c in exception_cases(grown)]
    return row | _columns("exceptions", cases, _EXCEPTION)


_EVENT = ("hash", "activity", "stage", "time", "shared")
_OBJECT = ("key", "type", "role", "share", "basis", "amount", "currency")
_LINK = (
    "from_key", "to_key", "kind", "evidence", "basis", "amount", "proof_source", "proof_id",
)  # fmt: skip
_STAGE = (
    "name", "object", "entered_at", "completed_at", "due_at", "due_from", "state", "amount",
    "currency", "dated_at",
)  # fmt: skip
_SYNC = (
    "stage", "from_system", "to_system", "object", "obliged_at", "due_at", "first_success_at",
    "attempts", "failures", "last_error_type", "amount", "currency",
)  # fmt: skip
_EXCEPTION = (
    "id", "class", "owner", "stage", "object", "raised_at", "resolved_at", "error_type", "amount",
    "currency",
)  # fmt: skip


def _columns(
    group: str, entries: Sequence[Sequence[Any]], names: Sequence[str]
) -> dict[str, list[Any]]:
    columns = list(zip(*entries, strict=True)) or [()] * len(names)
    return {f"{group}.{name}": list(column) for name, column in zip(names, columns, strict=True)}


def _identity(grown: Grown) -> dict[str, Any]:
    leader = ObjectRef.of(grown.leader)
    parties = [k for e in grown.events for k in e.object_keys if k.startswith("customer:")]
    customer = parties[0] if parties else ""
    return {"leader_type": leader.type, "leader_number": leader.id, "customer": customer}


def _segments(events: Sequence[BusinessEvent]) -> dict[str, str]:
    """The first fact that names a segment says it for the instance."""
    return {
        name: next((value for e in events if (value := getattr(e, name))), "") for name in SEGMENTS
    }


def _standing(waits: Sequence[StageWait]) -> dict[str, Any]:
    current = current_wait(waits)
    ended = [w for w in waits if w.completed_at and w.stage == "payment"]
    status = "open" if current else "completed" if ended else "withdrawn"
    if not current and not any(w.state == "withdrawn" for w in waits) and not ended:
        status = "open"
    closing = [w.completed_at for w in waits if w.completed_at]
    return {
        "status": status,
        "stage": str(current.stage) if current else "",
        "stage_since": current.entered_at if current else None,
        "stage_due": current.due_at if current else None,
        "closed_at": max(closing) if closing and status == "completed" else None,
    }


def _variant(activities: Iterable[str]) -> int:
    digest = hashlib.blake2b("\n".join(activities).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def _worth_of_all(grown: Grown, worths: Worths) -> dict[str, Any]:
    """An instance is worth its accepted quotes, else its newest quote, else its leader."""
    accepted = [e.subject for e in grown.events if e.type == "quote.accepted"]
    quotes = [e.subject for e in grown.events if e.subject.startswith("quote:")]
    for keys in (dict.fromkeys(accepted), quotes[-1:], [grown.leader]):
        known = [w for k in keys if (w := worths.get(k)) and w.amount is not None]
        if known and len({w.currency for w in known}) == 1:
            total = sum((w.amount for w in known if w.amount is not None), Decimal(0))
            return {"amount": total, "currency": known[0].currency}
    return {"amount": None, "currency": ""}


def _event_entry(
    event: BusinessEvent, told: Counter[tuple[str, str]], hashes: Hashes
) -> tuple[Any, ...]:
    identity = (event.source, event.id)
    stage = reference().stage_of.get(event.type) or stage_of_object(
        event.sync_object or event.subject
    )
    activity = event.activity or event.type
    return hashes[identity], activity, str(stage), event.event_time, int(told[identity] > 1)


def _object_entry(key: str, grown: Grown, worths: Worths) -> tuple[Any, ...]:
    worth = worths[key]
    role = "own" if key in grown.own else "context"
    type_ = ObjectRef.of(key).type
    return key, type_, role, worth.fraction, worth.basis, worth.amount, worth.currency


def _link_entries(grown: Grown) -> list[tuple[Any, ...]]:
    """Each link once, with the first event that proved it; links of one pair by their kind."""
    first: dict[tuple[str, str, str], tuple[Any, ...]] = {}
    for entry in grown.links:
        link = entry.link
        amount = None if link.amount is None else Decimal(link.amount)
        first.setdefault(
            (link.from_key, link.to_key, link.kind),
            (link.from_key, link.to_key, str(link.kind), str(link.evidence), link.basis, amount,
             entry.source, entry.id),
        )  # fmt: skip
    return [first[pair] for pair in sorted(first)]


def _priced(key: str, worths: Worths) -> tuple[Decimal | None, str]:
    worth = worths.get(key)
    return (worth.amount, worth.currency) if worth else (None, "")


def _stage_entry(wait: StageWait, worths: Worths) -> tuple[Any, ...]:
    times: tuple[datetime | None, ...] = (wait.entered_at, wait.completed_at, wait.due_at)
    priced = _priced(wait.object, worths)
    head = (str(wait.stage), wait.object, *times, wait.due_from, wait.state)
    return *head, *priced, wait.dated_at


def _sync_entry(c: Crossing, worths: Worths) -> tuple[Any, ...]:
    times = (c.obliged_at, c.due_at, c.first_success_at)
    counts = (c.attempts, c.failures, c.last_error_type)
    hop = (c.stage, c.from_system, c.to_system, c.object)
    return *hop, *times, *counts, *_priced(c.object, worths)


def _exception_entry(c: ExceptionCase, worths: Worths) -> tuple[Any, ...]:
    amount, currency = _priced(c.object, worths)
    if c.amount is not None:
        amount, currency = Decimal(c.amount), c.currency
    head = (c.id, c.class_, c.owner, c.stage, c.object, c.raised_at, c.resolved_at)
    return *head, c.error_type, amount, currency
