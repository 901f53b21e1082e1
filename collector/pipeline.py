"""From the doors to the store: the spool takes, a thread carries segments over."""

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from collector import self_telemetry, threads
from collector.config import CollectorConfig
from collector.identity import Guard, guarding, open_guard
from collector.intake import Intake
from collector.receivers import http_doors, otlp_grpc
from collector.refusals import Refusals
from collector.source import configured
from collector.spool import Segment, Spool
from process_model import telemetry
from process_model.config import ModelConfig
from process_model.errors import (
    DataDirectoryInUse,
    StoreError,
    StoreUnavailable,
    Undecodable,
)

if TYPE_CHECKING:
    from process_model.state import State
    from process_model.store import Store

_log = logging.getLogger(__name__)
_RECEIPT = (Path(__file__).parent / "sql" / "receipt.sql").read_text()
_TICK = 0.05
# space and servers come back: what waits must be stored within seconds of that
_LONGEST_PAUSE = 5.0


class Pipeline:
    """The running collector: what its doors and its watchers need of it."""

    def __init__(self, store: "Store | None", config: CollectorConfig, model: ModelConfig) -> None:
        """Open the spool, with whatever an earlier run left in it; the store may come later."""
        self._store = store
        ages = {"events": config.event_seconds, "rejected": config.event_seconds}
        self.spool = Spool(
            config.spool_directory,
            limit=config.spool_bytes,
            reserve=config.reserve_bytes,
            segment_bytes=config.segment_bytes,
            ages=ages | {"traces": config.span_seconds, "logs": config.span_seconds},
        )
        self.intake = Intake(self.append, model.local_types, configured(config.sources))
        self.refusals = Refusals(self.append)
        self.grpc_port = self.http_port = 0
        self.doors = ExitStack()
        self.fatal: Callable[[BaseException], None] = _raise
        self.guard: Guard = open_guard()
        self._trouble = ""
        self._stop = threading.Event()

    def append(self, kind: str, record: bytes) -> None:
        """Put a record on disk, and count it; raises ``Overloaded`` when there is no room."""
        self.spool.append(kind, record)
        telemetry.count_accepted(kind)

    def health(self) -> list[str]:
        """Why the collector is not ready; nothing when it is."""
        early = "" if self._store else "the store is not open yet; what comes in waits on disk"
        reasons = [self.spool.full(), self._trouble, early]
        return [reason for reason in reasons if reason]

    def receipt(self, source: str, id_: str) -> str:
        """What became of an event: ``stored``, ``rejected``, ``spooled`` or ``unknown``.

        The spool is looked at first: an event that leaves it meanwhile is then found in the store.
        """
        if self._store is None:
            raise StoreUnavailable("the store is not open yet")
        waiting = self._waits("events", source, id_) or self._waits("rejected", source, id_)
        found = self._store.query("receipt", _RECEIPT, {"source": source, "id": id_}).one()
        if found.stored:
            return "stored"
        if found.rejected:
            return "rejected"
        return "spooled" if waiting else "unknown"

    @contextmanager
    def carried_to(self, store: "Store", state: "State") -> Iterator[None]:
        """Carry segments over while inside; leaving closes the doors first, then drains."""
        # imported here: the doors must not wait for the store's driver
        from collector import exporter_rows

        self._store = store
        carrier = threads.start("carrier", self.carry, self.fatal)
        try:
            with exporter_rows.run(store, state, self.intake.local_types, self.fatal):
                yield
        finally:
            self.doors.close()
            self._stop.set()
            carrier.join()
            self.drain(4.0)

    def carry(self) -> None:
        """Carry segments to the store until stopped; the spool's files are what is still to do."""
        pause = _TICK
        while not self._stop.is_set():
            pause = _TICK if self._carry_waiting() else min(pause * 2, _LONGEST_PAUSE)
            self._stop.wait(pause)

    def stop(self) -> None:
        """End ``carry`` after the segment it is at."""
        self._stop.set()

    def drain(self, seconds: float) -> bool:
        """Carry over all that waits; whether it was done in time (what was not stays on disk)."""
        end = time.monotonic() + seconds
        waiting = self.spool.seal(everything=True)
        done = [time.monotonic() < end and self._carried(segment) for segment in waiting]
        return all(done)

    def _carry_waiting(self) -> bool:
        """Whether all of them went over; one that does not go holds up only itself."""
        done = [self._carried(segment) for segment in self.spool.seal() if not self._stop.is_set()]
        if all(done):
            self._trouble = ""
        return all(done)

    def _carried(self, segment: Segment) -> bool:
        try:
            if self._store is None:
                raise StoreUnavailable("the store is not open yet")
            # imported here: the doors must not wait for the store's driver
            from collector import writer

            with telemetry.measured(f"store {segment.kind}"):
                writer.store_segment(
                    self._store,
                    segment.kind,  # type: ignore[arg-type]
                    segment.path,
                    segment.token,
                    self.intake.local_types,
                )
        except (StoreError, Undecodable, OSError) as error:
            # a full disk and a damaged file are trouble to tell of, no reason to end
            telemetry.count_retried(f"store {segment.kind}")
            self._trouble = f"segment {segment.path.name} waits: {error}"
            _log.warning("%s", self._trouble)
            return False
        self.spool.remove(segment)
        return True

    def _waits(self, kind: str, source: str, id_: str) -> bool:
        needle = msgspec.json.encode(id_)
        for path in self.spool.files(kind):
            try:
                body = path.read_bytes()
            except FileNotFoundError:  # sealed or stored since it was listed
                continue
            for line in body.splitlines() if needle in body else ():
                if needle in line and _names(line, source, id_):
                    return True
        return False


