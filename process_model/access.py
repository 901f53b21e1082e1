"""Keys: how one is made, what it allows, and whether what was presented is one.

A key is ``tl_``, eight hex digits that tell a person which key it is, ``_``, and 256 random bits in
hex; the form is fixed so that secret scanners find keys that leak. Only its SHA-256 is kept. A slow
hash protects what can be guessed, and 256 random bits cannot, so it would cost every request time
and buy nothing.
"""

import hashlib
import hmac
import logging
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from process_model.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from process_model.state import State

KEY_FORM = re.compile(r"tl_([0-9a-f]{8})_[0-9a-f]{64}")
NAME_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SPANS = "otlp"
"""The source that traces and logs are sent as, whatever service they tell of."""

# the hash that a key of an unknown id is held against, so that it takes as long as a known one
_NOBODY = hashlib.sha256(secrets.token_bytes(32)).hexdigest()
_USED_EVERY = timedelta(minutes=1)
_log = logging.getLogger(__name__)


class Role(StrEnum):
    """What the bearer of a key may do."""

    INGEST = "ingest"
    """send, and ask what became of what was sent"""
    READ = "read"
    """ask"""
    ADMIN = "admin"
    """both"""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a key allows."""

    id: str
    name: str
    role: Role
    sources: frozenset[str]
    """whom it may speak for; empty = everyone"""
    rate: float | None
    """requests a second; ``None`` = as many as come"""

    def may(self, role: Role) -> bool:
        """Whether it opens what that role opens."""
        return self.role in (role, Role.ADMIN)

    def covers(self, source: str) -> bool:
        """Whether it may speak for that source."""
        return not self.sources or source in self.sources


def create(
    state: "State", name: str, role: Role, sources: tuple[str, ...], rate: float | None, by: str
) -> str:
    """Make a key and keep its hash; the returned key is in no other place. Raises ``ConfigError``.

    ``by`` is who made it, for those who ask later.
    """
    for what, words in (("name", (name,)), ("source", sources)):
        if wrong := [word for word in words if not NAME_FORM.fullmatch(word)]:
            raise ConfigError(f"the {what} {wrong[0]!r} may have letters, digits, . _ and -")
    if rate is not None and rate <= 0:
        raise ConfigError("the rate is a number of requests a second above 0, such as 50/s")
    # imported here: doors that ask for no key must not wait for the state's driver
    from process_model.state.keys import KeyRow

    id_ = secrets.token_hex(4)
    key = f"tl_{id_}_{secrets.token_hex(32)}"
    row = KeyRow(
        id_, name, _hash(key), role, tuple(sorted(set(sources))), rate, datetime.now(UTC), by
    )
    with state.keys() as book:
        if not book.add(row):
            raise ConfigError(
                f"there is a key {name!r} already: take another name, or revoke that one first"
            )
    return key


def revoke(state: "State", name: str, by: str) -> None:
    """End a key; raises ``ConfigError`` when there is none of that name."""
    with state.keys() as book:
        if not book.revoke(name, by, datetime.now(UTC)):
            known = ", ".join(row.name for row in book.living()) or "none"
            raise ConfigError(f"there is no key {name!r} to revoke; there are {known}")


class Keyring:
    """The living keys as they were a moment ago; safe from any thread."""

    def __init__(self, state: "State", clock: Callable[[], datetime] | None = None) -> None:
        """Read the keys; ``clock`` gives the UTC time."""
        self._state, self._clock = state, clock or (lambda: datetime.now(UTC))
        self._turn = threading.Lock()
        self._used: dict[str, datetime] = {}
        self._written: dict[str, datetime] = {}
        self._known: dict[str, tuple[str, Grant]] = {}
        self._read()

    def grant(self, key: str) -> Grant | None:
        """What the presented text allows; ``None`` when it is no living key."""
        form = KEY_FORM.fullmatch(key)
        hashed, grant = self._known.get(form[1], (_NOBODY, None)) if form else (_NOBODY, None)
        # the text may hold anything; what cannot be encoded is no key
        if not hmac.compare_digest(_hash(key), hashed) or grant is None:
            return None
        with self._turn:
            self._used[grant.id] = self._clock()
        return grant

    def empty(self) -> bool:
        """Whether no key is known."""
        return not self._known

    def renew(self) -> None:
        """See what was created and revoked, and write down what was used.

        While the state does not answer the keys stay as they were: it is where they are revoked.
        """
        try:
            self._read()
            self._write_used()
        except StoreError as error:
            _log.warning("the keys could not be read again: %s", error)

    def _read(self) -> None:
        with self._state.keys() as book:
            living = book.living()
        self._known = {
            row.id: (
                row.hash,
                Grant(row.id, row.name, Role(row.role), frozenset(row.sources), row.rate),
            )
            for row in living
        }

    def _write_used(self) -> None:
        with self._turn:
            used = {
                id_: at for id_, at in self._used.items()
                if id_ not in self._written or at - self._written[id_] >= _USED_EVERY
            }  # fmt: skip
        if used:
            with self._state.keys() as book:
                book.mark_used(used)
            self._written |= used


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
