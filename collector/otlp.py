"""OTLP requests made ready for the engine: decoded once, checked, nested values as text, framed.

The engine's protobuf reader is stricter than protobuf (a oneof set twice, a message in two
pieces), and one odd request would stop a whole segment; so every request is decoded and written
anew at the door.
"""

import base64
import binascii
import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import orjson
from google.protobuf import json_format
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans

from process_model.errors import Undecodable

Signal = Literal["traces", "logs"]
Request = ExportTraceServiceRequest | ExportLogsServiceRequest

_ESCAPED = re.compile('["\\\\\x00-\x1f\u2028\u2029]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# the tag of an attribute's value before a list or a map, and that of a link before one of its ids
# (or what looks so by chance)
_NESTED = re.compile(rb"\x12(?=(?:[\x02-\x7f]|[\x80-\xff]{1,4}[\x01-\x7f])[\x2a\x32])")
_LINKED = re.compile(rb"\x6a(?=(?:[\x02-\x7f]|[\x80-\xff]{1,4}[\x01-\x7f])[\x0a\x12])")
_BEFORE_NAME = (b"\x1a", b"\x22")
"""tags of a span's state and parent"""
_NESTING = ("array_value", "kvlist_value")
_ID_MEMBERS = {"traceId": 16, "spanId": 8, "parentSpanId": 8}


def from_protobuf(signal: Signal, body: bytes) -> bytes:
    """The request in the engine's reading, ``b""`` when it is empty; raises ``Undecodable``."""
    try:
        return _ready(signal, _empty(signal).FromString(body))
    except DecodeError as error:
        raise Undecodable(f"not an OTLP {signal} request: {error}") from error


def from_json(signal: Signal, body: bytes) -> bytes:
    """The same for OTLP/JSON, whose ids are hex where protobuf's JSON form has base64."""
    try:
        request = _empty(signal)
        document = _ids_as_base64(orjson.loads(body), 0)
        json_format.ParseDict(document, request, ignore_unknown_fields=True)
    except (ValueError, TypeError, RecursionError, json_format.ParseError) as error:
        raise Undecodable(f"not an OTLP/JSON {signal} request: {error}") from error
    return _ready(signal, request)


def frame(record: bytes) -> bytes:
    """The record behind its length, as a segment file holds it."""
    length, out = len(record), bytearray()
    while length > 127:
        out.append(length & 127 | 128)
        length >>= 7
    out.append(length)
    return bytes(out) + record


def records(path: Path) -> Iterator[bytes]:
    """The records of a segment file, in order; raises ``Undecodable`` at a torn tail."""
    data, at = path.read_bytes(), 0
    while at < len(data):
        length = shift = 0
        while data[at] & 128:
            length |= (data[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if at >= len(data):
                raise Undecodable(f"{path.name} ends inside a length")
        length |= data[at] << shift
        at += 1
        if at + length > len(data):
            raise Undecodable(f"{path.name} ends inside a record")
        yield data[at : at + length]
        at += length


def row_count(signal: Signal, record: bytes) -> int:
    """How many spans or log records the request becomes; raises ``Undecodable``."""
    try:
        request = _empty(signal).FromString(record)
    except DecodeError as error:
        raise Undecodable(f"not an OTLP {signal} request: {error}") from error
    return _rows(request)


def _rows(request: Request) -> int:
    if isinstance(request, ExportTraceServiceRequest):
        return sum(len(scope.spans) for r in request.resource_spans for scope in r.scope_spans)
    return sum(len(scope.log_records) for r in request.resource_logs for scope in r.scope_logs)


def _empty(signal: Signal) -> Request:
    return ExportTraceServiceRequest() if signal == "traces" else ExportLogsServiceRequest()


def _ready(signal: Signal, request: Request) -> bytes:
    request.DiscardUnknownFields()  # type: ignore[attr-defined, unused-ignore]
    if isinstance(request, ExportTraceServiceRequest):
        _flatten_traces(request)
    else:
        _flatten_logs(request)
    return request.SerializeToString() if _rows(request) else b""


def _flatten_traces(request: ExportTraceServiceRequest) -> None:
    for resource in request.resource_spans:
        _flatten(resource.resource.attributes)
        for scope in resource.scope_spans:
            body = scope.SerializeToString()
            ends = _ends(scope, body)
            for span in _spans_with(_LINKED, scope, body, ends):
                for link in span.links:
                    _check_ids([link.trace_id], [link.span_id])
            for span in _spans_with(_NESTED, scope, body, ends):
                _flatten(span.attributes)
                for item in (*span.events, *span.links):
                    _flatten(item.attributes)


def _ends(scope: ScopeSpans, body: bytes) -> list[int]:
    """Where each span ends in the scope's bytes; raises ``Undecodable`` for an odd id.

    Ids are looked at in the bytes, where almost every span begins alike (``0a 10 <trace id>
    12 08 <span id>``, then ``22 08 <parent id>`` or a later field): asking the messages for them
    costs three times as much. A span that begins in any other way is asked.
    """
    ends, at = [], _length_in(scope.scope) if scope.HasField("scope") else 0
    for number in range(len(scope.spans)):
        length, at = body[at + 1], at + 2
        if length & 128:
            length, shift = length & 127, 7
            while body[at] & 128:
                length |= (body[at] & 127) << shift
                shift, at = shift + 7, at + 1
            length |= body[at] << shift
            at += 1
        if (
            body[at : at + 2] != b"\x0a\x10"
            or body[at + 18 : at + 20] != b"\x12\x08"
            or (body[at + 28 : at + 30] != b"\x22\x08" and body[at + 28 : at + 29] in _BEFORE_NAME)
        ):
            span = scope.spans[number]
            _check_ids([span.trace_id], [span.span_id, span.parent_span_id])
        at += length
        ends.append(at)
    return ends


def _spans_with(
    tags: re.Pattern[bytes], scope: ScopeSpans, body: bytes, ends: list[int]
) -> Iterator[Any]:
    """The spans in whose bytes the tags stand: to ask every message costs four times as much.

    The tags are as the protobuf runtime writes them; other bytes may look so by chance.
    """
    hits = [found.start() for found in tags.finditer(body)]
    for place in sorted({bisect_right(ends, hit) for hit in hits}):
        if place < len(ends):  # behind the spans is the address of their schema
            yield scope.spans[place]


def _length_in(message: Any) -> int:
    """How many bytes a message takes within another: its tag, its length and itself."""
    length: int = message.ByteSize()
    return 1 + max(1, (length.bit_length() + 6) // 7) + length


def _flatten_logs(request: ExportLogsServiceRequest) -> None:
    for resource in request.resource_logs:
        _flatten(resource.resource.attributes)
        for scope in resource.scope_logs:
            _flatten(scope.scope.attributes)
            for record in scope.log_records:
                _check_ids([record.trace_id], [record.span_id])
                _flatten(record.attributes)
                if _is_nested(record.body):
                    record.body.string_value = _nested_text(record.body)


def _check_ids(trace_ids: Iterable[bytes], span_ids: Iterable[bytes]) -> None:
    for what, ids, right in (("trace", trace_ids, 16), ("span", span_ids, 8)):
        for length in set(map(len, ids)) - {0, right}:
            raise Undecodable(f"a {what} id has {right} bytes, this one has {length}")


def _is_nested(value: Any) -> bool:
    return value.WhichOneof("value") in _NESTING


def _flatten(attributes: Any) -> None:
    for attribute in attributes:
        if _is_nested(attribute.value):
            attribute.value.string_value = _nested_text(attribute.value)


def _nested_text(value: Any) -> str:
    """The text that the OpenTelemetry Collector stores; '' for what JSON cannot say."""
    try:
        return _json(value)
    except (OverflowError, RecursionError):
        return ""


def _json(value: Any) -> str:
    kind = value.WhichOneof("value")
    if kind == "string_value":
        return _json_string(value.string_value)
    if kind == "int_value":
        return str(value.int_value)
    if kind == "bool_value":
        return "true" if value.bool_value else "false"
    if kind == "double_value":
        return _double_text(value.double_value)
    if kind == "bytes_value":
        text = base64.b64encode(value.bytes_value).decode()
        return f'"{text}"' if text else "null"
    if kind == "array_value":
        return "[" + ",".join(_json(item) for item in value.array_value.values) + "]"
    if kind == "kvlist_value":
        members = {item.key: item.value for item in value.kvlist_value.values}
        return (
            "{" + ",".join(f"{_json_string(k)}:{_json(members[k])}" for k in sorted(members)) + "}"
        )
    return "null"


def _json_string(text: str) -> str:
    return '"' + _ESCAPED.sub(lambda m: _SHORT.get(m[0]) or f"\\u{ord(m[0]):04x}", text) + '"'


def _double_text(number: float) -> str:
    """ES6 style, as Go writes JSON; raises ``OverflowError`` for what is not finite."""
    if not math.isfinite(number):
        raise OverflowError(number)
    if number == 0 or 1e-6 <= abs(number) < 1e21:
        return format(Decimal(repr(number)), "f").removesuffix(".0")
    mantissa, _, exponent = repr(number).partition("e")
    if not exponent:
        mantissa, _, exponent = f"{number:.17e}".partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent):+d}"


def _ids_as_base64(node: Any, depth: int) -> Any:
    if depth > 100:
        raise ValueError("nested deeper than 100")
    if isinstance(node, list):
        return [_ids_as_base64(item, depth + 1) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _member(key, item, depth) for key, item in node.items()}


def _member(key: str, item: Any, depth: int) -> Any:
    if key in _ID_MEMBERS and isinstance(item, str):
        try:
            return base64.b64encode(binascii.unhexlify(item)).decode()
        except binascii.Error as error:
            raise ValueError(f"{key} is not hex") from error
    return _ids_as_base64(item, depth + 1)
