"""The memory: one ``Store`` for the embedded engine and for a ClickHouse server alike."""

import threading
from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from clickhouse_connect.driver.client import Client

from process_model.config import StoreConfig
from process_model.errors import ConfigError, QueryRejected, StoreUnavailable
from process_model.store.engine import Engine, engine_of
from process_model.store.failures import translating

# One block an insert: it is whole or absent, and a retry under the same token meets the same block.
ONE_BLOCK: dict[str, Any] = {
    "max_threads": 1,
    "max_insert_threads": 1,
    "max_insert_block_size": 1_000_000_000,
    "min_insert_block_size_rows": 1_000_000_000,
    "min_insert_block_size_bytes": 10_000_000_000,
    "input_format_parallel_parsing": 0,
    "throw_on_max_partitions_per_insert_block": 0,
    "deduplicate_blocks_in_dependent_materialized_views": 1,
}

SOURCE_MARK = "__SOURCE__"
"""Stands in a statement where the segment's rows come from; ``insert_file`` replaces it."""


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one query: ``rows`` are named tuples, times aware and in UTC."""

    columns: tuple[str, ...]
    rows: list[Any]

    def __iter__(self) -> Iterator[Any]:
        """The rows, one by one."""
        return iter(self.rows)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def dicts(self) -> list[dict[str, Any]]:
        """The rows as dictionaries by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def one(self) -> Any:
        """The only row; raises ``ValueError`` when there is none or there are several."""
        (row,) = self.rows
        return row


