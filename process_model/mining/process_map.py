"""The process map: activities and hand-overs between them (the directly-follows graph).

The figures are exact: medians and percentiles interpolate between the two nearest ranks, as numpy
and pm4py do. The whole map is one answer; what is shown of it is for the reader to choose.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from process_model.config import ModelConfig
from process_model.mining.paths import ALL, Path, chosen
from process_model.mining.variants import variants
from process_model.money import Total, total
from process_model.questions import Selection, ask
from process_model.reference import reference
from process_model.store import Handle

_MICROS = 1e6


@dataclass(frozen=True, slots=True)
class Activity:
    """One step of the process: how often it happened and in how many cases."""

    name: str
    stage: str
    """'' where the dataset has words of its own"""
    happened: int
    instances: int
    starts: int
    """cases that begin with it"""
    ends: int
    """cases whose last step it is"""
    worth: Total
    """of the cases that have it, each once"""


@dataclass(frozen=True, slots=True)
class HandOver:
    """One activity that directly follows another; times in seconds."""

    source: str
    target: str
    handed_over: int
    instances: int
    p50: float
    p90: float
    p95: float
    worth: Total
    """of the cases that pass it, each once"""


@dataclass(frozen=True, slots=True)
class ProcessMap:
    """The directly-follows graph of the chosen cases, whole."""

    activities: Sequence[Activity]
    """the most frequent first"""
    hand_overs: Sequence[HandOver]
    spine: Sequence[str]
    """the activities of the most frequent variant, in order: the way most cases go"""
    spine_instances: int
    instances: int
    variants: int


def process_map(
    reader: Handle, selection: Selection, config: ModelConfig, path: Path = ALL
) -> ProcessMap:
    """The map of the cases that were alive in the period."""
    parameters = chosen(selection, path, config.reporting_currency)
    ways = variants(reader, selection, config, path, limit=1)
    first = ways.found[0] if ways.found else None
    stages = reference().stage_of
    activities = [
        Activity(
            name=row.activity,
            stage=str(stages.get(row.activity, "")),
            happened=row.happened,
            instances=row.instances,
            starts=row.starts,
            ends=row.ends,
            worth=total(row, config.reporting_currency),
        )
        for row in ask(reader, "activities", **parameters)
    ]
    hand_overs = [
        HandOver(
            source=row.source,
            target=row.target,
            handed_over=row.handed_over,
            instances=row.instances,
            p50=row.micros[0] / _MICROS,
            p90=row.micros[1] / _MICROS,
            p95=row.micros[2] / _MICROS,
            worth=total(row, config.reporting_currency),
        )
        for row in ask(reader, "hand_overs", **parameters)
    ]
    return ProcessMap(
        activities,
        hand_overs,
        first.activities if first else (),
        first.instances if first else 0,
        ways.instances,
        ways.variants,
    )
