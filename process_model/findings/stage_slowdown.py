"""A stage that one cut of the cases waits in far longer than the others: an approver, a region.

Normal: waits differ, by segment and by person, and a Friday's wait spans the weekend. A wait counts
as slow beyond what nine in ten of the others take of their time allowed; waits that are still open
count once they are longer than that. A finding is a stretch of a cut's waits in which slow ones are
raised beyond chance over all cuts, whose middle wait is at least twice that of all others in the
same weeks. The cut that explains most is named, its waits are set aside, and the rest is looked at
again: one row a cause. A cut of cases that was always slower is the way of that cut, unless it is
three times as slow, and a stretch of it must stand out from its own history as well; a person must
be slow for three days, a cut of cases or a whole stage for a week.
"""

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import humanize
import numpy as np
from numpy.typing import NDArray

from process_model.finding import Evidence, Finding, FindingKind, Severity, span
from process_model.observations.episodes import CHANCE, Episode, episodes, more_than_chance
from process_model.observations.estate import Estate, explained, moment
from process_model.observations.requests import Wait, asked_waits
from process_model.vocabulary import SEGMENTS

_SLOW = 0.9
_LEAST_WAITS, _LEAST_SLOW = 40, 6
_RATIO, _RATIO_OF_OLD = 2.0, 3.0
_OF_ONE, _OF_MANY = timedelta(days=3), timedelta(days=7)
"""How long an actor, and how long anything else must be slow."""
_BESIDE = 86_400.0
"""Seconds."""
_NOTHING, _MILD = 1e-6, 0.8
_OWN = 10
"""So many waits outside a stretch are a history of their own."""
_MOST = 6
_CAUSES = ("silent_source", "service_outage", "sync_failure")

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Waits:
    """The waits of one stage in the order they were entered, as columns."""

    stage: str
    instances: Sequence[str]
    entered: Numbers
    """seconds since 1970"""
    lasted: Numbers
    """seconds; of an open wait until the moment it is looked at"""
    done: NDArray[np.bool_]
    allowed: Numbers
    """seconds"""
    cuts: Mapping[str, NDArray[np.str_]]
    """segment, approver, source or rule → value of each wait, '' where unknown"""


@dataclass(frozen=True, slots=True)
class Slowdown:
    """One cut of a stage that waits too long; ``places`` are positions among the waits."""

    stage: str
    cut: str
    value: str
    places: NDArray[np.intp]
    slow: int
    middle: float
    others: float
    """the middle wait of the others in the same weeks, seconds"""
    goes_on: bool
    from_the_beginning: bool


def _find(estate: Estate, known: Sequence[Finding]) -> list[Finding]:
    found = []
    broken = {(one.stage, key) for one in known if one.kind == "broken_promise"
              for key in one.objects}  # fmt: skip
    for waits in waits_by_stage(estate, explained(known, _CAUSES), broken):
        found += [_finding(one, waits, estate) for one in slowdowns(waits)]
    return found


def waits_by_stage(
    estate: Estate,
    causes: Mapping[str, Sequence[tuple[float, float]]],
    broken: set[tuple[str, str]],
) -> list[Waits]:
    """The waits of every stage without those that another finding explains.

    ``broken`` holds (stage, object) of promises that are told as broken: nobody works on them.
    """
    now = estate.as_of.timestamp()
    rows: dict[str, list[Wait]] = defaultdict(list)
    for row in estate.once(asked_waits):
        if row.state not in ("done", "open") or row.due <= row.entered or row.entered >= now:
            continue
        stretches = causes.get(row.instance_id, ())
        # a cause explains a wait when it took most of the time in which it was to be over
        last = row.completed or row.due
        half = (last - row.entered) / 2
        if any(min(last, to) - max(row.entered, since) > half for since, to in stretches):
            continue
        if row.state == "open" and (row.stage, row.object) in broken:
            continue
        rows[row.stage].append(row)
    return [_waits(stage, ones, estate, now) for stage, ones in sorted(rows.items())]


def _waits(stage: str, rows: list[Wait], estate: Estate, now: float) -> Waits:
    rows.sort(key=lambda row: (row.entered, row.instance_id))
    cases = [estate.cases[row.instance_id].segments for row in rows]
    # the first of equals is named: who, by which rule, where, told by what
    cuts = {name: np.array([getattr(row, name) for row in rows]) for name in ("actor", "rule")}
    cuts |= {name: np.array([case[name] for case in cases]) for name in SEGMENTS}
    cuts["source"] = np.array([row.source for row in rows])
    entered = np.array([row.entered for row in rows])
    completed = np.array([row.completed for row in rows])
    due = np.array([row.due for row in rows])
    return Waits(
        stage,
        [row.instance_id for row in rows],
        entered,
        np.where(completed > 0, completed, now) - entered,
        completed > 0,
        due - entered,
        cuts,
    )


