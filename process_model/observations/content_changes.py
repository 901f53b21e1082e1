"""Which members of an event's content vanished or changed their kind, from counts by the day; pure.

A member is a path with the kind of its value: an amount that was text and becomes a number is one
member gone and one come. What only some events ever had is optional and may be absent; what is new
without anything gone is an addition and breaks nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from process_model.observations.episodes import Episode, episodes

_LEAST_EVENTS = 20
_LEAST = 4


@dataclass(frozen=True, slots=True)
class Day:
    """How many events a source told of a type on one day, and how many had each member."""

    day: datetime
    events: int
    having: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ContentChange:
    """One member that vanished: from the day on, up to and with the last (``None``: still)."""

    source: str
    type: str
    member: str
    """``fields.customer.tax_id (text)``"""
    first_day: datetime
    last_day: datetime | None
    new_kind: str
    """the kind of value it has now, '' when it is gone"""


def vanished(
    told: Mapping[tuple[str, str], Sequence[Day]], *, series: int = 0
) -> list[ContentChange]:
    """Every member that vanished; ``told`` is by (source, type), its days in order."""
    looked_at = series or sum(len(_varying(days)) for days in told.values())
    found: list[ContentChange] = []
    for (source, type_), days in sorted(told.items()):
        for member in _varying(days):
            found += _changes(source, type_, member, days, max(1, looked_at))
    return found


def _varying(days: Sequence[Day]) -> list[str]:
    total = sum(day.events for day in days)
    counts: dict[str, int] = {}
    for day in days:
        for member, count in day.having.items():
            counts[member] = counts.get(member, 0) + count
    if total < _LEAST_EVENTS:
        return []
    return sorted(m for m, count in counts.items() if _LEAST <= count <= total - _LEAST)


def _changes(
    source: str, type_: str, member: str, days: Sequence[Day], series: int
) -> list[ContentChange]:
    trials = [day.events for day in days]
    has = [day.having.get(member, 0) for day in days]
    lacks = [all_ - some for all_, some in zip(trials, has, strict=True)]
    stretches: list[tuple[int, int]] = []
    for one in episodes(lacks, trials, series=series, least=_LEAST):
        # absent from the very beginning: it came, which is an addition
        if one.first > _first_with(trials):
            stretches.append((one.first, one.last))
    if not stretches:
        # had only in the beginning: it went early, and most of the history lacks it
        early = episodes(has, trials, series=series, least=_LEAST)
        stretches = [
            (one.last, len(days) - 1) for one in early if _only_in_the_beginning(one, trials, has)
        ]
    path, _, _ = member.rpartition(" (")
    return [
        ContentChange(
            source, type_, member, days[first].day,
            None if last >= len(days) - 1 else days[last].day,
            _kind_now(path, member, days[first : last + 1]),
        )
        for first, last in stretches
    ]  # fmt: skip


def _first_with(trials: Sequence[int]) -> int:
    return next((place for place, count in enumerate(trials) if count), 0)


def _only_in_the_beginning(one: Episode, trials: Sequence[int], has: Sequence[int]) -> bool:
    after = slice(one.last + 1, None)
    return one.first == _first_with(trials) and sum(trials[after]) >= _LEAST and not sum(has[after])


def _kind_now(path: str, member: str, days: Sequence[Day]) -> str:
    for day in reversed(days):
        for other in day.having:
            if other != member and other.rpartition(" (")[0] == path:
                return other.rpartition(" (")[2].rstrip(")")
    return ""
