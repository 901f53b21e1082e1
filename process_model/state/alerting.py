"""What alerting remembers: alerts, their notes, the outbox, silences, rounds and followed links.

Everything here happens within the transaction that ``State.alerts_written`` or ``alerts_read``
began, so that an alert and the message that tells of it are written together or not at all.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, text

WAITING, SENT, REFUSED = "waiting", "sent", "refused"
"""the states of a message: to be sent, taken by the receiver, given up because it never will be"""


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One episode of one condition; ``body`` is the alert whole, as its room writes it."""

    id: str
    fingerprint: str
    episode: int
    rule: str
    phase: str
    done: bool
    """whether nothing can come of it any more: it is over, and whoever was told knows"""
    changed_at: datetime
    body: str


@dataclass(frozen=True, slots=True)
class Note:
    """One line of an alert's story."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way by one channel, or gone it."""

    number: int
    key: str
    """the same however often it is sent: receivers drop what they know"""
    channel: str
    thread: str
    """messages of one thread are sent in their order"""
    alert_ids: tuple[str, ...]
    message: str
    state: str
    attempts: int
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    answer: str
    """what the receiver, or the failure, said last"""


@dataclass(frozen=True, slots=True)
class Silence:
    """Alerts whose labels hold all of these are told to nobody for a time."""

    id: str
    labels: Mapping[str, str]
    begins_at: datetime
    ends_at: datetime
    set_by: str
    why: str

    def covers(self, labels: Mapping[str, str], at: datetime) -> bool:
        """Whether it silences an alert with those labels at that moment."""
        in_time = self.begins_at <= at < self.ends_at
        return in_time and all(labels.get(name) == value for name, value in self.labels.items())


@dataclass(frozen=True, slots=True)
class RoundRow:
    """When a rule was last looked at; ``missed`` counts the times that it should have been."""

    rule: str
    evaluated_at: datetime
    failure: str
    missed: int