def slowdowns(waits: Waits) -> list[Slowdown]:
    """What slows the stage down, the largest cause first. Pure."""
    taken = np.zeros(len(waits.entered), bool)
    found: list[Slowdown] = []
    while len(found) < _MOST and (~taken).sum() >= _LEAST_WAITS:
        best = _largest(waits, taken)
        if best is None:
            break
        found.append(best)
        # the ends of a stretch are blurred: what lies right beside it is no cause of its own
        begin, end = waits.entered[best.places[0]], waits.entered[best.places[-1]]
        beside = (waits.entered >= begin - _BESIDE) & (waits.entered <= end + _BESIDE)
        taken |= beside & (waits.cuts[best.cut] == best.value) if best.cut else beside
        if best.cut == "actor" and best.goes_on:
            # of what nobody has decided yet nobody can say that it does not wait for this one
            taken |= (waits.cuts["actor"] == "") & ~waits.done & (waits.entered >= begin)
    return found


def _largest(waits: Waits, taken: NDArray[np.bool_]) -> Slowdown | None:
    spent = waits.lasted / waits.allowed
    if (waits.done & ~taken).sum() < _LEAST_WAITS // 2:
        return None
    tried = [("", ""), *_values(waits, ~taken)]
    best: tuple[float, Slowdown] | None = None
    for cut, value in tried:
        mine = ~taken & (waits.cuts[cut] == value) if cut else ~taken
        limit = slow_beyond(spent[waits.done & ~taken & ~mine] if cut else spent[waits.done & mine])
        # an open wait that is still short says nothing yet
        known = ~taken & (waits.done | (spent > limit))
        slow, places = known & (spent > limit), np.flatnonzero(mine & known)
        if slow[places].sum() < _LEAST_SLOW:
            continue
        # one who was slow all along has no better history: the others show what is usual
        usual = float(slow[known & ~mine].mean()) if cut and (known & ~mine).any() else None
        flags = slow[places].astype(float)
        for episode in episodes(
            flags, series=len(tried), least=_LEAST_SLOW, floor=0.1, usual=usual
        ):
            one = _judged(waits, cut, value, places, episode, known, slow)
            gain = _excess(waits, one) if one else 0.0
            if one and (best is None or gain > best[0]):
                best = (gain, one)
    return best[1] if best else None


def _values(waits: Waits, left: NDArray[np.bool_]) -> list[tuple[str, str]]:
    """The cuts that enough waits have to say anything of."""
    found = []
    for cut, column in waits.cuts.items():
        values, counts = np.unique(column[left], return_counts=True)
        found += [(cut, str(value)) for value, n in zip(values, counts, strict=True)
                  if value and n >= _LEAST_SLOW]  # fmt: skip
    return found


def slow_beyond(spent: Numbers) -> float:
    """The multiple of its time allowed beyond which a wait is slow. Pure.

    What nine in ten take; or four times the middle, so that a slowdown of many does not hide.
    """
    if not len(spent):
        return math.inf
    return min(float(np.quantile(spent, _SLOW)), 4 * float(np.median(spent)))


def _excess(waits: Waits, one: Slowdown) -> float:
    """The delay beyond the others' middle wait, in standard errors: it favours the purest cut."""
    beyond = np.log(np.maximum(waits.lasted[one.places], 1.0) / max(one.others, 1.0))
    return float(beyond.mean() * np.sqrt(len(beyond)))


