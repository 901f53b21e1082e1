"""What a message says, whatever brings it: complete, and the same however often it is sent.

Every channel renders the same ``Message``; nothing of it is asked for again, so that what was
decided, what is stored and what is sent are one thing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from hashlib import blake2b
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec

from alerts.alert import Alert, Cause, Example, Impact, Seen, Severity
from process_model.events import utc_text
from process_model.finding import many, worth_text

_AROUND = timedelta(hours=1)
MOST_IN_ONE = 20
"""A message names so many alerts; of more it says how many there are."""


class Kind(StrEnum):
    """Why a message is sent."""

    FIRING = "firing"
    REPEAT = "repeat"
    RESOLVED = "resolved"
    TEST = "test"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One alert in a message, with everything a reader must know before opening anything."""

    id: str
    rule: str
    labels: dict[str, str]
    severity: Severity
    title: str
    detail: str
    since: datetime
    fired_at: datetime | None
    resolved_at: datetime | None
    ended_because: str
    impact: Impact
    cause: Cause | None
    coverage: float | None
    url: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one channel."""

    key: str
    """``fingerprint:episode:state``: a receiver that knows it has the message already"""
    thread: str
    """the same for all messages of an episode"""
    kind: Kind
    at: datetime
    zone: str
    """the IANA zone that times are written in"""
    severity: Severity
    title: str
    items: tuple[Item, ...]
    more: int = 0
    """alerts of the same group that are not named"""
    note: str = ""
    """what else must be said, such as that a silence ended"""
    acknowledge_url: str = ""
    snooze_url: str = ""


def key_of(alerts: Sequence[Alert], kind: Kind) -> str:
    """What tells the message from any other; of several alerts a hash of theirs."""
    parts = sorted(f"{one.fingerprint}:{one.episode}:{_state(one, kind)}" for one in alerts)
    return (
        parts[0]
        if len(parts) == 1
        else f"group:{blake2b(chr(10).join(parts).encode(), digest_size=12).hexdigest()}"
    )


def _state(alert: Alert, kind: Kind) -> str:
    # a repetition is another message, which a receiver that drops known keys must let through
    return str(kind) if kind != Kind.REPEAT else f"repeat-{alert.times_told}"


def item_of(alert: Alert, base_url: str, zone: str) -> Item:
    """An alert as messages tell it: of one that is over, what it was when it fired."""
    seen: Seen = alert.now if alert.resolved_at is None or alert.then is None else alert.then
    return Item(
        id=alert.id, rule=alert.rule, labels=alert.labels, severity=alert.severity,
        title=seen.title, detail=alert.now.detail, since=alert.since, fired_at=alert.fired_at,
        resolved_at=alert.resolved_at, ended_because=alert.resolved_because, impact=seen.impact,
        cause=seen.cause, coverage=seen.coverage, url=url_of(alert, base_url, zone),
    )  # fmt: skip


def url_of(alert: Alert, base_url: str, zone: str) -> str:
    """The alert's page with the absolute time that it is about: it shows the same tomorrow."""
    begin, end = alert.since - _AROUND, (alert.resolved_at or alert.now.at) + _AROUND
    query = urlencode({"since": utc_text(begin.replace(microsecond=0)),
                       "until": utc_text(end.replace(microsecond=0)), "tz": zone})  # fmt: skip
    return f"{base_url}/alert/{alert.id}?{query}"


def heading(items: Sequence[Item], kind: Kind, more: int) -> str:
    """One line that says it all."""
    first = items[0].title
    rest = len(items) - 1 + more
    also = f", and {many(rest, 'more alert')}" if rest else ""
    return {Kind.RESOLVED: "Over: ", Kind.REPEAT: "Still: "}.get(kind, "") + first + also


def lines_of(item: Item, zone: str) -> list[tuple[str, str]]:
    """What a reader must know, as (name, text); every channel shows the same."""
    impact = item.impact
    lines = [("Since", moment(item.since, zone))]
    if item.resolved_at:
        lines.append(("Over", f"{moment(item.resolved_at, zone)}: {item.ended_because}"))
    touched = many(impact.cases, "case")
    if impact.customers:
        touched += f" of {many(impact.customers, 'customer')}"
    lines.append(("Touched", touched if impact.cases else "no case is known"))
    if impact.cases:
        lines.append(("At stake", worth_text({c: Decimal(a) for c, a in impact.money.items()})))
    cause = f"{item.cause.title} ({item.cause.because})" if item.cause else (
        "no finding explains it")  # fmt: skip
    lines.append(("Likely cause", cause))
    if item.detail:
        lines.append(("Judged by", item.detail))
    if item.coverage is not None:
        lines.append(("Complete", f"{item.coverage:.0%} of the data behind it"))
    return lines


def example_text(example: Example) -> str:
    """One case in a line."""
    worth = f", {_figure(example.amount)} {example.currency}" if example.amount else ""
    where = f", waits in {example.stage}" if example.stage else ""
    who = f", customer {example.customer}" if example.customer else ""
    return f"{example.number}{who}{worth}{where}"


def _figure(amount: str) -> str:
    return f"{Decimal(amount):,.2f}".removesuffix(".00")


def case_url(example: Example, base_url: str) -> str:
    """The page of an example's case."""
    return f"{base_url}/case/{example.instance}"


def base_of(item: Item) -> str:
    """The address of the pages that the item links to."""
    return item.url.partition("/alert/")[0]


def moment(at: datetime, zone: str) -> str:
    """A moment in a zone, with the zone's name and offset, so that nobody has to guess."""
    local = at.astimezone(ZoneInfo(zone))
    offset = f"{local:%z}"
    return f"{local:%a %d %b %Y %H:%M} {zone} (UTC{offset[:3]}:{offset[3:]})"


def plain_text(message: Message) -> str:
    """The message as text."""
    parts = [f"{message.severity.upper()}  {message.title}", ""]
    for item in message.items:
        if len(message.items) > 1:
            parts += [item.title]
        parts += [f"{name}: {text}" for name, text in lines_of(item, message.zone)]
        parts += ["", "For example:"] if item.impact.examples else []
        for example in item.impact.examples:
            parts += [f"- {example_text(example)}", f"  {case_url(example, base_of(item))}"]
        parts += ["", f"Open: {item.url}", ""]
    parts += [f"{message.more} more alerts are not named here.", ""] if message.more else []
    parts += [message.note, ""] if message.note else []
    if message.acknowledge_url:
        parts += [f"Acknowledge: {message.acknowledge_url}", f"Snooze: {message.snooze_url}", ""]
    return "\n".join(parts)
