"""The folded time axis: days of waiting and milliseconds of work, readable side by side; pure.

Times are integer nanoseconds throughout: a float cannot tell two spans of the same second apart.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log10, sqrt

NANOSECONDS = 1_000_000_000
IDLE_FROM = 30 * NANOSECONDS
"""A gap longer than this is folded."""

WIDTH = 900.0
"""The pixels that an axis aims at; one with very many stretches is wider and scrolls."""

BAND = 20.0
"""A folded gap's least width: room for its label when that stands upright."""

LEVEL = 48.0
"""From this width on the label of a folded gap can lie flat."""

LEAST = 16.0
"""A stretch's least width: one diamond."""

_LEAST_WITH_WORK = 70.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the axis: time runs evenly from ``start`` to ``end`` over ``width`` pixels."""

    start: int
    end: int
    left: float
    width: float
    idle: bool

    @property
    def length(self) -> int:
        """How long it lasts, in nanoseconds."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Axis:
    """Where every moment stands; moments outside are drawn at the nearer end."""

    stretches: tuple[Stretch, ...]

    @property
    def width(self) -> float:
        """The whole axis in pixels, at its narrowest."""
        last = self.stretches[-1]
        return last.left + last.width

    def x(self, moment: int) -> float:
        """The pixel of a moment; later moments never stand left of earlier ones."""
        starts = [stretch.start for stretch in self.stretches]
        stretch = self.stretches[max(bisect_right(starts, moment) - 1, 0)]
        within = min(max(moment - stretch.start, 0), stretch.length)
        if not stretch.length:
            return stretch.left + stretch.width / 2
        inset = 0.0 if stretch.idle else LEAST / 2
        return stretch.left + inset + (stretch.width - 2 * inset) * (within / stretch.length)

    def share(self, pixel: float) -> str:
        """A pixel as CSS percentage of the axis, so that a wide card stretches it evenly."""
        return f"{100 * pixel / self.width:.3f}%"

    def ticks(self, apart: float) -> list[int]:
        """Moments whose labels, so many pixels wide, do not touch."""
        if len(self.stretches) == 1 and self.stretches[0].length:
            only, count = self.stretches[0], max(int(self.width // (1.4 * apart)), 1)
            return [only.start + only.length * place // count for place in range(count + 1)]
        chosen: list[int] = []
        for stretch in self.stretches:
            here = self.x(stretch.start)
            free = not chosen or here - self.x(chosen[-1]) >= apart
            if not stretch.idle and free:
                chosen.append(stretch.start)
        return chosen


def folded(moments: Iterable[int], width: float = WIDTH) -> Axis:
    """Gaps become narrow bands, wider for longer ones; what is left runs evenly and is readable."""
    groups = _groups(sorted(set(moments)))
    works = [sqrt(end - start) for start, end in groups]
    least = [_LEAST_WITH_WORK if work else LEAST for work in works]
    bands = _bands(groups, width - sum(least), any(works))
    spare = max(width - sum(bands) - sum(least), 0.0)
    total = sum(works) or 1.0
    stretches: list[Stretch] = []
    left = 0.0
    for place, (start, end) in enumerate(groups):
        if place:
            band = bands[place - 1]
            stretches.append(Stretch(stretches[-1].end, start, left, band, idle=True))
            left += band
        wide = least[place] + spare * works[place] / total
        stretches.append(Stretch(start, end, left, wide, idle=False))
        left += wide
    return Axis(tuple(stretches))


def true_scale(moments: Iterable[int], width: float = WIDTH) -> Axis:
    """One even stretch from the first moment to the last."""
    known = sorted(set(moments)) or [0]
    return Axis((Stretch(known[0], known[-1], 0.0, width, idle=False),))


def _bands(groups: Sequence[tuple[int, int]], room: float, working: bool) -> list[float]:
    """The width of each folded gap: by the logarithm of its length, within the room there is."""
    lengths = [after[0] - before[1] for before, after in pairwise(groups)]
    ideal = [30 + 10 * log10(length / IDLE_FROM) for length in lengths]
    if not ideal:
        return []
    # without any work the bands have the axis for themselves
    factor = room / sum(ideal) if not working else min(room / 2 / sum(ideal), 1.0)
    return [max(BAND, width * factor) for width in ideal]


def _groups(moments: list[int]) -> list[tuple[int, int]]:
    """First and last moment of each run without a long gap."""
    groups: list[tuple[int, int]] = []
    for moment in moments or [0]:
        if groups and moment - groups[-1][1] <= IDLE_FROM:
            groups[-1] = (groups[-1][0], moment)
        else:
            groups.append((moment, moment))
    return groups
