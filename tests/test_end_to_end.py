"""One order's events and spans through the real doors."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from process_model.simulation import send, story
from tests.harness import Program

pytestmark = pytest.mark.engine


def test_one_orders_life_is_kept_with_its_events_links_and_spans(tmp_path: Path) -> None:
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=9)
    life = story.one_orders_life(start)
    with Program(tmp_path) as program:
        assert send.send_events(program.doors, life) == len(life)
        traces = send.send_traces(program.doors, start, "Q-1001-R1", "SO-1001")
        assert program.stop()[0] == 0, program.said()
        ids = program.ask_stopped("SELECT id FROM business_events")
        assert sorted(str(row[0]) for row in ids) == sorted(str(event["id"]) for event in life)
        links = program.ask_stopped(
            "SELECT DISTINCT l.from_key, l.to_key FROM business_events ARRAY JOIN links AS l"
        )
        chain = ["quote:shared:Q-1001-R1", "order:shared:SO-1001", "invoice:shared:INV-1001"]
        assert [[chain[0], chain[1]], [chain[1], chain[2]]] == [
            pair for pair in ([chain[0], chain[1]], [chain[1], chain[2]]) if pair in links
        ]
        spans = program.ask_stopped(
            "SELECT TraceId, ServiceName, count() FROM otel_traces"
            " WHERE ServiceName != 'throughline' GROUP BY ALL"
        )
        assert {tuple(row) for row in spans} == {
            (traces[0], "cpq", 1), (traces[0], "mulesoft", 1), (traces[0], "sap", 1),
            (traces[1], "mulesoft", 1), (traces[1], "sap", 1),
        }  # fmt: skip
