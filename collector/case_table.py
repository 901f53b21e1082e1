"""Blocks of a case-based log as rows of events, column by column: no Python object per row.

A row's id is a hash of its own content and its ordinal among equals, so the same row imported again
is the same event, and two equal rows of one file are two.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from collector.reading import Misread, Told
from process_model.events import ObjectRef, object_key

ROWS = 131_072
"""Rows a block has at most: what one insert holds in memory."""

_LONGEST = 512
_REASONS = {
    "missing_case": "belongs to no case",
    "missing_activity": "names no activity",
    "missing_time": "has no time",
    "invalid_time": "has a time that is none, or lies outside 1900 to 2261",
    "too_long": f"has a name of more than {_LONGEST} characters",
}


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a log, as Arrow arrays of one length; texts are never null."""

    case: Any
    activity: Any
    time: Any
    """timestamps in UTC, null where there is none"""
    time_text: Any
    actor: Any
    content: Sequence[str]
    """what is hashed, one text a row"""
    fields: Any
    """a map array: every other value that is not empty"""
    first_row: int
    """the row's place in the file, from 1"""
    objects: dict[str, Any] = field(default_factory=dict)
    """further object types → the texts of their ids, '' where there is none"""
    unit: str = "row"
    timeless: bool = False
    """the log has no times at all: what has none happened when it was received"""

    def __len__(self) -> int:
        return len(self.case)


def field_maps(names: Sequence[str], columns: Sequence[Any], rows: int) -> Any:
    """The columns as one map a row, without what is empty."""
    offsets, values, which = interleaved(columns, rows)
    keys = pa.array(list(names), pa.string()).take(which) if names else pa.array([], pa.string())
    return pa.MapArray.from_arrays(offsets, keys, values)


def interleaved(columns: Sequence[Any], rows: int) -> tuple[Any, Any, Any]:
    """Columns as lists a row: offsets, the values that are not empty, and each value's column."""
    if not columns:
        empty = pa.array([], pa.string())
        return pa.array(np.zeros(rows + 1, np.int32)), empty, pa.array([], pa.int32())
    filled = np.stack([np.asarray(pc.greater(pc.binary_length(c), 0)) for c in columns], axis=1)
    counts = np.concatenate([[0], np.cumsum(filled.sum(axis=1))]).astype(np.int32)
    row, column = np.nonzero(filled)
    joined = pa.chunked_array(columns).combine_chunks() if len(columns) > 1 else columns[0]
    values = joined.take(pa.array(column * rows + row))
    return pa.array(counts), values, pa.array(column.astype(np.int32))


class Ordinals:
    """How often each content was seen before, in memory of eight bytes a row."""

    def __init__(self) -> None:
        """Nothing seen."""
        self._runs: list[Any] = []
        self._more: Counter[int] = Counter()

    def of(self, hashes: Any) -> dict[int, int]:
        """Position → ordinal (from 2) of those rows that repeat an earlier one."""
        unique, counts = np.unique(hashes, return_counts=True)
        known = np.zeros(len(unique), bool)
        for run in self._runs:
            at = np.searchsorted(run, unique)
            at[at == len(run)] = 0
            known |= run[at] == unique
        repeated = unique[known | (counts > 1)]
        self._add(unique[~known])
        if not len(repeated):
            return {}
        fresh = set(unique[~known].tolist())
        found: dict[int, int] = {}
        for position in np.flatnonzero(np.isin(hashes, repeated)).tolist():
            value = int(hashes[position])
            if value in fresh:
                fresh.discard(value)
                continue
            self._more[value] += 1
            found[position] = self._more[value] + 1
        return found

    def _add(self, fresh: Any) -> None:
        """Runs of sizes that double are merged, so that there are few to look through."""
        if not len(fresh):
            return
        self._runs.append(fresh)
        while len(self._runs) > 1 and len(self._runs[-1]) * 2 > len(self._runs[-2]):
            last = self._runs.pop()
            merged = np.concatenate([self._runs[-1], last])
            merged.sort()
            self._runs[-1] = merged


