"""The map of a small world, counted by hand, and of every world, counted once more in Python."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from statistics import median

import pytest

from process_model.config import ModelConfig
from process_model.process_map import process_map, replay
from process_model.questions import Selection
from process_model.state import State
from process_model.store import Store
from tests.process_model.worlds import live

pytestmark = pytest.mark.engine

ALL = Selection()
WORLD = """\
2026-03-02T09:00 | quote.created  | quote/Q-1 | amount=100.00,EUR region=EMEA
2026-03-02T09:10 | quote.sent     | quote/Q-1 |
2026-03-02T10:10 | quote.accepted | quote/Q-1 |
2026-03-03T09:00 | quote.created  | quote/Q-2 | amount=50.00,EUR region=APAC
2026-03-03T09:20 | quote.sent     | quote/Q-2 |
2026-03-03T09:50 | quote.accepted | quote/Q-2 |
2026-03-04T09:00 | quote.created  | quote/Q-3 | amount=7.00,EUR region=EMEA
2026-03-04T09:40 | quote.sent     | quote/Q-3 |
2026-03-04T09:50 | quote.sent     | quote/Q-3 |
2026-03-04T10:00 | quote.declined | quote/Q-3 |
"""


def test_a_map_counts_events_cases_times_and_money(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    live(store, state, WORLD)
    with store.reader() as reader:
        found = process_map(reader, ALL, model_config)
        emea = process_map(reader, replace(ALL, region=("EMEA",)), model_config)
        early = replace(ALL, until=datetime(2026, 3, 3, tzinfo=UTC))
        first = process_map(reader, early, model_config)
    assert (found.cases, found.happy_cases) == (3, 2)
    assert found.happy_path == ("quote.created", "quote.sent", "quote.accepted")
    sent = next(one for one in found.activities if one.name == "quote.sent")
    assert (sent.count, sent.cases, sent.starts, sent.ends) == (4, 3, 0, 0)
    assert sent.worth.amount == Decimal("157.00")
    paths = {(one.source, one.target): one for one in found.paths}
    assert {pair: (one.count, one.cases) for pair, one in paths.items()} == {
        ("quote.created", "quote.sent"): (3, 3),
        ("quote.sent", "quote.accepted"): (2, 2),
        ("quote.sent", "quote.sent"): (1, 1),
        ("quote.sent", "quote.declined"): (1, 1),
    }
    begun = paths["quote.created", "quote.sent"]
    assert begun.median == 1200
    assert begun.p90 == pytest.approx(
        1200 + 0.8 * 1200
    )  # between the second and the third of three
    assert paths["quote.sent", "quote.accepted"].worth.amount == Decimal("150.00")
    assert emea.cases == 2
    assert {one.name: one.starts for one in emea.activities}["quote.created"] == 2
    assert first.cases == 1


def test_nothing_is_an_empty_map(store: Store, model_config: ModelConfig) -> None:
    with store.reader() as reader:
        found = process_map(reader, ALL, model_config)
        assert (found.cases, found.activities, found.paths, found.happy_path) == (0, (), (), ())
        assert replay(reader, ALL, 10).cases == ()


def test_a_replay_is_the_cases_as_they_went(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    live(store, state, WORLD)
    with store.reader() as reader:
        whole, some = replay(reader, ALL, 10), replay(reader, ALL, 2)
        again = replay(reader, ALL, 2)
        found = process_map(reader, ALL, model_config)
    assert (len(whole.cases), whole.of, len(some.cases), some.of) == (3, 3, 2, 3)
    assert some == again
    moves = [(a, b) for case in whole.cases for a, b in pairwise(case)]
    counted = Counter((a[0], b[0]) for a, b in moves)
    assert counted == {(one.source, one.target): one.count for one in found.paths}
    for one in found.paths:
        waits = [b[1] - a[1] for a, b in moves if (a[0], b[0]) == (one.source, one.target)]
        assert one.median == pytest.approx(median(waits))
