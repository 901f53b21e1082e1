"""A source that fell silent while the systems around it went on.

Normal: nights, weekends, holidays, and whatever gap the source itself makes more than twice; time
is counted in what other sources tell of the same regions. A configured ``silence_limits`` is taken
at its word instead. A shorter gap counts when more cases lack an event of that time, for good, than
of any other, and a longer one that is over and left no case without its events only when it was
twice as long as chance and habit allow. The cases are those that lack an event which this source
regularly delivers and that was to happen in the silence; what they lack is not told as a broken
promise.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from process_model.finding import Evidence, Finding, FindingKind, Severity, named, span
from process_model.observations.episodes import CHANCE, more_than_expected
from process_model.observations.estate import Estate, system_of
from process_model.observations.silences import Silence, silences
from process_model.reference import reference

_REGULAR, _BY_FAR = 0.8, 2.0
_LEAST_LACKING = 5
_SAMPLED = 3_000
"""So many cases show in which order an estate does things."""


def _find(estate: Estate, known: Sequence[Finding]) -> list[Finding]:
    rows = estate.ask("finding_slots", as_of=estate.as_of)
    found = silences(rows, estate.as_of, estate.config.silence_limits)
    return [finding for one in found if (finding := _finding(one, estate))]


@dataclass(frozen=True, slots=True)
class Habit:
    """How regularly cases that came so far have an event type, how soon it follows, and what."""

    share: float
    reached: int
    lag: float
    """the middle one, seconds"""
    latest: float
    """what nineteen in twenty stay below, seconds"""
    follows: frozenset[str]
    """the event types that it comes right after, in one of ten cases and more"""
    before: frozenset[str]
    """the event types that come before it, as cases show, where they show it"""
    after: frozenset[str]


def _traces(estate: Estate) -> list[Any]:
    return estate.ask("finding_traces", as_of=estate.as_of)


def _firsts(trace: Any) -> dict[str, float]:
    """When each event type of a case first happened, in the order of time."""
    first: dict[str, float] = {}
    for moment, type_ in sorted(zip(trace.moments, trace.activities, strict=True)):
        first.setdefault(type_, moment)
    return first


def preceding(traces: Sequence[Any]) -> dict[str, frozenset[str]]:
    """Per event type those that come before it in nine of ten cases that have both. Pure.

    Where too few have both, the reference process says; where an estate does things in another
    order than the reference, the estate is right.
    """
    both: Counter[tuple[str, str]] = Counter()
    known: set[str] = set()
    for trace in traces[:: max(1, len(traces) // _SAMPLED)]:
        types = [type_ for type_ in _firsts(trace) if type_ in reference().rank_of]
        known |= {*types}
        both.update(combinations(types, 2))
    rank, found = reference().rank_of, {}
    for type_ in known:
        earlier = set()
        for other in known - {type_}:
            so, not_so = both[other, type_], both[type_, other]
            few = so + not_so < _LEAST_LACKING
            if rank[other] < rank[type_] if few else so >= 0.9 * (so + not_so):
                earlier.add(other)
        found[type_] = frozenset(earlier)
    return found


def habits(traces: Sequence[Any]) -> dict[str, Habit]:
    """Per event type: the share of cases that came to it or beyond and have it, and its lag from
    what came before, in seconds. Pure.
    """
    earlier = preceding(traces)
    reached: Counter[str] = Counter()
    lags: dict[str, list[float]] = defaultdict(list)
    before: dict[str, Counter[str]] = defaultdict(Counter)
    for trace in traces:
        first = _firsts(trace)
        reached.update({*first}.union(*(earlier.get(type_, ()) for type_ in first)))
        previous: tuple[str, float] | None = None
        for type_, moment in first.items():
            lags[type_].append(moment - previous[1] if previous else 0.0)
            if previous:
                before[type_][previous[0]] += 1
            previous = (type_, moment)
    return {
        type_: Habit(
            len(lags[type_]) / reached[type_],
            reached[type_],
            float(np.median(lags[type_])),
            float(np.quantile(lags[type_], 0.95)),
            frozenset(b for b, n in before[type_].items() if n * 10 >= before[type_].total()),
            earlier.get(type_, frozenset()),
            frozenset(other for other, ones in earlier.items() if type_ in ones),
        )
        for type_ in lags
    }


def lacking(
    silence: Silence, traces: Sequence[Any], types: Mapping[str, set[str]], estate: Estate
) -> Iterator[tuple[str, str]]:
    """(case, event type) of what the silence swallowed; ``types`` are by region."""
    end = (silence.until or estate.as_of).timestamp()
    now = estate.as_of.timestamp()
    return swallowed(silence.since.timestamp(), end, now, traces, types, estate.once(_habits_of))


def swallowed(
    begin: float,
    end: float,
    now: float,
    traces: Sequence[Any],
    types: Mapping[str, set[str]],
    usual: Mapping[str, Habit],
) -> Iterator[tuple[str, str]]:
    """(case, event type) of what was to happen in the stretch (seconds since 1970). Pure.

    What may still come after a silence that is over was not swallowed by it.
    """
    regular = {type_: habit for type_, habit in usual.items() if habit.share >= _REGULAR}
    longest = max((habit.lag for habit in regular.values()), default=0.0)
    for trace in traces:
        if trace.moments[0] > end or trace.moments[-1] + longest < begin:
            continue
        had = set(trace.activities)
        told = list(zip(trace.moments, trace.activities, strict=True))
        for type_ in types.get(trace.region, ()):
            if type_ in had or type_ not in regular:
                continue
            habit = regular[type_]
            before = [(m, a) for m, a in told if a in habit.before]
            after = [m for m, a in told if a in habit.after]
            if not before:
                continue
            last, last_type = max(before)
            passed = bool(after) and last <= end and min(after) >= begin
            awaited = not after and last_type in habit.follows and begin <= last + habit.lag <= end
            awaited = awaited and (end >= now or last + habit.latest < now)
            if passed or awaited:
                yield trace.instance_id, type_


def _habits_of(estate: Estate) -> dict[str, Habit]:
    return habits(estate.once(_traces))


def _proven(silence: Silence, missing: int, types: set[str], estate: Estate) -> bool:
    """Whether cases lack more events of that time than they do of any other."""
    usual = estate.once(_habits_of)
    known = [usual[type_] for type_ in types & usual.keys() if usual[type_].share >= _REGULAR]
    expected = silence.share * sum((1 - habit.share) * habit.reached for habit in known)
    return missing >= _LEAST_LACKING and more_than_expected(missing, max(expected, 0.1)) < CHANCE


def lost_nothing(silence: Silence, types: set[str], usual: Mapping[str, Habit]) -> bool:
    """Whether a silence that is over and not by far too long left no trace, though it would have:
    then the source had nothing to tell. Pure.
    """
    shows = any(usual[type_].share >= _REGULAR for type_ in types & usual.keys())
    over = silence.until is not None and silence.limit is None
    return over and shows and silence.times < _BY_FAR


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
    if not missing and lost_nothing(silence, told, estate.once(_habits_of)):
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
        title=f"{named(system)} has been silent {span(silence.since, silence.until)} "
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
