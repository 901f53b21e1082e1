"""How an alert moves when its rule has looked again; pure.

Pending → firing → recovering → resolved. What cannot be measured freezes: the alert stays as it is
and time that was not measured counts neither for nor against it. It ends on evidence only, or when
its rule was taken out of the configuration, which is said.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from alerts.alert import Alert, Phase, Seen, Severity, fingerprint_of
from alerts.rule import Reading

BY_EVIDENCE = "the condition no longer holds"
RULE_GONE = "its rule was taken out of the configuration; whether it still holds is not known"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a condition must hold before it fires, and be gone before it is over."""

    lasting: timedelta
    calm: timedelta


def seen_of(reading: Reading, at: datetime) -> Seen:
    """What the reading says, to be kept; its worth and cause are added by who asks for them."""
    return Seen(
        at=at, title=reading.title, detail=reading.detail, value=reading.value, limit=reading.limit,
        unit=reading.unit, coverage=reading.coverage,
    )  # fmt: skip


def begun(
    rule: str, reading: Reading, seen: Seen, severity: Severity, episode: int, patience: Patience
) -> Alert:
    """A new episode of a condition that holds."""
    print_ = fingerprint_of(rule, reading.labels)
    fresh = Alert(
        id=f"{print_}-{episode}", fingerprint=print_, episode=episode, rule=rule,
        labels=reading.labels, severity=reading.severity or severity, phase=Phase.PENDING,
        since=min(reading.since or seen.at, seen.at), first_seen_at=seen.at,
        pending_since=seen.at, now=seen,
    )  # fmt: skip
    return _holding(fresh, seen, patience)


def advanced(alert: Alert, reading: Reading, seen: Seen, patience: Patience) -> Alert | None:
    """The alert after one more look; ``None`` when it never fired and is over."""
    if reading.holds is None:
        return frozen(alert, seen.at, reading.detail)
    alert = _thawed(alert, seen.at)
    return _holding(alert, seen, patience) if reading.holds else _calm(alert, seen, patience)


def frozen(alert: Alert, at: datetime, because: str) -> Alert:
    """Unmeasured: nothing moves until it can be measured again."""
    return replace(alert, frozen_since=alert.frozen_since or at, frozen_because=because)


def ended(alert: Alert, at: datetime, because: str) -> Alert | None:
    """Over without evidence; ``None`` when it never fired."""
    if alert.phase == Phase.PENDING:
        return None
    gone = replace(alert, frozen_since=None, frozen_because="")
    return replace(gone, phase=Phase.RESOLVED, resolved_at=at, resolved_because=because)


def _thawed(alert: Alert, at: datetime) -> Alert:
    if not alert.frozen:
        return alert
    return replace(
        alert, frozen_since=None, frozen_because="",
        pending_since=alert.pending_since and at, calm_since=alert.calm_since and at,
    )  # fmt: skip


def _holding(alert: Alert, seen: Seen, patience: Patience) -> Alert:
    alert = replace(alert, now=seen, calm_since=None)
    if alert.phase == Phase.PENDING:
        if seen.at - (alert.pending_since or seen.at) < patience.lasting:
            return alert
        return replace(
            alert, phase=Phase.FIRING, pending_since=None, fired_at=seen.at, then=seen
        )  # fmt: skip
    return replace(alert, phase=Phase.FIRING)


def _calm(alert: Alert, seen: Seen, patience: Patience) -> Alert | None:
    if alert.phase == Phase.PENDING:
        return None
    calm_since = alert.calm_since or seen.at
    # what it was worth while it held stays in view beside the new figure
    seen = replace(seen, impact=alert.now.impact, cause=alert.now.cause)
    alert = replace(alert, now=seen, calm_since=calm_since, phase=Phase.RECOVERING)
    if seen.at - calm_since < patience.calm:
        return alert
    return replace(
        alert, phase=Phase.RESOLVED, resolved_at=seen.at, resolved_because=BY_EVIDENCE
    )  # fmt: skip
