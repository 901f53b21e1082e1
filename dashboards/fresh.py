"""Keeps what a card showed and renews it behind the reader's back: a page never waits twice.

An answer is shown as long as it is young; an older one is shown once more while a new one is made.
Only the first reader of a view waits. What is shown is never older than the longest age, and what
several cards stand on together is never older than young.
"""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from process_model.errors import StoreError

_log = logging.getLogger(__name__)

YOUNG_SECONDS = 10.0
"""An answer of this age is shown as it is."""

OLDEST_SECONDS = 90.0
"""An answer older than this is shown to nobody."""

_MOST = 256

T = TypeVar("T")


class Once:
    """Answers by their name, each made once by whoever asks first, while others who ask wait.

    What could not be made is made again for the next who asks. Safe from any thread.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def of(self, name: str, make: Callable[[], T]) -> T:
        """The answer of that name; raises what ``make`` raises."""
        with self._guard:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self._kept:
                self._kept[name] = make()
            found: T = self._kept[name]
            return found


@dataclass(frozen=True, slots=True)
class _Kept:
    value: Any
    made_at: float


class Fresh:
    """Answers by their key, made by the callers' own functions; safe from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, workers: int = 2) -> None:
        """Nothing is made before somebody asks."""
        self._clock = clock
        self._kept: dict[Hashable, _Kept] = {}
        self._making: set[Hashable] = set()
        self._guard = threading.Lock()
        self._workers = ThreadPoolExecutor(workers, "fresh")
        # of its own: what is renewed waits for what is made beside it
        self._beside = ThreadPoolExecutor(workers, "beside")

    def of(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The answer of that key, at most ``OLDEST_SECONDS`` old; raises what ``make`` raises."""
        with self._guard:
            kept = self._kept.get(key)
            age = self._clock() - kept.made_at if kept else OLDEST_SECONDS + 1
            renew = YOUNG_SECONDS < age <= OLDEST_SECONDS and key not in self._making
            if renew:
                self._making.add(key)
        if kept is None or age > OLDEST_SECONDS:
            return self._made(key, make)
        if renew:
            self.submit(lambda: self._renew(key, make))
        return kept.value

    def shared(self, key: Hashable, seconds: float = YOUNG_SECONDS) -> Once:
        """What readers of one key share for so long, empty at first."""
        with self._guard:
            kept = self._kept.get(key)
            if kept is None or self._clock() - kept.made_at > seconds:
                kept = self._keep(key, _Kept(Once(), self._clock()))
            found: Once = kept.value
            return found

    def beside(self, make: Callable[[], T]) -> "Future[T]":
        """Make it at the same time as the caller makes something else."""
        return self._beside.submit(make)

    def submit(self, work: Callable[[], object]) -> None:
        """Do it behind the readers' backs, when a thread is free; never after ``close``."""
        self._workers.submit(work).add_done_callback(_logged)

    def close(self) -> None:
        """Let what is being made end; no thread may be inside the engine when it goes."""
        self._workers.shutdown(wait=True, cancel_futures=True)
        self._beside.shutdown(wait=True, cancel_futures=True)

    def _made(self, key: Hashable, make: Callable[[], Any]) -> Any:
        begun = self._clock()
        value = make()
        with self._guard:
            self._keep(key, _Kept(value, begun))
        return value

    def _keep(self, key: Hashable, kept: _Kept) -> _Kept:
        self._kept.pop(key, None)
        self._kept[key] = kept
        for old in list(self._kept)[:-_MOST]:
            del self._kept[old]
        return kept

    def _renew(self, key: Hashable, make: Callable[[], Any]) -> None:
        try:
            self._made(key, make)
        except StoreError as error:
            # the old answer ages, and its next reader is told what is wrong
            _log.warning("a card could not be renewed: %s", error)
        finally:
            with self._guard:
                self._making.discard(key)


def _logged(done: "Future[object]") -> None:
    if not done.cancelled() and (error := done.exception()):
        _log.error("work behind the readers' backs went wrong", exc_info=error)
