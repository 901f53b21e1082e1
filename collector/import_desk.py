"""Imports beside a running program: whoever reads a file hands its batches to the one that holds
the store, over a folder of the spool and a request row.

The reader's side writes one small order a batch; the holder's side takes them in their order.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from collector.batches import Batch
from collector.files import Done
from collector.landing import Here
from process_model.config import ModelConfig
from process_model.datasets import Import
from process_model.errors import StoreError, ThroughlineError
from process_model.recomputation import Progress
from process_model.state import Request, State
from process_model.store import Store

IMPORT = "import"
"""the kind of the request row"""

_log = logging.getLogger(__name__)
_PAUSE_SECONDS = 0.05
_ABANDONED_SECONDS = 300.0
_ANSWER_SECONDS = 3600.0


class _Finish(msgspec.Struct, frozen=True, tag="finish"):
    done: Done


class _Abandon(msgspec.Struct, frozen=True, tag="abandon"):
    pass


_Word = Batch | _Finish | _Abandon


@dataclass(slots=True)
class Desk:
    """The reader's side: a landing whose store is in another process."""

    _state: State
    _folder: Path
    _record: Import
    _request: str = ""
    _last: int = 0

    def __post_init__(self) -> None:
        """Ask; the answer comes when all is stored."""
        record = msgspec.to_builtins(self._record)
        payload = {"folder": str(self._folder), "record": record}
        self._request = self._state.request(IMPORT, payload)

    def store(self, batch: Batch) -> None:
        """Hand the batch on; the reader itself waits when too many lie here."""
        self._refuse_failed()
        self._last = batch.number
        self._say(batch.number, batch)

    def finish(self, done: Done, told: Progress) -> int:
        """Wait until all is stored and grown."""
        self._say(self._last + 1, _Finish(done))
        end = time.monotonic() + _ANSWER_SECONDS
        while time.monotonic() < end:
            self._refuse_failed()
            for request in self._state.requests(IMPORT, "done"):
                if request.id == self._request:
                    return int(request.answer)
            (self._folder / "alive").touch()
            time.sleep(_PAUSE_SECONDS)
        raise ThroughlineError("the running throughline has not finished the import in an hour")

    def abandon(self) -> None:
        """Have what was stored taken back."""
        if not any(r.id == self._request for r in self._state.requests(IMPORT)):
            return
        self._say(self._last + 1, _Abandon())
        end = time.monotonic() + _ABANDONED_SECONDS
        while time.monotonic() < end:
            if not any(r.id == self._request for r in self._state.requests(IMPORT)):
                return
            time.sleep(_PAUSE_SECONDS)

    def _refuse_failed(self) -> None:
        for request in self._state.requests(IMPORT, "failed"):
            if request.id == self._request:
                raise ThroughlineError(request.answer)

    def _say(self, number: int, word: _Word) -> None:
        part = self._folder / f"{number:08d}.part-word"
        part.write_bytes(msgspec.json.encode(word))
        part.rename(self._folder / f"{number:08d}.word")
        (self._folder / "alive").touch()


@contextmanager
def run(
    store: Store,
    state: State,
    config: ModelConfig,
    on_fatal: Callable[[BaseException], None] | None = None,
) -> Iterator[None]:
    """Take in what imports bring, in a thread, until left."""
    stop = threading.Event()
    work = (store, state, config, stop, on_fatal)
    thread = threading.Thread(target=_serve, args=work, name="imports")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _serve(
    store: Store,
    state: State,
    config: ModelConfig,
    stop: threading.Event,
    on_fatal: Callable[[BaseException], None] | None,
) -> None:
    try:
        while not stop.is_set():
            try:
                asked = state.requests(IMPORT)
                for request in asked:
                    _take_in(store, state, config, request, stop)
            except StoreError as refused:
                _log.warning("imports wait: %s", refused)
                asked = []
            if not asked:
                stop.wait(0.5)
    except Exception as error:
        if on_fatal is None:
            raise
        on_fatal(error)


def _take_in(
    store: Store, state: State, config: ModelConfig, request: Request, stop: threading.Event
) -> None:
    folder = Path(request.payload["folder"])
    record = msgspec.convert(request.payload["record"], Import)
    landing = Here(store, state, config, record, walks=False)
    seen = time.monotonic()
    try:
        while not stop.is_set():
            path, word = _next_word(folder)
            if isinstance(word, Batch):
                landing.store(word)
                # only now: a program that is killed while it stores does so again when it is back
                path.unlink()
                seen = time.monotonic()
            elif isinstance(word, _Finish):
                stored = landing.finish(word.done, lambda _done, _all: None)
                state.answer_request(request.id, str(stored))
                return
            elif isinstance(word, _Abandon) or time.monotonic() - seen > _ABANDONED_SECONDS:
                landing.abandon()
                state.answer_request(request.id, "the import was given up", failed=True)
                return
            elif not folder.exists():
                seen = float("-inf")
            else:
                stop.wait(_PAUSE_SECONDS)
    except (ThroughlineError, OSError, msgspec.MsgspecError) as refused:
        landing.abandon()
        state.answer_request(request.id, str(refused), failed=True)


def _next_word(folder: Path) -> tuple[Path, _Word | None]:
    """The next thing to do, and the file that says so."""
    for path in sorted(folder.glob("*.word")):
        word: _Word = msgspec.json.decode(path.read_bytes(), type=_Word)
        return path, word
    return folder, None
