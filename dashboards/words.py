"""How times, spans of time, money and ids are written for people; pure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from process_model import money as sums
from process_model.events import ObjectRef
from process_model.vocabulary import EventType

_CANON = frozenset(map(str, EventType))

_DAY, _HOUR, _MINUTE = 86_400.0, 3_600.0, 60.0
_YEAR = 365.2425 * _DAY
_YEARS_FROM = 730 * _DAY


def duration(seconds: float, *, coarse: bool = False) -> str:
    """The unit that fits, at most one decimal: ``230 ms``, ``4.2 s``, ``19 h``, ``2.5 d``,
    from 730 days on ``14.8 years``.

    ``coarse`` leaves decimals of a second away. Negative spans of time keep their sign: a clock
    that runs wrong is to be seen.
    """
    sign, size = ("−" if seconds < 0 else ""), abs(seconds)
    if size < 1:
        return f"{sign}{'0 s' if coarse else _milliseconds(size)}"
    if size < 90:
        return f"{sign}{size:.0f} s" if coarse else f"{sign}{_short(size)} s"
    if size < 90 * _MINUTE:
        return f"{sign}{size / _MINUTE:.0f} min"
    if size < 36 * _HOUR:
        return f"{sign}{_short(size / _HOUR)} h"
    if size < _YEARS_FROM:
        return f"{sign}{_short(size / _DAY)} d"
    return f"{sign}{_short(size / _YEAR)} years"


def _milliseconds(size: float) -> str:
    if 0 < size < 0.000_9995:
        return f"{size * 1e6:.0f} µs"
    return f"{size * 1000:.0f} ms"


def _short(size: float) -> str:
    return f"{size:.1f}".removesuffix(".0")


def between(start: datetime, end: datetime) -> str:
    """The span of time from one moment to another."""
    return duration((end - start) / timedelta(seconds=1))


money = sums.text


def short_money(amount: Decimal | float, currency: str) -> str:
    """A sum to three figures: ``2.31 M EUR``, ``184 k USD``, ``950 GBP``."""
    size = abs(float(amount))
    for unit, least in ((" bn", 1e9), (" M", 1e6), (" k", 1e3)):
        if size >= least * 0.9995:
            return f"{float(amount) / least:.3g}{unit} {currency}".rstrip()
    return f"{float(amount):,.0f} {currency}".rstrip()


def moment(at: datetime, zone: str = "UTC") -> str:
    """A moment to the second, with its zone's name."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%d %b %Y %H:%M:%S} {local.tzname()}"


def precise(at: datetime, zone: str = "UTC") -> str:
    """A moment to the millisecond, with its zone's name."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%d %b %Y %H:%M:%S}.{local.microsecond // 1000:03d} {local.tzname()}"


def stamp(at: datetime, zone: str = "UTC") -> str:
    """A moment to the minute, where the zone is said beside it."""
    return f"{at.astimezone(ZoneInfo(zone)):%d %b %Y %H:%M}"


def sentence(word: str) -> str:
    """A word of the code as a person reads it: ``credit_note.posted`` → ``Credit note posted``."""
    spaced = word.replace("_", " ").replace(".", " ")
    return spaced[:1].upper() + spaced[1:]


def activity(name: str) -> str:
    """A step: those of the canon as people read them, a log's own words as they are."""
    return sentence(name) if name in _CANON else str(name)


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its word: ``1 case``, ``2 cases``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def system(source: str) -> str:
    """The system that a source is an instance of: ``urn:system:sap:emea`` → ``sap``."""
    parts = source.split(":")
    return parts[2] if len(parts) > 2 and parts[0] == "urn" and parts[2] else source


def number(key: str) -> str:
    """The id of an object's key as people say it, '' for none."""
    return ObjectRef.of(key).id if key else ""


def titled(key: str) -> str:
    """An object's key as people say it: ``quote:shared:Q-1`` → ``quote Q-1``, '' for none."""
    if not key:
        return ""
    thing = ObjectRef.of(key)
    return f"{thing.type.replace('_', ' ')} {thing.id}"


def nanoseconds(at: datetime) -> int:
    """A moment as integer nanoseconds since 1970, exact."""
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000


def from_nanoseconds(number: int) -> datetime:
    """The moment of integer nanoseconds since 1970, to the microsecond below it."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number // 1000)


def tick(at: datetime, zone: str = "UTC") -> tuple[str, str]:
    """A moment of an axis in two lines: ``10 Nov``, ``09:12:04``."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b}", f"{local:%H:%M:%S}"


def timestamp(at: datetime, zone: str = "UTC") -> str:
    """A moment to the second, where the zone is said beside it."""
    return f"{at.astimezone(ZoneInfo(zone)):%d %b %Y %H:%M:%S}"
