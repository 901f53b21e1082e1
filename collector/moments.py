"""Times as exports write them: which layout a column has, and every value as UTC, vectorised.

A day and a month are never guessed in silence: where the values do not prove the order, the file is
refused with the option that says it; where they prove both orders, it is refused as mixed.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from collector.reading import DateOrder, Unreadable

_EARLIEST = int(datetime(1900, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
_LATEST = int(datetime(2262, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000

_CLOCK = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?: ?(?P<half>[AaPp][Mm]))?)?"
    r" ?(?P<zone>Z|z|UTC|GMT|(?P<sign>[+-])(?P<zone_hours>\d{2}):?(?P<zone_minutes>\d{2})?)?"
)
_YEAR_FIRST = r"^\s*(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _CLOCK + r"\s*$"
_DAY_FIRST = r"^\s*(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})" + _CLOCK + r"\s*$"
_MONTH_FIRST = r"^\s*(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})[-/.](?P<year>\d{4})" + _CLOCK + r"\s*$"
_COMPACT = (
    r"^\s*(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[T ]?(?P<hour>\d{2}):?(?P<minute>\d{2}):?(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)"
    r"(?P<half>)(?P<zone>Z|(?P<sign>[+-])(?P<zone_hours>\d{2}):?(?P<zone_minutes>\d{2})?)?\s*$"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = (
    r"^\s*(?:[A-Za-z]{3,9},? )?(?P<day>\d{1,2})[- ](?P<named>[A-Za-z]{3})[a-z]*[- ](?P<year>\d{4})"
    + _CLOCK
    + r"\s*$"
)
_NUMBERS = r"(\d{1,2})([-/.])(\d{1,2})[-/.]\d{4}"
_EPOCHS = {10: 1_000_000, 13: 1_000, 16: 1}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a column writes its times; ``zone`` is taken where a value carries none."""

    name: str
    pattern: str
    zone: tzinfo
    zone_name: str = ""

    def read(self, texts: Any) -> tuple[Any, int]:
        """The texts as microseconds in UTC, null where they are no time; how many had no zone."""
        if self.name == "epoch":
            return _epoch(texts), 0
        if self.name == "year-first" and (quick := self._cast(texts)) is not None:
            return quick
        return self._matched(texts)

    def one(self, text: str) -> datetime | None:
        """One value; ``None`` when it is no time."""
        if self.name == "year-first":
            try:
                quick = datetime.fromisoformat(text)
            except ValueError:
                pass
            else:
                if quick.tzinfo is not None and 1900 <= quick.year < 2261:
                    return quick.astimezone(UTC)
        found: datetime | None = self.read(pa.array([text], pa.string()))[0][0].as_py()
        return found

    def _cast(self, texts: Any) -> tuple[Any, int] | None:
        """The engine's own ISO reader, where all values are whole and alike."""
        try:
            return _bounded(pc.cast(texts, pa.timestamp("us", "UTC"))), 0
        except pa.ArrowInvalid:
            pass
        try:
            naive = pc.cast(texts, pa.timestamp("us"))
        except pa.ArrowInvalid:
            return None
        return _bounded(self.place(naive)), len(texts)

    def place(self, naive: Any) -> Any:
        """Naive timestamps in the zone that was said, as UTC."""
        if self.zone is UTC:
            return _in_utc(naive)
        if isinstance(self.zone, timezone):
            shift = int(self.zone.utcoffset(None) / timedelta(microseconds=1))
            moved = pc.subtract(naive, pa.scalar(shift, pa.duration("us")))
            return _in_utc(moved)
        local = pc.assume_timezone(
            naive, self.zone_name, ambiguous="earliest", nonexistent="latest"
        )
        return pc.cast(local, pa.timestamp("us", "UTC"))

    def _matched(self, texts: Any) -> tuple[Any, int]:
        parts = pc.extract_regex(texts, self.pattern)
        valid = np.asarray(pc.is_valid(parts))
        read = _Parts(parts)
        year, month, day = read.number("year"), read.month(), read.number("day")
        hour, minute, second = (read.number(n) for n in ("hour", "minute", "second"))
        hour = np.where(read.text_is("half", "pm") & (hour < 12), hour + 12, hour)
        hour = np.where(read.text_is("half", "am") & (hour == 12), 0, hour)
        safe_year = np.where(year > 0, year, 1970)
        first = (safe_year - 1970).astype("M8[Y]").astype("M8[M]") + (np.clip(month, 1, 12) - 1)
        date = first.astype("M8[D]") + (day - 1)
        valid &= (month >= 1) & (month <= 12) & (date.astype("M8[M]") == first) & (year > 0)
        valid &= (hour <= 23) & (minute <= 59) & (second <= 60)
        micros = date.astype("M8[us]").astype(np.int64)
        micros += (hour * 3600 + minute * 60 + second) * 1_000_000 + read.micros()
        naive_mask = valid & read.is_empty("zone")
        offset = (read.number("zone_hours") * 60 + read.number("zone_minutes")) * 60_000_000
        micros -= np.where(read.text_is("sign", "-"), -offset, offset)
        told = pa.array(micros, pa.timestamp("us"), mask=~valid)
        aware = _in_utc(told)
        if naive_mask.any():
            aware = pc.if_else(pa.array(naive_mask), self.place(told), aware)
        return _bounded(aware), int(naive_mask.sum())


