"""Tables of a log, whatever they were read from, as blocks: one reading of columns for all."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from collector.case_table import ROWS, Block, field_maps
from collector.mapping_columns import Plan
from collector.moments import swapped
from collector.reading import Note, Options, Shape, Unreadable

CASE = "case"
"""The object type of a case-based log's cases."""

TIMELESS = (
    "no event has a time: their order in the file is kept, and the time is that of the import, "
    "marked as received"
)

_EPOCH = 0
_SEPARATOR = "\x1f"


class TableReading:
    """Reads one file's tables under one plan and keeps what must be told at the end."""

    def __init__(self, plan: Plan, options: Options, format_: str) -> None:
        """``format_`` is the reader's name."""
        self._plan, self._options, self._format = plan, options, format_
        self._row = 1
        self.naive = self.early = self.epoch = 0

    def shape(self, table: Any, notes: Sequence[str]) -> Shape:
        """How the file is understood."""
        return self._plan.shape(self._format, CASE, table, notes)

    def blocks(self, table: Any) -> Iterator[Block]:
        """The table's rows in blocks of a bounded size."""
        for start in range(0, table.num_rows, ROWS):
            part = table.slice(start, ROWS).combine_chunks()
            if part.num_rows:
                yield self._block(part)
                self._row += part.num_rows

    def closing_notes(self) -> Iterator[Note]:
        """What the user must know of the times."""
        return notes_on_times(self.naive, self.early, self.epoch, self._options)

    def _block(self, table: Any) -> Block:
        plan, rows = self._plan, table.num_rows
        columns = {name: _text(table[name]) for name in table.column_names}
        time = self._times(table, plan.time)
        others = [n for n in columns if n not in (plan.case, plan.activity, plan.time)]
        others = [name for name in others if name not in plan.objects.values()]
        names, values = list(others), [columns[name] for name in others]
        if plan.start:
            names.append("start")
            values.append(_rfc3339(self._times(table, plan.start, quiet=True)))
        joined = pc.binary_join_element_wise(*columns.values(), _SEPARATOR)
        return Block(
            case=columns[plan.case],
            activity=columns[plan.activity],
            time=time,
            time_text=columns[plan.time],
            actor=columns[plan.resource] if plan.resource else pa.array([""] * rows),
            content=joined.to_pylist(),
            fields=field_maps(names, values, rows),
            first_row=self._row,
            objects={type_: columns[name] for type_, name in plan.objects.items()},
        )

    def _times(self, table: Any, name: str, *, quiet: bool = False) -> Any:
        column = table[name].combine_chunks() if hasattr(table[name], "chunks") else table[name]
        if pa.types.is_timestamp(column.type):
            return typed_times(column, self._options)
        layout = self._plan.layout
        if layout is None:
            return pa.nulls(len(column), pa.timestamp("us", "UTC"))
        times, naive = layout.read(column)
        if quiet:
            return times
        unread = pc.filter(column, pc.invert(pc.is_valid(times)))
        if text := swapped(layout, unread):
            raise Unreadable(
                f"dates are mixed: {text} is none with the {layout.name.replace('-', ' ')}, as "
                "earlier rows have it",
                "the export has swapped some of them; export again with ISO dates (2026-03-04)",
            )
        self.naive += naive
        micros = pc.cast(pc.drop_null(times), pa.int64())
        self.early += int(pc.sum(pc.less(micros, _EPOCH)).as_py() or 0)
        self.epoch += int(pc.sum(pc.equal(micros, _EPOCH)).as_py() or 0)
        return times


def notes_on_times(naive: int, early: int, epoch: int, options: Options) -> Iterator[Note]:
    """What the user must know of a log's times: never corrected in silence."""
    if naive and not options.zone:
        yield Note(f"{naive} times carry no zone and were read as UTC; --zone says another")
    if early:
        yield Note(f"{early} events happened before 1970; they are kept as written")
    if epoch:
        yield Note(
            f"{epoch} events happened at 1970-01-01 00:00 UTC, which often stands for a missing "
            "time; they are kept as written"
        )


def typed_times(column: Any, options: Options) -> Any:
    """A timestamp column in microseconds of UTC; a naive one is in the zone that was said."""
    if column.type.tz is None:
        from collector.moments import iso_layout

        naive = pc.cast(column, pa.timestamp("us"), safe=False)
        return iso_layout(options.zone).place(naive)
    return pc.cast(pc.cast(column, pa.timestamp("us", column.type.tz), safe=False),
                   pa.timestamp("us", "UTC"))  # fmt: skip


def _text(column: Any) -> Any:
    flat = column.combine_chunks() if hasattr(column, "chunks") else column
    if isinstance(flat, pa.ChunkedArray):
        flat = pa.concat_arrays(flat.chunks) if flat.num_chunks else pa.array([], flat.type)
    if pa.types.is_timestamp(flat.type):
        return _rfc3339(flat)
    if pa.types.is_dictionary(flat.type):
        flat = flat.dictionary_decode()
    try:
        text = flat if pa.types.is_string(flat.type) else pc.cast(flat, pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        text = pa.array([None if v is None else str(v) for v in flat.to_pylist()], pa.string())
    return pc.fill_null(text, "")


def _rfc3339(times: Any) -> Any:
    """Times as RFC 3339 text, '' for null."""
    zone = "Z" if times.type.tz else ""
    text = np.datetime_as_string(
        np.asarray(pc.fill_null(pc.cast(times, pa.int64()), 0)).astype(f"M8[{times.type.unit}]")
    )
    told = pa.array([f"{value}{zone}" for value in text.tolist()], pa.string())
    return pc.if_else(pc.is_valid(times), told, "")
