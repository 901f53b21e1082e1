"""OCEL 1.0 in CSV: a column ``ocel:type:<type>`` for each object type, holding a list of ids."""

import csv
import io
from collections.abc import Iterator

from collector.object_centric import LogEvent, LogObject, ObjectLog, id_list, items_of
from collector.opening import Opened
from collector.reading import Item, Misread, Options, Reader, Unreadable

_TYPE = "ocel:type:"


def recognises(opened: Opened) -> bool:
    """A header with a column of object ids."""
    return _TYPE.encode() in opened.head.partition(b"\n")[0]


def read(opened: Opened, options: Options) -> Iterator[Item]:
    """The rows; objects are what their ids name."""
    log, odd = ObjectLog("ocel 1.0 csv"), list[Misread]()
    with opened.stream() as stream:
        text = io.TextIOWrapper(stream, encoding=options.encoding or "utf-8-sig", newline="")
        try:
            _fill(log, odd, csv.DictReader(text, delimiter=options.delimiter or ","))
        except (csv.Error, UnicodeDecodeError) as wrong:
            raise Unreadable(
                f"no readable CSV ({wrong})", "say --encoding, or export again"
            ) from wrong
    yield from items_of(log, options)
    yield from odd


def _fill(log: ObjectLog, odd: list[Misread], rows: "csv.DictReader[str]") -> None:
    names = rows.fieldnames or []
    for needed in ("ocel:eid", "ocel:activity", "ocel:timestamp"):
        if needed not in names:
            raise Unreadable(f"there is no column {needed}", "an OCEL CSV has one", "line 1")
    types = [name for name in names if name.startswith(_TYPE)]
    for row in rows:
        if None in row or None in row.values():
            where = f"line {rows.line_num}"
            detail = f"{where} has not the columns of the header"
            odd.append(
                Misread(reason="wrong_columns", detail=detail, where=where, payload=str(row))
            )
            continue
        related: list[tuple[str, str]] = []
        for name in types:
            for id_ in id_list(row[name]):
                log.add_object(LogObject(id_, name.removeprefix(_TYPE)))
                related.append((id_, ""))
        fields = {
            name: value
            for name, value in row.items()
            if not name.startswith("ocel:") and value.strip()
        }
        id_, activity, time = (row[f"ocel:{name}"] for name in ("eid", "activity", "timestamp"))
        where = f"line {rows.line_num}"
        log.events.append(LogEvent(id_, activity, time.strip(), related, fields, where))


READER = Reader("OCEL CSV", recognises, read, order=40, suffixes=(".csv",))
