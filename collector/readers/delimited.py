"""CSV and its relatives: delimiter, encoding and header are seen in the file's first bytes."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from collector.case_table import ROWS
from collector.mapping_columns import plan_of
from collector.opening import Opened, Recoded
from collector.reading import Item, Misread, Options, Reader, Unreadable
from collector.tables import TableReading

_BLOCK = 2 * 2**20
_GATHERED = 128 * 2**20
"""Wide rows are handed on at this size, narrow ones at a number: small batches cost the store."""
_MARK = b"\xef\xbb\xbf"
_DELIMITERS = (",", ";", "\t", "|")
_SUFFIXES = (".csv", ".tsv", ".txt")


def recognises(opened: Opened) -> bool:
    """Text of several columns; only names ending in csv, tsv or txt are tried without asking."""
    return opened.name.lower().endswith(_SUFFIXES) and b"\x00" not in opened.head


def read(opened: Opened, options: Options) -> Iterator[Item]:
    """The rows, block by block, every cell as the text it is."""
    encoding = options.encoding or _encoding(opened)
    text = opened.head.decode("utf-8" if encoding == opened.encoding else encoding, "replace")
    delimiter = _delimiter(text, options.delimiter)
    names, has_header = _names(text, delimiter, options.header)
    notes = (
        [] if encoding in ("utf-8", "utf-8-sig") else [f"read as {encoding}, for it is no UTF-8"]
    )
    misread: list[Misread] = []
    with opened.stream() as stream:
        text_stream = _in_utf8(opened, stream, encoding)
        tables = _gathered(_batches(text_stream, delimiter, names, has_header, misread))
        first = next(tables, None)
        if first is None:
            raise Unreadable("there is a header and no row", "export it again with its rows")
        plan = plan_of(first, options)
        reading = TableReading(plan, options, "csv")
        yield reading.shape(first, notes)
        while first is not None:
            yield from reading.blocks(first)
            yield from misread
            misread.clear()
            first = next(tables, None)
        yield from misread
        yield from reading.closing_notes()


def _gathered(batches: Iterator[Any]) -> Iterator[Any]:
    """Tables of as many rows as the store takes at once, or of a bounded size."""
    waiting: list[Any] = []
    rows = size = 0
    for batch in batches:
        if waiting and (rows + batch.num_rows > ROWS or size + batch.nbytes > _GATHERED):
            yield pa.Table.from_batches(waiting)
            waiting, rows, size = [], 0, 0
        waiting.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
    if waiting:
        yield pa.Table.from_batches(waiting)


def _batches(
    stream: Any,
    delimiter: str,
    names: Sequence[str],
    has_header: bool,
    misread: list[Misread],
) -> Iterator[Any]:
    def odd(row: Any) -> str:
        where = f"line {row.number}" if row.number is not None else "a line"
        misread.append(
            Misread(
                reason="wrong_columns",
                detail=f"{where} has {row.actual_columns} columns instead of "
                f"{row.expected_columns}; quote what holds the delimiter",
                where=f"/line/{row.number}",
                payload=str(row.text),
            )
        )
        return "skip"

    texts = {name: pa.string() for name in names}
    try:
        reader = pa_csv.open_csv(
            pa.PythonFile(stream, "r"),
            pa_csv.ReadOptions(
                block_size=_BLOCK, use_threads=False, column_names=list(names),
                skip_rows=1 if has_header else 0,
            ),
            pa_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=odd
            ),
            # every cell stays the text it is: a case may be named NA
            pa_csv.ConvertOptions(
                column_types=texts, strings_can_be_null=False, null_values=[], check_utf8=True
            ),
        )  # fmt: skip
        yield from reader
    except (pa.ArrowInvalid, UnicodeDecodeError) as wrong:
        said = str(wrong)
        line = re.search(r"[Rr]ow #?(\d+)", said)
        raise Unreadable(
            f"the text is no clean CSV ({said.splitlines()[0][:200]})",
            "say --encoding or --delimiter, or export it again",
            where=f"line {line[1]}" if line else "",
        ) from wrong


def _in_utf8(opened: Opened, stream: IO[bytes], encoding: str) -> IO[bytes]:
    """The bytes as they are where they are UTF-8, for that is fastest."""
    if encoding != "utf-8":
        return io.BufferedReader(Recoded(stream, encoding), 2**20)
    if opened.head.startswith(_MARK):
        stream.read(len(_MARK))
    return stream


def _encoding(opened: Opened) -> str:
    head = opened.head
    if opened.encoding != "utf-8":
        return opened.encoding
    try:
        head[: head.rfind(b"\n") + 1 or len(head)].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(text: str, said: str) -> str:
    if said:
        return {"tab": "\t", "\\t": "\t"}.get(said, said)
    lines = _lines(text)
    best, most = "", 0
    for candidate in _DELIMITERS:
        counts = [len(row) for row in csv.reader(lines, delimiter=candidate)]
        common = max(set(counts), key=counts.count)
        agreeing = counts.count(common) / len(counts)
        if common > 1 and agreeing >= 0.8 and common > most:
            best, most = candidate, common
    if not best:
        raise Unreadable(
            "no delimiter splits the lines alike", "say --delimiter (tab for a tabulator)"
        )
    return best


def _names(text: str, delimiter: str, header: bool | None) -> tuple[list[str], bool]:
    rows = list(csv.reader(_lines(text)[:2], delimiter=delimiter))
    first = [cell.removeprefix("\ufeff").strip() for cell in rows[0]]
    if header is None:
        # a first line with a number or a date in it is data
        header = not any(re.fullmatch(r"[-+\d.:/TZ ]*\d[-+\d.:/TZ ]*", cell) for cell in first)
    if not header:
        return [f"column {number}" for number in range(1, len(first) + 1)], False
    names: list[str] = []
    for number, cell in enumerate(first, 1):
        name = cell or f"column {number}"
        names.append(name if name not in names else f"{name} ({number})")
    return names, True


def _lines(text: str) -> list[str]:
    """The first whole lines; the last may be cut by where the head ends."""
    lines = text.removeprefix("\ufeff").splitlines()[:200]
    return lines[:-1] if len(lines) > 2 else lines


READER = Reader("CSV", recognises, read, order=80, suffixes=_SUFFIXES)
