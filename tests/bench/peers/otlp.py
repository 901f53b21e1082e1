"""Stores spans in a process of its own: by our segments, or by decoding and looping in Python.

Both read the same requests and write the same tables with all that hangs off them; the merges that
follow are waited for and counted, with both. Prints the seconds of the processor and of the clock,
and writes one line a stored row, a hash of its columns.
"""

import json
import math
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector import otlp, writer
from process_model.config import StoreConfig
from process_model.store import ONE_BLOCK, Store, open_store
from process_model.store.migrate import migrate

COLUMNS = (
    "Timestamp", "TraceId", "SpanId", "ParentSpanId", "TraceState", "SpanName", "SpanKind",
    "ServiceName", "ResourceAttributes", "ScopeName", "ScopeVersion", "SpanAttributes", "Duration",
    "StatusCode", "StatusMessage", "Events.Timestamp", "Events.Name", "Events.Attributes",
    "Links.TraceId", "Links.SpanId", "Links.TraceState", "Links.Attributes",
)  # fmt: skip
_KINDS = ("Unspecified", "Internal", "Server", "Client", "Producer", "Consumer")
_STATUS = ("Unset", "Ok", "Error")


def by_segments(store: Store, bodies: Sequence[bytes], folder: Path, name: str) -> None:
    """What the door, the spool and the carrier do."""
    path = folder / name
    with path.open("wb") as file:
        for body in bodies:
            file.write(otlp.frame(otlp.from_protobuf("traces", body)))
    writer.store_segment(store, "traces", path, name)


def by_a_loop(store: Store, bodies: Sequence[bytes], _folder: Path, name: str) -> None:
    """What a collector in plain Python does: decode, go over every span, insert the columns."""
    columns: list[list[Any]] = [[] for _ in COLUMNS]
    add = [column.append for column in columns]
    for body in bodies:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            about = attributes(resource.resource.attributes)
            service = about.get("service.name", "")
            for scope in resource.scope_spans:
                library, version = scope.scope.name, scope.scope.version
                for span in scope.spans:
                    begun = span.start_time_unix_nano
                    events, links = span.events, span.links
                    row = (
                        begun, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(),
                        span.trace_state, span.name, _KINDS[span.kind], service, about, library,
                        version, attributes(span.attributes), span.end_time_unix_nano - begun,
                        _STATUS[span.status.code], span.status.message,
                        [e.time_unix_nano for e in events], [e.name for e in events],
                        [attributes(e.attributes) for e in events],
                        [li.trace_id.hex() for li in links], [li.span_id.hex() for li in links],
                        [li.trace_state for li in links],
                        [attributes(li.attributes) for li in links],
                    )  # fmt: skip
                    for put, value in zip(add, row, strict=True):
                        put(value)
    settings = {**ONE_BLOCK, "insert_deduplication_token": name}
    with store._client("peer") as client:
        client.insert("otel_traces", columns, COLUMNS, column_oriented=True, settings=settings)


def attributes(pairs: Any) -> dict[str, str]:
    return {pair.key: text(pair.value) for pair in sorted(pairs, key=lambda pair: pair.key)}


def text(value: Any) -> str:
    kind = value.WhichOneof("value")
    if kind == "string_value":
        return str(value.string_value)
    if kind == "array_value" or kind == "kvlist_value":
        return json.dumps(plain(value), separators=(",", ":"), ensure_ascii=False)
    if kind == "bool_value":
        return "true" if value.bool_value else "false"
    if kind == "double_value" and math.isfinite(value.double_value):
        return repr(value.double_value).removesuffix(".0")
    if kind == "bytes_value":
        return b64encode(value.bytes_value).decode()
    return str(getattr(value, kind)) if kind else ""


def plain(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [plain(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: plain(pair.value) for pair in value.kvlist_value.values}
    return getattr(value, kind) if kind else None


def segments(path: Path, bodies: int) -> Iterator[list[bytes]]:
    waiting: list[bytes] = []
    for body in otlp.records(path):
        waiting.append(body)
        if len(waiting) == bodies:
            yield waiting
            waiting = []


def until_merged(store: Store) -> int:
    """Wait until the engine has merged what it wants to; how many parts the spans then have."""
    calm = 0
    while calm < 8:
        time.sleep(0.25)
        running = store.query("merges", "SELECT count() AS n FROM system.merges").one().n
        calm = 0 if running else calm + 1
    sql = "SELECT count() AS n FROM system.parts WHERE active AND table = 'otel_traces'"
    parts: int = store.query("parts", sql).one().n
    return parts


def main(way: str, requests: str, a_segment: str, folder: str) -> None:
    stored, here = {"segments": by_segments, "loop": by_a_loop}[way], Path(folder)
    work = list(segments(Path(requests), int(a_segment)))
    with open_store(StoreConfig(dsn=f"chdb://{here / 'store'}")) as store:
        migrate(store)
        stored(store, work[0], here, "warm-up")  # first imports, first plan
        used, seconds = time.process_time(), time.monotonic()
        for number, bodies in enumerate(work[1:]):
            stored(store, bodies, here, f"bench-{number}")
        seconds = time.monotonic() - seconds
        parts = until_merged(store)
        used = time.process_time() - used
        names = ", ".join(f"`{name}`" for name in COLUMNS)
        rows = store.query(
            "rows",
            f"SELECT TraceId, SpanId, hex(sipHash128(toString(tuple({names})))) "
            "FROM otel_traces ORDER BY ALL",
        )
        (here / "rows").write_text("".join(f"{row[0]} {row[1]} {row[2]}\n" for row in rows))
    print(json.dumps({"processor": used, "clock": seconds, "parts": parts}))


if __name__ == "__main__":
    main(*sys.argv[1:])
