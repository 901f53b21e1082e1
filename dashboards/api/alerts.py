"""``/alerts`` and ``/alerts/<id>``: what fires, what was told, and what held it back."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from alerts.alert import Alert, Cause, Seen
from alerts.book import load
from dashboards.api.answers import Missing, Money
from dashboards.api.asking import Answer, Asked
from dashboards.api.numbers import by_currency
from dashboards.filters import BadFilter
from process_model.state.alerting import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCase:
    """One case that an alert is about; ``money`` is what it is worth."""

    instance_id: str
    number: str
    customer: str
    stage: str
    money: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSeen:
    """What a rule saw at a moment; ``unit`` is that of ``value`` and ``limit``."""

    at: datetime
    title: str
    detail: str
    value: float | None
    limit: float | None
    unit: str
    coverage: float | None
    cases: int
    customers: int
    money: list[Money]
    cause: Cause | None
    examples: list[AlertCase]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAnswer:
    """One episode of one condition; ``frozen_since`` is set while it cannot be measured."""

    id: str
    rule: str
    labels: dict[str, str]
    severity: str
    phase: str
    since: datetime
    fired_at: datetime | None
    resolved_at: datetime | None
    resolved_because: str
    frozen_since: datetime | None
    frozen_because: str
    now: AlertSeen
    times_told: int
    told_at: datetime | None
    told_to: tuple[str, ...]
    quiet_until: datetime | None
    quiet_by: str
    acknowledged_at: datetime | None
    held_by: str
    held_because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMessage:
    """One message about it to one channel; ``state`` is waiting, sent or refused."""

    key: str
    channel: str
    state: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeAlert:
    """An alert with what was seen when it fired, its story and its messages."""

    alert: AlertAnswer
    then: AlertSeen | None
    story: list[Note] = field(default_factory=list)
    messages: list[AlertMessage] = field(default_factory=list)


def alerts(asked: Asked) -> Answer:
    """Alerts, the latest change first."""
    after = _after(asked)
    rows = []
    if asked.state is not None:
        with asked.state.alerts_read() as book:
            rows = book.alerts(
                asked.many("phase"), asked.limit + 1, rules=asked.many("rule"), after=after
            )
    page = rows[: asked.limit]
    next_ = (page[-1].changed_at, page[-1].id) if len(rows) > asked.limit else None
    coverage = asked.unmeasured("each alert carries the coverage of what it was judged by")
    return Answer(data=[_answer(load(row)) for row in page], coverage=coverage, next=next_)


def alert(asked: Asked) -> Answer:
    """One alert, whole."""
    id_ = asked["id"]
    row = None
    if asked.state is not None:
        with asked.state.alerts_read() as book:
            row, notes, sent = book.alert(id_), book.notes(id_), book.outgoing(id_)
    if row is None:
        raise Missing("No such alert", f"there is no alert {id_}; /api/v1/alerts lists them")
    found = load(row)
    messages = [
        AlertMessage(**{name: getattr(one, name) for name in AlertMessage.__slots__})
        for one in sent
    ]
    whole = WholeAlert(
        alert=_answer(found),
        then=_seen(found.then) if found.then else None,
        story=notes,
        messages=messages,
    )
    coverage = asked.unmeasured("the alert carries the coverage of what it was judged by")
    return Answer(data=whole, coverage=coverage)


def _answer(one: Alert) -> AlertAnswer:
    own = set(AlertAnswer.__slots__) - {"severity", "phase", "now"}
    same = {name: getattr(one, name) for name in own}
    return AlertAnswer(**same, severity=str(one.severity), phase=str(one.phase), now=_seen(one.now))


def _seen(seen: Seen) -> AlertSeen:
    impact = seen.impact
    return AlertSeen(
        at=seen.at, title=seen.title, detail=seen.detail, value=seen.value, limit=seen.limit,
        unit=seen.unit, coverage=seen.coverage, cases=impact.cases, customers=impact.customers,
        money=by_currency({c: Decimal(a) for c, a in impact.money.items()}),
        cause=seen.cause,
        examples=[
            AlertCase(
                instance_id=one.instance, number=one.number, customer=one.customer,
                stage=one.stage, money=Money(Decimal(one.amount), one.currency) if one.amount
                else None,
            )
            for one in impact.examples
        ],
    )  # fmt: skip


def _after(asked: Asked) -> tuple[datetime, str] | None:
    match asked["cursor"]:
        case None:
            return None
        case [str(at), str(id_)]:
            try:
                return datetime.fromisoformat(at), id_
            except ValueError:
                pass
    raise BadFilter("cursor: it belongs to another list")
