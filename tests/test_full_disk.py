"""A disk that is really full: senders keep their data, nothing accepted is lost, it heals alone."""

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness import Program, event

pytestmark = pytest.mark.engine
MEGABYTE = 2**20
Mount = Callable[[Path, int], None]


@pytest.fixture
def mount() -> Iterator[Mount]:
    """Put a file system of so many bytes there; the test skips where that is not allowed."""
    mounted: list[Path] = []

    def small(path: Path, size: int) -> None:
        path.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "throughline-test", str(path)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            pytest.skip(f"a small file system cannot be mounted here: {error}")
        if done.returncode:
            pytest.skip(f"a small file system cannot be mounted here: {done.stderr.strip()}")
        mounted.append(path)

    yield small
    for path in reversed(mounted):
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def fill(path: Path, leave: int) -> Path:
    """Take the room of a file system but for so many bytes."""
    ballast = path / "ballast"
    with ballast.open("wb") as file:
        while True:
            disk = os.statvfs(path)
            try:
                os.posix_fallocate(file.fileno(), 0, max(1, disk.f_bavail * disk.f_frsize - leave))
            except OSError as error:
                # a merge of the engine took some of it meanwhile
                if error.errno != errno.ENOSPC:
                    raise
            else:
                return ballast


def send(program: Program, numbers: range) -> tuple[set[str], set[int]]:
    """Post batches of fifty; the ids that were accepted, and every status that was answered."""
    accepted, answers = set(), set()
    for first in numbers[::50]:
        batch = [event(number) for number in range(first, first + 50)]
        status = program.post_events(batch)
        answers.add(status)
        if status == 202:
            accepted |= {str(one["id"]) for one in batch}
    return accepted, answers


def ids(program: Program) -> set[str]:
    assert program.stop()[0] == 0, program.said()
    rows = program.ask_stopped(
        "SELECT id, uniqExact(content_hash) FROM business_events GROUP BY id"
    )
    assert {row[1] for row in rows} == {1}
    return {str(row[0]) for row in rows}


@pytest.mark.parametrize("reserve", [0, MEGABYTE // 2], ids=["to the last byte", "with a reserve"])
def test_a_full_spool_disk_refuses_with_503_and_keeps_what_it_accepted(
    tmp_path: Path, mount: Mount, reserve: int
) -> None:
    mount(tmp_path / "spool", 2 * MEGABYTE)
    program = Program(
        tmp_path,
        THROUGHLINE_COLLECTOR__RESERVE_BYTES=str(reserve),
        THROUGHLINE_COLLECTOR__EVENT_SECONDS="3600",  # nothing leaves the spool until it stops
    )
    with program:
        accepted, answers = send(program, range(0, 4_000))
        assert answers == {202, 503}
        assert program.fetch("/healthz")[0] == 200
        assert ids(program) == accepted


def test_a_full_store_disk_lets_segments_wait_until_there_is_room_again(
    tmp_path: Path, mount: Mount
) -> None:
    mount(tmp_path / "store", 256 * MEGABYTE)
    program = Program(tmp_path, THROUGHLINE_COLLECTOR__RESERVE_BYTES="0")
    with program:
        before, _ = send(program, range(0, 100))
        program.wait_until_stored()
        ballast = fill(tmp_path / "store", 0)
        during, answers = send(program, range(1_000, 1_500))
        assert answers == {202}  # the spool's own disk has room
        program.wait_until(lambda: b"waits" in program.fetch("/readyz")[1])
        assert program.fetch("/healthz")[0] == 200
        ballast.unlink()
        program.wait_until_stored(60)
        program.wait_until(lambda: program.fetch("/readyz")[0] == 200)
        assert ids(program) == before | during
