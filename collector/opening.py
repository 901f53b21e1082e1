"""Opens a file however it is packed, within bounds, and counts how much of it has been read."""

import codecs
import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

import zstandard

from collector.reading import Unreadable

_HEAD = 65_536
_PACKED_MOST = 200
"""A member that unpacks to more than this many times its size is taken for a bomb."""
_MEMBERS_MOST = 100_000
_UNPACKED_LEAST = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a folder or an archive."""

    name: str
    open: Callable[[], IO[bytes]]


class Counted(io.RawIOBase):
    """A file that says how far it has been read; the counter survives wrapping."""

    def __init__(self, raw: BinaryIO, tell: Callable[[int], None]) -> None:
        """``tell`` is called with the bytes of every read."""
        self._raw, self._tell = raw, tell

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: object) -> int:
        """Read, and count."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        got = self._raw.readinto(view)  # type: ignore[attr-defined]
        self._tell(got)
        return int(got)

    def close(self) -> None:
        """Close what is underneath."""
        self._raw.close()
        super().close()


class Recoded(io.RawIOBase):
    """Text of any encoding as UTF-8, without a byte order mark."""

    def __init__(self, raw: IO[bytes], encoding: str) -> None:
        """Raises ``UnicodeDecodeError`` while it is read."""
        self._raw = raw
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._rest = b""
        self._first = True

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill the buffer with whole or part texts."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._rest:
            piece = self._raw.read(2**18)
            text = self._decoder.decode(piece, final=not piece)
            if self._first and text:
                text, self._first = text.removeprefix("\ufeff"), False
            self._rest = text.encode()
            if not piece:
                break
        taken, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(taken)] = taken
        return len(taken)


class Opened:
    """A path ready to be read: its content's head, its unpacked stream, or its members."""

    def __init__(self, path: Path, tell: Callable[[int], None] = lambda _count: None) -> None:
        """Look at the first bytes; raises ``Unreadable`` when there is nothing to read."""
        self.path, self._tell = path, tell
        self.packing = _packing(path)
        self.is_folder = path.is_dir() or self.packing in ("zip", "tar")
        self.head = b"" if self.is_folder else self._first_bytes()
        self.encoding = "utf-8"
        if self.head.startswith((b"\xff\xfe", b"\xfe\xff")):
            # what is looked for in the head is written in ASCII
            self.encoding = "utf-16"
            self.head = self.head.decode("utf-16", "ignore").encode()
        if not self.is_folder and not self.head:
            raise Unreadable("the file is empty", "export it again")

    @property
    def name(self) -> str:
        """The file's name without what it is packed in: ``log.xes`` of ``log.xes.gz``."""
        name = self.path.name
        for suffix in (".gz", ".zst", ".bz2", ".xz"):
            name = name.removesuffix(suffix)
        return name

    def told(self, count: int) -> None:
        """Count bytes that a library read by itself."""
        self._tell(count)

    @contextmanager
    def stream(self) -> Iterator[IO[bytes]]:
        """The unpacked bytes, buffered; what is no whole archive raises ``Unreadable``."""
        with self.path.open("rb") as raw:
            counted = io.BufferedReader(Counted(raw, self._tell), 2**20)
            try:
                yield _unpacked(counted, self.packing)
            except (gzip.BadGzipFile, EOFError, zstandard.ZstdError) as wrong:
                raise Unreadable(
                    f"the packed file ends early or is damaged ({wrong})", "copy or export it again"
                ) from wrong

    def member_names(self) -> list[str]:
        """The members' paths, sorted."""
        return [member.name for member in self.members()]

    def members(self) -> Iterator[Member]:
        """Every regular file of a folder, tar or zip, sorted by path where that is cheap."""
        if self.path.is_dir():
            for path in sorted(p for p in self.path.rglob("*") if p.is_file()):
                yield Member(str(path.relative_to(self.path)), partial(_binary, path))
        elif self.packing == "zip":
            yield from self._zipped()
        else:
            yield from self._tarred()

    def _zipped(self) -> Iterator[Member]:
        with zipfile.ZipFile(self.path) as archive:
            for info in sorted(archive.infolist(), key=lambda entry: entry.filename):
                if info.is_dir():
                    continue
                limit = max(_UNPACKED_LEAST, info.compress_size * _PACKED_MOST)
                if info.file_size > limit:
                    raise Unreadable(
                        f"{info.filename} unpacks to {info.file_size} bytes, more than "
                        f"{_PACKED_MOST} times its size",
                        "unpack it yourself when you trust it",
                    )
                yield Member(_inside(info.filename), partial(archive.open, info))

    def _tarred(self) -> Iterator[Member]:
        with self.stream() as stream:
            try:
                with tarfile.open(fileobj=stream, mode="r|") as archive:
                    for count, info in enumerate(archive):
                        if count > _MEMBERS_MOST:
                            raise Unreadable(
                                f"the archive holds more than {_MEMBERS_MOST} files", "split it"
                            )
                        body = archive.extractfile(info) if info.isfile() else None
                        if body is not None:
                            yield Member(_inside(info.name), partial(_itself, body))
            except tarfile.TarError as wrong:
                raise Unreadable(f"no readable tar archive ({wrong})", "pack it again") from wrong

    def _first_bytes(self) -> bytes:
        quiet = Opened.__new__(Opened)
        quiet.path, quiet._tell, quiet.packing = self.path, lambda _count: None, self.packing
        with quiet.stream() as stream:
            return stream.read(_HEAD)


def _binary(path: Path) -> IO[bytes]:
    return path.open("rb")


def _itself(body: IO[bytes]) -> IO[bytes]:
    return body


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise Unreadable(f"the archive holds a path that leaves it: {name}", "pack it again")
    return str(path)


def _packing(path: Path) -> str:
    if path.is_dir():
        return ""
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    outer = {b"\x1f\x8b": "gzip", b"\x28\xb5": "zstd", b"BZ": "bz2", b"\xfd7": "xz"}.get(
        head[:2], ""
    )
    if outer == "bz2" and not head.startswith(b"BZh"):
        outer = ""
    return "tar" if _is_tar(path, outer) else outer


def _is_tar(path: Path, outer: str) -> bool:
    try:
        with path.open("rb") as raw:
            block = _unpacked(raw, outer).read(512)
    except (OSError, EOFError, zstandard.ZstdError):
        return False
    return block[257:262] == b"ustar"


def _unpacked(raw: IO[bytes], packing: str) -> IO[bytes]:
    if packing in ("", "zip"):
        return raw
    kind = packing
    if packing == "tar":
        at = raw.peek(4)[:4] if isinstance(raw, io.BufferedReader) else b""
        kind = {b"\x1f\x8b": "gzip", b"\x28\xb5": "zstd", b"BZ": "bz2", b"\xfd7": "xz"}.get(
            at[:2], ""
        )
    if kind == "gzip":
        return io.BufferedReader(gzip.GzipFile(fileobj=raw), 2**20)
    if kind == "zstd":
        reader = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(
            raw, read_across_frames=True
        )
        return io.BufferedReader(reader, 2**20)
    if kind == "bz2":
        import bz2

        return bz2.BZ2File(raw)
    if kind == "xz":
        import lzma

        return lzma.LZMAFile(raw)
    return raw
