"""Parquet, a row group at a time; typed times are taken as they are typed."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from collector.case_table import ROWS
from collector.mapping_columns import plan_of
from collector.opening import Opened
from collector.reading import Item, Options, Reader, Unreadable
from collector.tables import TableReading


def recognises(opened: Opened) -> bool:
    """The magic at its beginning."""
    return opened.head.startswith(b"PAR1")


def read(opened: Opened, options: Options) -> Iterator[Item]:
    """The rows, block by block."""
    try:
        with pq.ParquetFile(opened.path) as file:
            yield from _read(opened, file, options)
    except (pa.ArrowInvalid, OSError) as wrong:
        raise Unreadable(
            f"no readable Parquet ({str(wrong).splitlines()[0][:200]})", "export it again"
        ) from wrong


def _read(opened: Opened, file: Any, options: Options) -> Iterator[Item]:
    rows = file.metadata.num_rows
    if not rows:
        raise Unreadable("the table has no row", "export it again with its rows")
    names = [n for n in file.schema_arrow.names if not n.startswith("__index_level_")]
    reading: TableReading | None = None
    size = opened.path.stat().st_size
    for batch in file.iter_batches(batch_size=ROWS, columns=names):
        table = pa.Table.from_batches([batch])
        if reading is None:
            reading = TableReading(plan_of(_texts(table), options), options, "parquet")
            yield reading.shape(table, [])
        yield from reading.blocks(_texts(table))
        opened.told(size * batch.num_rows // rows)
    if reading:
        yield from reading.closing_notes()


def _texts(table: Any) -> Any:
    """Dictionaries and large strings as plain texts: what a category is stored as means nothing."""
    for at, column in enumerate(table.columns):
        type_ = column.type
        if pa.types.is_dictionary(type_) or pa.types.is_large_string(type_):
            table = table.set_column(at, table.column_names[at], column.cast(pa.string()))
    return table


READER = Reader("Parquet", recognises, read, order=10, suffixes=(".parquet",))
