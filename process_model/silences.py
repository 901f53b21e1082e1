"""Stretches in which a source fell silent while the systems around it went on; pure.

Time is counted in what the other sources tell of the same regions, so nights, weekends and holidays
take no time at all. In that time a source's own gaps are compared with each other.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from process_model.episodes import CHANCE

_LEAST_GAPS = 20
_LONGER = 1.5
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
    limit: timedelta | None = None
    """the configured limit that it broke, where there is one"""


def silences(
    rows: Iterable[Any], as_of: datetime, limits: Mapping[str, timedelta] | None = None
) -> list[Silence]:
    """Every silence; rows carry source, region, slot (seconds), events, first_at and last_at."""
    told = _Told(rows)
    found: list[Silence] = []
    for source in sorted(told.of):
        found += _of_source(source, told, as_of, (limits or {}).get(source))
    return found


class _Told:
    """Counts by source, region and slot on one axis of slots that anybody told in."""

    def __init__(self, rows: Iterable[Any]) -> None:
        kept = list(rows)
        self.slots = sorted({row.slot for row in kept})
        place = {slot: position for position, slot in enumerate(self.slots)}
        self.of: dict[str, dict[str, Counts]] = defaultdict(dict)
        self.all: dict[str, Counts] = {}
        self.first: dict[tuple[str, int], datetime] = {}
        self.last: dict[tuple[str, int], datetime] = {}
        for row in kept:
            position = place[row.slot]
            counts = self.of[row.source].setdefault(row.region, np.zeros(len(self.slots)))
            counts[position] += row.events
            total = self.all.setdefault(row.region, np.zeros(len(self.slots)))
            total[position] += row.events
            key = (row.source, position)
            self.first[key] = min(self.first.get(key, row.first_at), row.first_at)
            self.last[key] = max(self.last.get(key, row.last_at), row.last_at)


def _of_source(
    source: str, told: _Told, as_of: datetime, limit: timedelta | None
) -> Iterable[Silence]:
    own = sum(told.of[source].values(), np.zeros(len(told.slots)))
    heard = np.flatnonzero(own)
    others = np.zeros(len(told.slots))
    for region, counts in told.of[source].items():
        others += (told.all[region] - counts) * float(counts.sum() / own.sum())
    passed = np.concatenate(([0.0], np.cumsum(others)))
    # of the slots between two in which the source told, and of those after the last
    ends = np.append(heard[1:], len(told.slots))
    gaps = passed[ends] - passed[heard + 1]
    usual = float(gaps.mean())
    beyond = _beyond(gaps, len(told.of))
    events = own.sum() / max(1.0, others[heard[0] :].sum())
    for place, gap in enumerate(gaps):
        since = told.last[source, int(heard[place])]
        back = told.first[source, int(heard[place + 1])] if place + 1 < len(heard) else None
        lasted = (back or as_of) - since
        broke = limit is not None and lasted > limit
        alone = len(gaps) >= _LEAST_GAPS and usual > 0 and gap > beyond and lasted > _LEAST_TIME
        if broke or (alone and limit is None):
            yield Silence(source, since, back, float(gap * events), limit if broke else None)


def _beyond(gaps: Counts, sources: int) -> float:
    """The gap that is neither chance nor anything that the source does twice and more.

    Gaps of a steady source are exponential, so the chance that any of n exceeds g is at most
    n exp(-g / mean); and the third longest is its habit: one or two real silences teach nothing.
    """
    chance = float(gaps.mean()) * math.log(len(gaps) * sources / CHANCE)
    habit = float(np.sort(gaps)[-3]) if len(gaps) >= 3 else 0.0
    return max(chance, _LONGER * habit)
