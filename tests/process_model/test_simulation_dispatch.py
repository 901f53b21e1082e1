"""Sending outlives refusals for a moment and lost connections, and believes only ids."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from process_model.simulation.dispatch import Batch, send_batches
from process_model.simulation.send import NotSent

Judge = Callable[[int, list[dict[str, str]]], tuple[int, object] | None]
"""The number of the request and its events → status and answer; ``None`` hangs up."""


@contextmanager
def doors(judge: Judge) -> Iterator[str]:
    """A door that answers as the test says."""
    lock, count = threading.Lock(), [0]

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            events = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                count[0] += 1
                answered = judge(count[0], events)
            if answered is None:
                self.close_connection = True
                return
            body = json.dumps(answered[1]).encode()
            self.send_response(answered[0])
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def sent(count: int, each: int = 3) -> list[Batch]:
    return [
        Batch(json.dumps([{"source": "s", "id": f"{n}-{m}"} for m in range(each)]).encode(),
              tuple(("s", f"{n}-{m}") for m in range(each)))
        for n in range(count)
    ]  # fmt: skip


def accepted(events: list[dict[str, str]]) -> tuple[int, object]:
    return 202, {"events": [{"accepted": True, **event} for event in events]}


def test_everything_is_accepted_by_its_ids_and_reported() -> None:
    reported: list[int] = []
    with doors(lambda number, events: accepted(events)) as address:
        ids = send_batches(address, sent(20), reported.append)
    assert ids == {id_ for batch in sent(20) for id_ in batch.ids}
    assert sum(reported) == 60


def test_a_door_that_is_full_for_a_moment_is_asked_again() -> None:
    with doors(lambda n, events: (503, {}) if n % 3 == 0 else accepted(events)) as address:
        assert len(send_batches(address, sent(20), lambda _: None)) == 60


def test_a_connection_that_breaks_is_opened_again_and_the_batch_sent_again() -> None:
    with doors(lambda n, events: None if n in (2, 5) else accepted(events)) as address:
        assert len(send_batches(address, sent(10), lambda _: None)) == 30


def test_one_refused_event_ends_the_sending_with_its_reason() -> None:
    def refuse(number: int, events: list[dict[str, str]]) -> tuple[int, object]:
        first = {"accepted": False, "reason": "invalid_time", "detail": "no such time"}
        return 207, {"events": [first, *({"accepted": True, **event} for event in events[1:])]}

    with doors(refuse) as address, pytest.raises(NotSent, match="invalid_time"):
        send_batches(address, sent(50), lambda _: None)


def test_an_answer_for_other_events_is_not_believed() -> None:
    with doors(lambda n, told: accepted(told[:-1])) as at, pytest.raises(NotSent, match="other"):
        send_batches(at, sent(2), lambda _: None)


def test_a_door_that_breaks_says_so() -> None:
    with doors(lambda n, told: (500, {})) as address, pytest.raises(NotSent, match="500"):
        send_batches(address, sent(30), lambda _: None)
