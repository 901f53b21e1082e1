"""The process as it is: which activities follow one another, how often, how long, for how much.

Cases that were alive in the period are seen whole. A path is a pair of activities that followed one
another directly in a case (a directly-follows graph).
"""

from dataclasses import dataclass

from process_model.config import ModelConfig
from process_model.money import Total, total
from process_model.questions import Selection, ask
from process_model.store import Handle


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What happens; ``worth`` is the worth of the cases it happened in."""

    name: str
    count: int
    cases: int
    starts: int
    """cases that begin with it"""
    ends: int
    """cases whose last event it is, so far"""
    worth: Total


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One activity directly after another; times in seconds, interpolated between neighbours."""

    source: str
    target: str
    count: int
    cases: int
    median: float
    p90: float
    p95: float
    worth: Total


@dataclass(frozen=True, slots=True)
class ProcessMap:
    """The whole map; what is drawn of it is the reader's choice."""

    cases: int
    activities: tuple[Activity, ...]
    paths: tuple[Path, ...]
    happy_path: tuple[str, ...]
    """the way that most cases take; the shorter one of two equals"""
    happy_cases: int
    """how many take exactly it"""


@dataclass(frozen=True, slots=True)
class Replay:
    """A sample of cases as they went, each a list of (activity, seconds since 1970)."""

    cases: tuple[tuple[tuple[str, float], ...], ...]
    of: int
    """how many cases there are to choose from"""


def process_map(reader: Handle, selection: Selection, config: ModelConfig) -> ProcessMap:
    """The map of the cases that the selection leaves; empty when there are none."""
    chosen = selection.parameters()
    happy = ask(reader, "happy_path", **chosen)
    if not happy:
        return ProcessMap(0, (), (), (), 0)
    currency = config.reporting_currency
    activities: list[Activity] = []
    paths: list[Path] = []
    for row in ask(reader, "process_map", **chosen, reporting_currency=currency):
        worth = total(row, currency)
        if row.is_path:
            median, p90, p95 = row.quantiles
            paths.append(
                Path(
                    source=row.source, target=row.target, count=row.times, cases=row.cases,
                    median=median, p90=p90, p95=p95, worth=worth,
                )
            )  # fmt: skip
        else:
            activities.append(
                Activity(
                    name=row.source, count=row.times, cases=row.cases, starts=row.starts,
                    ends=row.ends, worth=worth,
                )
            )  # fmt: skip
    (way,) = happy
    return ProcessMap(way.every, tuple(activities), tuple(paths), tuple(way.activities), way.cases)


def replay(reader: Handle, selection: Selection, limit: int) -> Replay:
    """At most ``limit`` cases that have a path, always the same ones of a selection."""
    rows = ask(reader, "replay_cases", **selection.parameters(), limit=limit)
    cases = tuple(tuple(zip(row.activities, row.seconds, strict=True)) for row in rows)
    return Replay(cases, rows[0].every if rows else 0)
