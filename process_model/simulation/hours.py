"""When people and warehouses work: a place's opening hours, weekends and public holidays.

Times are whole milliseconds since 1970 (UTC) everywhere in the simulation, because a world of a
hundred thousand events compares and adds them millions of times.
"""

from bisect import bisect_right
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

WEEKDAYS = frozenset(range(5))
EVERY_DAY = frozenset(range(7))


def milliseconds(moment: datetime) -> int:
    """The moment (aware) on the simulation's clock."""
    return round(moment.timestamp() * SECOND)


def midnight(day: date) -> int:
    """The first moment of the day in UTC."""
    return milliseconds(datetime.combine(day, time(), UTC))


def moment(at: int) -> datetime:
    """A time of the simulation's clock as UTC."""
    return datetime.fromtimestamp(at / SECOND, UTC)


def utc(at: int) -> str:
    """RFC 3339 with Z, to the millisecond."""
    day, rest = divmod(at, DAY)
    seconds, thousandths = divmod(rest, SECOND)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{_day(day)}T{hours:02d}:{minutes:02d}:{seconds:02d}.{thousandths:03d}Z"


@cache
def _day(number: int) -> str:
    return moment(number * DAY).date().isoformat()


class Hours:
    """The working hours of one place over a run of days, as intervals on one clock."""

    def __init__(
        self,
        zone: ZoneInfo,
        daily: tuple[int, int],
        first: date,
        last: date,
        *,
        weekdays: Collection[int] = WEEKDAYS,
        holidays: Collection[tuple[int, int]] = (),
    ) -> None:
        """``daily`` is opening and closing hour, local; ``holidays`` are (month, day)."""
        self._opens: list[int] = []
        self._worked: list[int] = []
        self._length = (daily[1] - daily[0]) * HOUR
        day, worked = first, 0
        while day <= last:
            if day.weekday() in weekdays and (day.month, day.day) not in holidays:
                opening = datetime.combine(day, time(daily[0]), zone)
                self._opens.append(milliseconds(opening))
                self._worked.append(worked)
                worked += self._length
            day += timedelta(days=1)

    def is_open(self, at: int) -> bool:
        """Whether somebody is at work."""
        place = bisect_right(self._opens, at) - 1
        return place >= 0 and at < self._opens[place] + self._length

    def from_(self, at: int, later: int = 0) -> int:
        """The moment itself when it is worked at, else so much ``later`` than the next opening."""
        if self.is_open(at):
            return at
        place = bisect_right(self._opens, at)
        return self._opens[min(place, len(self._opens) - 1)] + later

    def after(self, at: int, hours: float) -> int:
        """The moment at which that many hours have been worked since ``at``."""
        place = bisect_right(self._opens, at) - 1
        begun = 0
        if place >= 0:
            begun = self._worked[place] + min(at - self._opens[place], self._length)
        wanted = begun + int(hours * HOUR)
        place = min(bisect_right(self._worked, wanted), len(self._worked)) - 1
        return self._opens[place] + wanted - self._worked[place]

    def within(self, day: date, share: float) -> int | None:
        """That share (0 to 1) into the day's hours; ``None`` when the day is not worked."""
        start = midnight(day) - 14 * HOUR  # a local day begins at most 14 hours before UTC's
        place = bisect_right(self._opens, start)
        for opening in self._opens[place : place + 2]:
            if moment(opening + self._length // 2).date() == day:
                return opening + int(share * self._length)
        return None
