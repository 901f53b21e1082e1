"""How a source moves through its week, and when its silence means that it fell silent; pure.

A source that never speaks on Sundays is not silent on a Sunday: what counts is how many active
minutes its own week would have brought since it last spoke.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LEAST_LIMIT = timedelta(minutes=15)
"""Nobody is called silent sooner."""

EXPECTED_MINUTES = 12.0
"""The active minutes that must be overdue: at random, a source misses twelve once in 160,000."""

_HOUR, _WEEK_HOURS = timedelta(hours=1), 168
_WEEK = timedelta(weeks=1)
_LEAST_MINUTES = 20
_SLACK = 1.25


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is known of a source's movement; times UTC-aware."""

    source: str
    first: datetime
    """the hour of its first event"""
    watermark: datetime
    """its last event, by its own clock"""
    minutes: int
    """minutes in which something happened"""
    week: Mapping[int, int]
    """active minutes ever seen in each hour of the week, 0 = Monday midnight UTC"""
    third_longest_gap: timedelta = timedelta(0)
    """used while there is less than a week to learn from; the third, because one or two real
    outages must not teach that outages are normal"""
    configured: timedelta | None = None

    @property
    def learned_from(self) -> str:
        """``configuration``, ``week``, ``gaps``, or '' when there is too little to learn from."""
        if self.configured is not None:
            return "configuration"
        if self.minutes < _LEAST_MINUTES:
            return ""
        return "week" if self.watermark - self.first >= _WEEK else "gaps"

    def silent_from(self, told: datetime) -> datetime | None:
        """When the source counts as silent if nothing follows ``told``; ``None`` is unknown."""
        if self.configured is not None:
            return told + self.configured
        if not self.learned_from:
            return None
        if self.learned_from == "gaps":
            return told + max(LEAST_LIMIT, self.third_longest_gap * _SLACK)
        return max(told + LEAST_LIMIT, self._overdue_at(told))

    def shortest_limit(self) -> timedelta:
        """No silence shorter than this can count, whatever the hour."""
        if self.configured is not None:
            return self.configured
        if self.learned_from == "gaps":
            return max(LEAST_LIMIT, self.third_longest_gap * _SLACK)
        busiest = max(self.rates(), default=0.0)
        hours = EXPECTED_MINUTES / busiest if busiest else 0.0
        return max(LEAST_LIMIT, timedelta(hours=hours))

    def rates(self) -> list[float]:
        """Active minutes an hour, for each hour of the week, over the weeks from first to last."""
        begin, hours = hour_of_week(self.first), int((self.watermark - self.first) / _HOUR) + 1
        whole, rest = divmod(hours, _WEEK_HOURS)
        seen = [whole + ((slot - begin) % _WEEK_HOURS < rest) for slot in range(_WEEK_HOURS)]
        return [self.week.get(slot, 0) / seen[slot] if seen[slot] else 0.0
                for slot in range(_WEEK_HOURS)]  # fmt: skip

    def _overdue_at(self, told: datetime) -> datetime:
        rates = self.rates()
        weekly = sum(rates)
        weeks = int(EXPECTED_MINUTES // weekly)
        missing, at = EXPECTED_MINUTES - weeks * weekly, told + weeks * _WEEK
        while True:
            rate, left = rates[hour_of_week(at)], _hour_after(at) - at
            brings = rate * (left / _HOUR)
            if rate and brings >= missing:
                return at + _HOUR * (missing / rate)
            missing, at = missing - brings, at + left


def hour_of_week(at: datetime) -> int:
    """0 = Monday midnight to one, 167 = Sunday's last hour; UTC."""
    utc = at.astimezone(UTC)
    return utc.weekday() * 24 + utc.hour


def _hour_after(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0) + _HOUR
