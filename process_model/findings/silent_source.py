"""A source that fell silent while the systems around it went on.

Normal: nights, weekends, holidays, and whatever gap the source itself makes more than twice; time
is counted in what other sources tell of the same regions. A configured ``silence_limits`` is taken
at its word instead. A shorter gap counts when more cases lack an event of that time, for good, than
of any other. The cases are those that lack an event which this source regularly delivers and that
was to happen in the silence; what they lack is not told as a broken promise.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from process_model.finding import Evidence, Finding, FindingKind, Severity, span
from process_model.observations.episodes import CHANCE, more_than_expected
from process_model.observations.estate import Estate, system_of
from process_model.observations.silences import Silence, silences
from process_model.reference import reference

_REGULAR = 0.8
_LEAST_LACKING = 5


def _find(estate: Estate, known: Sequence[Finding]) -> list[Finding]:
    rows = estate.ask("finding_slots", as_of=estate.as_of)
    found = silences(rows, estate.as_of, estate.config.silence_limits)
    return [finding for one in found if (finding := _finding(one, estate))]


@dataclass(frozen=True, slots=True)
class _Habit:
    """How regularly cases that came so far have an event type, and how soon it follows."""

    share: float
    reached: int
    lag: float
    follows: frozenset[str]
    """the event types that it comes right after, in one of ten cases and more"""


def _traces(estate: Estate) -> list[Any]:
    return estate.ask("finding_traces", as_of=estate.as_of)


def habits(traces: Sequence[Any]) -> dict[str, _Habit]:
    """Per event type: the share of cases that came to it or beyond and have it, and its lag from
    what came before, in seconds. Pure.
    """
    rank = reference().rank_of
    reached: dict[str, int] = defaultdict(int)
    lags: dict[str, list[float]] = defaultdict(list)
    before: dict[str, Counter[str]] = defaultdict(Counter)
    order = sorted(rank, key=lambda type_: rank[type_])
    places = [rank[type_] for type_ in order]
    for trace in traces:
        first: dict[str, float] = {}
        for type_, moment in zip(trace.activities, trace.moments, strict=True):
            first.setdefault(type_, moment)
        ranks = [rank[type_] for type_ in first if type_ in rank]
        furthest = max(ranks, default=-1)
        for type_ in order[: bisect_left(places, furthest + 1)]:
            reached[type_] += 1
        previous: tuple[str, float] | None = None
        for type_, moment in sorted(first.items(), key=lambda item: item[1]):
            lags[type_].append(moment - previous[1] if previous else 0.0)
            if previous:
                before[type_][previous[0]] += 1
            previous = (type_, moment)
    return {
        type_: _Habit(
            len(lags[type_]) / reached[type_],
            reached[type_],
            float(np.median(lags[type_])),
            frozenset(b for b, n in before[type_].items() if n * 10 >= before[type_].total()),
        )
        for type_ in lags
        if reached[type_]
    }


def lacking(
    silence: Silence, traces: Sequence[Any], types: Mapping[str, set[str]], estate: Estate
) -> Iterator[tuple[str, str]]:
    """(case, event type) of what the silence swallowed; ``types`` are by region."""
    rank, usual = reference().rank_of, estate.once(_habits_of)
    begin = silence.since.timestamp()
    end = (silence.until or estate.as_of).timestamp()
    regular = {type_: habit for type_, habit in usual.items() if habit.share >= _REGULAR}
    longest = max((habit.lag for habit in regular.values()), default=0.0)
    for trace in traces:
        if trace.moments[0] > end or trace.moments[-1] + longest < begin:
            continue
        had = set(trace.activities)
        for type_ in types.get(trace.region, ()):
            if type_ in had or type_ not in rank or type_ not in regular:
                continue
            habit = regular[type_]
            before = [(m, a) for a, m in zip(trace.activities, trace.moments, strict=True)
                      if rank.get(a, 1 << 30) < rank[type_]]  # fmt: skip
            after = [m for a, m in zip(trace.activities, trace.moments, strict=True)
                     if rank.get(a, -1) > rank[type_]]  # fmt: skip
            if not before:
                continue
            last, last_type = max(before)
            passed = bool(after) and last <= end and min(after) >= begin
            awaited = not after and last_type in habit.follows and begin <= last + habit.lag <= end
            if passed or awaited:
                yield trace.instance_id, type_


def _habits_of(estate: Estate) -> dict[str, _Habit]:
    return habits(estate.once(_traces))


def _proven(silence: Silence, missing: int, types: set[str], estate: Estate) -> bool:
    """Whether cases lack more events of that time than they do of any other."""
    usual = estate.once(_habits_of)
    known = [usual[type_] for type_ in types & usual.keys() if usual[type_].share >= _REGULAR]
    expected = silence.share * sum((1 - habit.share) * habit.reached for habit in known)
    return missing >= _LEAST_LACKING and more_than_expected(missing, max(expected, 0.1)) < CHANCE


def _finding(silence: Silence, estate: Estate) -> Finding | None:
    traces = estate.once(_traces)
    deliverers = estate.deliverers
    told = deliverers.types_of(silence.source)
    types = {
        region: {t for t in told if silence.source in deliverers.of([t], region)}
        for region in {trace.region for trace in traces}
    }
    missing: dict[str, list[str]] = defaultdict(list)
    for instance, type_ in lacking(silence, traces, types, estate):
        missing[instance].append(type_)
    if not silence.certain and not _proven(silence, len(missing), told, estate):
        return None
    instances = tuple(sorted(missing))
    segments = estate.outstanding(instances)
    system = system_of(silence.source)
    lacks = "{cases} worth {worth} lack an event that it delivers"
    if not instances:
        lacks = "no case is known to lack an event of it"
    why = (
        f"longer than its limit of {silence.limit}"
        if silence.limit
        else f"about {silence.missed:.0f} events were to be expected in that time"
    )
    return Finding(
        kind="silent_source",
        key=(silence.source, silence.since.date().isoformat()),
        title=f"{system} has been silent {span(silence.since, silence.until)} "
        f"({silence.source}); {lacks}",
        severity=Severity.CRITICAL if silence.until is None else Severity.WARNING,
        since=silence.since,
        until=silence.until,
        instances=instances,
        segment=segments,
        systems=(system,),
        error_type="other",
        evidence=(
            Evidence("aggregate", f"{silence.source} told nothing; {why}", silence.since),
            *(Evidence("aggregate", f"{estate.name_of(instance)} lacks {', '.join(types_)}", None,
                       instance) for instance, types_ in sorted(missing.items())[:20]),
        ),
    )  # fmt: skip


KIND = FindingKind(rank=5, find=_find)
