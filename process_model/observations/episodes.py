"""When something went wrong more often than it ever does; statistics without a tuned threshold.

A series of trials in time order, each good or bad, is scanned for the stretch that a raised rate of
the bad explains best: the largest sum of log-likelihood ratios over any contiguous stretch. Where
the rate is not raised, the chance that any stretch from a given start ever reaches a sum of x is at
most exp(-x) (Ville's inequality), so ln(starts x rates x series / chance) bounds a false alarm
over everything that is looked at, whatever the length of the stretch.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc, pdtrc

CHANCE = 1e-4
"""The chance of a false alarm over all series of one kind that are looked at together."""

_RAISED = (0.3, 0.6, 0.9)
_BLOCKS = 20
_MOST = 25

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of the series: positions ``first`` to ``last``, both in."""

    first: int
    last: int
    bad: int
    trials: int
    usual: float
    """the share of bad trials that is usual, from the series' own history"""

    @property
    def share(self) -> float:
        """The share of bad trials in the stretch."""
        return self.bad / self.trials


def episodes(
    bad: "Sequence[float] | Series",
    trials: "Sequence[float] | Series | None" = None,
    *,
    series: int = 1,
    least: int = 4,
    floor: float = 0.03,
    usual: float | None = None,
) -> list[Episode]:
    """The stretches in which bad trials are raised beyond chance, in time order.

    ``bad`` and ``trials`` are counts per position (one trial each when left out); ``series`` is how
    many series are looked at together; ``least`` bad trials make an episode; ``floor`` is the share
    of bad trials that is always taken for normal; ``usual`` is the usual share where it is known
    from elsewhere, else the series' own history says.
    """
    bads = np.asarray(bad, float)
    totals = np.ones_like(bads) if trials is None else np.asarray(trials, float)
    if bads.sum() < least:
        return []
    if usual is None:
        usual = usual_share(bads, totals, floor)
    usual = max(usual, floor)
    found: list[Episode] = []
    waiting = [(0, len(bads))]
    while waiting and len(found) < _MOST:
        begin, end = waiting.pop()
        episode = _best(bads, totals, begin, end, usual, len(bads) * series)
        if episode is None or episode.bad < least:
            continue
        found.append(episode)
        waiting += [(begin, episode.first), (episode.last + 1, end)]
    return sorted(found, key=lambda one: one.first)


def usual_share(bads: Series, totals: Series, floor: float) -> float:
    """The usual share of bad trials: of blocks of history the 30 % quantile, one sigma up.

    A quantile and not the mean: a fault that lasts for half the history must not become normal.
    """
    steps = np.cumsum(totals)
    if steps[-1] <= 0:
        return floor
    blocks = max(1, min(_BLOCKS, int(steps[-1] // 10)))
    place = np.minimum((steps - totals / 2) * blocks / steps[-1], blocks - 1).astype(int)
    per_block = np.bincount(place, totals, blocks)
    known = per_block > 0
    shares = np.bincount(place, bads, blocks)[known] / per_block[known]
    low = float(np.quantile(shares, 0.3))
    sigma = math.sqrt(low * (1 - low) / max(1.0, float(np.median(per_block[known]))))
    return min(0.98, max(floor, low + sigma))


def _best(
    bads: Series, totals: Series, begin: int, end: int, usual: float, starts: int
) -> Episode | None:
    if end <= begin:
        return None
    some, all_ = bads[begin:end], totals[begin:end]
    best: tuple[float, int, int] = (0.0, 0, 0)
    rates = [rate for rate in (*_RAISED, (1 + usual) / 2) if rate > min(0.9, 3 * usual)]
    for rate in rates:
        weight = some * math.log(rate / usual)
        weight = weight + (all_ - some) * math.log((1 - rate) / (1 - usual))
        sums = np.concatenate(([0.0], np.cumsum(weight)))
        gains = sums[1:] - np.minimum.accumulate(sums)[:-1]
        last = int(np.argmax(gains))
        if gains[last] > best[0]:
            best = (float(gains[last]), int(np.argmin(sums[: last + 1])), last)
    gain, first, last = best
    if not rates or gain <= math.log(max(2, starts) * len(rates) / CHANCE):
        return None
    where = np.flatnonzero(some[first : last + 1])
    first, last = first + int(where[0]), first + int(where[-1])
    stretch = slice(first, last + 1)
    counts = int(some[stretch].sum()), int(all_[stretch].sum())
    return Episode(begin + first, begin + last, *counts, usual)


def more_than_chance(hits: int, trials: int, share: float) -> float:
    """The chance of so many hits or more where each trial hits with that share (binomial)."""
    return float(bdtrc(hits - 1, trials, min(1.0, share))) if hits else 1.0


def more_than_expected(count: int, expected: float) -> float:
    """The chance of so many or more where that many are expected (Poisson)."""
    return float(pdtrc(count - 1, expected)) if count else 1.0


@dataclass(frozen=True, slots=True)
class Population:
    """How often each segment value occurs among all cases."""

    total: int
    counts: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, cases: Iterable[Mapping[str, str]]) -> "Population":
        """Count the cases' segments."""
        counts: Counter[tuple[str, str]] = Counter()
        total = 0
        for case in cases:
            counts.update(case.items())
            total += 1
        return cls(total, counts)


def over_represented(those: Sequence[Mapping[str, str]], usual: Population) -> dict[str, str]:
    """The one segment value that stands out among those: at least two in three have it, twice as
    often as usual and not by chance; empty when none does.
    """
    if not those or not usual.total:
        return {}
    here = Population.of(those)
    best: tuple[float, dict[str, str]] = (0.0, {})
    for (name, value), hits in sorted(here.counts.items()):
        share = usual.counts.get((name, value), 0) / usual.total
        if not value or hits < 2 * len(those) / 3 or hits / len(those) < min(2 * share, 0.999):
            continue
        chance = more_than_chance(hits, len(those), share)
        gain = -math.log(max(chance, 1e-300)) * (hits / len(those))
        if chance * len(here.counts) < 1e-3 and gain > best[0]:
            best = (gain, {name: value})
    return best[1]
