"""The spool: what a door accepted is on disk here before the sender is told so.

A kind has one open file; requests that arrive together share one ``fdatasync``. A sealed file is a
segment: exactly the bytes the engine reads, named ``<number>-<token>.<kind>``.
"""

import errno
import os
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from process_model.errors import Overloaded

KINDS = ("traces", "logs", "events", "rejected")
_OPEN = ".open"


@dataclass(frozen=True, slots=True)
class Segment:
    """A sealed file that waits for the store."""

    kind: str
    path: Path

    @property
    def token(self) -> str:
        """Its identity in the store, never used for another one."""
        return self.path.stem.partition("-")[2]


@dataclass(slots=True)
class _Waiting:
    record: bytes
    done: bool = False
    error: OSError | None = None


class Spool:
    """All lanes under one directory, bounded together."""

    def __init__(
        self,
        directory: Path,
        *,
        limit: int,
        reserve: int,
        segment_bytes: int,
        ages: Mapping[str, float],
    ) -> None:
        """Open the directory; what a crash left open is cut to whole records and sealed."""
        self.directory, self._limit, self._reserve = directory, limit, reserve
        directory.mkdir(parents=True, exist_ok=True)
        self._lanes = {k: _Lane(directory / k, k, segment_bytes, ages.get(k, 1.0)) for k in KINDS}

    def append(self, kind: str, record: bytes) -> None:
        """Return when the record is on disk; raises ``Overloaded`` when it is not going to be."""
        if reason := self.full(len(record)):
            raise Overloaded(reason)
        try:
            self._lanes[kind].append(record)
        except OSError as error:
            raise Overloaded(f"the spool cannot be written: {error.strerror}") from error

    def full(self, more: int = 0) -> str:
        """Why nothing more is taken, '' when there is room."""
        if self.waiting_bytes() + more > self._limit:
            return "the spool is full: the store does not keep up"
        disk = os.statvfs(self.directory)
        if disk.f_bavail * disk.f_frsize - more < self._reserve:
            return "the disk of the spool has reached its reserve"
        return ""

    def waiting_bytes(self) -> int:
        """How many bytes the store does not have yet."""
        return sum(lane.size for lane in self._lanes.values())

    def seal(self, *, everything: bool = False) -> list[Segment]:
        """Seal what is due (or everything) and return the segments that wait, oldest first."""
        for lane in self._lanes.values():
            lane.seal_due(now=everything)
        return [segment for lane in self._lanes.values() for segment in lane.sealed()]

    def remove(self, segment: Segment) -> None:
        """Forget a segment that the store has proved to hold."""
        self._lanes[segment.kind].remove(segment.path)

    def files(self, kind: str) -> list[Path]:
        """Every file of the kind, sealed or open."""
        return sorted((self.directory / kind).iterdir())


@dataclass
class _Lane:
    directory: Path
    kind: str
    segment_bytes: int
    age: float
    size: int = 0
    _fd: int = -1
    _path: Path = Path()
    _written: int = 0
    _opened: float = 0.0
    _number: int = 0
    _busy: bool = False
    _damaged: bool = False
    _queue: list[_Waiting] = field(default_factory=list)
    _turn: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self.directory.mkdir(exist_ok=True)
        for path in sorted(self.directory.iterdir()):
            self._number = max(self._number, int(path.name.partition("-")[0]))
            if path.suffix == _OPEN:
                self._recover(path)
        self.size = sum(path.stat().st_size for path in self.directory.iterdir())

    def append(self, record: bytes) -> None:
        """One of those that wait writes for all of them; the others sleep until it has."""
        mine = _Waiting(record)
        with self._turn:
            self._queue.append(mine)
            self._turn.wait_for(lambda: mine.done or not self._busy)
            if not mine.done:
                batch, self._queue = self._queue, []
                self._busy = True
        if not mine.done:
            self._commit(batch)
        if mine.error:
            raise mine.error

    def seal_due(self, *, now: bool) -> None:
        """Close the open file when it is old or large enough."""
        with self._turn:
            if self._fd < 0 or self._busy or self._damaged or not self._written:
                return
            old = time.monotonic() - self._opened >= self.age
            if now or old or self._written >= self.segment_bytes:
                self._seal()

    def sealed(self) -> list[Segment]:
        paths = sorted(p for p in self.directory.iterdir() if p.suffix != _OPEN)
        return [Segment(self.kind, path) for path in paths]

    def remove(self, path: Path) -> None:
        length = path.stat().st_size
        path.unlink()
        with self._turn:
            self.size -= length

    def _commit(self, batch: list[_Waiting]) -> None:
        error: OSError | None = None
        body = b""
        try:
            body = b"".join(waiting.record for waiting in batch)
            self._write(body)
        except OSError as failure:
            error = failure
        except MemoryError:
            error = OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
        with self._turn:
            self._busy = False
            if error is None:
                self.size += len(body)
                self._written += len(body)
            for waiting in batch:
                waiting.done, waiting.error = True, error
            self._turn.notify_all()

    def _write(self, body: bytes) -> None:
        if self._damaged:
            raise OSError(errno.EIO, "an earlier write failed half way; a restart mends the file")
        if self._fd >= 0 and self._written + len(body) > self.segment_bytes:
            self._seal()
        if self._fd < 0:
            self._start()
        try:
            rest = memoryview(body)
            while rest:
                rest = rest[os.write(self._fd, rest) :]
            os.fdatasync(self._fd)
        except OSError:
            # nobody was told yes: the file goes back to what was promised; where even that fails,
            # a start's recovery does it, and until then the lane takes nothing more
            self._damaged = True
            os.ftruncate(self._fd, self._written)
            os.lseek(self._fd, self._written, os.SEEK_SET)
            self._damaged = False
            raise

    def _start(self) -> None:
        self._number += 1
        name = f"{self._number:012d}-{uuid.uuid4()}.{self.kind}{_OPEN}"
        self._path = self.directory / name
        self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._written, self._opened = 0, time.monotonic()
        self._sync_directory()

    def _seal(self) -> None:
        os.close(self._fd)
        self._fd = -1
        self._path.rename(self._path.with_suffix(""))
        self._sync_directory()

    def _recover(self, path: Path) -> None:
        """A file that a crash left open: its last record may be torn, never answered."""
        data = path.read_bytes()
        whole = _whole_lines(data) if self.kind in ("events", "rejected") else _whole_frames(data)
        if not whole:
            path.unlink()
            return
        with path.open("r+b") as file:
            file.truncate(whole)
            os.fsync(file.fileno())
        path.rename(path.with_suffix(""))
        self._sync_directory()

    def _sync_directory(self) -> None:
        handle = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _whole_lines(data: bytes) -> int:
    return data.rfind(b"\n") + 1


def _whole_frames(data: bytes) -> int:
    """Where the last whole ``length, record`` pair ends."""
    whole = at = 0
    while at < len(data):
        length = shift = 0
        while at < len(data) and data[at] & 128:
            length |= (data[at] & 127) << shift
            shift, at = shift + 7, at + 1
        if at >= len(data):
            break
        at += 1 + (length | data[at] << shift)
        if at > len(data):
            break
        whole = at
    return whole
