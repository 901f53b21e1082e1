"""The operational state: counters, cursors, undone links and requests, in transactions."""

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, bindparam, create_engine, event, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from process_model.errors import MigrationDrift, StoreError, StoreUnavailable
from process_model.state.alerting import AlertBook as AlertBook
from process_model.state.keys import KeyBook as KeyBook


@dataclass(frozen=True, slots=True)
class UndoneLink:
    """A link that a person declared wrong."""

    dataset: str
    from_key: str
    to_key: str
    kind: str
    by: str
    why: str
    at: datetime | None = field(default=None, compare=False)
    """when it was undone; ``None`` before it is"""


@dataclass(frozen=True, slots=True)
class Request:
    """Work that one room asks of another; ``state`` is open, done or failed."""

    id: str
    kind: str
    payload: dict[str, Any]
    state: str
    created_at: datetime
    answer: str = ""


class State:
    """The operational state; every method is one transaction, safe from any thread."""

    def __init__(self, url: str) -> None:
        """Connect; use ``open_state``."""
        self._engine = create_engine(url)
        if url.startswith("sqlite"):
            event.listen(self._engine, "connect", _harden)

    def next_number(self, name: str) -> int:
        """The next number of a counter: grows with every call and is never given twice."""
        sql = (
            "INSERT INTO counters (name, value) VALUES (:name, 1) "
            "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
        )
        with self._transaction() as connection:
            return int(connection.execute(text(sql), {"name": name}).scalar_one())

    def cursor(self, name: str) -> str | None:
        """The value kept under the name, ``None`` when there is none."""
        with self._transaction() as connection:
            sql = text("SELECT value FROM cursors WHERE name = :name")
            value: str | None = connection.execute(sql, {"name": name}).scalar_one_or_none()
            return value

    def set_cursor(self, name: str, value: str) -> None:
        """Keep the value under the name, over what was there."""
        sql = (
            "INSERT INTO cursors (name, value) VALUES (:name, :value) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        )
        with self._transaction() as connection:
            connection.execute(text(sql), {"name": name, "value": value})

    def walked(self, segments: Iterable[str]) -> set[str]:
        """Those of the segments that were marked walked."""
        wanted = sorted(set(segments))
        sql = text("SELECT segment FROM walked_segments WHERE segment IN :segments")
        sql = sql.bindparams(bindparam("segments", expanding=True))
        found: set[str] = set()
        with self._transaction() as connection:
            for start in range(0, len(wanted), 500):
                part = {"segments": wanted[start : start + 500]}
                found.update(row[0] for row in connection.execute(sql, part))
        return found

    def mark_walked(self, segments: Iterable[str]) -> None:
        """Remember that the segments' events are worked into the instances."""
        now = _now()
        rows = [{"segment": segment, "now": now} for segment in sorted(set(segments))]
        sql = (
            "INSERT INTO walked_segments (segment, walked_at) VALUES (:segment, :now) "
            "ON CONFLICT DO NOTHING"
        )
        if rows:
            with self._transaction() as connection:
                connection.execute(text(sql), rows)

    def forget_walked(self) -> None:
        """Forget all marks, so that everything is walked again."""
        with self._transaction() as connection:
            connection.execute(text("DELETE FROM walked_segments"))

    def undo_link(self, link: UndoneLink) -> None:
        """Make a link count no more; again is harmless."""
        sql = (
            "INSERT INTO undone_links (dataset, from_key, to_key, kind, undone_by, why, undone_at) "
            "VALUES (:dataset, :from_key, :to_key, :kind, :by, :why, :now) ON CONFLICT DO NOTHING"
        )
        fields = {name: getattr(link, name) for name in UndoneLink.__slots__ if name != "at"}
        with self._transaction() as connection:
            connection.execute(text(sql), {**fields, "now": _now()})

    def undone_links(self, dataset: str) -> list[UndoneLink]:
        """The undone links of a dataset."""
        sql = text(
            "SELECT dataset, from_key, to_key, kind, undone_by, why, undone_at FROM undone_links "
            "WHERE dataset = :dataset ORDER BY from_key, to_key, kind"
        )
        with self._transaction() as connection:
            rows = connection.execute(sql, {"dataset": dataset}).all()
        return [
            UndoneLink(r[0], r[1], r[2], r[3], r[4], r[5], datetime.fromisoformat(r[6]))
            for r in rows
        ]

    def take_back_undone(self, link: UndoneLink) -> bool:
        """Let an undone link count again; says whether it was undone."""
        sql = text(
            "DELETE FROM undone_links WHERE dataset = :dataset AND from_key = :from_key "
            "AND to_key = :to_key AND kind = :kind"
        )
        named = {name: getattr(link, name) for name in ("dataset", "from_key", "to_key", "kind")}
        with self._transaction() as connection:
            return connection.execute(sql, named).rowcount > 0

    def request(self, kind: str, payload: dict[str, Any]) -> str:
        """Ask another room for work; returns the request's id."""
        sql = (
            "INSERT INTO requests (id, kind, payload, state, created_at) "
            "VALUES (:id, :kind, :payload, 'open', :now)"
        )
        id_ = str(uuid.uuid4())
        row = {"id": id_, "kind": kind, "payload": json.dumps(payload), "now": _now()}
        with self._transaction() as connection:
            connection.execute(text(sql), row)
        return id_

    def requests(self, kind: str, state: str = "open") -> list[Request]:
        """The requests of a kind in a state, oldest first."""
        sql = text(
            "SELECT id, kind, payload, state, created_at, coalesce(answer, '') FROM requests "
            "WHERE kind = :kind AND state = :state ORDER BY created_at, id"
        )
        with self._transaction() as connection:
            rows = connection.execute(sql, {"kind": kind, "state": state}).all()
        return [
            Request(r[0], r[1], json.loads(r[2]), r[3], datetime.fromisoformat(r[4]), r[5])
            for r in rows
        ]

    def answer_request(self, id_: str, answer: str, *, failed: bool = False) -> None:
        """Close a request with what came of it."""
        sql = text(
            "UPDATE requests SET state = :state, answer = :answer, done_at = :now WHERE id = :id"
        )
        state = "failed" if failed else "done"
        with self._transaction() as connection:
            connection.execute(sql, {"id": id_, "state": state, "answer": answer, "now": _now()})

    @contextmanager
    def alerts_written(self) -> Iterator[AlertBook]:
        """Change what alerting remembers, one after another: all that is done here, or nothing."""
        with self._transaction() as connection:
            book = AlertBook(connection)
            book.take_turn()
            yield book

    @contextmanager
    def alerts_read(self) -> Iterator[AlertBook]:
        """Look at what alerting remembers; nobody waits for it."""
        with self._transaction() as connection:
            yield AlertBook(connection)

    @contextmanager
    def keys(self) -> Iterator[KeyBook]:
        """Look at the keys or change them."""
        with self._transaction() as connection:
            yield KeyBook(connection)

    def migrate(self) -> None:
        """Apply the missing migrations, each in one transaction with its ledger row."""
        with self._transaction() as connection:
            connection.execute(
                text(
                    "CREATE TABLE IF NOT EXISTS schema_migrations "
                    "(id TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at TEXT NOT NULL)"
                )
            )
            rows = connection.execute(text("SELECT id, checksum FROM schema_migrations"))
            ledger = {row[0]: row[1] for row in rows}
        for name, body in _released():
            checksum = hashlib.sha256(body.encode()).hexdigest()
            if name not in ledger:
                self._apply(name, checksum, body)
            elif ledger[name] != checksum:
                raise MigrationDrift(f"state migration {name}.sql was changed after it was applied")

    def close(self) -> None:
        """Let the connections go; again is harmless."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        """The state itself."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close."""
        self.close()

    def _apply(self, name: str, checksum: str, body: str) -> None:
        with self._transaction() as connection:
            bare = re.sub(r"--[^\n]*", "", body)
            for statement in filter(str.strip, bare.split(";")):
                connection.execute(text(statement))
            connection.execute(
                text("INSERT INTO schema_migrations VALUES (:id, :checksum, :now)"),
                {"id": name, "checksum": checksum, "now": _now()},
            )

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except OperationalError as exc:
            raise StoreUnavailable(f"operational state: {exc.orig}") from exc
        except SQLAlchemyError as exc:
            raise StoreError(f"operational state: {exc}") from exc


def open_state(path_or_url: Path | str) -> State:
    """Open the state and bring it to this program's version: a file's path, or a database URL."""
    target = str(path_or_url)
    if "://" not in target:
        Path(target).absolute().parent.mkdir(parents=True, exist_ok=True)
        target = f"sqlite:///{Path(target).absolute()}"
    state = State(target)
    state.migrate()
    return state


def _harden(connection: Any, _record: object) -> None:
    # WAL lets readers and one writer go on together; FULL syncs each commit to disk
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def _released() -> Iterator[tuple[str, str]]:
    folder = files("process_model.state") / "migrations"
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".sql"):
            yield entry.name.removesuffix(".sql"), entry.read_text(encoding="utf-8")


def _now() -> str:
    return datetime.now(UTC).isoformat()
