"""What a reader tells, as files that the store can take: one kind each, in order, few at a time."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from collector import otlp
from collector.case_table import Block, Rows
from collector.envelopes import canonical
from collector.free_events import event_of
from collector.mapping import Mapping
from collector.reading import Canonical, Frames, Item, Misread, Told
from process_model.errors import Untranslatable
from process_model.events import BusinessEvent, Rejected

KINDS = ("table", "events", "rejected", "traces", "logs")
_LINES_AT_ONCE = 20_000
_BYTES_AT_ONCE = 8 * 2**20
_WAITING_MOST = 3
_encode = msgspec.json.Encoder().encode


class Batch(msgspec.Struct, frozen=True, kw_only=True, tag="batch"):
    """A file that is ready to be stored, and how many rows it holds."""

    number: int
    kind: str
    path: str
    rows: int


class Batches:
    """Collects items into files of one kind each and hands them on."""

    def __init__(
        self,
        folder: Path,
        *,
        dataset: str,
        source: str,
        hand_on: Callable[[Batch], None],
        mapping: Mapping | None = None,
        leading: str = "",
    ) -> None:
        """``hand_on`` hears of each file; who stores it deletes it."""
        self._folder, self._dataset, self._source = folder, dataset, source
        self._hand_on, self._mapping = hand_on, mapping
        self._rows = Rows(dataset, source, leading or "case")
        self._received_at = datetime.now(UTC)
        self._lines: dict[str, list[bytes]] = {"events": [], "rejected": []}
        self._frames: dict[str, list[Frames]] = {"traces": [], "logs": []}
        self._sizes: Counter[str] = Counter()
        self._number = 0
        self.read = self.accepted = self.ignored = 0
        self.rejected: Counter[str] = Counter()

    def add(self, item: Item) -> None:
        """Take one item of a reader."""
        if isinstance(item, Block):
            self._block(item)
        elif isinstance(item, Told | Canonical):
            self.read += 1
            self._event(item)
        elif isinstance(item, Misread):
            self.read += 1
            self._reject(item)
        elif isinstance(item, Frames):
            self.read += item.rows
            self.accepted += item.rows
            self._frames[item.signal].append(item)
            self._grown(item.signal, len(item.record))
        else:
            raise TypeError(f"a reader told a {type(item).__name__}")

    def close(self) -> None:
        """Hand on what is left."""
        for kind in (*self._lines, *self._frames):
            self._flush(kind)

    def _block(self, block: Block) -> None:
        if self._mapping:
            for item in self._rows.told(block):
                self.add(item)
            return
        table, misread = self._rows.of(block)
        self.read += len(block) - len(misread)
        self.accepted += table.num_rows
        if table.num_rows:
            self._write_table(table)
        for item in misread:
            self.add(item)

    def _event(self, item: Told | Canonical) -> None:
        try:
            event = self._judged(item)
        except Untranslatable as refused:
            payload = _encode(item).decode()
            self._reject(
                Misread(
                    reason=refused.reason,
                    detail=f"{item.where} {refused.detail}".strip(),
                    where=item.where,
                    payload=payload,
                    id=item.id if isinstance(item, Told) else str(item.envelope.get("id", "")),
                )
            )
            return
        if event is None:
            self.ignored += 1
            return
        self.accepted += 1
        self._line("events", _encode(event))

    def _judged(self, item: Told | Canonical) -> BusinessEvent | None:
        if isinstance(item, Told) and self._mapping is None:
            return event_of(
                item, dataset=self._dataset, source=self._source, received_at=self._received_at
            )
        envelope = item.envelope if isinstance(item, Canonical) else None
        if isinstance(item, Told) and self._mapping:
            envelope = self._mapping.envelope(item)
        if envelope is None:
            return None
        return canonical.translate(
            envelope, received_at=self._received_at, origin="import", dataset=self._dataset
        )

    def _reject(self, item: Misread) -> None:
        self.rejected[item.reason] += 1
        rejected = Rejected(
            dataset=self._dataset,
            source=self._source,
            id=item.id,
            door="import",
            pointer=item.where,
            reason=item.reason,
            detail=item.detail,
            payload=item.payload,
            received_at=self._received_at,
        )
        self._line("rejected", _encode(rejected))

    def _line(self, kind: str, line: bytes) -> None:
        self._lines[kind].append(line)
        self._grown(kind, len(line) + 1)
        if len(self._lines[kind]) >= _LINES_AT_ONCE:
            self._flush(kind)

    def _grown(self, kind: str, size: int) -> None:
        self._sizes[kind] += size
        if self._sizes[kind] >= _BYTES_AT_ONCE:
            self._flush(kind)

    def _flush(self, kind: str) -> None:
        if kind in self._frames:
            frames, self._frames[kind] = self._frames[kind], []
            body = b"".join(otlp.frame(frame.record) for frame in frames)
            rows = sum(frame.rows for frame in frames)
        else:
            lines, self._lines[kind] = self._lines[kind], []
            body, rows = b"\n".join(lines) + b"\n", len(lines)
        self._sizes[kind] = 0
        if rows:
            self._hand(kind, lambda path: path.write_bytes(body), rows)

    def _write_table(self, table: Any) -> None:
        def write(path: Path) -> None:
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)

        self._hand("table", write, table.num_rows)

    def _hand(self, kind: str, write: Callable[[Path], object], rows: int) -> None:
        while len(list(self._folder.glob("*.batch"))) >= _WAITING_MOST:
            time.sleep(0.02)  # the store is slower: what waits on disk stays bounded
        self._number += 1
        path = self._folder / f"{self._number:08d}.{kind}.batch"
        part = path.with_suffix(".part")
        write(part)
        part.rename(path)
        self._hand_on(Batch(number=self._number, kind=kind, path=str(path), rows=rows))
