"""A source whose events come late or out of order, against its own history.

Normal: what the source's own middle half of delays shows; late is three times that spread beyond
it, and at least a quarter of an hour. The delay is taken from the source's own ``recordedtime``, so
that a history loaded in bulk is not late; only a source that tells none is measured by our receipt.
Out of order is an event whose number comes after events that happened long after it. A finding is a
stretch of time in which late events are raised beyond chance over all sources.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import humanize

from process_model.finding import Evidence, Finding, FindingKind, Severity, named, span
from process_model.observations.episodes import Episode, episodes
from process_model.observations.estate import Estate, system_of

_FLOOR = 0.05
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Lateness:
    """A stretch in which a source's events came late."""

    source: str
    since: datetime
    until: datetime | None
    late: tuple[tuple[datetime, int, float], ...]
    """(when it happened, event hash, seconds late)"""
    episode: Episode
    usual_seconds: float


def _find(estate: Estate, known: Sequence[Finding]) -> list[Finding]:
    slots: dict[str, list[Any]] = defaultdict(list)
    for row in estate.ask("finding_delays", as_of=estate.as_of):
        slots[row.source].append(row)
    return [_finding(one, estate) for one in lateness(slots)]


def lateness(slots: Mapping[str, Sequence[Any]]) -> list[Lateness]:
    """The stretches of every source; rows by slot carry events, late and events_late. Pure."""
    found = []
    for source, rows in sorted(slots.items()):
        late, all_ = [row.late for row in rows], [row.events for row in rows]
        for one in episodes(late, all_, series=len(slots), floor=_FLOOR):
            part = rows[one.first : one.last + 1]
            events = tuple(sorted(event for row in part for event in row.events_late))
            over = one.last < len(rows) - 1
            found.append(
                Lateness(source, events[0][0], events[-1][0] if over else None, events, one,
                         rows[0].usual_seconds)
            )  # fmt: skip
    return found


def _finding(one: Lateness, estate: Estate) -> Finding:
    hashes = [hash_ for _, hash_, _ in one.late][:_MOST]
    instances = tuple(
        row.instance_id for row in estate.ask("finding_cases_of_events", hashes=hashes)
    )
    delays = sorted(seconds for _, _, seconds in one.late)
    middle = humanize.naturaldelta(delays[len(delays) // 2])
    usual = humanize.naturaldelta(max(1.0, one.usual_seconds))
    segments = estate.outstanding(instances)
    text = (
        f"{one.episode.bad} of {one.episode.trials} events were late, where up to "
        f"{one.episode.usual:.0%} are; half of them by more than {middle}, where {usual} is usual"
    )
    return Finding(
        kind="late_events",
        key=(one.source, one.since.date().isoformat()),
        title=f"{named(system_of(one.source))} tells {middle} late or out of order "
        f"{span(one.since, one.until)} ({one.source}); {{cases}} worth {{worth}} are touched",
        severity=Severity.WARNING,
        since=one.since,
        until=one.until,
        instances=instances,
        segment=segments,
        systems=(system_of(one.source),),
        error_type="other",
        evidence=(
            Evidence("aggregate", text, one.since),
            *(Evidence("event", f"an event of {at:%-d %b %H:%M} came "
                       f"{humanize.naturaldelta(seconds)} late", at)
              for at, _, seconds in one.late[:10]),
        ),
    )  # fmt: skip


KIND = FindingKind(rank=65, find=_find)
