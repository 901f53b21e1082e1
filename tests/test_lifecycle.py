"""The program as its supervisor and its senders see it, from start to stop."""

import http.client
import json
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Program, event

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with Program(tmp_path_factory.mktemp("running")) as program:
        yield program


def refusal(program: Program) -> str:
    """What a program says that must not start: one sentence, and exit code 2."""
    program.spawn()
    assert program.process is not None
    assert program.process.wait(timeout=120) == 2, program.said()
    assert "Traceback" not in program.said()
    (sentence,) = program.said().splitlines()
    assert sentence.startswith("throughline: ")
    return sentence


def test_stopping_drains_what_was_accepted_and_ends_within_ten_seconds(tmp_path: Path) -> None:
    with Program(tmp_path) as program:
        assert program.post_events([event(number) for number in range(500)]) == 202
        # a browser and an exporter keep idle connections; they must not hold the program
        idle = [http.client.HTTPConnection("127.0.0.1", port) for port in program.http_ports]
        for connection in idle:
            connection.request("GET", "/healthz")
            assert connection.getresponse().read() == b"ok\n"
        code, seconds = program.stop()
        assert (code, seconds < 10) == (0, True), program.said()
        assert not list((tmp_path / "spool" / "events").glob("*.jsonl"))
        rows = program.ask_stopped("SELECT id FROM business_events")
        assert sorted(str(row[0]) for row in rows) == sorted(f"e-{n}" for n in range(500))
        for connection in idle:
            connection.close()


def test_a_second_process_on_the_spool_gets_one_sentence_and_code_2(
    running: Program, tmp_path: Path
) -> None:
    second = Program(tmp_path)
    spool = str(running.directory / "spool")
    second.environment["THROUGHLINE_COLLECTOR__SPOOL_DIRECTORY"] = spool
    assert spool in refusal(second)
    assert running.post_events([event(1)]) == 202


def test_a_second_process_on_the_store_gets_one_sentence_and_code_2(
    running: Program, tmp_path: Path
) -> None:
    second = Program(tmp_path, THROUGHLINE_STORE__DSN=running.dsn)
    assert str(running.directory / "store") in refusal(second)
    assert running.post_events([event(2)]) == 202


@pytest.mark.parametrize(
    "name", ["COLLECTOR__HTTP_PORT", "COLLECTOR__GRPC_PORT", "DASHBOARDS__PORT"]
)
def test_a_port_in_use_is_named_and_ends_with_code_2(tmp_path: Path, name: str) -> None:
    program = Program(tmp_path)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        program.environment[f"THROUGHLINE_{name}"] = port
        sentence = refusal(program)
    assert port in sentence
    assert name.lower().replace("__", ".") in sentence


def test_health_and_counters_are_told_on_both_http_ports(running: Program) -> None:
    running.post_events([event(3)])
    for port in running.http_ports:
        for path in ("healthz", "readyz", "metrics"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=30) as answer:
                told = answer.read().decode()
        assert 'throughline_accepted_total{kind="events"' in told


def test_what_no_text_can_hold_is_rejected_with_its_reason(running: Program) -> None:
    body = json.dumps({**event(4), "id": "\ud800"}).encode()
    status, said = running.fetch("/v1/events", body, Content_Type="application/cloudevents+json")
    assert (status, json.loads(said)["rejected"]) == (422, 1)
    status, said = running.fetch("/nothing/here")
    assert (status, json.loads(said)["status"]) == (404, 404)
