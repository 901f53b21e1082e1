"""Stretches in which objects failed to cross between two systems, by hop and class of error.

Objects are counted, not calls: an object that failed three times before it crossed is one that
failed. Normal is the hop's own history; a retry here and there never makes a stretch.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any

from process_model.finding import NEVER
from process_model.observations.episodes import CHANCE, episodes, more_than_chance
from process_model.observations.estate import Estate

_FLOOR = 0.01
"""One class of failure on one hop: rarer than failures are altogether."""
_RETRIED = 0.03
"""What fails elsewhere meanwhile, and is retried, without being part of the stretch."""
_BESIDE = 1e-3
"""The chance of as many failures beside a stretch that is proven."""

Hop = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FailedCrossing:
    """One object that failed to cross within a stretch."""

    instance: str
    object: str
    at: datetime
    """when it first failed with this class"""
    crossed_at: datetime | None
    hop: Hop


@dataclass(frozen=True, slots=True)
class FailureStretch:
    """One class of failure on one or more hops that share an end, for some time."""

    error_type: str
    hops: tuple[Hop, ...]
    since: datetime
    until: datetime | None
    """the first success after the last failure; ``None`` when there is none yet"""
    failed: tuple[FailedCrossing, ...]
    usual: float
    share: float


def failure_stretches(estate: Estate) -> list[FailureStretch]:
    """Every stretch on every hop, those of one class that share an end and a time as one."""
    crossings: dict[Hop, list[Any]] = defaultdict(list)
    for row in estate.ask("finding_crossings", as_of=estate.as_of):
        crossings[row.from_system, row.to_system].append(row)
    failures: dict[tuple[Hop, str], dict[str, list[datetime]]] = defaultdict(dict)
    for row in estate.ask("finding_failed_syncs", as_of=estate.as_of):
        of_class = failures[(row.from_system, row.to_system), row.error_class]
        of_class.setdefault(row.object, []).append(row.at)
    found: list[FailureStretch] = []
    regions = {id_: case.segments["region"] for id_, case in estate.cases.items()}
    for (hop, error_type), failed in sorted(failures.items()):
        rows = crossings[hop]
        if all(row.object in failed for row in rows):
            # a hop that never told of a success: what crossed elsewhere is its measure
            rows = sorted(chain(*crossings.values()), key=lambda row: row.obliged_at)
        found += hop_stretches(hop, error_type, failed, rows, regions, 4 * len(failures))
    return [with_fellows(one, failures, crossings, regions) for one in _merged(found)]


def with_fellows(
    stretch: FailureStretch,
    failures: Mapping[tuple[Hop, str], Mapping[str, list[datetime]]],
    crossings: Mapping[Hop, Sequence[Any]],
    regions: Mapping[str, str],
) -> FailureStretch:
    """The stretch with what failed for its reason at the same end meanwhile. Pure.

    A system that is down fails all who call it; those who call it seldom prove nothing by
    themselves, but beside a stretch that is proven they need to prove less.
    """
    known, more = {one.object for one in stretch.failed}, list(stretch.failed)
    for hop, rows in crossings.items():
        failed = failures.get((hop, stretch.error_type), {})
        if not failed or not _share_an_end((hop,), stretch.hops):
            continue
        here: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            at = failed[row.object][0] if row.object in failed else row.obliged_at
            if stretch.since <= at <= _end(stretch):
                here[regions.get(row.instance_id, "")].append(row)
        for part in here.values():
            bad = [row for row in part if row.object in failed]
            if more_than_chance(len(bad), len(part), _RETRIED) < _BESIDE:
                more += [
                    FailedCrossing(row.instance_id, row.object, failed[row.object][0],
                                   row.first_success_at, hop)
                    for row in bad
                    if row.object not in known
                ]  # fmt: skip
    hops = tuple(sorted({*stretch.hops, *(one.hop for one in more)}))
    return replace(stretch, hops=hops, failed=tuple(dict.fromkeys(more)))


def hop_stretches(
    hop: Hop,
    error_type: str,
    failed: Mapping[str, list[datetime]],
    rows: Sequence[Any],
    regions: Mapping[str, str],
    series: int,
) -> list[FailureStretch]:
    """The stretches of one class on one hop; ``regions`` is by case. Pure.

    A failure of one region drowns in the crossings of all, so each region is looked at as well.
    Where regions explain a stretch of all, what failed elsewhere meanwhile was retried as ever.
    """
    of_all = _stretches(hop, error_type, failed, rows, series)
    of_one: list[FailureStretch] = []
    raised: dict[str, list[FailureStretch]] = {}
    for region in sorted({*regions.values()}):
        here = [row for row in rows if regions.get(row.instance_id) == region]
        if 0 < len(here) < len(rows):
            raised[region] = _stretches(hop, error_type, failed, here, series)
            of_one += raised[region]
    kept = []
    for one in of_all:
        hit = {region for region, ones in raised.items()
               if any(_together(one, other) for other in ones)}  # fmt: skip
        rest = [row for row in rows if regions.get(row.instance_id) not in hit
                and one.since <= row.obliged_at <= _end(one)]  # fmt: skip
        bad = sum(row.object in failed for row in rest)
        if not hit or more_than_chance(bad, len(rest), max(one.usual, _RETRIED)) <= CHANCE:
            kept.append(one)
    return kept + of_one


def _stretches(
    hop: Hop,
    error_type: str,
    failed: Mapping[str, list[datetime]],
    rows: Sequence[Any],
    series: int,
) -> list[FailureStretch]:
    times = [failed[row.object][0] if row.object in failed else row.obliged_at for row in rows]
    ordered = sorted(zip(times, rows, strict=True), key=lambda pair: (pair[0], pair[1].object))
    bad = [float(row.object in failed) for _, row in ordered]
    successes = sorted(row.first_success_at for row in rows if row.first_success_at)
    found = []
    mine = {row.object for row in rows if (row.from_system, row.to_system) == hop}
    for episode in episodes(bad, series=series, floor=_FLOOR):
        stretch = [row for _, row in ordered[episode.first : episode.last + 1]]
        part = [row for row in stretch if row.object in failed and row.object in mine]
        failing = tuple(
            FailedCrossing(
                row.instance_id, row.object, failed[row.object][0], row.first_success_at, hop
            )
            for row in part
        )
        last = max(failed[row.object][-1] for row in part)
        over = next((moment for moment in successes if moment > last), None)
        since = min(one.at for one in failing)
        shares = (episode.usual, episode.share)
        found.append(FailureStretch(error_type, (hop,), since, over, failing, *shares))
    return found


def _merged(found: Iterable[FailureStretch]) -> list[FailureStretch]:
    merged: list[FailureStretch] = []
    for one in sorted(found, key=lambda stretch: (stretch.error_type, stretch.since)):
        fellow = next((other for other in merged if _one_cause(other, one)), None)
        if fellow is None:
            merged.append(one)
            continue
        merged[merged.index(fellow)] = replace(
            fellow,
            hops=tuple(sorted({*fellow.hops, *one.hops})),
            until=None if None in (fellow.until, one.until) else max(_end(fellow), _end(one)),
            failed=tuple(dict.fromkeys(fellow.failed + one.failed)),
            share=max(fellow.share, one.share),
        )
    return sorted(merged, key=lambda stretch: (stretch.since, stretch.error_type))


def _one_cause(one: FailureStretch, other: FailureStretch) -> bool:
    return (
        one.error_type == other.error_type
        and _share_an_end(one.hops, other.hops)
        and _together(one, other)
    )


def _share_an_end(one: Sequence[Hop], other: Sequence[Hop]) -> bool:
    ends = {from_ for from_, _ in one} & {from_ for from_, _ in other}
    ends |= {to for _, to in one} & {to for _, to in other}
    return bool(ends - {""})


def _together(one: FailureStretch, other: FailureStretch) -> bool:
    return one.since <= _end(other) and other.since <= _end(one)


def _end(stretch: FailureStretch) -> datetime:
    return stretch.until or NEVER
