"""A system whose calls fail for a stretch of time: a tax engine that is down, failing services.

Normal: a call fails now and then; up to 3 %, or what the system's own history shows, is never
named. Failures of content (validation, business rules, duplicates) are no outage. A finding is a
stretch in which failed calls are raised beyond chance over all systems. Spans count where they
failed of their own; a stretch that a failing hand-over or the told failures already name is not
told again.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from process_model.finding import NEVER, Evidence, Finding, FindingKind, Severity, named, span
from process_model.observations.crossing_failures import failure_stretches
from process_model.observations.episodes import Episode, episodes
from process_model.observations.estate import Estate, number_of, system_of

_NEAR = timedelta(minutes=15)
_MOST_TRACES = 5_000


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch in which calls to one system failed."""

    systems: tuple[str, ...]
    since: datetime
    until: datetime | None
    error_type: str
    failed: int
    calls: int
    usual: float
    instances: frozenset[str]
    objects: frozenset[str]
    evidence: tuple[Evidence, ...]

    def touches(self, since: datetime, until: datetime | None) -> bool:
        """Whether it went on at the time of another stretch, or right beside it."""
        return self.since - _NEAR <= (until or NEVER) and since <= (
            NEVER if self.until is None else self.until + _NEAR
        )


def _find(estate: Estate, known: Sequence[Finding]) -> list[Finding]:
    told = outages_told(estate.ask("finding_calls", as_of=estate.as_of))
    traced = [one for one in _traced(estate) if not _named(one, told, estate)]
    return [_finding(one, estate) for one in (*told, *traced)]


def outages_told(rows: Iterable[Any]) -> list[Outage]:
    """Outages in what events tell; rows in the order of topic, source and time. Pure."""
    calls: dict[tuple[str, str], dict[tuple[datetime, str], list[Any]]] = defaultdict(dict)
    for row in rows:
        # of all its regions together and of each, since one that is down drowns among the others
        for name in {row.source, system_of(row.source)}:
            # a call that stands in two cases is one call
            calls[row.topic, name].setdefault((row.at, row.about), []).append(row)
    found: list[Outage] = []
    for (topic, name), by_call in sorted(calls.items()):
        ordered = [by_call[key] for key in sorted(by_call)]
        for one in episodes([float(told[0].failed) for told in ordered], series=len(calls)):
            found.append(_outage(topic, system_of(name), ordered, one))
    return _as_one(found)


def _outage(topic: str, system: str, ordered: Sequence[list[Any]], one: Episode) -> Outage:
    part = ordered[one.first : one.last + 1]
    failing = [row for told in part for row in told if row.failed]
    after = (told[0].at for told in ordered[one.last + 1 :] if not told[0].failed)
    events = (
        Evidence("event", f"{topic} failed for {number_of(row.about)}", row.at, row.instance_id,
                 row.about)
        for row in failing[:10]
    )  # fmt: skip
    return Outage(
        tuple(dict.fromkeys((system, topic))),
        failing[0].at,
        next(after, None),
        _common(row.error_class for row in failing),
        one.bad,
        one.trials,
        one.usual,
        frozenset(row.instance_id for row in failing if row.instance_id),
        frozenset(row.about for row in failing if row.about),
        tuple(events),
    )


def _as_one(found: Sequence[Outage]) -> list[Outage]:
    """A system that is down in several regions at one time is down once."""
    merged: list[Outage] = []
    for one in sorted(found, key=lambda outage: outage.since):
        fellow = next((o for o in merged if o.systems == one.systems
                       and o.touches(one.since, one.until)), None)  # fmt: skip
        if fellow is None:
            merged.append(one)
            continue
        ends = (fellow.until, one.until)
        merged[merged.index(fellow)] = Outage(
            one.systems, fellow.since, None if None in ends else max(e for e in ends if e),
            fellow.error_type, max(fellow.failed, one.failed), max(fellow.calls, one.calls),
            max(fellow.usual, one.usual), fellow.instances | one.instances,
            fellow.objects | one.objects, tuple(dict.fromkeys(fellow.evidence + one.evidence))[:20],
        )  # fmt: skip
    return merged


def _common(words: Iterable[str]) -> str:
    counted: dict[str, int] = defaultdict(int)
    for word in words:
        counted[word] += 1
    best = max(sorted(counted), key=lambda word: counted[word], default="")
    return best or "other"


def _traced(estate: Estate) -> list[Outage]:
    slots: dict[str, list[Any]] = defaultdict(list)
    for row in estate.ask("finding_span_errors", as_of=estate.as_of):
        slots[row.callee].append(row)
    found = []
    for service, rows in sorted(slots.items()):
        errors, spans = [row.errors for row in rows], [row.spans for row in rows]
        for one in episodes(errors, spans, series=len(slots)):
            part = [row for row in rows[one.first : one.last + 1] if row.errors]
            traces = sorted({trace for row in part for trace in row.traces})[:_MOST_TRACES]
            homes = estate.ask("finding_cases_of_traces", trace_ids=traces)
            goes_on = one.last == len(rows) - 1
            text = f"{one.bad} of {one.trials} spans of {service} failed of their own"
            found.append(
                Outage(
                    (service,), part[0].first_at, None if goes_on else part[-1].last_at,
                    _common(row.error_class for row in part if row.error_class),
                    one.bad, one.trials, one.usual, frozenset(row.instance_id for row in homes),
                    frozenset(), (Evidence("aggregate", text, part[0].first_at),),
                )
            )  # fmt: skip
    return found


def _named(one: Outage, told: Sequence[Outage], estate: Estate) -> bool:
    """Whether a stretch of failed spans shows a failure that is already known."""
    stretches = [(outage.since, outage.until, outage.instances, {*outage.systems})
                 for outage in told]  # fmt: skip
    for stretch in estate.once(failure_stretches):
        systems = {system for hop in stretch.hops for system in hop}
        cases = frozenset(failed.instance for failed in stretch.failed)
        stretches.append((stretch.since, stretch.until, cases, systems))
    return any(
        one.touches(since, until) and (not one.instances or one.instances & cases
                                       or {*one.systems} & systems)
        for since, until, cases, systems in stretches
    )  # fmt: skip


def _finding(outage: Outage, estate: Estate) -> Finding:
    name = outage.systems[-1]
    by = "" if outage.systems[0] == name else f" ({named(outage.systems[0])})"
    instances = tuple(sorted(outage.instances))
    share = (
        f"{outage.failed} of {outage.calls} calls failed, where up to {outage.usual:.0%} is usual"
    )
    segments = estate.outstanding(instances)
    return Finding(
        kind="service_outage",
        key=(*outage.systems, outage.since.date().isoformat()),
        title=f"{named(name)}{by} failed {span(outage.since, outage.until)}: {{cases}} "
        "worth {worth} met it",
        severity=Severity.CRITICAL if outage.until is None else Severity.WARNING,
        since=outage.since,
        until=outage.until,
        instances=instances,
        objects=tuple(sorted(outage.objects)),
        segment=segments,
        systems=outage.systems,
        error_type=outage.error_type,
        evidence=(Evidence("aggregate", share, outage.since), *outage.evidence),
    )


KIND = FindingKind(rank=30, find=_find)
