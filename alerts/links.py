"""Links in messages that acknowledge or snooze: signed, they end, and each works once.

Following one never changes anything by itself: the page behind it asks for a press, because mail
programs open links to look at them.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from alerts.alert import LIVE_PHASES, Alert
from alerts.book import load, store
from process_model.errors import ThroughlineError
from process_model.state import AlertBook, State

SECRET = "alert links"
"""The name that the key of the signatures is kept under."""
PATH = "/alerts/link/"
"""Where a link leads; its token follows."""


class Action(StrEnum):
    """What a link does."""

    ACKNOWLEDGE = "acknowledge"
    """somebody takes it: it is not told again until that ends"""
    SNOOZE = "snooze"
    """nobody takes it, and it is not told again for some hours"""


class LinkError(ThroughlineError):
    """A link that does not work; the text says why."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was understood."""

    action: Action
    alert_ids: tuple[str, ...]
    nonce: str
    expires_at: datetime
    lasts: timedelta
    """for how long the alerts are then not told again"""


class _Body(msgspec.Struct, frozen=True, array_like=True):
    action: Action
    alert_ids: tuple[str, ...]
    nonce: str
    expires: int
    lasts: int


def token_of(secret: str, link: Link) -> str:
    """The token of a link."""
    body = _Body(
        link.action, link.alert_ids, link.nonce, int(link.expires_at.timestamp()),
        int(link.lasts.total_seconds()),
    )  # fmt: skip
    text = _text(msgspec.json.encode(body))
    return f"{text}.{_signature(secret, text)}"


def read_link(secret: str, token: str, now: datetime) -> Link:
    """What a token says; raises ``LinkError`` for one that is not ours or has ended."""
    text, _, signature = token.partition(".")
    if not hmac.compare_digest(_signature(secret, text).encode(), signature.encode()):
        raise LinkError("this link is not from here, or a part of it is missing")
    try:
        body = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)),
                                   type=_Body)  # fmt: skip
    except (binascii.Error, ValueError, msgspec.MsgspecError) as exc:
        raise LinkError("this link cannot be read") from exc
    expires_at = datetime.fromtimestamp(body.expires, UTC)
    if now >= expires_at:
        raise LinkError(f"this link ended on {expires_at:%Y-%m-%d %H:%M} UTC; use the alert's page")
    lasts = timedelta(seconds=body.lasts)
    return Link(body.action, body.alert_ids, body.nonce, expires_at, lasts)


def follow(state: State, link: Link, by: str, now: datetime) -> list[Alert]:
    """Do what the link says; raises ``LinkError`` when it was followed before.

    Alerts that are over by now stay as they are.
    """
    with state.alerts_written() as book:
        if not book.follow(link.nonce, now, by):
            used = book.followed(link.nonce)
            assert used
            raise LinkError(f"{used[1]} followed this link on {used[0]:%Y-%m-%d %H:%M} UTC")
        found = [load(row) for id_ in link.alert_ids if (row := book.alert(id_))]
        return [quieten(book, one, link.action, by, now, now + link.lasts) for one in found]


def quieten(
    book: AlertBook, alert: Alert, action: Action, by: str, now: datetime, until: datetime
) -> Alert:
    """Let an alert not be told again until then; one that is over stays as it is."""
    if alert.phase not in LIVE_PHASES:
        return alert
    taken = now if action == Action.ACKNOWLEDGE else alert.acknowledged_at
    quiet = replace(alert, quiet_until=until, quiet_by=by, acknowledged_at=taken)
    store(book, quiet)
    word = "acknowledged" if action == Action.ACKNOWLEDGE else "snoozed"
    book.note(alert.id, now, word, f"by {by} until {until:%Y-%m-%d %H:%M} UTC")
    return quiet


def _signature(secret: str, text: str) -> str:
    return _text(hmac.new(secret.encode(), text.encode(), sha256).digest())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