class _Parts:
    """The groups of a match as numbers; groups the layout lacks are zero."""

    def __init__(self, parts: Any) -> None:
        names = [parts.type.field(i).name for i in range(parts.type.num_fields)]
        self._parts = {name: pc.fill_null(parts.field(i), "") for i, name in enumerate(names)}
        self._count = len(parts)

    def number(self, name: str) -> Any:
        if name not in self._parts:
            return np.zeros(self._count, np.int64)
        text = self._parts[name]
        filled = pc.if_else(pc.equal(text, ""), "0", text)
        return np.asarray(pc.cast(filled, pa.int64()))

    def month(self) -> Any:
        if "named" not in self._parts:
            return self.number("month")
        found = pc.index_in(pc.utf8_lower(self._parts["named"]), pa.array(_MONTHS))
        return np.asarray(pc.fill_null(found, -1)).astype(np.int64) + 1

    def micros(self) -> Any:
        if "fraction" not in self._parts:
            return np.zeros(self._count, np.int64)
        padded = pc.utf8_slice_codeunits(pc.utf8_rpad(self._parts["fraction"], 6, "0"), 0, 6)
        return np.asarray(pc.cast(padded, pa.int64()))

    def text_is(self, name: str, wanted: str) -> Any:
        if name not in self._parts:
            return np.zeros(self._count, bool)
        return np.asarray(pc.equal(pc.utf8_lower(self._parts[name]), wanted))

    def is_empty(self, name: str) -> Any:
        return np.asarray(pc.equal(self._parts[name], "")) if name in self._parts else True


def layout_of(
    samples: Sequence[str], zone: str = "", dates: DateOrder = "", share: float = 0.9
) -> Layout | None:
    """The layout that the samples prove; ``None`` when fewer than a share of them are times.

    Raises ``Unreadable`` when they are dates whose day and month could be swapped.
    """
    told = [text for text in (sample.strip() for sample in samples) if text]
    if not told:
        return None
    place = zone_of(zone)
    _refuse_two_forms(told)
    for name, pattern in (("year-first", _YEAR_FIRST), ("compact", _COMPACT), ("named", _NAMED)):
        if _most(told, share, re.compile(pattern).match):
            return Layout(name, pattern, place, zone)
    numbers = re.compile(_NUMBERS)
    if _most(told, share, re.compile(_DAY_FIRST).match):
        order = dates or _order([match for text in told if (match := numbers.search(text))])
        pattern = _DAY_FIRST if order == "day-first" else _MONTH_FIRST
        return Layout(order, pattern, place, zone)
    if _most(told, share, lambda text: _digits(text) in _EPOCHS):
        return Layout("epoch", "", UTC)
    return None


