"""An alert: one episode of one condition, from its first sight to the word that it is over."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

import msgspec


class Severity(StrEnum):
    """How soon somebody must look."""

    CRITICAL = "critical"
    """now: cases stop, or nobody sees what they do"""
    WARNING = "warning"
    """today"""
    INFO = "info"
    """worth knowing"""


class Phase(StrEnum):
    """Where an alert is in its life; that it is frozen is said beside it."""

    PENDING = "pending"
    """the condition holds, not yet for long enough"""
    FIRING = "firing"
    """it holds"""
    RECOVERING = "recovering"
    """it no longer holds, not yet for long enough"""
    RESOLVED = "resolved"
    """it is over; whether by evidence, ``resolved_because`` says"""


LIVE_PHASES = (Phase.FIRING, Phase.RECOVERING)
"""The phases in which somebody should know of it."""


class Example(msgspec.Struct, frozen=True):
    """One case that the alert is about."""

    instance: str
    number: str
    customer: str
    stage: str
    amount: str = ""
    currency: str = ""


class Impact(msgspec.Struct, frozen=True):
    """What the alert comes to in business terms."""

    cases: int = 0
    customers: int = 0
    money: dict[str, str] = {}
    """decimal sums by currency; one, the reporting currency, wherever every rate is known"""
    examples: tuple[Example, ...] = ()
    """the largest five"""


class Cause(msgspec.Struct, frozen=True):
    """The finding that probably explains it."""

    finding: str
    title: str
    shared: int
    """how many of the alert's cases the finding names"""
    because: str
    """why it is thought to be the cause, a sentence"""


class Seen(msgspec.Struct, frozen=True):
    """What a rule saw at a moment."""

    at: datetime
    title: str
    detail: str
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    coverage: float | None = None
    """the share of complete data behind it; ``None`` is unknown"""
    impact: Impact = Impact()
    cause: Cause | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One episode; the next time that the same condition holds is another one."""

    id: str
    fingerprint: str
    episode: int
    rule: str
    labels: dict[str, str]
    severity: Severity
    phase: Phase
    since: datetime
    """since when the condition holds, as far as the rule can say"""
    first_seen_at: datetime
    now: Seen
    """what was seen last"""
    then: Seen | None = None
    """what was seen when it fired: it never changes"""
    pending_since: datetime | None = None
    fired_at: datetime | None = None
    calm_since: datetime | None = None
    resolved_at: datetime | None = None
    resolved_because: str = ""
    frozen_since: datetime | None = None
    frozen_because: str = ""
    """set while it cannot be measured: it stays as it is, for unmeasured is not healthy"""
    times_told: int = 0
    told_at: datetime | None = None
    told_over: bool = False
    """whether it was told that it is over"""
    told_to: tuple[str, ...] = ()
    thread: str = ""
    """the key of the first message, which all later ones answer"""
    quiet_until: datetime | None = None
    quiet_by: str = ""
    acknowledged_at: datetime | None = None
    held_by: str = ""
    """the step that held the last message back, '' when none did"""
    held_because: str = ""

    @property
    def changed_at(self) -> datetime:
        """When its phase last changed, as far as people care."""
        return self.resolved_at or self.fired_at or self.first_seen_at

    @property
    def done(self) -> bool:
        """Whether nothing can come of it: it is over, and those who were told know."""
        return self.phase == Phase.RESOLVED and (self.told_over or not self.times_told)

    @property
    def frozen(self) -> bool:
        """Whether it cannot be measured now."""
        return self.frozen_since is not None


def fingerprint_of(rule: str, labels: Mapping[str, str]) -> str:
    """What makes it the same condition tomorrow: the rule and its labels, never a number."""
    said = "\n".join([rule, *(f"{name}={value}" for name, value in sorted(labels.items()))])
    return blake2b(said.encode(), digest_size=8).hexdigest()
