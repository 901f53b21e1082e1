"""What the program says of itself: counters, durations and spans, through opentelemetry-api only.

Without an SDK every call here is a cheap no-op, so any room may call it anywhere and tests need no
set-up. ``collector.self_telemetry`` gives the SDK in the running program. Work that storing causes
(writing a segment, asking the store) is measured by durations alone: a span of it would be stored
too, and so cause the next one for ever.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import metrics, trace
from opentelemetry.trace import Status, StatusCode

SERVICE_NAME = "throughline"
"""The ``service.name`` of the program's own spans; they are no part of any case or measure."""

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The content type of ``exposition``."""

_tracer = trace.get_tracer("throughline")
_meter = metrics.get_meter("throughline")

_accepted = _meter.create_counter(
    "throughline.accepted", unit="1", description="Requests that are on disk, by kind"
)
_refused = _meter.create_counter(
    "throughline.refused", unit="1", description="Requests turned away, by door and reason"
)
_rejected = _meter.create_counter(
    "throughline.rejected", unit="1", description="Events kept with the reason why they are none"
)
_stored = _meter.create_counter(
    "throughline.stored", unit="1", description="Rows that the store has confirmed, by kind"
)
_retried = _meter.create_counter(
    "throughline.retried", unit="1", description="Attempts that failed and are made again, by work"
)
_late_ticks = _meter.create_counter(
    "throughline.late_ticks", unit="1", description="Timers that came late or failed, by job"
)
_duration = _meter.create_histogram(
    "throughline.duration", unit="s", description="How long a piece of work took, by its name"
)


def count_accepted(kind: str, number: int = 1) -> None:
    """Count what was answered as accepted: ``traces``, ``logs``, ``events`` or ``rejected``."""
    _accepted.add(number, {"kind": kind})


def count_refused(door: str, reason: str) -> None:
    """Count a request that was turned away, by a closed word.

    ``overloaded``, ``rate_limited``, ``undecodable``, ``too_large``; of keys ``unidentified`` and
    ``forbidden``; of signatures ``unsigned``, ``wrong_signature`` and ``too_old``.
    """
    _refused.add(1, {"door": door, "reason": reason})


def count_rejected(reason: str, number: int = 1) -> None:
    """Count events stored as rejected, by the closed reason word."""
    _rejected.add(number, {"reason": reason})


def count_stored(kind: str, number: int) -> None:
    """Count rows after the store confirmed them."""
    _stored.add(number, {"kind": kind})


def count_retried(work: str) -> None:
    """Count an attempt that failed for now."""
    _retried.add(1, {"work": work})


def count_late_tick(job: str, word: str) -> None:
    """Count a timer that was ``missed``, ``overrun`` by the one before it, or ``failed``."""
    _late_ticks.add(1, {"job": job, "word": word})


def exposition() -> bytes:
    """Every counter of this process in Prometheus' text format."""
    # imported here: most users of this module only count
    from prometheus_client import REGISTRY, generate_latest

    return generate_latest(REGISTRY)


@contextmanager
def measured(work: str) -> Iterator[None]:
    """Record how long the block took, without a span; use a name of a closed set."""
    started = time.monotonic()
    try:
        yield
    finally:
        _duration.record(time.monotonic() - started, {"work": work})


@contextmanager
def traced(work: str, **attributes: str | int | float | bool) -> Iterator[None]:
    """Record a span and the duration; for work that a sender, a reader or a clock began."""
    with _tracer.start_as_current_span(work, attributes=attributes) as span, measured(work):
        try:
            yield
        except Exception as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
