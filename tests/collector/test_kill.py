"""kill -9 by progress at the spool and at the writer: nothing promised is lost, nothing doubled.

Run as a program this file is the process to be killed: each line it prints is a promise it made.
"""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from collector.spool import Spool
from process_model.config import StoreConfig
from process_model.events import BusinessEvent
from tests.evidence import Evidence

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def spool_in(directory: Path) -> Spool:
    return Spool(directory, limit=2**30, reserve=0, segment_bytes=2**14, ages={})


def spool(directory: Path, first: int) -> None:
    lanes = spool_in(directory)
    for number in range(first, first + 100_000):
        event = BusinessEvent(
            source="urn:test", id=f"e-{number}", event_time=NOON, received_at=NOON
        )
        lanes.append("events", msgspec.json.encode(event) + b"\n")
        print(event.id, flush=True)


def carry(directory: Path, store_directory: Path) -> None:
    # imported here: the spool's worker is started often and needs none of it
    from collector import writer
    from process_model.store import open_store
    from process_model.store.migrate import migrate

    lanes = spool_in(directory)
    with open_store(StoreConfig(dsn=f"chdb://{store_directory}")) as store:
        migrate(store)
        print("begin", flush=True)
        for segment in lanes.seal(everything=True):
            writer.store_segment(store, "events", segment.path, segment.token)
            print("stored", flush=True)
            lanes.remove(segment)
            print("removed", flush=True)
    print("end", flush=True)


def run_until(lines: int, delay: float, *arguments: str) -> list[str]:
    """The lines the worker printed until it was killed, a moment after the ``lines``-th."""
    command = [sys.executable, __file__, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        seen = []
        for line in process.stdout:
            seen.append(line.strip())
            if len(seen) >= lines:
                break
        time.sleep(delay)
        process.kill()
        return seen + process.stdout.read().split("\n")[:-1]


def fill(directory: Path, kills: int) -> set[str]:
    """Ids the spool promised over as many killed runs."""
    promised: set[str] = set()
    for turn in range(kills):
        told = run_until(
            20 + 31 * turn, 0.0007 * turn, "spool", str(directory), str(turn * 1_000_000)
        )
        promised |= set(told)
    return promised


def spooled(directory: Path) -> list[str]:
    segments = spool_in(directory).seal(everything=True)
    lines = [line for segment in segments for line in segment.path.read_bytes().splitlines()]
    return [msgspec.json.decode(line)["id"] for line in lines]


def check(tmp_path: Path, spool_kills: int, writer_kills: int) -> int:
    """Kill so often; how many events were promised, all of them stored once."""
    directory, store_directory = tmp_path / "spool", tmp_path / "store"
    promised = fill(directory, spool_kills)
    waiting = spooled(directory)
    assert promised <= set(waiting)
    assert len(waiting) == len(set(waiting))
    for turn in range(writer_kills):
        run_until(1 + turn, 0.002 * (turn % 7), "carry", str(directory), str(store_directory))
    final = run_until(10**9, 0, "carry", str(directory), str(store_directory))
    assert final[-1] == "end"
    assert stored(store_directory) == sorted(waiting)
    return len(promised)


def stored(store_directory: Path) -> list[str]:
    """Asked in a process of its own, because an engine belongs to one directory a process."""
    config = StoreConfig(dsn=f"chdb://{store_directory}")
    program = (
        "from process_model.config import StoreConfig; from process_model.store import open_store\n"
        f"with open_store(StoreConfig(dsn={config.dsn!r})) as store:\n"
        "    for row in store.query('ids', 'SELECT id FROM business_events'): print(row.id)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=ENVIRONMENT
    )
    return sorted(answer.stdout.split())


@pytest.mark.timeout(600)
def test_sixteen_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    # four more, of the whole program, are in tests/test_kill.py
    check(tmp_path, spool_kills=12, writer_kills=4)


@pytest.mark.soak
@pytest.mark.timeout(3000)
def test_two_hundred_kills_lose_and_double_nothing(tmp_path: Path, evidence: Evidence) -> None:
    kept = check(tmp_path, spool_kills=100, writer_kills=100)
    evidence(
        f"100 kills of the spool and 100 of the writer: {kept:,} events promised, 0 lost, 0 doubled"
    )


if __name__ == "__main__":
    if sys.argv[1] == "spool":
        spool(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        carry(Path(sys.argv[2]), Path(sys.argv[3]))
