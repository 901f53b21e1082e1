"""An import from start to end: a reader in a process of its own, watched; its batches landed."""

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from collector.batches import Batch
from collector.files import Done, Order, Progress, Refused, Understood, decode
from collector.landing import OTLP, Landing
from process_model.errors import ThroughlineError
from process_model.vocabulary import LIVE

SILENCE_SECONDS = 120.0
"""A reader that says nothing for so long, while nothing waits to be stored, hangs."""


class ImportRefused(ThroughlineError):
    """The import came to nothing: the file is refused, or its reader crashed or hung."""


@dataclass(slots=True)
class Watched:
    """What the user sees of a running import."""

    understood: Callable[[Understood], None] = lambda _shape: None
    progress: Callable[[int, int], None] = lambda _bytes, _read: None
    growing: Callable[[int, int], None] = lambda _done, _all: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What came of an import; ``accepted`` is ``stored`` and what was known before."""

    dataset: str
    done: Done
    stored: int
    seconds: float


def read_shapes(order: Order) -> list[Understood]:
    """How the files would be read; nothing is stored."""
    found: list[Understood] = []
    for message in _messages(order, SILENCE_SECONDS):
        if isinstance(message, Understood):
            found.append(message)
    return found


def run_import(
    order: Order,
    landing: Landing,
    watched: Watched,
    silence_seconds: float = SILENCE_SECONDS,
) -> Summary:
    """Read the files and land them; raises ``ImportRefused``, and then nothing is left of them."""
    begun = time.monotonic()
    done: Done | None = None
    try:
        for message in _messages(order, silence_seconds):
            if isinstance(message, Batch):
                landing.store(message)
            elif isinstance(message, Understood):
                watched.understood(message)
            elif isinstance(message, Progress):
                watched.progress(message.bytes, message.read)
            elif isinstance(message, Done):
                done = message
        if done is None:
            raise ImportRefused("the reader ended without a word; nothing was imported")
        if not done.accepted and not done.ignored:
            raise ImportRefused(_nothing(done))
    except BaseException:
        landing.abandon()
        raise
    stored = landing.finish(done, watched.growing)
    name = LIVE if done.format == OTLP else order.dataset
    return Summary(dataset=name, done=done, stored=stored, seconds=time.monotonic() - begun)


def dataset_name(path: Path) -> str:
    """The name of a dataset after its file: without suffixes, and safe in a URL."""
    name = path.name
    while (suffix := Path(name).suffix) and len(suffix) <= 12 and not suffix[1:].isdigit():
        name = name.removesuffix(suffix)
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "import"


def _nothing(done: Done) -> str:
    if not done.read:
        return "the file holds no event"
    reasons = ", ".join(f"{count} {reason}" for reason, count in done.rejected.items())
    return f"none of the {done.read} rows became an event: {reasons}"


def _messages(order: Order, silence_seconds: float) -> Iterator[object]:
    command = [sys.executable, "-m", "collector.files"]
    root = str(Path(__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment, start_new_session=True,
    ) as reader:  # fmt: skip
        assert reader.stdin and reader.stdout and reader.stderr
        try:
            reader.stdin.write(msgspec.json.encode(order))
            reader.stdin.close()
            for line in _lines(reader.stdout, silence_seconds):
                message = decode(line)
                if isinstance(message, Refused):
                    raise ImportRefused(message.reason)
                yield message
                if isinstance(message, Done):
                    return
            raise ImportRefused(_crash(reader))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(reader.pid, signal.SIGKILL)


def _lines(stream: IO[bytes], silence_seconds: float) -> Iterator[bytes]:
    """Whole lines as they come; raises ``ImportRefused`` when none came for too long."""
    rest = b""
    while True:
        ready, _, _ = select.select([stream], [], [], silence_seconds)
        if not ready:
            raise ImportRefused(
                f"the reader has given no sign for {silence_seconds:g} s and was ended; nothing "
                "was imported"
            )
        piece = os.read(stream.fileno(), 65_536)
        if not piece:
            return
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole


def _crash(reader: "subprocess.Popen[bytes]") -> str:
    code = reader.wait(10)
    assert reader.stderr
    said = reader.stderr.read().decode(errors="replace").strip().splitlines()
    last = f": {said[-1][:300]}" if said else ""
    how = f"signal {-code}" if code < 0 else f"code {code}"
    return f"the reader of the file crashed ({how}){last}; nothing was imported"
