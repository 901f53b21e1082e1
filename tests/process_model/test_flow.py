"""Where the cases of the hand-told world stand; every figure is worked out from its lines."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from process_model import flow
from process_model.config import ModelConfig
from process_model.questions import Selection
from process_model.state import State
from process_model.store import Reader, Store
from process_model.vocabulary import Stage
from tests.process_model.worlds import GOLDEN, live

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
ALL = Selection(as_of=NOW)


@pytest.fixture
def world(store: Store, state: State) -> Iterator[Reader]:
    live(store, state, (GOLDEN / "world.txt").read_text())
    with store.reader() as reader:
        yield reader


def test_every_case_stands_in_one_place(world: Reader) -> None:
    stand = flow.standing(world, ALL, ModelConfig())
    places: Counter[tuple[str, str, bool]] = Counter()
    for one in stand:
        places[one.stage, one.status, one.late] += one.instances
    assert places == {
        ("", "completed", False): 2,  # are paid
        ("acceptance", "open", False): 1,
        ("order", "open", True): 1,  # Q-6, promised for the third
        ("order", "open", False): 1,  # Q-7 has time until 15:00
        ("invoice", "open", True): 1,  # SO-4 of Q-4
        ("payment", "open", True): 1,  # INV-3 of Q-3 is overdue
        ("payment", "open", False): 1,  # INV-5 of Q-5 has thirty days
        ("acceptance", "withdrawn", False): 1,  # Q-8 was declined
    }
    late_order = next(one for one in stand if (one.stage, one.late) == ("order", True))
    assert (late_order.worth.amount, late_order.worth.currency) == (Decimal(600), "USD")


def test_a_step_keeps_what_got_past_it(world: Reader) -> None:
    steps = flow.steps(flow.standing(world, ALL, ModelConfig()))
    passed = {str(step.stage): step.passed for step in steps}
    # nine quotes; stop at acceptance, Q-6 and Q-7 have no order, Q-4 no invoice
    assert passed == {
        "quote": 9, "approval": 9, "acceptance": 7, "order": 5, "fulfilment": 5, "invoice": 4,
        "payment": 2,
    }  # fmt: skip
    kept = {step.stage: step.kept for step in steps}
    assert kept[Stage.QUOTE] is None
    assert kept[Stage.ORDER] == pytest.approx(5 / 7)


def test_the_period_takes_the_cases_that_began_in_it(world: Reader) -> None:
    begun = datetime(2026, 3, 18, tzinfo=UTC)
    late = flow.standing(world, Selection(as_of=NOW, since=begun), ModelConfig())
    assert sum(one.instances for one in late) == 2
    nowhere = flow.standing(world, Selection(as_of=NOW, region=("nowhere",)), ModelConfig())
    assert nowhere == []
    assert [step.passed for step in flow.steps(nowhere)] == [0] * len(flow.STEPS)


def test_durations_fall_into_sizes_and_days(world: Reader) -> None:
    found = flow.durations(world, ALL, Stage.ORDER, "quote")
    third = datetime(2026, 3, 3, tzinfo=UTC)
    sizes = {(entry.bucket, entry.size): entry.waits for entry in found}
    # 1 h is up to 1 h; 2 h and 3 h up to 3 h; 4 h and 6 h up to 10 h
    assert sizes == {(third, 2): 1, (third, 3): 2, (third, 4): 2}


def test_a_document_of_two_cases_is_one_wait(store: Store, state: State) -> None:
    live(
        store,
        state,
        """
2026-03-02 08:00 | quote.created   | quote/Q-1     | amount=100.00,EUR
2026-03-02 08:00 | quote.created   | quote/Q-2     | amount=100.00,EUR
2026-03-03 10:00 | order.created   | order/SO-1    | from=quote/Q-1
2026-03-03 10:00 | order.created   | order/SO-2    | from=quote/Q-2
2026-03-05 12:00 | invoice.posted  | invoice/INV-1 | from=order/SO-1 days=10
2026-03-05 13:00 | invoice.sent    | invoice/INV-1 | from=order/SO-2
2026-03-09 12:00 | payment.applied | payment/P-1   | from=invoice/INV-1
""",
    )
    assert [entry.waits for entry in flow.durations(store, ALL, Stage.PAYMENT)] == [1]


def test_the_backlog_by_age_counts_each_case_at_its_stage(world: Reader) -> None:
    found = flow.backlog_ages(world, ALL)
    by = {(entry.stage, entry.age): (entry.instances, entry.late) for entry in found}
    # ages on the twentieth at noon: Q-9 waits since the 18th, Q-7 one hour, Q-6 since the third,
    # SO-4 since its delivery on the fifth, INV-3 since the seventh, INV-5 since the fourth
    assert by == {
        ("acceptance", 2): (1, 0),
        ("order", 0): (1, 0),
        ("order", 5): (1, 1),
        ("invoice", 5): (1, 1),
        ("payment", 4): (1, 1),
        ("payment", 5): (1, 0),
    }
    hour_ago = Selection(as_of=NOW - timedelta(hours=2))
    assert ("order", 0) not in {
        (entry.stage, entry.age) for entry in flow.backlog_ages(world, hour_ago)
    }
