"""Where the time of a case went: waiting or working, by stage; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboards import words
from process_model.lookup import SpanRow, StageRow

_Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class StageTime:
    """The time of one stage in seconds; ``working`` is ``None`` where no span measured it."""

    stage: str
    start: int
    """nanoseconds since 1970"""
    end: int
    total: float
    working: float | None
    open: bool

    @property
    def waiting(self) -> float | None:
        """What is left of the total when the work is taken away."""
        return None if self.working is None else self.total - self.working


def by_stage(
    stages: Iterable[StageRow], spans: Sequence[SpanRow], now: datetime
) -> list[StageTime]:
    """Each stage that was entered, by its start; branches that ran side by side count once."""
    work = _union(_spans(spans))
    gathered: dict[str, list[StageRow]] = {}
    for row in stages:
        if row.state in ("done", "open"):
            gathered.setdefault(row.name, []).append(row)
    found = [_stage(name, rows, work, bool(spans), now) for name, rows in gathered.items()]
    return sorted(found, key=lambda one: (one.start, one.end))


def working_seconds(spans: Sequence[SpanRow]) -> float | None:
    """How long at least one span ran; ``None`` without spans: nobody measured."""
    return _seconds(_union(_spans(spans))) if spans else None


def _stage(
    name: str, rows: list[StageRow], work: list[_Interval], measured: bool, now: datetime
) -> StageTime:
    own = _union(
        (words.nanoseconds(row.entered_at), words.nanoseconds(row.completed_at or now))
        for row in rows
    )
    worked = _seconds(_overlap(own, work)) if measured else None
    still = any(row.completed_at is None for row in rows)
    return StageTime(name, own[0][0], own[-1][1], _seconds(own), worked, still)


def _spans(spans: Sequence[SpanRow]) -> Iterable[_Interval]:
    for span in spans:
        start = words.nanoseconds(span.started_at)
        yield start, start + span.duration_ns


def _union(intervals: Iterable[_Interval]) -> list[_Interval]:
    merged: list[_Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, max(start, end)))
    return merged


def _overlap(some: list[_Interval], others: list[_Interval]) -> list[_Interval]:
    return [
        (max(a, c), min(b, d)) for a, b in some for c, d in others if max(a, c) < min(b, d)
    ]  # fmt: skip


def _seconds(intervals: Iterable[_Interval]) -> float:
    return sum(end - start for start, end in intervals) / 1e9
