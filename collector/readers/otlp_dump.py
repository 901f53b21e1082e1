"""OTLP requests in files: JSON, JSON lines, or protobuf, as exporters and collectors write them.

OTLP's own JSON has ids in hex, protobuf's JSON has base64: sixteen bytes are 32 characters in the
one and 24 in the other, so each id says by its length which it is.
"""

import base64
import binascii
import struct
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from collector import otlp
from collector.opening import Opened
from collector.reading import Frames, Item, Misread, Options, Reader, Shape, Unreadable
from process_model.errors import Undecodable

_SIGNALS: dict[str, Literal["traces", "logs"]] = {"resourceSpans": "traces", "resourceLogs": "logs"}
_ALONE = {"scopeSpans": "resourceSpans", "scopeLogs": "resourceLogs"}
_IDS = {"traceId": (24, 32), "spanId": (12, 16), "parentSpanId": (12, 16)}
_BINARY = (".pb", ".binpb", ".bin", ".otlp", ".proto")
_LONGEST = 64 * 2**20


def recognises(opened: Opened) -> bool:
    """JSON that speaks of resources and scopes, or a binary file of such a name that parses."""
    head = opened.head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith((b"{", b"[")):
        return any(f'"{name}"'.encode() in head for name in (*_SIGNALS, *_ALONE, "resourceMetrics"))
    return opened.name.lower().endswith(_BINARY) and head[:1] in (b"\x0a", b"\x00")


def read(opened: Opened, options: Options) -> Iterator[Item]:
    """The requests; spans go to the running estate, where facts are told by them."""
    yield Shape(format="otlp")
    with opened.stream() as stream:
        body = stream.read()
    if body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[")):
        yield from _json(body.removeprefix(b"\xef\xbb\xbf"))
    else:
        yield from _protobuf(body)


def _json(body: bytes) -> Iterator[Item]:
    try:
        documents = [msgspec.json.decode(body)]
    except (msgspec.DecodeError, RecursionError) as wrong:
        lines = body.splitlines()
        if len(lines) < 2:
            raise Unreadable(f"no readable JSON ({wrong})", "export it again") from wrong
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield from _line(line, number)
        return
    for place, document in enumerate(documents[0] if isinstance(documents[0], list) else documents):
        yield from _requests(document, f"/{place}", refuse=True)


def _line(line: bytes, number: int) -> Iterator[Item]:
    where = f"/line/{number}"
    try:
        yield from _requests(msgspec.json.decode(line), where, refuse=False)
    except (msgspec.DecodeError, RecursionError) as wrong:
        yield _misread("not_json", f"line {number} is no JSON ({wrong})", where, line)


def _requests(document: Any, where: str, *, refuse: bool) -> Iterator[Item]:
    """The signals of one document; what is none is refused, or told where there are others."""
    if not isinstance(document, Mapping):
        document = {}
    for alone, name in _ALONE.items():
        if alone in document:
            document = {name: [document]}
    found = [name for name in _SIGNALS if name in document]
    if not found:
        what = "metrics" if "resourceMetrics" in document else "no spans and no log records"
        if refuse:
            raise Unreadable(f"it holds {what}", "spans and log records can be imported", where)
        yield _misread("not_a_signal", f"{where} holds {what}", where, document)
    for name in found:
        signal = _SIGNALS[name]
        body = msgspec.json.encode(_in_hex({name: document[name]}, 0))
        try:
            record = otlp.from_json(signal, body)
        except Undecodable as wrong:
            if refuse:
                raise Unreadable(str(wrong), "export it again", where) from wrong
            yield _misread("not_otlp", str(wrong), where, document)
            continue
        if record:
            yield Frames(signal=signal, record=record, rows=otlp.row_count(signal, record))


def _protobuf(body: bytes) -> Iterator[Item]:
    for place, part in enumerate(_messages(body)):
        frame = _frame(part)
        if frame is None:
            raise Unreadable("it is no OTLP request in protobuf", "export it again", f"/{place}")
        yield frame


def _frame(body: bytes) -> Frames | None:
    """Both requests look alike to protobuf; the ids and the rows tell which it is."""
    signals: tuple[Literal["traces", "logs"], ...] = ("traces", "logs")
    for signal in signals:
        try:
            record = otlp.from_protobuf(signal, body)
        except Undecodable:
            continue
        if record:
            return Frames(signal=signal, record=record, rows=otlp.row_count(signal, record))
    return None


def _messages(body: bytes) -> Iterator[bytes]:
    """One request, or several behind a length of four bytes each, as the Collector writes files."""
    if body[:1] != b"\x00":
        yield body
        return
    at = 0
    while at + 4 <= len(body):
        (length,) = struct.unpack(">I", body[at : at + 4])
        if length > _LONGEST or at + 4 + length > len(body):
            raise Unreadable("it ends inside a request", "copy it again", f"byte {at}")
        yield body[at + 4 : at + 4 + length]
        at += 4 + length


def _in_hex(node: Any, depth: int) -> Any:
    if depth > 100:
        raise Unreadable("it is nested deeper than 100", "no OTLP needs that")
    if isinstance(node, list):
        return [_in_hex(item, depth + 1) for item in node]
    if not isinstance(node, Mapping):
        return node
    return {key: _member(key, value, depth) for key, value in node.items()}


def _member(key: str, value: Any, depth: int) -> Any:
    lengths = _IDS.get(key)
    if lengths and isinstance(value, str) and len(value) == lengths[0]:
        try:
            return base64.b64decode(value, validate=True).hex()
        except binascii.Error:
            return value
    return _in_hex(value, depth + 1)


def _misread(reason: str, detail: str, where: str, payload: Any) -> Misread:
    is_text = isinstance(payload, bytes)
    text = payload.decode(errors="replace") if is_text else msgspec.json.encode(payload).decode()
    return Misread(reason=reason, detail=detail, where=where, payload=text)


READER = Reader("OTLP", recognises, read, order=32, suffixes=_BINARY)