@contextmanager
def run(
    store: "Store",
    state: "State",
    config: CollectorConfig,
    model: ModelConfig,
    on_fatal: Callable[[BaseException], None] | None = None,
) -> Iterator[Pipeline]:
    """Open the doors and carry segments over; leaving closes the doors first, then drains."""
    with open_doors(config, model, on_fatal) as pipeline, pipeline.carried_to(store, state):
        yield pipeline


@contextmanager
def open_doors(
    config: CollectorConfig,
    model: ModelConfig,
    on_fatal: Callable[[BaseException], None] | None = None,
    state: str = "",
) -> Iterator[Pipeline]:
    """Accept onto disk at once, before there is a store: stock senders give up after seconds.

    ``on_fatal`` is told when a thread ends that must not; ``state`` is where keys are kept, if the
    doors ask for them. The doors close when this is left, or earlier, when ``carried_to`` is.
    """
    with ExitStack() as stack:
        stack.enter_context(_held(config.spool_directory))
        pipeline = Pipeline(None, config, model)
        fatal = pipeline.fatal = on_fatal or _raise
        pipeline.guard = stack.enter_context(guarding(config, state, fatal))
        doors = stack.enter_context(pipeline.doors)
        doors.enter_context(self_telemetry.run(pipeline.append))
        pipeline.http_port = doors.enter_context(http_doors.serve(pipeline, config, fatal))
        pipeline.grpc_port = doors.enter_context(
            otlp_grpc.serve(pipeline.append, pipeline.refusals, pipeline.guard, config)
        )
        yield pipeline


@contextmanager
def _held(directory: Path) -> Iterator[None]:
    """Two programs on one spool would delete each other's segments."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DataDirectoryInUse(
                f"another throughline holds {directory}; one process per directory: stop it, or "
                "set collector.spool_directory"
            ) from error
        yield


def _raise(error: BaseException) -> None:
    raise error


def _names(line: bytes, source: str, id_: str) -> bool:
    try:
        found = msgspec.json.decode(line)
    except msgspec.DecodeError:  # the tail of a file that is being written
        return False
    return bool(found.get("source") == source and found.get("id") == id_)
