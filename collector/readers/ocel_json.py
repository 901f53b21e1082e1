"""OCEL in JSON: 2.0 with lists of events and objects, 1.0 with ``ocel:`` members."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from collector.object_centric import LogEvent, LogObject, ObjectLog, items_of, text_of
from collector.opening import Opened
from collector.reading import Item, Options, Reader, Unreadable


def recognises(opened: Opened) -> bool:
    """A JSON object that speaks of objects and events, or a file of that name."""
    head = opened.head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if not head.startswith(b"{"):
        return False
    named = opened.name.lower().endswith((".jsonocel", ".ocel.json"))
    new = b'"objectTypes"' in head or b'"eventTypes"' in head
    return named or new or b'"ocel:' in head or (b'"events"' in head and b'"objects"' in head)


def read(opened: Opened, options: Options) -> Iterator[Item]:
    """The whole log; its schema is checked member by member."""
    with opened.stream() as stream:
        body = stream.read()
    try:
        document = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError) as wrong:
        raise Unreadable(f"no readable JSON ({wrong})", "export it again") from wrong
    yield from items_of(_log(document), options)


def _log(document: Any) -> ObjectLog:
    root = _members(document, "")
    if "ocel:events" in root:
        return _first(root)
    log = ObjectLog("ocel 2.0 json")
    if "events" not in root or "objects" not in root:
        raise Unreadable("it has no events or no objects", "an OCEL document has both")
    for place, given in enumerate(_items(root["objects"], "/objects")):
        log.add_object(_object(_members(given, f"/objects/{place}"), f"/objects/{place}"))
    for place, given in enumerate(_items(root["events"], "/events")):
        log.events.append(_event(_members(given, f"/events/{place}"), f"/events/{place}"))
    return log


def _object(given: Mapping[str, Any], where: str) -> LogObject:
    attributes = [
        (_text(a, "name", where), text_of(a.get("time")), text_of(a.get("value")))
        for a in _each(given, "attributes", where)
    ]
    one = LogObject(_text(given, "id", where), _text(given, "type", where), attributes)
    one.related = _related(given, where)
    return one


def _event(given: Mapping[str, Any], where: str) -> LogEvent:
    fields = {
        _text(a, "name", where): text_of(a.get("value"))
        for a in _each(given, "attributes", where)
        if a.get("value") is not None
    }
    return LogEvent(
        id=_text(given, "id", where),
        activity=text_of(given.get("type")),
        time=text_of(given.get("time")),
        related=_related(given, where),
        fields=fields,
        where=where,
    )


def _related(given: Mapping[str, Any], where: str) -> list[tuple[str, str]]:
    return [
        (_text(relation, "objectId", where), text_of(relation.get("qualifier")))
        for relation in _each(given, "relationships", where)
    ]


def _first(root: Mapping[str, Any]) -> ObjectLog:
    log = ObjectLog("ocel 1.0 json")
    for id_, given in _members(root.get("ocel:objects") or {}, "/ocel:objects").items():
        where = f"/ocel:objects/{id_}"
        one = _members(given, where)
        values = _members(one.get("ocel:ovmap") or {}, where)
        attributes = [(name, "", text_of(value)) for name, value in values.items()]
        log.add_object(LogObject(id_, _text(one, "ocel:type", where), attributes))
    for id_, given in _members(root["ocel:events"], "/ocel:events").items():
        where = f"/ocel:events/{id_}"
        event = _members(given, where)
        values = _members(event.get("ocel:vmap") or {}, where)
        omap = _items(event.get("ocel:omap") or [], where)
        log.events.append(
            LogEvent(
                id=id_,
                activity=text_of(event.get("ocel:activity")),
                time=text_of(event.get("ocel:timestamp")),
                related=[(text_of(one), "") for one in omap],
                fields={name: text_of(value) for name, value in values.items()},
                where=where,
            )
        )
    return log


def _members(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Unreadable("expected a JSON object", "repair or export again", where or "the root")
    return value


def _items(value: Any, where: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise Unreadable("expected a JSON array", "repair or export again", where)
    return value


def _each(given: Mapping[str, Any], name: str, where: str) -> Iterator[Mapping[str, Any]]:
    for place, one in enumerate(_items(given.get(name) or [], f"{where}/{name}")):
        yield _members(one, f"{where}/{name}/{place}")


def _text(given: Mapping[str, Any], name: str, where: str) -> str:
    value = given.get(name)
    if value is None or value == "":
        raise Unreadable(f"{name} is missing", "repair or export again", where)
    return text_of(value)


READER = Reader("OCEL JSON", recognises, read, order=20, suffixes=(".jsonocel", ".json"))
