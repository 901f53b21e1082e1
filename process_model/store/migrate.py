"""Brings the tables to this program's version: forward only, each file checked by its checksum."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files

from process_model.errors import MigrationDrift
from process_model.store import Store

LEDGER = """CREATE TABLE IF NOT EXISTS schema_migrations
(
    id         String,
    checksum   String,
    applied_at DateTime64(6, 'UTC')
)
ENGINE = MergeTree
ORDER BY id
SETTINGS non_replicated_deduplication_window = 1000"""

# A piece of a statement that may hold a semicolon: a comment, a text, a quoted name.
_PIECE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^'\\]|\\.|'')*'|`[^`]*`|;|[^;'`/-]+|[/-]", re.S)


@dataclass(frozen=True, slots=True)
class Applied:
    """One migration: its file's name without suffix, and the checksum of its text."""

    id: str
    checksum: str


def migrate(store: Store, dry_run: bool = False) -> list[Applied]:
    """Apply what is missing and return it (with ``dry_run``: return it only).

    Raises ``MigrationDrift`` when an applied file was changed, or the store knows a later one.
    """
    if not dry_run:
        store.execute("create ledger", LEDGER)
    ledger = _ledger(store)
    known = dict(released())
    _refuse_drift(ledger, {name: _checksum(text) for name, text in known.items()})
    missing = [Applied(name, _checksum(known[name])) for name in known if name not in ledger]
    if not dry_run:
        for migration in missing:
            _apply(store, migration, known[migration.id])
    return missing


def released() -> Iterator[tuple[str, str]]:
    """The migrations in order: name and text."""
    folder = files("process_model.store") / "migrations"
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".sql"):
            yield entry.name.removesuffix(".sql"), entry.read_text(encoding="utf-8")


def statements(text: str) -> list[str]:
    """Split a file at the semicolons that end statements; a server takes only one at a time."""
    found, current = [], ""
    for piece in _PIECE.findall(text):
        if piece == ";":
            found.append(current.strip())
            current = ""
        else:
            current += piece
    found.append(current.strip())
    return [s for s in found if re.sub(r"--[^\n]*|/\*.*?\*/", "", s, flags=re.S).strip()]


def _apply(store: Store, migration: Applied, text: str) -> None:
    for number, statement in enumerate(statements(text), start=1):
        store.execute(f"migration {migration.id} statement {number}", statement)
    # the ledger last: a migration cut short runs again, and every statement may
    row = (migration.id, migration.checksum, datetime.now(UTC))
    token = f"migration-{migration.id}-{migration.checksum}"
    store.insert("schema_migrations", ("id", "checksum", "applied_at"), [row], token=token)


def _ledger(store: Store) -> dict[str, str]:
    exists = store.query("find ledger", "EXISTS TABLE schema_migrations").one()[0]
    if not exists:
        return {}
    rows = store.query("read ledger", "SELECT id, checksum FROM schema_migrations")
    return {row.id: row.checksum for row in rows}


def _refuse_drift(ledger: dict[str, str], known: dict[str, str]) -> None:
    newer = sorted(ledger.keys() - known.keys())
    if newer:
        raise MigrationDrift(
            f"the store knows {newer[0]}, this program does not: run the newer program"
        )
    for name, checksum in ledger.items():
        if known[name] != checksum:
            raise MigrationDrift(
                f"{name}.sql was changed after it was applied: put it back and add a new migration"
            )


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
