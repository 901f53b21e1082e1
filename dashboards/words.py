"""How times, spans of time, money and ids are written for people; pure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

_DAY, _HOUR, _MINUTE = 86_400.0, 3_600.0, 60.0


def duration(seconds: float) -> str:
    """Two significant figures of the unit that fits: ``230 ms``, ``4.2 s``, ``19.0 h``, ``2.0 d``.

    Negative spans of time keep their sign: a clock that runs wrong is to be seen.
    """
    sign, size = ("−" if seconds < 0 else ""), abs(seconds)
    if size < 1:
        return f"{sign}{size * 1000:.0f} ms"
    if size < 90:
        return f"{sign}{size:.1f} s"
    if size < 90 * _MINUTE:
        return f"{sign}{size / _MINUTE:.0f} min"
    if size < 36 * _HOUR:
        return f"{sign}{size / _HOUR:.1f} h"
    return f"{sign}{size / _DAY:.1f} d"


def between(start: datetime, end: datetime) -> str:
    """The span of time from one moment to another."""
    return duration((end - start) / timedelta(seconds=1))


def money(amount: Decimal | None, currency: str) -> str:
    """Always with its ISO code, two places, '' when there is none."""
    return "" if amount is None else f"{amount:,.2f} {currency}".rstrip()


def moment(at: datetime, zone: str = "UTC") -> str:
    """A moment to the second, with its zone's name."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%d %b %Y %H:%M:%S} {local.tzname()}"


def sentence(word: str) -> str:
    """A word of the code as a person reads it: ``credit_note.posted`` → ``Credit note posted``."""
    spaced = word.replace("_", " ").replace(".", " ")
    return spaced[:1].upper() + spaced[1:]


def nanoseconds(at: datetime) -> int:
    """A moment as integer nanoseconds since 1970, exact."""
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000
