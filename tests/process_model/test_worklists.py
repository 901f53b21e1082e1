from datetime import UTC, datetime, timedelta

from process_model.questions import Selection
from process_model.store import Store
from process_model.worklists import Rejections, rejection_reasons

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
COLUMNS = (
    "dataset", "source", "id", "type", "door", "pointer", "reason", "detail", "payload",
    "received_at",
)  # fmt: skip


def row(id_: str, reason: str, detail: str, hours: int) -> tuple[object, ...]:
    at = NOON + timedelta(hours=hours)
    return (
        "live",
        "urn:test",
        id_,
        "q2c.quote.made.v1",
        "events",
        "/type",
        reason,
        detail,
        "{}",
        at,
    )


def test_reasons_count_each_input_once_and_show_the_newest_example(store: Store) -> None:
    rows = [
        row("1", "unknown_type", "first", 0),
        row("1", "unknown_type", "first", 1),  # sent again: the same input
        row("2", "unknown_type", "second", 2),
        row("3", "invalid_amount", "third", 3),
        row("4", "unknown_type", "of a later period", 30),
    ]
    store.insert("rejected_events", COLUMNS, rows, token="rejected-test")
    period = Selection(until=NOON + timedelta(hours=24))
    assert rejection_reasons(store, period) == [
        Rejections("unknown_type", "urn:test", "q2c.quote.made.v1", 2, NOON,
                   NOON + timedelta(hours=2), "second", "{}"),
        Rejections("invalid_amount", "urn:test", "q2c.quote.made.v1", 1, NOON + timedelta(hours=3),
                   NOON + timedelta(hours=3), "third", "{}"),
    ]  # fmt: skip
