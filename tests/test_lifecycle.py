import json
import socket
from pathlib import Path

import pytest

from tests.harness import Program, event

pytestmark = pytest.mark.engine


def test_stopping_drains_what_was_accepted_and_ends_within_ten_seconds(tmp_path: Path) -> None:
    with Program(tmp_path) as program:
        assert program.post_events([event(number) for number in range(500)]) == 202
        code, seconds = program.stop()
        assert (code, seconds < 10) == (0, True), program.said()
        assert not list((tmp_path / "spool" / "events").glob("*.jsonl"))
        rows = program.ask_stopped("SELECT id FROM business_events")
        assert sorted(str(row[0]) for row in rows) == sorted(f"e-{n}" for n in range(500))


def test_a_second_process_on_the_directory_gets_one_sentence_and_code_2(tmp_path: Path) -> None:
    with Program(tmp_path) as first:
        second = Program(tmp_path)
        second.environment["THROUGHLINE_COLLECTOR__SPOOL_DIRECTORY"] = str(tmp_path / "other")
        second.spawn()
        assert second.process is not None
        assert second.process.wait(timeout=60) == 2
        told = [line for line in second.said().splitlines() if line.startswith("throughline: ")]
        assert len(told) == 1
        assert str(tmp_path / "store") in told[0]
        assert "Traceback" not in second.said()
        assert first.post_events([event(1)]) == 202


def test_a_port_in_use_is_named_and_ends_with_code_2(tmp_path: Path) -> None:
    program = Program(tmp_path)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", program.http_port))
        holder.listen()
        program.spawn()
        assert program.process is not None
        assert program.process.wait(timeout=60) == 2
    assert str(program.http_port) in program.said()
    assert "Traceback" not in program.said()


def test_the_health_routes_answer_while_it_runs(tmp_path: Path) -> None:
    with Program(tmp_path) as program:
        assert program.fetch("/healthz")[0] == 200
        assert program.fetch("/readyz")[0] == 200
        program.post_events([event(1)])
        status, metrics = program.fetch("/metrics")
        assert status == 200
        assert b"throughline_accepted_total{" in metrics


def test_what_no_text_can_hold_is_rejected_with_its_reason(tmp_path: Path) -> None:
    with Program(tmp_path) as program:
        body = json.dumps({**event(1), "id": "\ud800"}).encode()
        status, said = program.fetch(
            "/v1/events", body, Content_Type="application/cloudevents+json"
        )
        assert (status, json.loads(said)["rejected"]) == (422, 1)
        status, said = program.fetch("/nothing/here")
        assert (status, json.loads(said)["status"]) == (404, 404)
