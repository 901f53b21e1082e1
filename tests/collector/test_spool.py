"""The spool on its own: what it promised is on disk, what it refused is not, torn tails are cut."""

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from collector import otlp
from collector.spool import Spool
from process_model.errors import Overloaded


def spool_at(directory: Path, *, limit: int = 2**30, reserve: int = 0, size: int = 2**12) -> Spool:
    return Spool(directory, limit=limit, reserve=reserve, segment_bytes=size, ages={"events": 60.0})


def waiting(spool: Spool, kind: str = "events") -> list[bytes]:
    segments = [segment for segment in spool.seal(everything=True) if segment.kind == kind]
    return [line for segment in segments for line in segment.path.read_bytes().splitlines()]


def test_many_threads_share_commits_and_every_record_is_there_once(tmp_path: Path) -> None:
    spool = spool_at(tmp_path)

    def send(sender: int) -> None:
        for number in range(50):
            spool.append("events", f"{sender}/{number}\n".encode())

    senders = [threading.Thread(target=send, args=(sender,)) for sender in range(8)]
    for thread in senders:
        thread.start()
    for thread in senders:
        thread.join()
    assert sorted(waiting(spool)) == sorted(
        f"{s}/{n}".encode() for s in range(8) for n in range(50)
    )


def test_segments_keep_to_their_size_and_a_larger_record_has_its_own(tmp_path: Path) -> None:
    spool = spool_at(tmp_path, size=100)
    for record in (b"a" * 59 + b"\n", b"b" * 59 + b"\n", b"c" * 499 + b"\n", b"d\n"):
        spool.append("events", record)
    sizes = [segment.path.stat().st_size for segment in spool.seal(everything=True)]
    assert sizes == [60, 60, 500, 2]


def test_tokens_are_never_the_same(tmp_path: Path) -> None:
    spool = spool_at(tmp_path, size=1)
    for _ in range(20):
        spool.append("events", b"x\n")
    segments = spool.seal(everything=True)
    assert len({segment.token for segment in segments}) == len(segments) == 20


@pytest.mark.parametrize("torn", range(1, 9))
def test_a_torn_line_is_cut_and_whole_ones_stay(tmp_path: Path, torn: int) -> None:
    spool_at(tmp_path).append("events", b"promised\n")
    (path,) = spool_at_rest(tmp_path, "events")
    path.write_bytes(path.read_bytes() + b"not whole"[:torn])
    assert waiting(spool_at(tmp_path)) == [b"promised"]


@pytest.mark.parametrize("cut", [1, 2, 100, 299, 301])
def test_a_torn_frame_is_cut_and_whole_ones_stay(tmp_path: Path, cut: int) -> None:
    whole, torn = otlp.frame(b"p" * 200), otlp.frame(b"q" * 300)
    spool_at(tmp_path).append("traces", whole)
    (path,) = spool_at_rest(tmp_path, "traces")
    path.write_bytes(whole + torn[:cut])
    (segment,) = spool_at(tmp_path).seal()
    assert list(otlp.records(segment.path)) == [b"p" * 200]


def spool_at_rest(directory: Path, kind: str) -> list[Path]:
    return list((directory / kind).glob("*.open"))


def test_a_file_with_nothing_whole_is_forgotten(tmp_path: Path) -> None:
    spool_at(tmp_path).append("events", b"x\n")
    (path,) = spool_at_rest(tmp_path, "events")
    path.write_bytes(b"never answered")
    assert spool_at(tmp_path).seal() == []


def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    for turn in range(3):
        spool_at(tmp_path).append("events", f"{turn}\n".encode())
    assert waiting(spool_at(tmp_path)) == [b"0", b"1", b"2"]


def test_the_limit_holds_and_room_comes_back(tmp_path: Path) -> None:
    spool = spool_at(tmp_path, limit=100)
    spool.append("events", b"a" * 59 + b"\n")
    with pytest.raises(Overloaded, match="does not keep up"):
        spool.append("traces", b"b" * 60)
    (segment,) = spool.seal(everything=True)
    spool.remove(segment)
    spool.append("traces", b"b" * 60)
    assert spool.waiting_bytes() == 60


def failing(real: Callable[..., int], error: int, part: int = 0) -> Callable[[int, bytes], int]:
    """The system call that takes a part of the bytes and then has no more room."""
    calls = iter(range(10**6))

    def write(handle: int, data: bytes) -> int:
        if next(calls) == 0 and part:
            return real(handle, data[:part])
        raise OSError(error, os.strerror(error))

    return write


@pytest.mark.parametrize("part", [0, 4])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_half_way_keeps_what_was_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, part: int
) -> None:
    spool = spool_at(tmp_path)
    spool.append("events", b"before\n")
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", failing(os.write, error, part))
        with pytest.raises(Overloaded):
            spool.append("events", b"refused\n")
    spool.append("events", b"after\n")
    assert waiting(spool) == [b"before", b"after"]


def test_a_failed_flush_is_never_answered_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = spool_at(tmp_path)
    spool.append("events", b"before\n")
    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", lambda handle: failing(os.write, errno.EIO)(handle, b""))
        with pytest.raises(Overloaded):
            spool.append("events", b"refused\n")
    assert waiting(spool_at(tmp_path)) == [b"before"]


def test_a_file_that_cannot_be_cut_back_takes_nothing_more_until_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = spool_at(tmp_path)
    spool.append("events", b"before\n")
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", failing(os.write, errno.EIO, 3))
        broken.setattr(os, "ftruncate", failing(os.write, errno.EIO))
        with pytest.raises(Overloaded):
            spool.append("events", b"refused\n")
    with pytest.raises(Overloaded):
        spool.append("events", b"later\n")
    assert waiting(spool_at(tmp_path)) == [b"before"]
