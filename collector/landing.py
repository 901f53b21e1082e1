"""Puts an import's batches into the store, in the process that holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal, Protocol

from collector import writer
from collector.batches import Batch
from collector.files import Done
from process_model import datasets, instances, own_words
from process_model.config import ModelConfig
from process_model.datasets import Import
from process_model.errors import StoreUnavailable
from process_model.questions import ask
from process_model.recomputation import Progress
from process_model.state import State
from process_model.store import Store
from process_model.vocabulary import LIVE

_SQL = Path(__file__).parent / "sql"
_LINES = {"date_time_input_format": "best_effort"}
# what replaces or sums up is brought together when parts are merged, not once more at each insert
_COLUMNS = {"optimize_on_insert": 0}
OTLP = "otlp"
_LEDGER = {"table": "events", "events": "events", "rejected": "rejected"}


class Landing(Protocol):
    """Where batches go: the store of this process, or the process that holds it."""

    def store(self, batch: Batch) -> None:
        """Take one batch; its file is gone when it is stored."""

    def finish(self, done: Done, told: Progress) -> int:
        """All batches were handed on: grow the cases; how many events were new."""

    def abandon(self) -> None:
        """The file was refused: take back what was stored of it."""


@dataclass(slots=True)
class Here:
    """The landing in this process, which holds the store."""

    _store: Store
    _state: State
    _config: ModelConfig
    _record: Import
    walks: bool = True
    """whether cases of the canon are grown here, or by the thread that walks new segments"""
    _spans: int = 0
    _again: bool = field(default=False)

    def __post_init__(self) -> None:
        """Write down that the import runs."""
        self._again = bool(self._total())
        datasets.record(self._store, self._record)

    def store(self, batch: Batch) -> None:
        """Insert the batch as one block, proved by its row of the ledger."""
        path = Path(batch.path)
        if not path.exists():  # it goes only after it was stored: an earlier try got that far
            return
        if batch.kind in ("traces", "logs"):
            kind: Literal["traces", "logs"] = "traces" if batch.kind == "traces" else "logs"
            # the content is the token: the same spans again are the same block
            token = f"import-{blake2b(path.read_bytes(), digest_size=16).hexdigest()}"
            writer.store_segment(self._store, kind, path, token)
            self._spans += batch.rows
        else:
            self._insert(batch, path)
        path.unlink(missing_ok=True)

    def finish(self, done: Done, told: Progress) -> int:
        """Keep the record and grow the cases."""
        counted = {"import_id": self._record.import_id}
        sql = _text("stored_of_import.sql")
        # a program that was killed meanwhile does not know what it had stored: the ledger does
        stored = self._spans + self._store.query("stored_of_import", sql, counted).one().rows
        over = replace(
            self._record,
            format=done.format,
            leading_type=done.leading,
            finished_at=datetime.now(UTC),
            read=done.read,
            accepted=done.accepted,
            stored=stored,
            rejected=done.rejected,
            notes=tuple(done.notes),
        )
        if done.format == OTLP:
            # spans and log records know no dataset: they are of the running estate
            named = over.dataset, over.import_id
            datasets.forget_import(self._store, self._state, *named)
            over = replace(over, dataset=LIVE)
        datasets.record(self._store, over)
        if done.leading:
            own_words.grow(self._store, self._state, over.dataset, told)
        elif self.walks:
            while instances.walk(self._store, self._state, self._config):
                pass
        return int(stored)

    def abandon(self) -> None:
        """Leave nothing of a refused file."""
        named = self._record.dataset, self._record.import_id
        datasets.forget_import(self._store, self._state, *named)

    def _insert(self, batch: Batch, path: Path) -> None:
        token = f"{self._record.import_id}-{batch.number:08d}"
        if batch.kind == "table":
            # cases in a log's own words are grown at the end, all at once
            self._state.mark_walked([token])
        again = "_again" if self._again or batch.kind != "table" else ""
        self._store.insert_file(
            f"insert_{batch.kind}{again}",
            _text(f"insert_{batch.kind}{again}.sql"),
            path,
            token=token,
            format="Arrow" if batch.kind == "table" else "JSONEachRow",
            structure=_text(f"structure_{batch.kind}.txt"),
            settings=_COLUMNS if batch.kind == "table" else _LINES,
        )
        ledger: Mapping[str, Any] = {"kind": _LEDGER[batch.kind], "segment": token}
        found = self._store.query("stored_rows", _text("stored_rows.sql"), ledger).one()
        whole = found.rows == batch.rows if not again else found.rows <= batch.rows
        if found.blocks > 1 or not whole:
            raise StoreUnavailable(
                f"batch {batch.number} of the import has {found.rows} rows in {found.blocks} "
                f"blocks, expected {batch.rows} in one; import again"
            )

    def _total(self) -> int:
        return int(ask(self._store, "events_total", dataset=self._record.dataset)[0].total)


@cache
def _text(name: str) -> str:
    return (_SQL / name).read_text()
