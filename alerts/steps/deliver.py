"""Writes the messages into the outbox, in the transaction that changed the alerts they tell of."""

from collections.abc import Sequence
from itertools import groupby

import msgspec
from msgspec.structs import replace

from alerts.alert import Alert, Severity
from alerts.book import store
from alerts.links import PATH, SECRET, Action, Link, token_of
from alerts.message import MOST_IN_ONE, Kind, Message, heading, item_of, key_of
from alerts.step import Notice, Passed, Round

_RANK = {severity: place for place, severity in enumerate(Severity)}
_HELD_BEFORE = ("freeze", "silence", "mute", "quiet")


def deliver(notices: Sequence[Notice], round_: Round) -> Passed:
    """One message for each group, kind, thread and set of channels; nothing is left after it."""
    ordered = sorted(notices, key=_together)
    for _, several in groupby(ordered, key=_together):
        _post(sorted(several, key=_urgency), round_)
    return [], []


def _together(notice: Notice) -> tuple[str, str, str, tuple[str, ...]]:
    return notice.group, str(notice.kind), notice.alert.thread, notice.channels


def _urgency(notice: Notice) -> tuple[int, int, str]:
    alert = notice.alert
    return _RANK[alert.severity], -alert.now.impact.cases, alert.now.title


def _post(notices: Sequence[Notice], round_: Round) -> None:
    alerts, kind, channels = [n.alert for n in notices], notices[0].kind, notices[0].channels
    message = composed(alerts, kind, round_)
    text = msgspec.json.encode(message).decode()
    for channel in channels:
        round_.book.post(
            key=message.key, channel=channel, thread=message.thread,
            alert_ids=[one.id for one in alerts], message=text, at=round_.now,
        )  # fmt: skip
    for alert in alerts:
        told = replace(
            alert, times_told=alert.times_told + 1, told_at=round_.now, thread=message.thread,
            told_over=kind == Kind.RESOLVED, held_by="", held_because="",
            told_to=tuple(dict.fromkeys((*alert.told_to, *channels))),
        )  # fmt: skip
        store(round_.book, told)
        said = f"{kind}: to {', '.join(channels)}, key {message.key}"
        round_.book.note(alert.id, round_.now, "told", said)


def composed(alerts: Sequence[Alert], kind: Kind, round_: Round) -> Message:
    """The message; the links of one that says it is over would do nothing, so it has none."""
    config, key = round_.config, key_of(alerts, kind)
    items = tuple(item_of(one, round_.base_url, config.zone) for one in alerts[:MOST_IN_ONE])
    links = {} if kind == Kind.RESOLVED else _links(alerts, key, round_)
    waited = [one.held_because for one in alerts if one.held_by in _HELD_BEFORE]
    return Message(
        key=key, thread=alerts[0].thread or key, kind=kind, at=round_.now, zone=config.zone,
        severity=min((one.severity for one in alerts), key=lambda s: _RANK[s]),
        title=heading(items, kind, len(alerts) - len(items)), items=items,
        more=len(alerts) - len(items),
        note=f"It was held back until now: {waited[0]}" if waited else "", **links,
    )  # fmt: skip


def _links(alerts: Sequence[Alert], key: str, round_: Round) -> dict[str, str]:
    config, secret = round_.config, round_.book.secret(SECRET)
    ids, until = tuple(one.id for one in alerts[:MOST_IN_ONE]), round_.now + config.links_last
    lasts = {Action.ACKNOWLEDGE: config.acknowledged_for, Action.SNOOZE: config.snoozed_for}
    links = {one: Link(one, ids, f"{key}/{one}", until, lasts[one]) for one in Action}
    start = round_.base_url + PATH
    return {f"{one}_url": start + token_of(secret, link) for one, link in links.items()}