class AlertBook:
    """The tables of alerting within one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Use ``State.alerts_written`` or ``State.alerts_read``."""
        self._connection = connection

    def take_turn(self) -> None:
        """Hold all others who change alerts until this transaction ends; call it first.

        The row that is written serialises them on SQLite and PostgreSQL alike: what is read after
        it stays true until the commit.
        """
        self._next("alert turns")

    def under_way(self, rule: str = "") -> list[AlertRow]:
        """The alerts of a rule, or of all, of which something can still come."""
        sql = "SELECT * FROM alerts WHERE done = 0 AND (:rule = '' OR rule = :rule) ORDER BY id"
        return [_alert(row) for row in self._all(sql, rule=rule)]

    def alerts(
        self,
        phases: Sequence[str] = (),
        limit: int = 500,
        *,
        rules: Sequence[str] = (),
        after: tuple[datetime, str] | None = None,
    ) -> list[AlertRow]:
        """Alerts in those phases and of those rules (any when none is named), the latest first.

        ``after`` is the (``changed_at``, ``id``) of the last one of the page before.
        """
        sql = text(
            "SELECT * FROM alerts WHERE (phase IN :phases OR :any_phase = 1) "
            "AND (rule IN :rules OR :any_rule = 1) AND (:after_id = '' "
            "OR changed_at < :after_at OR (changed_at = :after_at AND id > :after_id)) "
            "ORDER BY changed_at DESC, id LIMIT :limit"
        ).bindparams(bindparam("phases", expanding=True), bindparam("rules", expanding=True))
        at, id_ = after or (datetime.min.replace(tzinfo=UTC), "")
        given = {
            "phases": list(phases), "any_phase": int(not phases), "rules": list(rules),
            "any_rule": int(not rules), "after_at": at.isoformat(), "after_id": id_,
            "limit": limit,
        }  # fmt: skip
        return [_alert(row) for row in self._connection.execute(sql, given)]

    def alert(self, id_: str) -> AlertRow | None:
        """One alert."""
        rows = self._all("SELECT * FROM alerts WHERE id = :id", id=id_)
        return _alert(rows[0]) if rows else None

    def last_episode(self, fingerprint: str) -> int:
        """The number of the condition's last episode, 0 when there was none."""
        sql = "SELECT coalesce(max(episode), 0) FROM alerts WHERE fingerprint = :fingerprint"
        return int(self._all(sql, fingerprint=fingerprint)[0][0])

    def save(self, row: AlertRow) -> None:
        """Write an alert, over what was there."""
        sql = (
            "INSERT INTO alerts (id, fingerprint, episode, rule, phase, done, changed_at, body) "
            "VALUES (:id, :fingerprint, :episode, :rule, :phase, :done, :changed_at, :body) "
            "ON CONFLICT (id) DO UPDATE SET phase = excluded.phase, done = excluded.done, "
            "changed_at = excluded.changed_at, body = excluded.body"
        )
        fields = {name: getattr(row, name) for name in AlertRow.__slots__}
        plain = {"done": int(row.done), "changed_at": row.changed_at.isoformat()}
        self._connection.execute(text(sql), fields | plain)

    def drop(self, id_: str) -> None:
        """Forget an alert that never fired."""
        self._run("DELETE FROM alert_notes WHERE alert_id = :id", id=id_)
        self._run("DELETE FROM alerts WHERE id = :id", id=id_)

    def note(self, alert_id: str, at: datetime, kind: str, said: str) -> None:
        """Write a line of an alert's story."""
        self._run(
            "INSERT INTO alert_notes (number, alert_id, at, kind, text) "
            "VALUES (:number, :alert_id, :at, :kind, :text)",
            number=self._next("alert notes"), alert_id=alert_id, at=at.isoformat(), kind=kind,
            text=said,
        )  # fmt: skip

    def notes(self, alert_id: str) -> list[Note]:
        """An alert's story, oldest first."""
        sql = "SELECT at, kind, text FROM alert_notes WHERE alert_id = :id ORDER BY number"
        return [Note(datetime.fromisoformat(r[0]), r[1], r[2]) for r in self._all(sql, id=alert_id)]

    def post(
        self, *, key: str, channel: str, thread: str, alert_ids: Iterable[str], message: str,
        at: datetime,
    ) -> bool:  # fmt: skip
        """Put a message into the outbox; says whether its key was new to the channel."""
        done = self._run(
            "INSERT INTO alert_outbox (number, key, channel, thread, alert_ids, message, state, "
            "attempts, created_at, due_at, answer) VALUES (:number, :key, :channel, :thread, "
            ":alert_ids, :message, 'waiting', 0, :at, :at, '') ON CONFLICT (key, channel) "
            "DO NOTHING",
            number=self._next("alert messages"), key=key, channel=channel, thread=thread,
            alert_ids=json.dumps(list(alert_ids)), message=message, at=at.isoformat(),
        )  # fmt: skip
        return done > 0

    def due(self, at: datetime, limit: int = 100) -> list[Outgoing]:
        """Messages to send now, oldest first; none before an earlier one of its thread is gone."""
        sql = (
            "SELECT * FROM alert_outbox AS one WHERE state = 'waiting' AND due_at <= :at "
            "AND NOT EXISTS (SELECT 1 FROM alert_outbox AS earlier WHERE earlier.state = 'waiting' "
            "AND earlier.channel = one.channel AND earlier.thread = one.thread "
            "AND earlier.number < one.number) ORDER BY number LIMIT :limit"
        )
        return [_outgoing(row) for row in self._all(sql, at=at.isoformat(), limit=limit)]

    def outgoing(self, alert_id: str = "", state: str = "") -> list[Outgoing]:
        """The messages that tell of an alert, or all in a state, oldest first."""
        sql = (
            "SELECT * FROM alert_outbox WHERE (:state = '' OR state = :state) "
            "AND (:id = '' OR alert_ids LIKE '%\"' || :id || '\"%') ORDER BY number"
        )
        return [_outgoing(row) for row in self._all(sql, id=alert_id, state=state)]

    def settle(self, number: int, state: str, at: datetime, answer: str) -> None:
        """Close a message: it was sent, or never can be."""
        self._run(
            "UPDATE alert_outbox SET state = :state, sent_at = :at, answer = :answer, "
            "attempts = attempts + 1 WHERE number = :number",
            number=number, state=state, at=at.isoformat(), answer=answer,
        )  # fmt: skip

    def postpone(self, number: int, due_at: datetime, answer: str) -> None:
        """Keep a message that could not be sent for now."""
        self._run(
            "UPDATE alert_outbox SET due_at = :due, answer = :answer, attempts = attempts + 1 "
            "WHERE number = :number",
            number=number, due=due_at.isoformat(), answer=answer,
        )  # fmt: skip

    def add_silence(self, silence: Silence) -> None:
        """Silence what the labels match."""
        self._run(
            "INSERT INTO alert_silences (id, labels, begins_at, ends_at, set_by, why) "
            "VALUES (:id, :labels, :begins_at, :ends_at, :set_by, :why)",
            id=silence.id, labels=json.dumps(dict(silence.labels)), set_by=silence.set_by,
            begins_at=silence.begins_at.isoformat(), ends_at=silence.ends_at.isoformat(),
            why=silence.why,
        )  # fmt: skip

    def end_silence(self, id_: str, at: datetime) -> bool:
        """End a silence now; says whether it was in force."""
        sql = "UPDATE alert_silences SET ends_at = :at WHERE id = :id AND ends_at > :at"
        return self._run(sql, id=id_, at=at.isoformat()) > 0

    def silences(self, at: datetime) -> list[Silence]:
        """Those in force, or yet to come, at the moment."""
        sql = "SELECT * FROM alert_silences WHERE ends_at > :at ORDER BY ends_at, id"
        return [
            Silence(r.id, json.loads(r.labels), datetime.fromisoformat(r.begins_at),
                    datetime.fromisoformat(r.ends_at), r.set_by, r.why)
            for r in self._all(sql, at=at.isoformat())
        ]  # fmt: skip

    def looked(self, rule: str, at: datetime, failure: str, missed: int) -> None:
        """A rule was looked at; ``missed`` more times it was not when it should have been."""
        self._run(
            "INSERT INTO alert_rounds (rule, evaluated_at, failure, missed) "
            "VALUES (:rule, :at, :failure, :missed) ON CONFLICT (rule) DO UPDATE SET "
            "evaluated_at = excluded.evaluated_at, failure = excluded.failure, "
            "missed = alert_rounds.missed + excluded.missed",
            rule=rule, at=at.isoformat(), failure=failure, missed=missed,
        )  # fmt: skip

    def rounds(self) -> dict[str, RoundRow]:
        """When each rule was last looked at."""
        rows = self._all("SELECT rule, evaluated_at, failure, missed FROM alert_rounds")
        return {r[0]: RoundRow(r[0], datetime.fromisoformat(r[1]), r[2], r[3]) for r in rows}

    def follow(self, nonce: str, at: datetime, by: str) -> bool:
        """Use up a link; says whether it was still unused."""
        sql = (
            "INSERT INTO alert_links (nonce, followed_at, followed_by) "
            "VALUES (:nonce, :at, :by) ON CONFLICT (nonce) DO NOTHING"
        )
        return self._run(sql, nonce=nonce, at=at.isoformat(), by=by) > 0

    def followed(self, nonce: str) -> tuple[datetime, str] | None:
        """When a link was used, and by whom."""
        sql = "SELECT followed_at, followed_by FROM alert_links WHERE nonce = :nonce"
        rows = self._all(sql, nonce=nonce)
        return (datetime.fromisoformat(rows[0][0]), rows[0][1]) if rows else None

    def secret(self, name: str) -> str:
        """What this installation signs with under that name; made when it is first asked for."""
        sql = (
            "INSERT INTO secrets (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING"
        )
        self._run(sql, name=name, value=secrets.token_hex(32))
        return str(self._all("SELECT value FROM secrets WHERE name = :name", name=name)[0][0])

    def _next(self, name: str) -> int:
        sql = (
            "INSERT INTO counters (name, value) VALUES (:name, 1) "
            "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
        )
        return int(self._connection.execute(text(sql), {"name": name}).scalar_one())

    def _all(self, sql: str, **values: Any) -> list[Any]:
        return list(self._connection.execute(text(sql), values).all())

    def _run(self, sql: str, **values: Any) -> int:
        return self._connection.execute(text(sql), values).rowcount


def _alert(row: Any) -> AlertRow:
    at = datetime.fromisoformat(row.changed_at)
    return AlertRow(
        row.id, row.fingerprint, row.episode, row.rule, row.phase, bool(row.done), at, row.body
    )


def _outgoing(row: Any) -> Outgoing:
    return Outgoing(
        row.number, row.key, row.channel, row.thread, tuple(json.loads(row.alert_ids)),
        row.message, row.state, row.attempts, datetime.fromisoformat(row.created_at),
        datetime.fromisoformat(row.due_at),
        datetime.fromisoformat(row.sent_at) if row.sent_at else None, row.answer,
    )  # fmt: skip