class Rows:
    """Turns blocks into the columns that the store inserts, and says which rows are none."""

    def __init__(self, dataset: str, source: str, leading: str) -> None:
        """``leading`` is the object type of the cases."""
        self._dataset, self._source, self._leading = dataset, source, leading
        self._ordinals = Ordinals()
        self._received_at = datetime.now(UTC)

    def of(self, block: Block) -> tuple[Any, list[Misread]]:
        """An Arrow table of the block's events (its rows in their order) and the misread rows."""
        digests = b"".join(
            [blake2b(text.encode(), digest_size=16).digest() for text in block.content]
        )
        block, time_from = self._timed(block)
        ids = self._ids(digests, len(block))
        good, misread = _judged(block, ids)
        kept = pa.array(good)
        keys = _keys(block.case, self._leading)
        offsets, object_keys, types = self._objects(block, keys)
        rows = len(block)
        numbers = pc.cast(pa.array(np.arange(block.first_row, block.first_row + rows)), pa.string())
        empty = pa.DictionaryArray.from_arrays(np.zeros(len(object_keys), np.int32), [""])
        table = pa.table(
            {
                "dataset": _same(self._dataset, rows),
                "source": _same(self._source, rows),
                "id": ids,
                "activity": block.activity.dictionary_encode(),
                "subject": keys,
                "event_time": block.time,
                "event_time_from": time_from,
                "sequence": numbers,
                "object_keys": pa.ListArray.from_arrays(offsets, object_keys),
                "object_types": pa.ListArray.from_arrays(offsets, types),
                "object_qualifiers": pa.ListArray.from_arrays(offsets, empty),
                "actor_id": block.actor,
                "fields": block.fields,
            }
        )
        return (table if good.all() else table.filter(kept)), misread

    def told(self, block: Block) -> Iterator[Told | Misread]:
        """The same rows one by one, for what must be translated."""
        table, misread = self.of(block)
        yield from misread
        for row in table.to_pylist():
            keys = zip(row["object_keys"], row["object_types"], strict=True)
            yield Told(
                activity=row["activity"],
                time=None if row["event_time_from"] == "received" else row["event_time"],
                objects=tuple(ObjectRef(type_, ObjectRef.of(key).id) for key, type_ in keys),
                fields=dict(row["fields"]),
                id=row["id"],
                actor=row["actor_id"],
                sequence=row["sequence"],
                where=f"/{block.unit}/{row['sequence']}",
            )

    def _timed(self, block: Block) -> tuple[Block, Any]:
        """A time for every row where the log has none at all, and where times come from."""
        if not block.timeless:
            return block, _same("time", len(block))
        missing = pc.equal(block.time_text, "")
        now = pa.scalar(self._received_at, pa.timestamp("us", "UTC"))
        time = pc.if_else(missing, now, block.time)
        origin = pc.if_else(missing, "received", "time").dictionary_encode()
        return replace(block, time=time), origin

    def _ids(self, digests: bytes, rows: int) -> Any:
        hashes = np.frombuffer(digests, np.uint64).reshape(rows, 2)[:, 0]
        ids = _hex(digests, rows)
        repeats = self._ordinals.of(hashes)
        if not repeats:
            return ids
        texts = ids.to_pylist()
        for position, ordinal in repeats.items():
            texts[position] += f"-{ordinal}"
        return pa.array(texts, pa.string())

    def _objects(self, block: Block, keys: Any) -> tuple[Any, Any, Any]:
        rows = len(block)
        names = [self._leading, *block.objects]
        if len(names) == 1:
            offsets = pa.array(np.arange(rows + 1, dtype=np.int32))
            return offsets, keys, _same(self._leading, rows)
        columns = [keys, *(_keys(ids, type_) for type_, ids in block.objects.items())]
        offsets, values, which = interleaved(columns, rows)
        return offsets, values, pa.DictionaryArray.from_arrays(which, names)


def _judged(block: Block, ids: Any) -> tuple[Any, list[Misread]]:
    good = np.asarray(pc.is_valid(block.time)).copy()
    case_length, activity_length = pc.utf8_length(block.case), pc.utf8_length(block.activity)
    for length in (case_length, activity_length):
        sizes = np.asarray(length)
        good &= (sizes > 0) & (sizes <= _LONGEST)
    return good, [_misread(block, ids, int(at)) for at in np.flatnonzero(~good)]


def _misread(block: Block, ids: Any, at: int) -> Misread:
    case, activity = block.case[at].as_py(), block.activity[at].as_py()
    text = block.time_text[at].as_py()
    if not case or not activity:
        reason = "missing_activity" if case else "missing_case"
    elif max(len(case), len(activity)) > _LONGEST:
        reason = "too_long"
    else:
        reason = "invalid_time" if text else "missing_time"
    where = f"{block.unit} {block.first_row + at}"
    detail = f"{where} {_REASONS[reason]}"
    if reason == "invalid_time":
        detail += f": {text[:80]}"
    return Misread(
        reason=reason,
        detail=detail,
        where=f"/{block.unit}/{block.first_row + at}",
        payload=block.content[at].replace("\x1f", "\t"),
        id=ids[at].as_py(),
    )


def _keys(ids: Any, type_: str) -> Any:
    """The object keys of ids, '' for ''; each different id is encoded once."""
    encoded = ids.dictionary_encode()
    keys = [object_key(type_, text) if text else "" for text in encoded.dictionary.to_pylist()]
    return pa.array(keys, pa.string()).take(encoded.indices)


def _same(text: str, rows: int) -> Any:
    return pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), [text])


def _hex(digests: bytes, rows: int) -> Any:
    ends = np.arange(0, 32 * (rows + 1), 32, dtype=np.int32)
    texts = pa.py_buffer(digests.hex().encode())
    return pa.StringArray.from_buffers(rows, pa.py_buffer(ends), texts)
