"""The default rules over whole worlds: planted faults are told with their cases, calm is silence.

What each fault must be told by stands in docs/alerts.md, in the same table as here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from alerts.alert import Phase
from alerts.backtest import Happened, replayed
from alerts.config import AlertsConfig, rules
from collector.envelopes.canonical import translate
from process_model import instances
from process_model.config import ModelConfig
from process_model.simulation.faults import QUIET, Fault, FaultKind
from process_model.simulation.hours import milliseconds, moment
from process_model.simulation.world import World
from process_model.state import State
from process_model.store import Handle, Store
from tests.builders import insert
from tests.evidence import Evidence

pytestmark = pytest.mark.engine
ANCHOR = date(2026, 3, 4)
NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)
QUARTER, DAY = timedelta(days=91), timedelta(days=1)
TOLD_BY = {
    FaultKind.TAX_OUTAGE: ("sync_success", {"stage": "quote"}, timedelta(days=2)),
    FaultKind.TOKEN_EXPIRY: ("sync_success", {"stage": "order"}, timedelta(days=2)),
    FaultKind.SCHEMA_CHANGE: ("sync_success", {"stage": "order"}, timedelta(days=3)),
    FaultKind.SILENT_DROP: ("broken_promise", {"stage": "order"}, timedelta(days=4)),
    FaultKind.SLOW_APPROVER: ("stage_latency", {"stage": "approval"}, timedelta(days=12)),
    FaultKind.SILENT_SOURCE: ("source_silent", {}, timedelta(days=2)),
}
"""Fault → the default rule that must tell of it, what its alert names, and how soon."""


@contextmanager
def told_to(store: Store, state: State, world: World) -> Iterator[Handle]:
    """The store once it knows everything that the world's sources had told by now."""
    now = milliseconds(NOW)
    known = [event for event in world.events(now) if event.told.recorded <= now]
    insert(store, [
        translate(world.wire(event), received_at=moment(event.told.recorded)) for event in known
    ])  # fmt: skip
    while instances.walk(store, state, ModelConfig()):
        pass
    with store.reader() as reader:
        yield reader


def fired(
    reader: Handle, since: datetime, until: datetime, every: timedelta, rule: str = ""
) -> list[Happened]:
    """What the rules as they are shipped would have fired."""
    known = {name: one for name, one in rules().items() if rule in ("", name)}
    told = replayed(reader, AlertsConfig(), ModelConfig(), known, since, until, every)
    return [one for one in told if one.phase == Phase.FIRING and not one.frozen]


def expected(kind: FaultKind, fault: Fault) -> tuple[str, dict[str, str], timedelta]:
    """The rule, the labels of its alert, and how long after its begin the fault must be told."""
    rule, labels, soon = TOLD_BY[kind]
    return rule, labels or {"source": fault.source}, soon


def told_of(store: Store, state: State, kind: FaultKind, seed: int, every: timedelta) -> str:
    """Hold that a planted fault is told; a sentence of how soon and with how many of its cases."""
    world = World(seed, kind, ANCHOR, months=1.5, cases=1_300)
    fault = world.plan[kind]
    (answer,) = world.answers(milliseconds(NOW)).answers
    rule, labels, soon = expected(kind, fault)
    begin = moment(fault.since)
    with told_to(store, state, world) as reader:
        # well before it there must be nothing, or what comes after proves nothing
        known = fired(reader, begin - DAY, min(NOW, begin + soon), every, rule)
    mine = [one for one in known if one.labels == labels]
    assert mine, (kind, seed, [one.title for one in known])
    first = mine[0]
    assert first.at > begin, (kind, seed, first.title)
    hurt = {*answer.cases, *answer.open}
    if not answer.cases:
        return f"{kind}, seed {seed}: told by {rule} after {first.at - begin}"
    share = len(hurt.intersection(first.instances)) / len(first.instances)
    assert share >= 0.5, (kind, seed, first.title, share)
    return f"{kind}, seed {seed}: told by {rule} after {first.at - begin}, {share:.0%} of its cases"


@pytest.mark.parametrize("kind", TOLD_BY)
def test_a_planted_fault_is_told_by_its_rule_with_its_cases(
    store: Store, state: State, kind: FaultKind
) -> None:
    told_of(store, state, kind, 1, min(TOLD_BY[kind][2] / 12, DAY / 2))


def test_a_quarter_in_which_nothing_is_wrong_fires_nothing(store: Store, state: State) -> None:
    world = World(1, QUIET, ANCHOR, months=4, cases=900)
    with told_to(store, state, world) as reader:
        # another hour every day, so that the whole week is met at many hours
        known = fired(reader, NOW - QUARTER, NOW, timedelta(hours=53))
    assert [one.title for one in known] == []


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_quarters_in_which_nothing_is_wrong_fire_nothing(
    store: Store, state: State, seed: int, evidence: Evidence
) -> None:
    world, every = World(seed, QUIET, ANCHOR, months=4.5, cases=3_900), timedelta(hours=8)
    with told_to(store, state, world) as reader:
        known = fired(reader, NOW - QUARTER, NOW, every)
    assert [one.title for one in known] == []
    evidence(f"3,900 cases, every rule {QUARTER // every + 1} times over 91 days: no alert")


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("kind", TOLD_BY)
def test_planted_faults_of_other_worlds_are_told(
    store: Store, state: State, kind: FaultKind, seed: int, evidence: Evidence
) -> None:
    evidence(told_of(store, state, kind, seed, TOLD_BY[kind][2] / 24))
