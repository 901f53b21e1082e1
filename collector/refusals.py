"""What the doors turn away: always counted, and of what is no message at all a sample is kept.

A sample is a rejected row with the reason ``undecodable``: browsable beside the other rejections,
cut to its first bytes, so many an hour and door, and gone after thirty days (the table's TTL). So
whatever somebody sends all day, the samples stay small.
"""

import base64
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from process_model import telemetry
from process_model.errors import Overloaded
from process_model.events import Rejected

UNDECODABLE = "undecodable"
SAMPLES_PER_HOUR = 20
SAMPLE_BYTES = 4096


class Refusals:
    """Counts refusals by door and reason, and keeps the samples through the spool."""

    def __init__(
        self,
        append: Callable[[str, bytes], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the same ``append`` that the doors use; ``clock`` counts seconds."""
        self._append, self._clock = append, clock
        self._kept: dict[str, deque[float]] = defaultdict(deque)
        self._turn = threading.Lock()

    def overloaded(self, door: str) -> None:
        """The sender was asked to come back."""
        telemetry.count_refused(door, "overloaded")

    def too_large(self, door: str) -> None:
        """The body is over ``body_bytes``; nothing of it was looked at."""
        telemetry.count_refused(door, "too_large")

    def unidentified(self, door: str, reason: str) -> None:
        """Nobody we know; the reason is one of ``Unidentified``'s words."""
        telemetry.count_refused(door, reason)

    def forbidden(self, door: str) -> None:
        """Somebody we know, who may not do this."""
        telemetry.count_refused(door, "forbidden")

    def too_fast(self, door: str) -> None:
        """The key was used more often than it may be; its sender was asked to come back."""
        telemetry.count_refused(door, "rate_limited")

    def undecodable(self, door: str, body: bytes, why: str) -> None:
        """The bytes are no message; the sender was told why."""
        telemetry.count_refused(door, UNDECODABLE)
        if not self._has_room(door):
            return
        text, kept_as = _shown(body[:SAMPLE_BYTES])
        size = len(body)
        cut = f"the first {SAMPLE_BYTES} of {size}" if size > SAMPLE_BYTES else f"all {size}"
        sample = Rejected(
            door=door,
            reason=UNDECODABLE,
            detail=f"{_valid(why)} (a sample: {cut} bytes, as {kept_as})",
            payload=text,
            received_at=datetime.now(UTC),
        )
        try:
            self._append("rejected", msgspec.json.encode(sample) + b"\n")
        except Overloaded:  # a sample must never take the room of what was accepted
            telemetry.count_refused(door, "sample_dropped")

    def _has_room(self, door: str) -> bool:
        now = self._clock()
        with self._turn:
            kept = self._kept[door]
            while kept and now - kept[0] >= 3600:
                kept.popleft()
            if len(kept) >= SAMPLES_PER_HOUR:
                return False
            kept.append(now)
            return True


def _shown(body: bytes) -> tuple[str, str]:
    try:
        return body.decode(), "text"
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"


def _valid(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
