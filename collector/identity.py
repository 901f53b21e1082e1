"""Who asks at a door, and whether he may: by a key, by a vendor's signature, or by nothing.

The doors ask here before they look at what was sent. What was presented is in no error, log or
counter.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from collector import threads
from collector.config import CollectorConfig
from collector.signature import Signed, Verifier, verifier
from process_model.access import Grant, Keyring, Role
from process_model.errors import ConfigError, Forbidden, TooFast, Unidentified

UNIDENTIFIED = "unidentified"
_RENEW_SECONDS = 1.0
_log = logging.getLogger(__name__)


class Meter:
    """How often each key was used: a bucket a key, filled at its rate, holding one second of it.

    A second's worth may come at once, one request at the least. Counted in this process only.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` counts seconds."""
        self._clock = clock
        self._turn = threading.Lock()
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, id_: str, rate: float) -> float:
        """Use a key once; the seconds to wait when it was used too often, else 0."""
        most = max(rate, 1.0)
        with self._turn:
            now = self._clock()
            left, at = self._left.get(id_, (most, now))
            left = min(most, left + (now - at) * rate)
            fits = left >= 1.0
            self._left[id_] = (left - 1.0 if fits else left, now)
            return 0.0 if fits else (1.0 - left) / rate


@dataclass(frozen=True, slots=True)
class Guard:
    """What every door asks."""

    keyring: Keyring | None
    """the keys; ``None`` when nobody is asked for one"""
    verifiers: Mapping[str, Verifier]
    """by the system whose requests must be signed"""
    meter: Meter
    clock: Callable[[], datetime]

    def admit(self, authorization: str, role: Role | None, source: str = "") -> Grant | None:
        """The bearer of the key, ``None`` when nobody is asked for one.

        ``role`` is what it must open, ``None`` = any will do; ``source`` is whom the request speaks
        for, '' when only what is in it says that. Raises ``Unidentified``, ``Forbidden`` or
        ``TooFast``.
        """
        if self.keyring is None:
            return None
        kind, _, key = authorization.strip().partition(" ")
        if kind.lower() != "bearer" or not key.strip():
            raise Unidentified(UNIDENTIFIED, "send a key: Authorization: Bearer tl_…")
        grant = self.keyring.grant(key.strip())
        if grant is None:
            raise Unidentified(UNIDENTIFIED, "this is no key, or it was revoked")
        if role is not None and not grant.may(role):
            raise Forbidden(f"the key {grant.name} has the role {grant.role}, this wants {role}")
        if source and not grant.covers(source):
            raise foreign(grant, source)
        if grant.rate is not None and (wait := self.meter.take(grant.id, grant.rate)):
            raise TooFast(
                f"the key {grant.name} may be used {grant.rate:g} times a second",
                math.ceil(wait),
            )
        return grant

    def verify(self, system: str, request: Signed) -> None:
        """Return when the request is the system's own; raises ``Unidentified``."""
        self.verifiers[system].verify(request, self.clock())


def foreign(grant: Grant, source: str) -> Forbidden:
    """The refusal of what speaks for somebody else."""
    return Forbidden(
        f"the key {grant.name} speaks for {', '.join(sorted(grant.sources))} only, "
        f"not for {source[:80] or 'a source without a name'}"
    )


def refuse_foreign(grant: Grant | None, envelopes: Iterable[object]) -> None:
    """Raise ``Forbidden`` when one of the envelopes speaks for whom the key does not."""
    if grant is None or not grant.sources:
        return
    for envelope in envelopes:
        source = envelope.get("source") if isinstance(envelope, Mapping) else None
        if not grant.covers(system := system_of(source)):
            raise foreign(grant, system)


def system_of(source: object) -> str:
    """The system that a CloudEvents ``source`` such as ``urn:system:sap:emea`` names, else ''."""
    parts = source.split(":") if isinstance(source, str) else []
    return parts[2] if parts[:2] == ["urn", "system"] and len(parts) > 2 else ""


def open_guard() -> Guard:
    """A guard that asks nobody."""
    return Guard(None, {}, Meter(), lambda: datetime.now(UTC))


@contextmanager
def guarding(
    config: CollectorConfig, state: str, fatal: Callable[[BaseException], None]
) -> Iterator[Guard]:
    """The guard while inside; keys that are made or revoked meanwhile count within seconds.

    ``state`` is where the keys are kept.
    """
    verifiers = {name: verifier(name, table) for name, table in config.signatures.items()}
    meter, clock = Meter(), lambda: datetime.now(UTC)
    with ExitStack() as stack:
        keyring = None
        if config.asks_for_keys:
            if not state:
                raise ConfigError('collector.identity = "keys" wants the state that holds them')
            # imported here: doors that ask for no key must not wait for it
            from process_model.state import open_state

            keyring = Keyring(stack.enter_context(open_state(state)))
            if keyring.empty():
                _log.warning("there is no key yet, so nobody can send: throughline keys create")
            stack.enter_context(_renewed(keyring, fatal))
        yield Guard(keyring, verifiers, meter, clock)


@contextmanager
def _renewed(keyring: Keyring, fatal: Callable[[BaseException], None]) -> Iterator[None]:
    stop = threading.Event()

    def renew() -> None:
        while not stop.wait(_RENEW_SECONDS):
            keyring.renew()

    thread = threads.start("keys", renew, fatal)
    try:
        yield
    finally:
        stop.set()
        thread.join()
        keyring.renew()
