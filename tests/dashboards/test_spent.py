from datetime import UTC, datetime, timedelta

from dashboards.spent import by_stage, working_seconds
from process_model.lookup import StageRow
from tests.dashboards.test_waterfall import span

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def stage(name: str, start: float, end: float | None, state: str = "done") -> StageRow:
    done = None if end is None else START + timedelta(seconds=end)
    entered = START + timedelta(seconds=start)
    return StageRow(
        name=name, object=f"{name}:shared:1", entered_at=entered, completed_at=done, due_at=None,
        due_from="", state=state, amount=None, currency="", dated_at=entered,
    )  # fmt: skip


def test_spans_are_work_the_rest_is_waiting_and_branches_count_once() -> None:
    stages = [stage("order", 0, 100), stage("order", 50, 150), stage("invoice", 200, 300)]
    spans = [span("a", start=10, seconds=5), span("b", start=12, seconds=5)]
    order, invoice = by_stage(stages, spans, START)
    assert (order.total, order.working, order.waiting) == (150, 7, 143)
    assert (invoice.total, invoice.working) == (100, 0)
    assert working_seconds(spans) == 7


def test_without_spans_work_is_unmeasured_and_not_none_at_all() -> None:
    (order,) = by_stage([stage("order", 0, 100)], [], START)
    assert order.working is None
    assert order.waiting is None
    assert working_seconds([]) is None


def test_an_open_stage_runs_until_now_and_a_skipped_one_took_no_time() -> None:
    stages = [stage("order", 0, None, "open"), stage("quote", 0, None, "skipped")]
    (order,) = by_stage(stages, [], START + timedelta(seconds=60))
    assert (order.stage, order.total, order.open) == ("order", 60, True)
