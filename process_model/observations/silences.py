"""Stretches in which a source fell silent while the systems around it went on; pure.

Time is counted in the quarters of an hour in which the other sources tell of the same regions, so
nights, weekends and holidays take no time at all, and a burst of retries takes no more than calm
work. In that time a source's own gaps are compared with each other.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

_CHANCE = 1e-3
_LEAST_GAPS = 20
_LONGER = 1.5
_SUSPECT, _LONGEST = 0.3, 1.3
_SLOT = timedelta(minutes=15)
_LEAST_TIME = timedelta(hours=1)

Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Silence:
    """A source told nothing after ``since`` until ``until`` (``None``: it still does not)."""

    source: str
    since: datetime
    until: datetime | None
    missed: float
    """how many events it would usually have told in that time"""
    share: float = 0.0
    """the share of the history that it lasted, in the time of the others"""
    limit: timedelta | None = None
    """the configured limit that it broke, where there is one"""
    certain: bool = True
    """whether the gap alone proves it; else the cases that lack an event must"""
    times: float = 1.0
    """how many times as long as what is beyond chance and habit"""


def silences(
    rows: Iterable[Any], as_of: datetime, limits: Mapping[str, timedelta] | None = None
) -> list[Silence]:
    """Every silence; rows carry source, region, slot (seconds), events, works,
    first_at and last_at."""
    told = _Told(rows)
    found: list[Silence] = []
    for source in sorted(told.of):
        found += _of_source(source, told, as_of, (limits or {}).get(source))
    return found


class _Told:
    """Events by source, region and slot, and by region how many sources told in each slot."""

    def __init__(self, rows: Iterable[Any]) -> None:
        kept = list(rows)
        self.slots = sorted({row.slot for row in kept})
        place = {slot: position for position, slot in enumerate(self.slots)}
        self.of: dict[str, dict[str, Counts]] = defaultdict(dict)
        self.works: dict[str, dict[str, Counts]] = defaultdict(dict)
        self.all: dict[str, Counts] = {}
        self.first: dict[tuple[str, int], datetime] = {}
        self.last: dict[tuple[str, int], datetime] = {}
        for row in kept:
            position = place[row.slot]
            counts = self.of[row.source].setdefault(row.region, np.zeros(len(self.slots)))
            counts[position] += row.events
            works = self.works[row.source].setdefault(row.region, np.zeros(len(self.slots)))
            works[position] += row.works
            total = self.all.setdefault(row.region, np.zeros(len(self.slots)))
            total[position] += row.works
            key = (row.source, position)
            self.first[key] = min(self.first.get(key, row.first_at), row.first_at)
            self.last[key] = max(self.last.get(key, row.last_at), row.last_at)


def _of_source(
    source: str, told: _Told, as_of: datetime, limit: timedelta | None
) -> Iterable[Silence]:
    own = sum(told.of[source].values(), np.zeros(len(told.slots)))
    heard = np.flatnonzero(own)
    # a source that takes part in the process begins with its first step of it: the load of its
    # master data before says nothing of how often it tells
    steps = np.flatnonzero(sum(told.works[source].values(), np.zeros(len(told.slots))))
    heard = heard[heard >= steps[0]] if len(steps) else heard
    others = np.zeros(len(told.slots))
    for region, counts in told.of[source].items():
        others += (told.all[region] - told.works[source][region]) * float(counts.sum() / own.sum())
    passed = np.concatenate(([0.0], np.cumsum(others)))
    # of the slots between two in which the source told, and of those after the last
    ends = np.append(heard[1:], len(told.slots))
    gaps = passed[ends] - passed[heard + 1]
    usual = float(gaps.mean())
    beyond = _beyond(gaps, len(told.of))
    habit = float(np.sort(gaps)[-3]) if len(gaps) >= 3 else 0.0
    events = own.sum() / max(1.0, others[heard[0] :].sum())
    for place, gap in enumerate(gaps):
        since = told.last[source, int(heard[place])]
        back = told.first[source, int(heard[place + 1])] if place + 1 < len(heard) else None
        lasted = (back or as_of) - since
        broke = limit is not None and lasted > limit
        long = len(gaps) >= _LEAST_GAPS and usual > 0 and lasted > _LEAST_TIME and limit is None
        certain = broke or (long and gap > beyond and _settled(gaps[:place], gap, len(told.of)))
        # an end that is not yet there proves nothing of what will still come
        suspected = long and back is not None and gap > max(_SUSPECT * beyond, _LONGEST * habit)
        if certain or suspected:
            share = float(gap / max(1.0, passed[-1]))
            broken = limit if broke else None
            times = float(gap / beyond) if beyond > 0 else float("inf")
            yield Silence(source, since, back, float(gap * events), share, broken, certain, times)


def _settled(before: Counts, gap: float, sources: int) -> bool:
    """Whether the gap is beyond what the source did before as well: while one only begins to tell,
    its gaps are long and get shorter.
    """
    return len(before) >= _LEAST_GAPS and gap > _beyond(before, sources)


def _beyond(gaps: Counts, sources: int) -> float:
    """The gap that is neither chance nor anything that the source does twice and more.

    Peaks over threshold: beyond what nine in ten gaps stay below, the longest tenth is taken for
    exponential with its own mean, so the nights of a source that sleeps are not measured by its
    minutes at work. The third longest is its habit: one or two real silences teach nothing.
    """
    ordered = np.sort(gaps)
    # without the two longest, which may be what is looked for
    usual = ordered[:-2] if len(ordered) > _LEAST_GAPS else ordered
    high = float(np.quantile(usual, 0.9))
    peaks = usual[usual >= high]
    scale = max(float((peaks - high).mean()), float(usual.mean()))
    chance = high + scale * math.log(max(2, len(peaks)) * sources / _CHANCE)
    habit = float(ordered[-3]) if len(ordered) >= 3 else 0.0
    return max(chance, _LONGER * habit)
