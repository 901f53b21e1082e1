"""A source that stops greys what rests on it before the figures themselves can mislead."""

from datetime import UTC, datetime, timedelta

from process_model import kpi
from process_model.config import ModelConfig
from process_model.questions import Selection
from process_model.state import State
from process_model.store import Store
from tests.process_model.worlds import live

START = datetime(2026, 3, 2, tzinfo=UTC)
STEP = timedelta(minutes=15)
BEFORE, AFTER = 15 * 24 * 4, 8 * 4
"""How many steps the order's source tells of, and how many more it is silent for."""


def test_a_stopped_source_greys_its_number_before_the_number_changes(
    store: Store, state: State
) -> None:
    lines = []
    for step in range(BEFORE + AFTER):
        at, order_at = START + step * STEP, START + step * STEP + timedelta(minutes=5)
        lines.append(f"{at:%Y-%m-%d %H:%M} | quote.accepted | quote/Q-{step} | amount=100.00,EUR")
        if step < BEFORE:
            lines.append(
                f"{order_at:%Y-%m-%d %H:%M} | order.created | order/SO-{step} | from=quote/Q-{step}"
            )
    live(store, state, "\n".join(lines))

    def told(moment: datetime) -> kpi.KpiRow:
        selection = Selection(since=START, as_of=moment)
        (row,) = kpi.compute(store, kpi.load_all()["acceptance_to_order"], selection, ModelConfig())
        return row

    stopped = START + (BEFORE - 1) * STEP + timedelta(minutes=10)
    first = told(stopped)
    assert first.coverage.sufficient, "while the source speaks, its number is trusted"
    greyed_at = changed_at = None
    for step in range(AFTER - 1):
        moment = stopped + step * STEP
        row = told(moment)
        if greyed_at is None and not row.coverage.sufficient:
            greyed_at, limited_by = moment, row.coverage.limited_by
        if changed_at is None and (row.value, row.n, row.breached) != (
            first.value, first.n, first.breached,
        ):  # fmt: skip
            changed_at = moment
    assert changed_at is not None, "orders that never came must show as late in the end"
    assert greyed_at is not None
    assert greyed_at < changed_at
    assert limited_by == "urn:system:sap"