def _judged(
    waits: Waits,
    cut: str,
    value: str,
    places: NDArray[np.intp],
    episode: Episode,
    known: NDArray[np.bool_],
    slow: NDArray[np.bool_],
) -> Slowdown | None:
    mine = places[episode.first : episode.last + 1]
    begin, end = waits.entered[mine[0]], waits.entered[mine[-1]]
    together = known & (waits.entered >= begin) & (waits.entered <= end)
    inside = np.zeros(len(known), bool)
    inside[mine] = True
    rest = np.flatnonzero(together & ~inside if cut else known & ~together)
    if len(rest) < 5:
        return None
    # a holiday slows a region for a day, and everybody for a weekend
    if end - begin < (_OF_ONE if cut == "actor" else _OF_MANY).total_seconds():
        return None
    middle, others = (float(np.median(waits.lasted[of])) for of in (mine, rest))
    spent = float(np.median((waits.lasted / waits.allowed)[mine]))
    usual = float(np.median((waits.lasted / waits.allowed)[rest]))
    always = (
        episode.first <= len(places) // 20 and episode.last >= len(places) - 1 - len(places) // 20
    )
    ratio = _RATIO_OF_OLD if always and cut != "actor" else _RATIO
    if spent < ratio * usual or middle < ratio * others or middle - others < 600:
        return None
    own = np.setdiff1d(places, mine)
    if cut not in ("", "actor") and not always and len(own) >= _OWN:
        # slower than others as ever: a stretch of it must stand out from its own history as well
        if spent < _RATIO * float(np.median((waits.lasted / waits.allowed)[own])):
            return None
        share = (int(slow[own].sum()) + 1) / (len(own) + 2)
        if more_than_chance(episode.bad, episode.trials, share) > CHANCE:
            return None
    slow_rest = int(slow[rest].sum())
    # one slow and one quick wait more, so that few others prove little
    usually = (slow_rest + 1) / (len(rest) + 2)
    if more_than_chance(episode.bad, episode.trials, usually) > CHANCE:
        return None
    goes_on = episode.last >= len(places) - 2
    # by the time allowed, in which a weekend counts for less where deadlines know of it
    high = float(np.quantile((waits.lasted / waits.allowed)[rest], _SLOW))
    first, last = sharpened((waits.lasted / waits.allowed)[mine], spent, high)
    mine = mine[first : last + 1]
    middle, bad = float(np.median(waits.lasted[mine])), int(slow[mine].sum())
    return Slowdown(waits.stage, cut, value, mine, bad, middle, others, goes_on, always)


def sharpened(spent: Numbers, middle: float, high: float) -> tuple[int, int]:
    """The first and last of the waits between which they follow the slow pace and not the others'.
    Pure.

    Each speaks for the slow pace or against it, by ratio, as it lies beyond or below what is half
    way from what nine in ten of the others take (``high``) to the middle of the slow ones; the run
    with the largest sum. Nights make waits of a few hours long, and no slow pace.
    """
    half_way = math.log(max(middle, _NOTHING) * max(high, _NOTHING)) / 2
    # of a mild slowdown most waits are like the longer ones of the others
    between = min(half_way, math.log(_MILD * max(middle, _NOTHING)))
    speaks = np.log(np.maximum(spent, _NOTHING)) - between
    sums = np.concatenate(([0.0], np.cumsum(speaks)))
    gains = sums[1:] - np.minimum.accumulate(sums)[:-1]
    last = int(np.argmax(gains))
    return int(np.argmin(sums[: last + 1])), last


def _finding(one: Slowdown, waits: Waits, estate: Estate) -> Finding:
    delayed = one.places
    if one.slow * 2 < len(delayed):
        # only some of its waits are slow: the others are not touched
        spent = waits.lasted / waits.allowed
        limit = slow_beyond(spent[waits.done])
        delayed = np.array([place for place in delayed if spent[place] > limit], dtype=np.intp)
    instances = tuple(sorted({waits.instances[place] for place in delayed}))
    since = moment(float(waits.entered[one.places[0]]))
    last = max(float(waits.entered[p] + waits.lasted[p]) for p in one.places)
    until = None if one.goes_on else min(moment(last), estate.as_of)
    middle, others = (humanize.naturaldelta(seconds) for seconds in (one.middle, one.others))
    segment = {one.cut: one.value} if one.cut in SEGMENTS else {}
    who = _named(one)
    text = (
        f"{len(one.places)} waits{who}: half take more than {middle}, where the others' half take "
        f"{others}; {one.slow} are among the slowest tenth of the stage"
    )
    slowest = sorted(delayed, key=lambda place: -waits.lasted[place])[:20]
    return Finding(
        kind="stage_slowdown",
        key=(one.stage, one.cut, one.value, "" if one.from_the_beginning else f"{since:%G-%V}"),
        title=f"{{cases}} worth {{worth}} wait {one.middle / max(one.others, 1):.1f} times as long "
        f"in {one.stage}{who} {span(since, until)}: {middle} instead of {others}",
        severity=Severity.WARNING,
        since=since,
        until=until,
        instances=instances,
        segment=segment,
        stage=one.stage,
        error_type="",
        systems=(one.value.split(":")[2],)
        if one.cut == "source" and one.value.count(":") > 1
        else (),
        evidence=(
            Evidence("aggregate", text, since),
            *(
                Evidence(
                    "event",
                    f"{estate.name_of(waits.instances[place])} took "
                    f"{humanize.naturaldelta(float(waits.lasted[place]))} in {one.stage}",
                    moment(float(waits.entered[place])),
                    waits.instances[place],
                )
                for place in slowest
            ),
        ),
    )


def _named(one: Slowdown) -> str:
    if one.cut == "actor":
        return f" with {one.value}"
    if one.cut in ("source", "rule"):
        return f" under {one.cut} {one.value}"
    return f" in {re.sub('_', ' ', one.cut)} {one.value}" if one.cut else ""


KIND = FindingKind(rank=80, find=_find)
