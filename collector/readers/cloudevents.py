"""CloudEvents in files: a JSON line each, a JSON array, or one document.

Events whose type is of the canon keep it; others are events in their own words, of their subject.
"""

from collections.abc import Iterator, Mapping
from typing import IO, Any

import msgspec

from collector.moments import Layout, iso_layout
from collector.opening import Opened
from collector.reading import (
    Canonical,
    Item,
    Misread,
    Note,
    Options,
    Reader,
    Shape,
    Told,
    Unreadable,
)
from process_model.events import ObjectRef
from process_model.vocabulary import EventType

SUBJECT = "subject"
"""The object type of a subject that does not say its own."""

_ATTRIBUTES = frozenset({"specversion", "id", "source", "type", "subject", "time", "data"})
_LONGEST_LINE = 16 * 2**20
_CANON = frozenset(f"q2c.{type_}.v1" for type_ in EventType) | frozenset(EventType)


def recognises(opened: Opened) -> bool:
    """JSON that says its CloudEvents version."""
    head = opened.head.lstrip(b"\xef\xbb\xbf \r\n\t")
    return head.startswith((b"{", b"[")) and b'"specversion"' in head


def read(opened: Opened, options: Options) -> Iterator[Item]:
    """The events in their order."""
    layout = iso_layout(options.zone)
    first, leading, unnamed = True, "", 0
    with opened.stream() as stream:
        for place, document in enumerate(_documents(stream), 1):
            where = f"/{place}"
            if isinstance(document, Misread):
                yield document
                continue
            if not isinstance(document, Mapping) or not _is_event(document):
                yield _no_event(document, where)
                continue
            if first:
                leading = "" if _is_canonical(document) else options.case or SUBJECT
                yield Shape(format="cloudevents", leading=leading)
                first = False
            if leading:
                told = _told(document, place, leading, layout)
                unnamed += not told.objects
                yield told
            else:
                yield Canonical(envelope=dict(document), where=where)
    if first:
        yield Shape(format="cloudevents")
        raise Unreadable(
            "the file holds no event", "send it to POST /v1/events?dry_run=1 to see why"
        )
    if unnamed:
        yield Note(f"{unnamed} events name no subject and so stand in no case")


def _is_event(document: Mapping[str, Any]) -> bool:
    needed = ("specversion", "id", "source", "type")
    return all(isinstance(document.get(name), str) and document[name] for name in needed)


def _is_canonical(document: Mapping[str, Any]) -> bool:
    return str(document.get("type", "")) in _CANON or str(document.get("type")).startswith("q2c.")


def _told(document: Mapping[str, Any], place: int, leading: str, layout: Layout) -> Told:
    time_text = document.get("time")
    text = time_text if isinstance(time_text, str) else ""
    subject = document.get("subject")
    type_, slash, id_ = subject.partition("/") if isinstance(subject, str) else ("", "", "")
    objects: tuple[ObjectRef, ...] = ()
    if slash and type_ and id_ and leading != SUBJECT:
        objects = (ObjectRef(type_, id_),)
    elif isinstance(subject, str) and subject:
        objects = (ObjectRef(leading, subject),)
    extensions = {name: value for name, value in document.items() if name not in _ATTRIBUTES}
    return Told(
        activity=str(document.get("type") or ""),
        time=layout.one(text) if text else None,
        time_text=text,
        objects=objects,
        fields={
            name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
            for name, value in extensions.items()
            if value is not None
        }
        | {"source": str(document.get("source") or "")},
        # two sources may give the same id
        id=f"{document.get('source') or ''}#{document.get('id') or place}",
        data={"data": document["data"]} if document.get("data") is not None else {},
        sequence=str(place),
        where=f"/{place}",
        may_lack_time=True,
    )


def _documents(stream: IO[bytes]) -> Iterator[Any]:
    """Values of an array or of lines; a line that is none is told as misread."""
    head = stream.readline(_LONGEST_LINE).removeprefix(b"\xef\xbb\xbf")
    stripped = head.strip()
    whole = stripped.startswith(b"[") or not _is_json(stripped)
    if whole:
        body = head + stream.read()
        try:
            value = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError) as wrong:
            raise Unreadable(f"no readable JSON ({wrong})", "write one event a line") from wrong
        yield from value if isinstance(value, list) else [value]
        return
    number = 1
    while head:
        if stripped:
            yield _line(stripped, number)
        head = stream.readline(_LONGEST_LINE)
        stripped, number = head.strip(), number + 1


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _line(line: bytes, number: int) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError) as wrong:
        return Misread(
            reason="not_json",
            detail=f"line {number} is no JSON ({wrong})",
            where=f"/line/{number}",
            payload=line.decode(errors="replace"),
        )


def _no_event(document: Any, where: str) -> Misread:
    return Misread(
        reason="not_an_event",
        detail=f"{where} is no CloudEvent: specversion, id, source and type must be texts",
        where=where,
        payload=msgspec.json.encode(document).decode(),
    )


READER = Reader("CloudEvents", recognises, read, order=35, suffixes=(".ndjson", ".jsonl", ".json"))
