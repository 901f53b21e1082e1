"""What is remembered of keys: their hashes, what they allow, when they were used and revoked.

Everything here happens within the transaction that ``State.keys`` began.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key, without the key."""

    id: str
    """its open part, which tells a person which key it is"""
    name: str
    hash: str
    """SHA-256 of the whole key, in hex"""
    role: str
    sources: tuple[str, ...]
    """whom it may speak for; empty = everyone"""
    rate: float | None
    """requests a second; ``None`` = as many as come"""
    created_at: datetime
    created_by: str
    last_used_at: datetime | None = None
    """to the minute"""
    revoked_at: datetime | None = None
    revoked_by: str | None = None


class KeyBook:
    """The table of keys within one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Use ``State.keys``."""
        self._connection = connection

    def add(self, row: KeyRow) -> bool:
        """Keep a new key; false when a living one has its name."""
        sql = text(
            "INSERT INTO access_keys (id, name, hash, role, sources, rate, created_at, created_by) "
            "VALUES (:id, :name, :hash, :role, :sources, :rate, :created_at, :created_by) "
            "ON CONFLICT DO NOTHING"
        )
        values = {
            "id": row.id, "name": row.name, "hash": row.hash, "role": row.role,
            "sources": json.dumps(row.sources), "rate": row.rate,
            "created_at": row.created_at.isoformat(), "created_by": row.created_by,
        }  # fmt: skip
        return self._connection.execute(sql, values).rowcount > 0

    def living(self) -> list[KeyRow]:
        """The keys that are not revoked."""
        return [row for row in self.all() if row.revoked_at is None]

    def all(self) -> list[KeyRow]:
        """Every key there ever was, the oldest first."""
        sql = text(
            "SELECT id, name, hash, role, sources, rate, created_at, created_by, last_used_at, "
            "revoked_at, revoked_by FROM access_keys ORDER BY created_at, id"
        )
        return [
            KeyRow(
                r[0], r[1], r[2], r[3], tuple(json.loads(r[4])), r[5],
                datetime.fromisoformat(r[6]), r[7], _moment(r[8]), _moment(r[9]), r[10],
            )
            for r in self._connection.execute(sql)
        ]  # fmt: skip

    def revoke(self, name: str, by: str, at: datetime) -> bool:
        """End the living key of that name; says whether there was one."""
        sql = text(
            "UPDATE access_keys SET revoked_at = :at, revoked_by = :by "
            "WHERE name = :name AND revoked_at IS NULL"
        )
        values = {"name": name, "by": by, "at": at.isoformat()}
        return self._connection.execute(sql, values).rowcount > 0

    def mark_used(self, used: Mapping[str, datetime]) -> None:
        """Remember when keys were last used, by their ids."""
        sql = text("UPDATE access_keys SET last_used_at = :at WHERE id = :id")
        rows = [{"id": id_, "at": at.isoformat()} for id_, at in sorted(used.items())]
        if rows:
            self._connection.execute(sql, rows)


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