def _order(matches: Sequence["re.Match[str]"]) -> DateOrder:
    day_first = next((m[0] for m in matches if int(m[1]) > 12), "")
    month_first = next((m[0] for m in matches if int(m[3]) > 12), "")
    if day_first and month_first:
        raise Unreadable(
            f"dates are mixed: {day_first} has the day first and {month_first} the month",
            "the export has swapped some of them; export again with ISO dates (2026-03-04)",
        )
    if day_first:
        return "day-first"
    if month_first:
        return "month-first"
    if all(match[2] == "." for match in matches):
        return "day-first"  # with dots the day stands first wherever dots are written
    raise Unreadable(
        f"{matches[0][0]} may be read with the day or the month first, and no date proves which",
        "say --dates day-first or --dates month-first",
    )


def _refuse_two_forms(told: Sequence[str]) -> None:
    """A spreadsheet turns what it takes for a date into one and leaves the rest as text."""
    year_first, numbered = re.compile(_YEAR_FIRST).match, re.compile(_DAY_FIRST).match
    iso = next((text for text in told if year_first(text)), "")
    other = next((text for text in told if numbered(text)), "")
    if iso and other:
        raise Unreadable(
            f"dates are mixed: {iso} has the year first and {other} has not",
            "a spreadsheet may have swapped days and months; export again with ISO dates",
        )


def swapped(layout: Layout, texts: Any) -> str:
    """A text that is a date only in another order than the layout's; '' when there is none."""
    others = {"day-first": _MONTH_FIRST, "month-first": _DAY_FIRST, "year-first": _DAY_FIRST}
    other = others.get(layout.name)
    if other is None or not len(texts):
        return ""
    read = Layout("other", other, layout.zone, layout.zone_name).read(texts)[0]
    hits = pc.drop_null(pc.if_else(pc.is_valid(read), texts, None))
    return str(hits[0].as_py()) if len(hits) else ""


def zone_of(name: str) -> tzinfo:
    """The zone of an IANA name or of an offset such as ``+01:00``; '' is UTC."""
    if not name:
        return UTC
    if match := re.fullmatch(r"([+-])(\d{2}):?(\d{2})", name):
        minutes = int(match[2]) * 60 + int(match[3])
        return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as wrong:
        raise Unreadable(
            f"there is no time zone {name}", "say --zone Europe/Berlin or --zone +01:00"
        ) from wrong


def iso_layout(zone: str) -> Layout:
    """The layout of formats that prescribe ISO 8601."""
    return Layout("year-first", _YEAR_FIRST, zone_of(zone), zone)


def _most(told: Sequence[str], share: float, fits: Callable[[str], object]) -> bool:
    return sum(bool(fits(text)) for text in told) >= share * len(told)


def _digits(text: str) -> int:
    whole = text.partition(".")[0]
    return len(whole) if whole.isascii() and whole.isdigit() else 0


def _epoch(texts: Any) -> Any:
    whole = pc.replace_substring_regex(texts, r"\.\d*$", "")
    good = pc.match_substring_regex(whole, r"^\s*\d{10}(\d{3}){0,2}\s*$")
    numbers = pc.cast(pc.if_else(good, pc.utf8_trim_whitespace(whole), None), pa.int64())
    length = pc.utf8_length(pc.utf8_trim_whitespace(whole))
    scale = pc.if_else(pc.equal(length, 10), 1_000_000, pc.if_else(pc.equal(length, 13), 1_000, 1))
    return _bounded(pc.cast(pc.multiply(numbers, scale), pa.timestamp("us", "UTC")))


def _in_utc(naive: Any) -> Any:
    """Naive times as they are in UTC, without the engine's zone tables, which load slowly."""
    return pc.cast(pc.cast(naive, pa.int64()), pa.timestamp("us", "UTC"))


def _bounded(times: Any) -> Any:
    micros = pc.cast(times, pa.int64())
    kept = pc.and_(pc.greater_equal(micros, _EARLIEST), pc.less(micros, _LATEST))
    return pc.if_else(kept, times, pa.scalar(None, pa.timestamp("us", "UTC")))
