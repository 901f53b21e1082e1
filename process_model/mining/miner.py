"""Asks the worker that speaks to pm4py: begun when first needed, ended when it does not answer."""

import logging
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

import msgspec

from process_model.errors import ThroughlineError

_log = logging.getLogger(__name__)
Told = TypeVar("Told")

TRACE_SECONDS = 10.0
"""What one trace's alignment may take before it is given up."""

_SHARE = 0.6
"""Of the time for one question, what alignments may take: a start and a slow step come on top."""


class MiningError(ThroughlineError):
    """The model or the log could not be mined; one sentence says why."""


class Aligned(msgspec.Struct, frozen=True):
    """How one trace fits a model: moves are (what happened, what the model has), ``None`` = not."""

    fitness: float | None
    """1 = fits; ``None``: not found in the time allowed"""
    moves: list[tuple[str | None, str | None]]


class Discovered(msgspec.Struct, frozen=True):
    """A discovered model: a process tree in pm4py's notation, and the text of a BPMN file."""

    tree: str
    bpmn: str


class Model(msgspec.Struct, frozen=True, omit_defaults=True):
    """A model to hold traces against: a process tree, or the text of a BPMN, PNML or PTML file."""

    tree: str = ""
    text: str = ""


class Miner:
    """One worker, one question at a time; safe from any thread."""

    def __init__(self, seconds: float = 120.0) -> None:
        """``seconds``: what one question may take; nothing is begun before somebody asks."""
        self._seconds = seconds
        self._turn = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None

    def labels(self, model: Model) -> list[str]:
        """The activities that the model speaks of, sorted."""
        return self._ask("labels", list[str], model=model)

    def align(self, model: Model, traces: Sequence[Sequence[str]]) -> list[Aligned]:
        """How each trace fits, in their order; distinct ones are asked once."""
        distinct = list(dict.fromkeys(map(tuple, traces)))
        if not distinct:
            return []
        found = self._ask(
            "align", list[Aligned], model=model, traces=distinct,
            seconds=TRACE_SECONDS, within=self._seconds * _SHARE,
        )  # fmt: skip
        told = dict(zip(distinct, found, strict=True))
        return [told[tuple(trace)] for trace in traces]

    def discover(self, variants: Sequence[tuple[Sequence[str], int]], noise: float) -> Discovered:
        """The inductive model of the variants; ``noise`` in [0, 1) is what may be left out."""
        return self._ask("discover", Discovered, variants=list(variants), noise=noise)

    def write(self, tree: str) -> str:
        """A process tree as the text of a BPMN file."""
        return self._ask("write", str, tree=tree)

    def close(self) -> None:
        """End the worker."""
        with self._turn:
            self._end()

    def _ask(
        self,
        task: Literal["labels", "align", "discover", "write"],
        kind: type[Told],
        **given: Any,
    ) -> Told:
        with self._turn:
            line = self._answer(msgspec.json.encode({"task": task, **given}) + b"\n")
        told: Mapping[str, Any] = msgspec.json.decode(line)
        if "error" in told:
            raise MiningError(told["error"])
        return msgspec.convert(told["answer"], kind)

    def _answer(self, request: bytes) -> bytes:
        worker = self._begun()
        assert worker.stdin
        assert worker.stdout
        # a worker that does not answer is ended: its output then closes and the reader returns
        alarm = threading.Timer(self._seconds, worker.kill)
        alarm.start()
        try:
            worker.stdin.write(request)
            worker.stdin.flush()
            line = worker.stdout.readline()
        except OSError:
            line = b""
        finally:
            alarm.cancel()
        if not line:
            self._end()
            raise MiningError(
                f"the miner gave no answer within {self._seconds:.0f} s, or it has ended; "
                "choose fewer cases, or install throughline[mining] if pm4py is missing"
            )
        return line

    def _begun(self) -> subprocess.Popen[bytes]:
        if self._worker is None or self._worker.poll() is not None:
            self._end()
            command = [sys.executable, "-m", "process_model.mining.worker"]
            self._worker = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            _log.info("the miner has begun as process %d", self._worker.pid)
        return self._worker

    def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        worker.kill()
        for stream in (worker.stdin, worker.stdout):
            if stream:
                stream.close()
        worker.wait()
