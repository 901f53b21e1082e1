"""OCEL in SQLite: 2.0 with a table a type, 1.0 with tables EVENTS, OBJECTS and RELATIONS."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any
from urllib.parse import quote

from collector.object_centric import LogEvent, LogObject, ObjectLog, items_of, text_of
from collector.opening import Opened
from collector.reading import Item, Options, Reader, Unreadable

_OWN = ("ocel_id", "ocel_time", "ocel_changed_field")
_INITIAL = re.compile(r"1970-01-01[ T](\d\d):(00|30|45)(?::00(?:\.0+)?)?")


def recognises(opened: Opened) -> bool:
    """The magic of SQLite 3."""
    return opened.head.startswith(b"SQLite format 3\x00")


def read(opened: Opened, options: Options) -> Iterator[Item]:
    """The whole log; the file is opened so that nothing can write it."""
    if opened.packing:
        raise Unreadable("a packed database cannot be opened", "unpack it first")
    address = f"file:{quote(str(opened.path))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            database.row_factory = sqlite3.Row
            tables = _tables(database)
            log = (
                _second(database, tables) if "event_object" in tables else _first(database, tables)
            )
    except (sqlite3.Error, UnicodeDecodeError) as wrong:
        raise Unreadable(f"no readable SQLite log ({wrong})", "export it again") from wrong
    opened.told(opened.path.stat().st_size)
    shift = "" if options.zone else _shift(log)
    if shift:
        log.notes.append(
            "initial attribute values stand at 1970-01-01 "
            f"{shift[1:]} instead of 00:00 UTC: the log was written in a zone of {shift}, and its "
            "times were read so; --zone says another"
        )
    import msgspec

    yield from items_of(log, msgspec.structs.replace(options, zone=options.zone or shift))


def _tables(database: sqlite3.Connection) -> set[str]:
    rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {row["name"] for row in rows}


def _rows(database: sqlite3.Connection, table: str) -> Iterator[Mapping[str, Any]]:
    # a table's name cannot be a parameter; quoted it is a name and nothing else
    quoted = '"' + table.replace('"', '""') + '"'
    yield from (dict(row) for row in database.execute("SELECT * FROM " + quoted))


def _second(database: sqlite3.Connection, tables: set[str]) -> ObjectLog:
    log = ObjectLog("ocel 2.0 sqlite")
    missing = {"event", "object", "event_map_type", "object_map_type"} - tables
    if missing:
        raise Unreadable(f"the tables {', '.join(sorted(missing))} are missing", "export it again")
    types = {text_of(r["ocel_id"]): text_of(r["ocel_type"]) for r in _rows(database, "object")}
    for id_, type_ in types.items():
        log.add_object(LogObject(id_, type_))
    for row in _typed(database, tables, "object"):
        one = log.objects.get(text_of(row["ocel_id"]))
        if one is not None:
            time, changed = text_of(row.get("ocel_time")), row.get("ocel_changed_field")
            one.attributes += [
                (name, time, text_of(value))
                for name, value in row.items()
                if name not in _OWN and value is not None and changed in (None, name)
            ]
    if "object_object" in tables:
        for row in _rows(database, "object_object"):
            one = log.objects.get(text_of(row["ocel_source_id"]))
            if one is not None:
                relation = (text_of(row["ocel_target_id"]), text_of(row["ocel_qualifier"]))
                one.related.append(relation)
    _add_events(database, tables, log)
    return log


def _add_events(database: sqlite3.Connection, tables: set[str], log: ObjectLog) -> None:
    events = {
        text_of(r["ocel_id"]): LogEvent(text_of(r["ocel_id"]), text_of(r["ocel_type"]), "")
        for r in _rows(database, "event")
    }
    for row in _typed(database, tables, "event"):
        event = events.get(text_of(row["ocel_id"]))
        if event is not None:
            event.time = text_of(row.get("ocel_time"))
            event.fields = {
                name: text_of(value)
                for name, value in row.items()
                if name not in _OWN and value is not None
            }
    for row in _rows(database, "event_object"):
        event = events.get(text_of(row["ocel_event_id"]))
        if event is not None:
            relation = (text_of(row["ocel_object_id"]), text_of(row["ocel_qualifier"]))
            event.related.append(relation)
    log.events = list(events.values())


def _typed(
    database: sqlite3.Connection, tables: set[str], what: str
) -> Iterator[Mapping[str, Any]]:
    for row in _rows(database, f"{what}_map_type"):
        table = f"{what}_{row['ocel_type_map']}"
        if table not in tables:
            raise Unreadable(
                f"the table {table} of the type {row['ocel_type']} is missing", "export it again"
            )
        yield from _rows(database, table)


def _first(database: sqlite3.Connection, tables: set[str]) -> ObjectLog:
    if not {"EVENTS", "OBJECTS", "RELATIONS"} <= tables:
        raise Unreadable(
            "the tables are those of no OCEL log", "an OCEL 2.0 log has a table event_object"
        )
    log = ObjectLog("ocel 1.0 sqlite")
    for row in _rows(database, "OBJECTS"):
        attributes = [
            (name, "", text_of(value))
            for name, value in row.items()
            if not name.startswith("ocel:") and value is not None
        ]
        id_, type_ = text_of(row["ocel:oid"]), text_of(row["ocel:type"])
        log.add_object(LogObject(id_, type_, attributes))
    events = {
        text_of(row["ocel:eid"]): LogEvent(
            id=text_of(row["ocel:eid"]),
            activity=text_of(row["ocel:activity"]),
            time=text_of(row["ocel:timestamp"]),
            fields={
                name: text_of(value)
                for name, value in row.items()
                if not name.startswith("ocel:") and value is not None
            },
        )
        for row in _rows(database, "EVENTS")
    }
    for row in _rows(database, "RELATIONS"):
        event = events.get(text_of(row["ocel:eid"]))
        if event is not None:
            event.related.append((text_of(row["ocel:oid"]), text_of(row.get("ocel:qualifier"))))
    log.events = list(events.values())
    return log


def _shift(log: ObjectLog) -> str:
    """The offset in which a log's local times were written, told by its initial attribute values.

    OCEL 2.0 puts them at 1970-01-01T00:00:00Z; where they all stand at another hour without a
    zone, that hour is how far the writer's clock was ahead of UTC.
    """
    initial = set()
    for one in log.objects.values():
        for _name, time, _value in one.attributes:
            if time.startswith(("1970-01-01", "1969-12-31")):
                initial.add(time)
    matches = [_INITIAL.fullmatch(time) for time in initial]
    if len(matches) != 1 or matches[0] is None or matches[0][1] == "00":
        return ""
    return f"+{matches[0][1]}:{matches[0][2]}"


READER = Reader("OCEL SQLite", recognises, read, order=10, suffixes=(".sqlite", ".db"))
