"""A hop between two systems that loses the correlation id which it used to hand on.

Normal: a hop that never hands an id on is built that way; up to 5 % of losses, or what the hop's
own history shows, are never named. A finding is a stretch of time in which losses at one hop are
raised beyond chance over all hops, or a hop that loses now and then, all the time, while every
other hop of the estate keeps its ids. The hop that loses first is named: after it there is nothing
to lose.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from process_model.finding import NEVER, Evidence, Finding, FindingKind, Severity, named, span
from process_model.observations.episodes import CHANCE, Episode, episodes, more_than_chance
from process_model.observations.estate import Estate

Hop = tuple[str, str, str]
"""from system, to system, what is lost"""

_FLOOR = 0.05
_SLOT = timedelta(hours=3)
"""The length of a slot, as the question cuts them."""
_LOSSY, _KEPT, _LEAST_STEPS = 0.15, 0.02, 30


@dataclass(frozen=True, slots=True)
class Loss:
    """A stretch in which a hop lost ids."""

    hop: Hop
    since: datetime
    until: datetime | None
    losers: tuple[tuple[datetime, str, str], ...]
    """(when, instance, event type), the first first"""
    steps: int
    usual: float


def _find(estate: Estate, known: Sequence[Finding]) -> list[Finding]:
    slots: dict[Hop, list[Any]] = defaultdict(list)
    for row in estate.ask("finding_hops", as_of=estate.as_of):
        slots[row.system_before, row.system, row.kind].append(row)
    return [_finding(loss, estate) for loss in regional_losses(slots)]


def regional_losses(slots: Mapping[Hop, Sequence[Any]]) -> list[Loss]:
    """The losses at every hop, of all its regions together or of those that lose; rows by slot
    and region carry region, steps, losses and losers. Pure.

    One region that loses nearly all drowns in those that keep, at its edges first of all.
    """
    regions = sorted({row.region for rows in slots.values() for row in rows})
    found = [(loss, "") for loss in losses(slots, series=len(slots) * (1 + len(regions)))]
    if len(regions) < 2:
        return [loss for loss, _ in found]
    of_one: dict[Hop, list[tuple[Loss, str]]] = defaultdict(list)
    for region in regions:
        here = {hop: part for hop, rows in slots.items()
                if (part := [row for row in rows if row.region == region])}  # fmt: skip
        for loss in losses(here, series=len(slots) * (1 + len(regions)), habits=False):
            of_one[loss.hop].append((loss, region))
    kept = [loss for loss, _ in found if not _explained(loss, of_one[loss.hop], slots[loss.hop])]
    for ones in of_one.values():
        kept += _as_one([loss for loss, _ in ones if not any(_within(loss, all_) for all_ in kept)])
    return sorted(kept, key=lambda loss: (loss.hop, loss.since))


def _explained(loss: Loss, of_one: Sequence[tuple[Loss, str]], rows: Sequence[Any]) -> bool:
    """Whether single regions explain the stretch: in the others hardly anything was lost then."""
    hit = {region for one, region in of_one if _together(one, loss)}
    rest = [row for row in rows if row.region not in hit and _in(row, loss)]
    lost, steps = sum(row.losses for row in rest), sum(row.steps for row in rest)
    return bool(hit) and more_than_chance(lost, steps, _FLOOR) > CHANCE


def _in(row: Any, loss: Loss) -> bool:
    return bool(loss.since - _SLOT < row.slot and (loss.until is None or row.slot <= loss.until))


def _together(one: Loss, other: Loss) -> bool:
    return one.since <= (other.until or NEVER) and other.since <= (one.until or NEVER)


def _within(loss: Loss, all_: Loss) -> bool:
    return loss.hop == all_.hop and {*loss.losers} <= {*all_.losers}


def _as_one(found: Sequence[Loss]) -> list[Loss]:
    """Regions that lose at one time at one hop lose for one cause."""
    merged: list[Loss] = []
    for one in sorted(found, key=lambda loss: loss.since):
        fellow = next((other for other in merged if _together(one, other)), None)
        if fellow is None:
            merged.append(one)
            continue
        ends = (fellow.until, one.until)
        merged[merged.index(fellow)] = Loss(
            one.hop, fellow.since, None if None in ends else max(end for end in ends if end),
            tuple(sorted({*fellow.losers, *one.losers})), fellow.steps + one.steps,
            max(fellow.usual, one.usual),
        )  # fmt: skip
    return merged


def losses(
    slots: Mapping[Hop, Sequence[Any]], *, series: int = 0, habits: bool = True
) -> list[Loss]:
    """The losses at every hop; rows by slot carry steps, losses and losers. Pure.

    ``habits`` says whether hops that lose all the time are looked for.
    """
    found: list[Loss] = []
    for hop, rows in sorted(slots.items()):
        bad, trials = [row.losses for row in rows], [row.steps for row in rows]
        stretches = episodes(bad, trials, series=series or len(slots), floor=_FLOOR)
        if habits and not stretches and (always := _always_lossy(hop, slots)):
            stretches = [always]
        for one in stretches:
            part = rows[one.first : one.last + 1]
            losers = tuple(sorted(loser for row in part for loser in row.losers))
            # steps that kept the id later on end it
            over = one.last < len(rows) - 1
            found.append(
                Loss(hop, losers[0][0], losers[-1][0] if over else None, losers, one.trials,
                     one.usual)
            )  # fmt: skip
    return found


def _always_lossy(hop: Hop, slots: Mapping[Hop, Sequence[Any]]) -> Episode | None:
    shares = {
        other: sum(row.losses for row in rows) / total
        for other, rows in slots.items()
        if (total := sum(row.steps for row in rows)) >= _LEAST_STEPS
    }
    others = [share for other, share in shares.items() if other != hop]
    share = shares.get(hop, 0.0)
    if len(others) < 3 or not _LOSSY <= share <= 0.95 or float(np.quantile(others, 0.75)) > _KEPT:
        return None
    rows = slots[hop]
    lost, steps = sum(row.losses for row in rows), sum(row.steps for row in rows)
    if more_than_chance(lost, steps, _FLOOR) * len(slots) > 1e-6:
        return None
    return Episode(0, len(rows) - 1, lost, steps, _KEPT)


def _finding(loss: Loss, estate: Estate) -> Finding:
    from_, to, what = loss.hop
    instances = tuple(sorted({instance for _, instance, _ in loss.losers}))
    share = len(loss.losers) / loss.steps
    segments = estate.outstanding(instances)
    samples = tuple(
        Evidence(
            "event",
            f"{type_} in {named(to)} came without the {what} of {named(from_)}",
            at,
            instance,
        )
        for at, instance, type_ in loss.losers[:20]
    )
    text = f"{len(loss.losers)} of {loss.steps} steps lost it, where up to {loss.usual:.0%} do"
    return Finding(
        kind="lost_correlation",
        key=(*loss.hop, loss.since.date().isoformat()),
        title=f"{{cases}} lost the {what} on the way {named(from_)} → {named(to)} "
        f"{span(loss.since, loss.until)} ({share:.0%} of the steps; "
        f"first {estate.name_of(loss.losers[0][1])})",
        severity=Severity.WARNING,
        since=loss.since,
        until=loss.until,
        instances=instances,
        segment=segments,
        systems=(from_, to),
        error_type="other",
        evidence=(Evidence("aggregate", text, loss.since), *samples),
    )


KIND = FindingKind(rank=60, find=_find)
