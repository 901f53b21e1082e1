"""Keys: shown once, kept as a hash, revoked at once; what was used is written down."""

import hashlib
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from process_model import access
from process_model.access import KEY_FORM, Keyring, Role
from process_model.errors import ConfigError, StoreUnavailable
from process_model.state import State, open_state
from tests.conftest import Clock
from tests.harness import ROOT


def create(state: State, name: str, *sources: str, rate: float | None = None) -> str:
    return access.create(state, name, Role.INGEST, sources, rate, "ada")


def test_a_key_is_random_and_has_a_form_that_scanners_find(state: State) -> None:
    keys = {create(state, f"k{n}") for n in range(20)}
    assert len(keys) == 20
    assert all(KEY_FORM.fullmatch(key) for key in keys)
    text = f'headers = {{"Authorization": "Bearer {next(iter(keys))}"}}'
    assert re.findall(r"\btl_[0-9a-f]{8}_[0-9a-f]{64}\b", text)


def test_only_the_hash_is_kept(tmp_path: Path) -> None:
    with open_state(tmp_path / "s.db") as state:
        key = create(state, "crm", "salesforce", "otlp", "salesforce", rate=2.5)
        with state.keys() as book:
            (row,) = book.all()
    assert row.hash == hashlib.sha256(key.encode()).hexdigest()
    assert (row.sources, row.rate, row.created_by) == (("otlp", "salesforce"), 2.5, "ada")
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert row.hash.encode() in kept
    assert key.rpartition("_")[2].encode() not in kept


def test_a_name_is_taken_while_its_key_lives(state: State) -> None:
    create(state, "crm")
    with pytest.raises(ConfigError, match="there is a key 'crm' already"):
        create(state, "crm")
    access.revoke(state, "crm", "bob")
    with pytest.raises(ConfigError, match="no key 'crm' to revoke; there are none"):
        access.revoke(state, "crm", "bob")
    create(state, "crm")
    with state.keys() as book:
        assert [(row.name, row.revoked_by) for row in book.all()] == [("crm", "bob"), ("crm", None)]


@pytest.mark.parametrize(
    ("name", "sources", "rate"),
    [("", (), None), ("a b", (), None), ("a", ("x/y",), None), ("a", (), 0.0), ("a", (), -1.0)],
)
def test_what_makes_no_key_is_refused(
    state: State, name: str, sources: tuple[str, ...], rate: float | None
) -> None:
    with pytest.raises(ConfigError):
        create(state, name, *sources, rate=rate)
    with state.keys() as book:
        assert book.all() == []


def test_the_ring_learns_of_new_and_revoked_keys(state: State) -> None:
    ring = Keyring(state)
    assert ring.empty()
    key = create(state, "crm", "sap")
    assert ring.grant(key) is None
    ring.renew()
    grant = ring.grant(key)
    assert grant is not None
    assert (grant.name, grant.role, grant.sources) == ("crm", Role.INGEST, frozenset(["sap"]))
    access.revoke(state, "crm", "bob")
    ring.renew()
    assert ring.grant(key) is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("create",), "say which: throughline keys create NAME"),
        (("create", "crm"), "there is a key 'crm' already"),
        (("create", "x", "--rate", "fast"), "--rate fast: a number of requests a second"),
        (("create", "x", "--rate", "0/s"), "the rate is a number"),
        (("revoke", "x"), "there is no key 'x' to revoke; there are crm"),
    ],
)
def test_a_refused_command_is_one_sentence(
    state: State, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    create(state, "crm")
    url = str(state._engine.url)
    done = subprocess.run(
        [sys.executable, str(ROOT / "throughline.py"), "keys", *words],
        env={**os.environ, "THROUGHLINE_STATE": url}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    with state.keys() as book:
        assert [row.name for row in book.living()] == ["crm"]


def test_when_a_key_was_used_is_written_once_a_minute(state: State, clock: Clock) -> None:
    key, other = create(state, "crm"), create(state, "never")
    ring = Keyring(state, clock)

    def shown() -> list[object]:
        with state.keys() as book:
            return [row.last_used_at for row in book.all()]

    first = clock.now
    assert ring.grant(key)
    assert ring.grant(other[:-1] + "x") is None
    ring.renew()
    assert shown() == [first, None]
    clock.advance(seconds=59)
    ring.grant(key)
    ring.renew()
    assert shown() == [first, None]
    second = clock.advance(seconds=1)
    ring.grant(key)
    ring.renew()
    assert shown() == [second, None]
    assert second - first == timedelta(minutes=1)


def test_a_state_that_does_not_answer_leaves_the_keys_as_they_were(
    state: State, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    key = create(state, "crm")
    ring = Keyring(state)

    def away() -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(state, "keys", away)
    ring.renew()
    assert ring.grant(key)
    assert "could not be read" in caplog.text
    assert key not in caplog.text
