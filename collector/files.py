"""The program that reads files, apart from every other process: ``python -m collector.files``.

It takes its order as JSON on standard input, writes batches into a folder, and says on standard
output, a JSON line each, how it understood a file, how far it is, and what came of it.
"""

import gc
import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

import msgspec

from collector.batches import Batch, Batches
from collector.mapping import read_mapping
from collector.opening import Opened
from collector.reading import Note, Options, Shape, Unreadable, by_content
from process_model.errors import ThroughlineError

MEMORY_BYTES = 4 * 2**30
"""The most address space a reader may take beyond what its libraries map."""
_SAY_EVERY = 0.2


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be read, and where to."""

    files: list[str]
    folder: str
    dataset: str
    source: str
    options: Options
    mapping: str = ""
    """path of the mapping file; '' = the log keeps its own words"""
    only_shape: bool = False


class Understood(msgspec.Struct, frozen=True, kw_only=True, tag="understood"):
    """How a file is read."""

    file: str
    shape: Shape


class Progress(msgspec.Struct, frozen=True, kw_only=True, tag="progress"):
    """How far the reader is; also its sign of life."""

    bytes: int
    read: int


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="done"):
    """All files were read."""

    read: int
    accepted: int
    ignored: int
    rejected: dict[str, int]
    notes: list[str]
    format: str
    leading: str


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag="refused"):
    """A file was refused as a whole."""

    reason: str


Message = Understood | Progress | Batch | Done | Refused


class _Voice:
    """Says messages, and every so often that it is alive."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)  # whatever a library prints must not be taken for a message
        self._lock = threading.Lock()
        self._last = 0.0
        self.bytes = 0

    def say(self, message: Message) -> None:
        with self._lock:
            self._out.write(msgspec.json.encode(message) + b"\n")

    def progress(self, read: int) -> None:
        now = time.monotonic()
        if now - self._last >= _SAY_EVERY:
            self._last = now
            self.say(Progress(bytes=self.bytes, read=read))

    def count(self, more: int) -> None:
        self.bytes += more


def main() -> None:
    """Read what standard input orders."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    voice = _Voice()
    gc.disable()  # readers make no cycles, and the collector would look at every list of texts
    _bound_memory()
    try:
        voice.say(_read_all(order, voice))
    except MemoryError:
        voice.say(Refused(reason="the file needs more memory than a reader may take; split it"))
    except ThroughlineError as refused:
        voice.say(Refused(reason=str(refused)))


def _read_all(order: Order, voice: _Voice) -> Done:
    mapping = read_mapping(Path(order.mapping)) if order.mapping else None
    options = mapping.options(order.options) if mapping else order.options
    source = mapping.source if mapping else order.source
    batches = Batches(
        Path(order.folder),
        dataset=order.dataset,
        source=source,
        hand_on=voice.say,
        mapping=mapping,
    )
    notes: list[str] = []
    shape = Shape(format="")
    for file in order.files:
        try:
            shape = _read(Path(file), options, order, voice, batches, notes)
        except Unreadable as refused:
            refused.file = refused.file or Path(file).name
            raise
        except OSError as wrong:
            raise Unreadable(
                f"it cannot be read ({wrong.strerror or wrong})", "check the file", file=file
            ) from wrong
    batches.close()
    return Done(
        read=batches.read,
        accepted=batches.accepted,
        ignored=batches.ignored,
        rejected=dict(batches.rejected),
        notes=notes,
        format=shape.format,
        # what was mapped grows as the canon does
        leading="" if mapping else shape.leading,
    )


def _read(
    path: Path, options: Options, order: Order, voice: _Voice, batches: Batches, notes: list[str]
) -> Shape:
    opened = Opened(path, voice.count)
    name, reader = by_content(opened, options.format)
    shape = Shape(format=name)
    for item in reader.read(opened, options):
        if isinstance(item, Shape):
            shape = item
            notes += [note for note in item.notes if note not in notes]
            voice.say(Understood(file=path.name, shape=shape))
            if order.only_shape:
                return shape
        elif isinstance(item, Note):
            notes.append(item.text)
        else:
            batches.add(item)
            voice.progress(batches.read)
    return shape


def _bound_memory() -> None:
    """A file that unpacks without end ends the reader, not the machine."""
    status = Path("/proc/self/statm")
    mapped = int(status.read_text().split()[0]) * resource.getpagesize() if status.exists() else 0
    limit = mapped + MEMORY_BYTES
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > limit:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def decode(line: bytes) -> Any:
    """A line of the program's output as the message it is."""
    return msgspec.json.decode(line, type=Message)


if __name__ == "__main__":
    main()
