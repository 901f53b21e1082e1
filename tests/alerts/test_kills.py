"""A telling process is killed while it tells: by sets of keys, nothing is lost, and each kill
repeats at most one message, under the same key.

Kills come by progress (after so many messages have arrived), never by time, so that each of them
meets a process that works.
"""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from process_model.state import open_state
from tests.alerts.receivers import Hook, PostOffice, hook, post_office
from tests.evidence import Evidence
from tests.harness import ROOT


class Told:
    """What both receivers took, as (channel, key)."""

    def __init__(self, receiver: Hook, office: PostOffice) -> None:
        self.receiver, self.office = receiver, office

    def keys(self) -> list[tuple[str, str]]:
        letters = [
            ("mail", str(letter["X-Throughline-Key"])) for letter in list(self.office.letters)
        ]
        return [("hook", key) for key in list(self.receiver.taken)] + letters

    def __len__(self) -> int:
        return len(self.receiver.posts) + len(self.office.letters)


def run(directory: Path, kills: int, rounds: int) -> tuple[Counter[tuple[str, str]], set[str], int]:
    """What arrived and how often, the keys that were to arrive, and the kills that met work."""
    path, met = directory / "state.db", 0
    with hook() as receiver, post_office() as office:
        told = Told(receiver, office)
        command = [sys.executable, "-m", "tests.alerts.telling", str(path), receiver.url,
                   str(office.port), str(rounds)]  # fmt: skip
        for number in range(kills):
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
                goal = len(told) + 2 + number % 5
                wait_for(lambda goal=goal: len(told) >= goal or process.poll() is not None)
                met += process.poll() is None
                process.kill()
                process.wait()
        last = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
        assert last.stdout.strip() == "done", last.stderr
        arrived = Counter(told.keys())
    with open_state(path) as state, state.alerts_read() as book:
        posted = {(one.channel, one.key) for one in book.outgoing()}
        changes = {
            f"{row.fingerprint}:{row.episode}:{note.kind}"
            for row in book.alerts(limit=100_000)
            for note in book.notes(row.id)
            if note.kind in ("firing", "resolved")
        }
    assert set(arrived) == posted
    return arrived, changes, met


def wait_for(true: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


def held(directory: Path, kills: int, rounds: int) -> str:
    arrived, changes, met = run(directory, kills, rounds)
    assert met == kills, "a kill that meets no work proves nothing"
    # several alerts of a round are one message: every change is told by one that names it
    named = changes_told(directory)
    assert named == changes
    again = sum(times - 1 for times in arrived.values())
    assert again <= kills
    return (
        f"{kills} kills: {len(changes)} changes, {len(arrived)} messages, 0 lost, {again} repeated"
    )


def changes_told(directory: Path) -> set[str]:
    """The changes that messages which were sent name, for each of both channels the same."""
    found: dict[str, set[str]] = {"hook": set(), "mail": set()}
    with open_state(directory / "state.db") as state, state.alerts_read() as book:
        rows = {row.id: row for row in book.alerts(limit=100_000)}
        for one in book.outgoing(state="sent"):
            kind = "resolved" if '"kind":"resolved"' in one.message else "firing"
            found[one.channel] |= {
                f"{rows[id_].fingerprint}:{rows[id_].episode}:{kind}" for id_ in one.alert_ids
            }
    assert found["hook"] == found["mail"]
    return found["hook"]


def test_twenty_kills_lose_nothing_and_repeat_at_most_one_message_each(tmp_path: Path) -> None:
    held(tmp_path, kills=20, rounds=40)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_two_hundred_kills_lose_nothing(tmp_path: Path, evidence: Evidence) -> None:
    evidence(held(tmp_path, kills=200, rounds=300))
