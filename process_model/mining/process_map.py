"""The process map: activities and hand-overs between them (the directly-follows graph).

The figures are exact: medians and percentiles interpolate between the two nearest ranks, as numpy
and pm4py do. The whole map is one answer; what is shown of it is for the reader to choose.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from process_model.config import ModelConfig
from process_model.mining.variants import Variant, rows_of, told
from process_model.money import Total, total_of
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
    ways: Sequence[Variant]
    """every variant, the most frequent first"""

    @property
    def instances(self) -> int:
        """Cases that have a trace at all."""
        return sum(way.instances for way in self.ways)

    @property
    def spine(self) -> Sequence[str]:
        """The activities of the most frequent variant, in order: the way most cases go."""
        return self.ways[0].activities if self.ways else ()

    @property
    def spine_instances(self) -> int:
        """How many cases go exactly that way."""
        return self.ways[0].instances if self.ways else 0


def process_map(reader: Handle, selection: Selection, config: ModelConfig) -> ProcessMap:
    """The map of the cases that were alive in the period."""
    parameters = selection.parameters() | {"reporting_currency": config.reporting_currency}
    ways = rows_of(reader, parameters)
    waits = {
        (row.source, row.target): row.micros for row in ask(reader, "hand_overs", **parameters)
    }
    currency = config.reporting_currency
    return ProcessMap(
        _activities(ways, currency), _hand_overs(ways, waits, currency), told(ways, config)
    )


def _activities(ways: Sequence[Any], currency: str) -> list[Activity]:
    happened, starts, ends = Counter[str](), Counter[str](), Counter[str]()
    having: dict[str, list[Any]] = defaultdict(list)
    for way in ways:
        starts[way.activities[0]] += way.instances
        ends[way.activities[-1]] += way.instances
        for name, times in Counter(way.activities).items():
            happened[name] += times * way.instances
            having[name].append(way)
    stages = reference().stage_of
    found = [
        Activity(
            name=name,
            stage=str(stages.get(name, "")),
            happened=count,
            instances=sum(way.instances for way in having[name]),
            starts=starts[name],
            ends=ends[name],
            worth=total_of(having[name], currency),
        )
        for name, count in happened.items()
    ]
    return sorted(found, key=lambda one: (-one.happened, one.name))


def _hand_overs(
    ways: Sequence[Any], waits: Mapping[tuple[str, str], Sequence[float]], currency: str
) -> list[HandOver]:
    handed = Counter[tuple[str, str]]()
    passing: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for way in ways:
        for pair, times in Counter(pairwise(way.activities)).items():
            handed[pair] += times * way.instances
            passing[pair].append(way)
    found = []
    for pair, count in handed.items():
        if pair not in waits:  # a case came between the two questions: the next answer has it
            continue
        p50, p90, p95 = (micros / _MICROS for micros in waits[pair])
        instances = sum(way.instances for way in passing[pair])
        worth = total_of(passing[pair], currency)
        found.append(HandOver(*pair, count, instances, p50, p90, p95, worth))
    return sorted(found, key=lambda one: (-one.handed_over, one.source, one.target))
