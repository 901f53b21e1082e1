"""Sends what the outbox holds: one message at a time, so that a crash repeats at most one.

The only place that tries again. A message that cannot be sent for now waits, longer each time, for
as long as it takes; one that never will be is kept with what the receiver said.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from alerts.channel import Channel, ChannelConfig, DeliveryError
from alerts.config import AlertsConfig, channels
from alerts.message import Message
from process_model.errors import ThroughlineError
from process_model.state import AlertBook, State
from process_model.state.alerting import REFUSED, SENT, Outgoing

_log = logging.getLogger(__name__)
_FIRST, _LONGEST = timedelta(seconds=5), timedelta(minutes=15)
_REST = timedelta(minutes=1)
"""A channel that failed rests at most so long before another of its messages is tried."""


class Delivery:
    """Sends what is due; use it from one thread."""

    def __init__(
        self,
        state: State,
        config: AlertsConfig,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        kinds: Mapping[str, Channel] | None = None,
    ) -> None:
        """``kinds`` are the kinds of channel, those of ``alerts/channels`` when none are given."""
        self._state, self._clock = state, clock
        self._kinds = channels() if kinds is None else kinds
        self._configs: dict[str, ChannelConfig] = {one.name: one for one in config.channels}
        self._resting: dict[str, datetime] = {}

    def send_due(self, stopped: Callable[[], bool] = lambda: False) -> int:
        """Send until nothing is due; says how many were taken."""
        taken = 0
        while not stopped():
            with self._state.alerts_read() as book:
                due = book.due(self._clock())
            ready = [one for one in due if not self._rests(one.channel)]
            if not ready:
                return taken
            for outgoing in ready:
                if stopped() or self._rests(outgoing.channel):
                    break
                taken += self._send(outgoing)
        return taken

    def _rests(self, channel: str) -> bool:
        until = self._resting.get(channel)
        return until is not None and self._clock() < until

    def _send(self, outgoing: Outgoing) -> bool:
        try:
            answer = self._attempt(outgoing)
        except DeliveryError as refused:
            self._failed(outgoing, str(refused), permanent=refused.permanent)
            return False
        except Exception as exc:
            if not isinstance(exc, ThroughlineError):
                _log.exception("the channel %s failed", outgoing.channel)
            self._failed(outgoing, str(exc) or type(exc).__name__, permanent=False)
            return False
        self._close(outgoing, SENT, answer)
        return True

    def _attempt(self, outgoing: Outgoing) -> str:
        config = self._configs.get(outgoing.channel)
        if config is None:
            raise DeliveryError("this channel is no longer configured", permanent=True)
        message = msgspec.json.decode(outgoing.message, type=Message)
        return self._kinds[config.kind].deliver(config, message)

    def _failed(self, outgoing: Outgoing, said: str, *, permanent: bool) -> None:
        if permanent:
            self._close(outgoing, REFUSED, said)
            return
        wait = min(_FIRST * 2 ** min(outgoing.attempts, 10), _LONGEST)
        now = self._clock()
        self._resting[outgoing.channel] = now + min(wait, _REST)
        with self._state.alerts_written() as book:
            book.postpone(outgoing.number, now + wait, said)
            if outgoing.answer != said:
                self._noted(book, outgoing, now, "waits", f"{said}; it is tried again")

    def _close(self, outgoing: Outgoing, state: str, said: str) -> None:
        now = self._clock()
        with self._state.alerts_written() as book:
            book.settle(outgoing.number, state, now, said)
            word = "delivered" if state == SENT else "refused"
            self._noted(book, outgoing, now, word, said)

    def _noted(
        self, book: AlertBook, outgoing: Outgoing, now: datetime, kind: str, said: str
    ) -> None:
        for alert_id in outgoing.alert_ids:
            book.note(alert_id, now, kind, f"{outgoing.channel}: {said}")
