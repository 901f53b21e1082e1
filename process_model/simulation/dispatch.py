"""Sends a world through the doors, fast and provably: several connections, every id answered for.

What is sent twice counts once (its ids are the same), so a lost answer is simply asked for again.
"""

import http.client
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import urlsplit

import msgspec
import orjson
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.environment_variables import OTEL_EXPORTER_OTLP_HEADERS
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.util.re import parse_env_headers

from process_model.simulation.send import NotSent
from process_model.simulation.world import Event, World

EVENTS_AT_ONCE = 500
SPANS_AT_ONCE = 2_000
CONNECTIONS = 3
_PATIENCE_SECONDS = 180.0

Report = Callable[[int], None]
"""Told how many more were accepted."""


class _Outcome(msgspec.Struct):
    accepted: bool
    source: str = ""
    id: str = ""
    reason: str = ""
    detail: str = ""


class _Answer(msgspec.Struct):
    events: list[_Outcome]


class Batch(msgspec.Struct, frozen=True):
    """A body and the ids (source, id) that are in it."""

    body: bytes
    ids: tuple[tuple[str, str], ...]


def batches(world: World, events: Iterable[Event]) -> Iterator[Batch]:
    """The events as the doors take them, in the order given."""
    items: list[bytes] = []
    ids: list[tuple[str, str]] = []
    for event in events:
        wire = world.wire(event)
        items.append(orjson.dumps(wire))
        ids.append((str(wire["source"]), str(wire["id"])))
        if len(items) == EVENTS_AT_ONCE:
            yield Batch(b"[" + b",".join(items) + b"]", tuple(ids))
            items, ids = [], []
    if items:
        yield Batch(b"[" + b",".join(items) + b"]", tuple(ids))


def in_useful_order(events: Sequence[Event]) -> list[Event]:
    """Whole lives, the liveliest first: what is open now can be looked at before the past is in."""
    lives: dict[str, list[Event]] = {}
    for event in events:
        lives.setdefault(event.told.unit, []).append(event)
    ordered = sorted(lives.values(), key=lambda life: (-life[-1].told.at, life[0].told.unit))
    masters = [life for life in ordered if life[0].told.unit.startswith("customer ")]
    others = [life for life in ordered if not life[0].told.unit.startswith("customer ")]
    return [event for life in [*masters, *others] for event in life]


def send_batches(
    doors: str, sending: Iterable[Batch], report: Report, connections: int = CONNECTIONS
) -> set[tuple[str, str]]:
    """Post everything; returns the ids the doors accepted, ``NotSent`` when one was refused."""
    waiting: queue.Queue[Batch | None] = queue.Queue(2 * connections)
    accepted: set[tuple[str, str]] = set()
    faults: list[Exception] = []
    workers = [
        threading.Thread(target=_work, args=(doors, waiting, accepted, faults, report), daemon=True)
        for _ in range(connections)
    ]
    for worker in workers:
        worker.start()
    for batch in sending:
        if not _handed_over(waiting, batch, faults):
            break
    for _ in workers:
        _handed_over(waiting, None, faults)
    for worker in workers:
        worker.join()
    if faults:
        raise faults[0]
    return accepted


def _handed_over(
    waiting: "queue.Queue[Batch | None]", item: Batch | None, faults: Sequence[Exception]
) -> bool:
    """Wait for room; not when a fault has ended the work."""
    while not faults:
        try:
            waiting.put(item, timeout=0.2)
        except queue.Full:
            continue
        return True
    return False


def _work(
    doors: str,
    waiting: "queue.Queue[Batch | None]",
    accepted: set[tuple[str, str]],
    faults: list[Exception],
    report: Report,
) -> None:
    connection = _Connection(doors)
    try:
        while not faults:
            try:
                batch = waiting.get(timeout=0.2)
            except queue.Empty:
                continue
            if batch is None:
                return
            accepted.update(connection.post(batch))
            report(len(batch.ids))
    except Exception as fault:
        faults.append(fault)
    finally:
        connection.close()


class _Connection:
    """One connection to the doors that outlives refusals and interruptions."""

    def __init__(self, doors: str) -> None:
        self._doors, self._address = doors, urlsplit(doors)
        # the exporter of the spans takes its key from there, and one place is enough
        shown = parse_env_headers(os.environ.get(OTEL_EXPORTER_OTLP_HEADERS, ""), liberal=True)
        self._headers = {**shown, "Content-Type": "application/cloudevents-batch+json"}
        self._http = self._open()

    def _open(self) -> http.client.HTTPConnection:
        if self._address.scheme == "https":
            return http.client.HTTPSConnection(self._address.netloc, timeout=60)
        return http.client.HTTPConnection(self._address.netloc, timeout=60)

    def close(self) -> None:
        self._http.close()

    def post(self, batch: Batch) -> list[tuple[str, str]]:
        """The ids that were accepted: all of the batch, or ``NotSent``."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                status, wait, body = self._once(batch.body)
            except (OSError, http.client.HTTPException) as failed:
                if time.monotonic() > end:
                    raise NotSent(f"{self._doors} does not answer: {failed}") from failed
                self.close()
                self._http = self._open()
                time.sleep(0.5)
                continue
            if status in (429, 503) and time.monotonic() < end:
                time.sleep(wait)
                continue
            return self._read(status, body, batch)

    def _once(self, body: bytes) -> tuple[int, float, bytes]:
        self._http.request("POST", f"{self._address.path}/v1/events", body, self._headers)
        answer = self._http.getresponse()
        wait = answer.headers.get("Retry-After", "1")
        return answer.status, min(5.0, float(wait) if wait.isdigit() else 1.0), answer.read()

    def _read(self, status: int, body: bytes, batch: Batch) -> list[tuple[str, str]]:
        if status not in (202, 207, 422):
            raise NotSent(f"{self._doors} answered {status}: {body[:500]!r}")
        answer = msgspec.json.decode(body, type=_Answer)
        refused = [one for one in answer.events if not one.accepted]
        if refused:
            raise NotSent(
                f"{self._doors} refused {len(refused)}: {refused[0].reason}, {refused[0].detail}"
            )
        told = [(one.source, one.id) for one in answer.events]
        if set(told) != set(batch.ids):
            raise NotSent(f"{self._doors} answered for other events than were sent")
        return told


def send_spans(doors: str, told: Iterable[list[ReadableSpan]], report: Report) -> int:
    """Export the traces with the stock exporter; returns how many spans it was told are kept."""
    exporter = OTLPSpanExporter(f"{doors}/v1/traces", timeout=60)
    sent, waiting = 0, list[ReadableSpan]()
    try:
        for spans in told:
            waiting += spans
            if len(waiting) >= SPANS_AT_ONCE:
                sent += _export(exporter, waiting, doors, report)
                waiting = []
        if waiting:
            sent += _export(exporter, waiting, doors, report)
    finally:
        exporter.shutdown()  # type: ignore[no-untyped-call]
    return sent


def _export(
    exporter: OTLPSpanExporter, spans: Sequence[ReadableSpan], doors: str, report: Report
) -> int:
    # the exporter repeats what was refused for a moment; what it gives up is asked for once more
    for _ in range(3):
        if exporter.export(spans) is SpanExportResult.SUCCESS:
            report(len(spans))
            return len(spans)
    raise NotSent(f"{doors}/v1/traces did not take the spans")
