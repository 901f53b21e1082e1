"""Findings over whole worlds: what is planted is named, and a calm estate is left alone."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from process_model import findings
from process_model.config import ModelConfig
from process_model.detection import Detection, detect, told
from process_model.finding import Finding, FindingKind
from process_model.observations.estate import Estate
from process_model.plugins import discover
from process_model.questions import Path, Selection
from process_model.state import State
from process_model.store import Store
from tests import planted
from tests.builders import START, Life, paid_in_full, stored
from tests.calm import calm_lives, numbered

DAY = timedelta(days=1)
NOW = START + 60 * DAY


def found_in(store: Store, now: datetime = NOW, config: ModelConfig | None = None) -> list[Finding]:
    """Everything that is found in the store as it stands."""
    return detect(Estate(store.reader(), config or ModelConfig(), dataset="live", as_of=now))


def named(found: list[Finding], kind: str) -> set[str]:
    """The cases of all findings of a kind."""
    return {id_ for one in found if one.kind == kind for id_ in one.instances}


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_found_in_a_calm_estate(store: Store, state: State, seed: int) -> None:
    stored(store, state, numbered(calm_lives(seed, START, 60, 300), NOW, seed))
    assert [finding.title for finding in found_in(store)] == []


def plant(lives: list[Life]) -> planted.Faults:
    """One fault of each kind, apart from each other in time."""
    chance = random.Random(5)
    # what moves later steps comes first, so that it does not move other faults out of their time
    faults = {
        "stage_slowdown": planted.slow_approver(lives, "u-3", START + 10 * DAY, 3 * DAY),
        "service_outage": planted.tax_outage(
            lives, START + 35 * DAY, START + 35 * DAY + timedelta(hours=30)
        ),
        "sync_failure": planted.token_expiry(lives, START + 28 * DAY, START + 30 * DAY, "EMEA"),
    }
    touched = set().union(*faults.values())
    calm = [life for life in lives if life.instance not in touched]
    faults["broken_promise"] = planted.silent_drops(calm, START + 12 * DAY, START + 45 * DAY, 10)
    alive = [life for life in lives if life.instance not in faults["broken_promise"]]
    faults |= {
        "amount_mismatch": planted.wrong_prices(alive, 8, chance),
        "schema_change": planted.renamed_field(lives, START + 42 * DAY, START + 47 * DAY),
    }
    kept = [life for life in alive if life.instance not in faults["amount_mismatch"]]
    faults |= {
        "duplicate": planted.duplicate_orders(kept, 6, chance),
        "master_drift": planted.drifting_customers(lives, {"C-3", "C-8"}, START + 25 * DAY),
        "lost_correlation": planted.lost_ids(lives, START + 18 * DAY, START + 24 * DAY, chance),
        "late_events": planted.late(
            lives, "urn:system:stripe:amer", START + 36 * DAY, START + 46 * DAY, chance
        ),
    }
    return faults


def test_every_planted_fault_is_named_with_its_cases(store: Store, state: State) -> None:
    lives = calm_lives(11, START, 60, 600)
    faults = plant(lives)
    begun = {life.instance for life in lives if min(map(planted.at, life.told)) < NOW - 5 * DAY}
    stored(store, state, numbered(lives, NOW, 11))
    found = found_in(store)
    for kind, touched in faults.items():
        ids, expected = named(found, kind), touched & begun
        recall = len(ids & expected) / len(expected)
        precision = len(ids & touched) / max(1, len(ids))
        assert recall >= 0.9, (kind, recall, sorted(expected - ids))
        assert precision >= 0.9, (kind, precision, sorted(ids - touched))
    assert {one.kind for one in found} == {*faults}
    _same_ids_and_sums(store, found)


def _same_ids_and_sums(store: Store, found: list[Finding]) -> None:
    """The same finding has the same id a day later; the parts of the estate add up to it."""
    assert {one.id for one in found} <= {one.id for one in found_in(store, NOW + DAY)}
    estate = Estate(store.reader(), ModelConfig(), dataset="live", as_of=NOW)
    rows = told(found, Selection(), estate.cases)
    assert len({row.finding.id for row in rows}) == len(found)
    regions = ("EMEA", "AMER", "APAC")
    parts = [told(found, Selection(region=(region,)), estate.cases) for region in regions]
    for row in rows:
        mine = [one for part in parts for one in part if one.finding.id == row.finding.id]
        assert sum(one.cases for one in mine) == row.cases
        for currency, amount in row.amounts.items():
            assert sum(one.amounts.get(currency, 0) for one in mine) == amount
        assert "{" not in row.title
    assert told(found, Selection(until=START + DAY), estate.cases) == []


def test_a_path_leaves_of_a_finding_its_own_cases(store: Store, state: State) -> None:
    lives = calm_lives(11, START, 60, 600)
    dropped = planted.silent_drops(lives, START + 12 * DAY, START + 45 * DAY, 10)
    stored(store, state, numbered(lives, NOW, 11))
    detection = Detection(store.reader(), ModelConfig(), clock=lambda: NOW)

    def cases(path: Path) -> set[str]:
        told = detection.of(Selection(as_of=NOW, path=path))
        return {id_ for one in told for id_ in one.finding.instances}

    approved = Path(only=("approval.granted",))
    rest = Path(exclude=("approval.granted",))
    assert cases(Path()) == dropped == cases(approved) | cases(rest)
    assert not cases(approved) & cases(rest)
    assert cases(approved)
    assert cases(rest)
    assert cases(Path(only=("order.created",))) == set()


def test_an_answer_stands_while_the_data_does(store: Store, state: State) -> None:
    detection = Detection(store.reader(), ModelConfig(), clock=lambda: NOW)
    assert detection.of(Selection(as_of=NOW)) == []
    stored(store, state, [paid_in_full(1, START)])
    # the answer of a minute ago is given again, and nothing is asked
    store.execute("lose", "TRUNCATE TABLE instances")
    assert detection.of(Selection(as_of=NOW)) == []


def test_an_old_answer_is_given_while_a_lent_thread_makes_the_new_one(
    store: Store, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("process_model.detection._FRESH_SECONDS", -1.0)
    detection = Detection(store.reader(), ModelConfig(), clock=lambda: NOW)
    lent: list[Callable[[], object]] = []
    detection.renew_behind(lent.append)
    assert detection.of(Selection(as_of=NOW)) == []
    lives = calm_lives(1, START, 60, 300)
    planted.silent_drops(lives, START + 12 * DAY, START + 45 * DAY, 10)
    stored(store, state, numbered(lives, NOW, 1))
    assert detection.of(Selection(as_of=NOW)) == []
    # whoever asks meanwhile neither waits nor has the work done twice
    assert detection.of(Selection(as_of=NOW)) == []
    (work,) = lent
    work()
    assert [one.finding.kind for one in detection.of(Selection(as_of=NOW))] == ["broken_promise"]


def test_every_kind_says_what_it_takes_for_normal() -> None:
    for name in discover(findings, FindingKind):
        module = __import__(f"process_model.findings.{name}", fromlist=["KIND"])
        assert "Normal:" in (module.__doc__ or ""), name
