"""Facts of rows that somebody else wrote into the tables, as the Collector's exporter does.

Such rows carry no token, so they are walked by the time they were recorded, again and again over
the last minutes: a slow insert becomes visible behind a faster, later one. A fact that is stored
already is left out, so that walking twice tells nothing twice.
"""

import logging
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from collector import facts, threads, writer
from process_model import telemetry
from process_model.errors import StoreError
from process_model.state import State
from process_model.store import Store

_SQL = Path(__file__).parent / "sql"
_BLOCKS = (_SQL / "blocks_of_others_since.sql").read_text()
_CANDIDATES = (_SQL / "candidates_of_others.sql").read_text()
_KNOWN = (_SQL / "known_facts.sql").read_text()
_CURSOR = "exporter_rows"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OVERLAP = timedelta(minutes=5)
_PAUSE_SECONDS = 1.0
_log = logging.getLogger(__name__)


@contextmanager
def run(
    store: Store,
    state: State,
    local_types: Mapping[str, Sequence[str]],
    on_fatal: threads.Fatal,
) -> Iterator[None]:
    """Walk in a thread until left; what is not done then is done next time."""
    stop = threading.Event()
    walker = Walker(store, state, local_types, stop)
    thread = threads.start("exporter-rows", walker.keep_walking, on_fatal)
    try:
        yield
    finally:
        stop.set()
        thread.join()


class Walker:
    """Remembers what it saw last, so that a store that nobody else writes to costs one question."""

    def __init__(
        self,
        store: Store,
        state: State,
        local_types: Mapping[str, Sequence[str]],
        stop: threading.Event,
        page: int = 5_000,
    ) -> None:
        """Go on behind the cursor that the state keeps, so many candidates at once."""
        self._store, self._state, self._local_types = store, state, local_types
        self.stop, self._page = stop, page
        self._seen: Any = None

    def keep_walking(self) -> None:
        """Walk every second until ``stop`` is set; trouble of the store is tried again."""
        while not self.stop.wait(_PAUSE_SECONDS):
            try:
                with telemetry.measured("walk exporter rows"):
                    self.walk()
            except StoreError as error:
                telemetry.count_retried("walk exporter rows")
                _log.warning("rows written by others wait: %s", error)

    def walk(self) -> int:
        """Store the facts of all rows that are new; says how many there were."""
        cursor = self._state.cursor(_CURSOR)
        since = datetime.fromisoformat(cursor) - OVERLAP if cursor else _EPOCH
        blocks = self._store.query("blocks_of_others_since", _BLOCKS, {"since": since}).one()
        seen = (blocks.blocks, blocks.latest)
        if not blocks.blocks or seen == self._seen:
            return 0
        told = sum(self._store_page(page) for page in self._pages(since))
        self._seen = seen
        return told

    def _pages(self, since: datetime) -> Iterator[list[Any]]:
        at = {"since": since, "trace_id": "", "span_id": "", "position": -1}
        while not self.stop.is_set():
            page = self._store.query(
                "candidates_of_others", _CANDIDATES, at | {"page": self._page}
            ).rows
            if not page:
                return
            yield page
            last = page[-1]
            at = {"since": last.recorded_at, "trace_id": last.trace_id, "span_id": last.span_id}
            at["position"] = last.position
            self._state.set_cursor(_CURSOR, last.recorded_at.isoformat())

    def _store_page(self, page: list[Any]) -> int:
        told = {(fact.source, fact.id): fact for fact in facts.of_rows(page, self._local_types)}
        keys = {"sources": [key[0] for key in told], "ids": [key[1] for key in told]}
        known = {tuple(row) for row in self._store.query("known_facts", _KNOWN, keys)}
        fresh = [fact for key, fact in sorted(told.items()) if key not in known]
        if fresh:
            writer.store_told(self._store, fresh, f"others-{uuid.uuid4()}")
        return len(fresh)
