"""Lists of what waits for somebody: promises, exceptions, and input that was rejected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from process_model.kpi import at_now
from process_model.questions import Selection, ask
from process_model.store import Handle

PROMISE_STATES = ("open", "due", "broken", "kept")
"""Waiting with time; waiting, the deadline within a day; missed, done since or not; kept."""

EXCEPTION_STATES = ("open", "resolved")

Place = tuple[datetime, str]
"""Where a row stands in its list; what ``after`` takes for the next page."""

START: Place = (datetime(1970, 1, 1, tzinfo=UTC), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A follow-up that a fact obliged: a stage that a document must get past by a deadline."""

    instance_id: str
    number: str
    stage: str
    object: str
    made_at: datetime
    due_at: datetime
    due_from: str
    """event, terms, configuration or reference"""
    completed_at: datetime | None
    state: str
    amount: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionItem:
    """Work that left automation, with the case it belongs to."""

    instance_id: str
    number: str
    id: str
    class_: str
    owner: str
    stage: str
    object: str
    raised_at: datetime
    resolved_at: datetime | None
    state: str
    error_type: str
    amount: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedItem:
    """Input that was understood to be for us and cannot become an event; kept whole."""

    received_at: datetime
    source: str
    id: str
    type: str
    door: str
    pointer: str
    """JSON pointer to the member at fault, '' for the whole"""
    reason: str
    detail: str
    payload: str


@dataclass(frozen=True, slots=True)
class Rejections:
    """Input of one source and type that was rejected for one reason, with its newest example."""

    reason: str
    source: str
    type: str
    inputs: int
    first_at: datetime
    last_at: datetime
    detail: str
    payload: str
    """at most its first 4,000 characters"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A part of a list, and where its last row stands; ``last`` is None when nothing follows."""

    rows: Sequence[Any]
    last: Place | None


def promises(
    reader: Handle,
    selection: Selection,
    *,
    stage: Sequence[str] = (),
    state: Sequence[str] = (),
    limit: int = 100,
    after: Place = START,
) -> Listed:
    """Promises whose deadline lies in the period, the earliest first; withdrawn ones are none."""
    chosen = at_now(selection).parameters() | {"stage": list(stage), "state": list(state)}
    return _listed(reader, "promises_page", Promise, "due_at", chosen, limit, after)


def exceptions(
    reader: Handle,
    selection: Selection,
    *,
    stage: Sequence[str] = (),
    state: Sequence[str] = (),
    class_: Sequence[str] = (),
    owner: Sequence[str] = (),
    limit: int = 100,
    after: Place = START,
) -> Listed:
    """Exceptions raised in the period, the newest first."""
    chosen = at_now(selection).parameters() | {
        "stage": list(stage), "state": list(state), "class": list(class_), "owner": list(owner),
    }  # fmt: skip
    return _listed(reader, "exceptions_page", ExceptionItem, "raised_at", chosen, limit, after)


def rejected(
    reader: Handle,
    selection: Selection,
    *,
    reason: Sequence[str] = (),
    source: Sequence[str] = (),
    limit: int = 100,
    after: Place = START,
) -> Listed:
    """Rejected input received in the period, the newest first; segments do not apply."""
    chosen = at_now(selection).parameters() | {"reason": list(reason), "source": list(source)}
    return _listed(reader, "rejected_page", RejectedItem, "received_at", chosen, limit, after)


def rejection_reasons(reader: Handle, selection: Selection) -> list[Rejections]:
    """Why input of the period was rejected, the most frequent first; a repetition counts once."""
    rows = ask(reader, "rejected_reasons", **at_now(selection).parameters())
    return [Rejections(*row) for row in rows]


def _listed(
    reader: Handle,
    name: str,
    kind: type[Any],
    ordered_by: str,
    chosen: dict[str, Any],
    limit: int,
    after: Place,
) -> Listed:
    # one row more than asked for tells whether anything follows
    window = {"limit": limit + 1, "after_at": after[0], "after_key": after[1]}
    found = [row._asdict() for row in ask(reader, name, **chosen, **window)]
    page, names = found[:limit], kind.__dataclass_fields__
    rows = [kind(**{name: row[name] for name in names}) for row in page]
    last = (page[-1][ordered_by], page[-1]["key"]) if len(found) > limit else None
    return Listed(rows, last)