class Handle:
    """One client per thread under one set of settings; closing ends all of them."""

    def __init__(self, engine: Engine, database: str, settings: dict[str, Any]) -> None:
        """Connect lazily: each thread's client is made at its first question."""
        self._engine, self._database, self._settings = engine, database, settings
        self._local = threading.local()
        self._clients: list[Client] = []
        self._busy = threading.Condition()
        self._running = 0
        self._closed = False

    def query(self, name: str, sql: str, parameters: Mapping[str, Any] | None = None) -> Result:
        """Ask; values travel as server-side parameters (``{name:Type}``) only."""
        with translating(name), self._client(name) as client:
            answer = client.query(sql, parameters=dict(parameters or {}))
            columns = tuple(answer.column_names)
            row_type = _row_type(columns)
            return Result(columns, [row_type(*row) for row in answer.result_rows])

    def close(self) -> None:
        """Refuse new questions, wait up to ten seconds for those that run, then let go."""
        with self._busy:
            self._closed = True
            # a thread inside the engine while it is torn down ends the process with a signal
            self._busy.wait_for(lambda: self._running == 0, timeout=10)
            clients, self._clients = self._clients, []
        for client in clients:
            client.close()

    def _client(self, name: str) -> "_Borrowed":
        return _Borrowed(self, name)

    def _own(self) -> Client:
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._engine.connect(self._database, self._settings)
            self._local.client = client
            with self._busy:
                self._clients.append(client)
        return client

    def __enter__(self) -> Self:
        """The handle itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        """Close."""
        self.close()


class _Borrowed:
    """Counts a running statement, so that closing can wait for it."""

    def __init__(self, handle: Handle, name: str) -> None:
        self._handle, self._name = handle, name

    def __enter__(self) -> Client:
        handle = self._handle
        with handle._busy:
            if handle._closed:
                raise StoreUnavailable(f"{self._name}: the store is closed")
            handle._running += 1
        try:
            return handle._own()
        except BaseException:
            self._leave()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, exc: object, trace: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        with self._handle._busy:
            self._handle._running -= 1
            self._handle._busy.notify_all()


class Reader(Handle):
    """Asks only: limits are set, then ``readonly=1``, which nothing on the handle can undo."""

    def query(self, name: str, sql: str, parameters: Mapping[str, Any] | None = None) -> Result:
        """Ask within the limits; a statement that would write a file is refused."""
        # the engine itself lets a read-only handle write files by INTO OUTFILE
        if "OUTFILE" in sql.upper():
            raise QueryRejected(name, 164, "a reader writes no files")
        return super().query(name, sql, parameters)


class Store(Handle):
    """Writes and asks. Every insert is one block under a token that is never used twice."""

    def __init__(self, engine: Engine) -> None:
        """Open with the writer's settings; use ``open_store``."""
        super().__init__(engine, engine.config.database, {})
        self.config = engine.config
        self._readers: list[Reader] = []

    @property
    def embedded(self) -> bool:
        """Whether the engine lives in this process."""
        return self._engine.directory is not None

    def execute(
        self,
        name: str,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Run one statement that answers nothing."""
        with translating(name), self._client(name) as client:
            client.command(sql, parameters=dict(parameters or {}), settings=dict(settings or {}))

    def insert(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, token: str
    ) -> None:
        """Insert the rows as one block; the same token again adds nothing."""
        if rows:
            with translating(f"insert {table}"), self._client(table) as client:
                client.insert(table, rows, column_names=columns, settings=_tokened(token))

    def lines(self, name: str, sql: str, parameters: Mapping[str, Any] | None = None) -> bytes:
        """The rows as lines of JSON, times as RFC 3339: the short way to many typed records."""
        with translating(name), self._client(name) as client:
            chosen = {
                "date_time_output_format": "iso",
                "output_format_json_quote_64bit_integers": 0,
            }
            given = dict(parameters or {})
            return bytes(client.raw_query(sql, given, settings=chosen, fmt="JSONEachRow"))

    def insert_lines(self, table: str, lines: bytes, *, token: str) -> None:
        """Insert rows told as lines of JSON by column name; else as ``insert``."""
        if lines:
            chosen = {
                **_tokened(token),
                "date_time_input_format": "best_effort",
                "input_format_skip_unknown_fields": 0,  # a column that is not there is a mistake
            }
            with translating(f"insert {table}"), self._client(table) as client:
                client.raw_insert(table, insert_block=lines, settings=chosen, fmt="JSONEachRow")

    def insert_file(
        self,
        name: str,
        sql: str,
        path: Path,
        *,
        token: str,
        format: str,
        structure: str,
        settings: Mapping[str, Any] | None = None,
        proto: Path | None = None,
    ) -> None:
        """Let the engine parse a whole segment: ``sql`` is ``INSERT … SELECT … FROM __SOURCE__``.

        ``structure`` is the column list of the bytes, ``proto`` the message schema (message
        ``Request``) when the format is Protobuf. An empty file inserts nothing.
        """
        if SOURCE_MARK not in sql:
            raise ConfigError(f"{name}: the statement has no {SOURCE_MARK}")
        if path.stat().st_size == 0:
            return
        chosen = {**_tokened(token), **(settings or {})}
        with translating(name), self._client(name) as client:
            if self.embedded:
                chosen |= {"format_schema": f"{proto.absolute()}:Request"} if proto else {}
                source = f"file({_text(str(path.absolute()))}, {_text(format)}, {_text(structure)})"
                client.command(sql.replace(SOURCE_MARK, source), settings=chosen)
                return
            if proto:
                chosen |= {
                    "format_schema_source": "string",
                    "format_schema": proto.read_text(),
                    "format_schema_message_name": "Request",
                }
            clause = ", ".join(f"{key} = {_text(str(value))}" for key, value in chosen.items())
            head = sql.rstrip().rstrip(";").replace(SOURCE_MARK, f"input({_text(structure)})")
            # all in the body: the settings hold a schema that is too long for an address
            statement = f"{head}\nSETTINGS {clause}\nFORMAT {format}\n"
            block = statement.encode() + path.read_bytes()
            client.raw_insert("", insert_block=block)

    def reader(self) -> Reader:
        """A handle for pages and API; closed with the store at the latest."""
        config = self.config
        limits = {
            "max_execution_time": config.query_seconds,
            "max_memory_usage": config.query_memory_bytes,
            "max_result_rows": config.query_rows,
            "max_threads": config.query_threads,
            "readonly": 1,  # last: after it nothing can be set
        }
        reader = Reader(self._engine, config.database, limits)
        self._readers.append(reader)
        return reader

    def close(self) -> None:
        """Close the readers, then the writers; again is harmless."""
        for reader in self._readers:
            reader.close()
        super().close()


def open_store(config: StoreConfig) -> Store:
    """Open the store and its database, which is created when it is missing.

    Raises ``DataDirectoryInUse`` when another process holds the embedded directory,
    ``StoreUnavailable`` when a server does not answer.
    """
    engine = engine_of(config)
    with translating("open the store"):
        first = engine.connect(None, {})
        store = Store(engine)
        try:
            # Atomic: the embedded default database is an overlay, which refuses much
            kind = "ENGINE = Atomic" if engine.directory else ""
            first.command(f"CREATE DATABASE IF NOT EXISTS `{config.database}` {kind}")
            with store._client("open the store"):
                return store
        finally:
            first.close()


def _tokened(token: str) -> dict[str, Any]:
    if not token:
        raise ConfigError("an insert needs a token that is never used twice")
    return {**ONE_BLOCK, "insert_deduplication_token": token}


def _text(value: str) -> str:
    """A string literal of the engine; only for our own schemas and file names, never data."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


@lru_cache(maxsize=1024)
def _row_type(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns, rename=True)
