"""A replay is the cases as they went: what moves is what the map counts."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from statistics import median

import pytest

from process_model.config import ModelConfig
from process_model.mining.process_map import process_map
from process_model.mining.replay import replay
from process_model.questions import Path, Selection
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


def test_what_moves_is_what_the_map_counts(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    live(store, state, WORLD)
    with store.reader() as reader:
        whole = replay(reader, ALL, limit=10)
        some = replay(reader, ALL, limit=2)
        again = replay(reader, ALL, limit=2)
        declined = replay(reader, replace(ALL, path=Path(only=("quote.declined",))), limit=9)
        found = process_map(reader, ALL, model_config)
    assert (len(whole.cases), whole.of, len(some.cases), some.of) == (3, 3, 2, 3)
    assert some == again
    assert len(declined.cases) == 1
    moves = [(a, b) for case in whole.cases for a, b in pairwise(case)]
    counted = Counter((a[0], b[0]) for a, b in moves)
    assert counted == {(one.source, one.target): one.handed_over for one in found.hand_overs}
    for one in found.hand_overs:
        waits = [b[1] - a[1] for a, b in moves if (a[0], b[0]) == (one.source, one.target)]
        assert one.p50 == pytest.approx(median(waits))


def test_nothing_is_replayed_of_nothing(store: Store, model_config: ModelConfig) -> None:
    with store.reader() as reader:
        assert replay(reader, ALL, limit=9).cases == ()
