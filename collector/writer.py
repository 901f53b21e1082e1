"""Segments from the spool into the store: one block each, proved stored before they are deleted.

Inserting a segment again is harmless, because its token is its identity; so a crash, a lost answer
or an insert that failed half way is answered by doing the same once more.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import msgspec

from collector import facts, otlp
from process_model import telemetry
from process_model.errors import QueryRejected, StoreUnavailable
from process_model.events import BusinessEvent, Rejected
from process_model.store import Store

Kind = Literal["traces", "logs", "events", "rejected"]
_SQL = Path(__file__).parent / "sql"
# The engine's codes for bytes it cannot read; any other refusal is not the record's fault.
_UNREADABLE = frozenset({6, 26, 27, 32, 33, 36, 38, 41, 69, 72, 117, 131, 321, 395, 407, 444})
_PROTO = {"traces": _SQL / "schema_traces.proto", "logs": _SQL / "schema_logs.proto"}
_JSON_SETTINGS = {"date_time_input_format": "best_effort"}
_OTLP_SETTINGS = {
    "input_format_protobuf_oneof_presence": 1,
    "output_format_json_escape_forward_slashes": 0,
    "throw_on_max_partitions_per_insert_block": 0,  # a batch may hold spans of many days
    "input_format_parallel_parsing": 0,
}


def store_segment(
    store: Store,
    kind: Kind,
    path: Path,
    token: str,
    local_types: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> None:
    """Store the segment and the facts its rows tell; afterwards the file is not needed.

    Raises a ``StoreError``; one that is not ``permanent`` wants the same call again. Records that
    the engine cannot read become rejected rows, they never hold the segment up. A file of which
    the disk lost a part raises ``Undecodable``.
    """
    if kind == "traces" or kind == "logs":
        for stored in _store_records(store, kind, list(otlp.records(path)), token, path):
            store_told(store, facts.of_segment(store, stored, local_types), stored)
    else:
        _store_records(store, kind, path.read_bytes().splitlines(), token, path)


def _store_records(
    store: Store, kind: Kind, records: Sequence[bytes], token: str, path: Path | None = None
) -> list[str]:
    """Insert the records as one block; halve those the engine refuses until the odd one is alone.

    Returns the tokens of the blocks. The halves' follow from the segment's, so that a second run
    meets the same blocks. ``path`` is a file of just these records, where there is one.
    """
    expected = sum(_rows(kind, record) for record in records)
    if not expected:
        return []
    try:
        with nullcontext(path) if path else _written(kind, records) as file:
            _insert(store, kind, file, token)
    except QueryRejected as error:
        if kind == "rejected" or error.code not in _UNREADABLE:
            raise
        if len(records) > 1:
            middle = len(records) // 2
            first = _store_records(store, kind, records[:middle], f"{token}-0")
            return first + _store_records(store, kind, records[middle:], f"{token}-1")
        _reject(store, kind, records[0], str(error), token)
        return []
    _prove(store, kind, token, expected)
    telemetry.count_stored(kind, expected)
    return [token]


def _rows(kind: Kind, record: bytes) -> int:
    return otlp.row_count(kind, record) if kind == "traces" or kind == "logs" else 1


@contextmanager
def _written(kind: Kind, records: Sequence[bytes]) -> Iterator[Path]:
    """The records as a file of their own, the way a segment holds them."""
    with tempfile.TemporaryDirectory(prefix="throughline-") as folder:
        path = Path(folder) / "records"
        if kind in _PROTO:
            path.write_bytes(b"".join(map(otlp.frame, records)))
        else:
            path.write_bytes(b"\n".join(records) + b"\n")
        yield path


def _insert(store: Store, kind: Kind, path: Path, token: str) -> None:
    is_otlp = kind in _PROTO
    store.insert_file(
        f"insert_{kind}",
        (_SQL / f"insert_{kind}.sql").read_text(),
        path,
        token=token,
        format="Protobuf" if is_otlp else "JSONEachRow",
        structure=(_SQL / f"structure_{kind}.txt").read_text(),
        settings=_OTLP_SETTINGS if is_otlp else _JSON_SETTINGS,
        proto=_PROTO.get(kind),
    )


def _prove(store: Store, kind: Kind, token: str, expected: int) -> None:
    """An insert is believed only when its one row of the ledger says so."""
    sql = (_SQL / "stored_rows.sql").read_text()
    found = store.query("stored_rows", sql, {"kind": kind, "segment": token}).one()
    if (found.blocks, found.rows) != (1, expected):
        raise StoreUnavailable(
            f"segment {token} ({kind}) has {found.rows} rows in {found.blocks} blocks, "
            f"expected {expected} in one; it stays in the spool"
        )


def _reject(store: Store, kind: Kind, record: bytes, detail: str, token: str) -> None:
    rejected = Rejected(
        door="spool",
        reason="refused_by_store",
        detail=f"The store refused this {kind} record: {detail}",
        payload=record.hex() if kind in _PROTO else record.decode(errors="replace"),
        received_at=datetime.now(UTC),
    )
    _store_records(store, "rejected", [msgspec.json.encode(rejected)], f"rejected-{token}")


def store_told(store: Store, told: Sequence[BusinessEvent | Rejected], token: str) -> None:
    """Facts that spans and records tell, under tokens that follow from the segment's."""
    for item in told:
        if isinstance(item, Rejected):
            telemetry.count_rejected(item.reason)
    _store_records(store, "events", _lines(told, BusinessEvent), f"facts-{token}")
    _store_records(store, "rejected", _lines(told, Rejected), f"rejected-facts-{token}")


def _lines(
    told: Sequence[BusinessEvent | Rejected], wanted: type[BusinessEvent] | type[Rejected]
) -> list[bytes]:
    encode: Callable[[object], bytes] = msgspec.json.encode
    return [encode(item) for item in told if isinstance(item, wanted)]
