"""The folded time axis: days of waiting and milliseconds of work, readable side by side; pure.

Times are integer nanoseconds throughout: a float cannot tell two spans of the same second apart.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

NANOSECONDS = 1_000_000_000
IDLE_FROM = 30 * NANOSECONDS
"""A gap longer than this is folded."""

WIDTH = 860.0
"""The pixels that an axis aims at; one with many stretches is wider and scrolls."""

BAND = 52.0
"""A folded gap's width: enough for its longest label, so that two labels never touch."""

LEAST = 18.0
"""A stretch's least width: one diamond."""

_LEAST_WITH_WORK = 90.0


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
        """The whole axis in pixels."""
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


def folded(moments: Iterable[int], width: float = WIDTH) -> Axis:
    """Gaps become bands of one width; what is left is linear, and wide enough to be read."""
    groups = _groups(sorted(set(moments)))
    bands = BAND * (len(groups) - 1)
    lengths = [end - start for start, end in groups]
    least = [_LEAST_WITH_WORK if length else LEAST for length in lengths]
    spare = max(width - bands - sum(least), 0.0)
    busy = sum(lengths) or 1
    stretches: list[Stretch] = []
    left = 0.0
    for (start, end), length, smallest in zip(groups, lengths, least, strict=True):
        if stretches:
            stretches.append(Stretch(stretches[-1].end, start, left, BAND, idle=True))
            left += BAND
        wide = smallest + spare * (length / busy)
        stretches.append(Stretch(start, end, left, wide, idle=False))
        left += wide
    return Axis(tuple(stretches))


def true_scale(moments: Iterable[int], width: float = WIDTH) -> Axis:
    """One even stretch from the first moment to the last."""
    known = sorted(set(moments)) or [0]
    return Axis((Stretch(known[0], known[-1], 0.0, width, idle=False),))


def _groups(moments: list[int]) -> list[tuple[int, int]]:
    """First and last moment of each run without a long gap."""
    groups: list[tuple[int, int]] = []
    for moment in moments or [0]:
        if groups and moment - groups[-1][1] <= IDLE_FROM:
            groups[-1] = (groups[-1][0], moment)
        else:
            groups.append((moment, moment))
    return groups
