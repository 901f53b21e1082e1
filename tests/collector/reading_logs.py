"""Reads log files in the test's own process; the real ones lie beside the checkout."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from collector.batches import Batch, Batches
from collector.mapping import Mapping
from collector.opening import Opened
from collector.reading import Note, Options, Shape, by_content
from process_model.events import BusinessEvent, ObjectRef

DATA = Path(__file__).parents[3] / "shared" / "data"

# pm4py is slow to import and prints: it reads all files in a process of its own
_ORACLE = """
import json, os, sys, warnings
os.environ["TQDM_DISABLE"] = "1"
warnings.simplefilter("ignore")
import pandas, pm4py
out = {}
for path in sys.argv[2:]:
    if path.endswith((".xes", ".xes.gz")):
        frame = pm4py.read_xes(path)
    elif path.endswith(".parquet"):
        frame = pandas.read_parquet(path)
    else:
        frame = pandas.read_csv(path, dtype=str, keep_default_na=False)
    out[path] = {
        name: [str(v) for v in frame[name]] for name in frame.columns
        if name in ("case:concept:name", "concept:name")
    }
    if "time:timestamp" in frame.columns:
        times = pandas.to_datetime(frame["time:timestamp"], utc=True, format="ISO8601")
        out[path]["time"] = [int(v.value // 1000) for v in times]
with open(sys.argv[1], "w") as file:
    json.dump(out, file)
"""
Fact = tuple[str, str, int]
"""case, activity, microseconds since 1970"""


@dataclass
class Read:
    """What came of reading a file."""

    format: str
    shape: Shape
    notes: list[str]
    read: int
    accepted: int
    rejected: Counter[str]
    events: list[BusinessEvent] = field(default_factory=list)
    rejections: list[dict[str, object]] = field(default_factory=list)
    spans: int = 0

    @property
    def facts(self) -> "Counter[Fact]":
        """Each event once for each of its objects of the leading type."""
        return Counter(
            (ObjectRef.of(key).id, event.activity, micros(event))
            for event in self.events
            for key, type_ in zip(event.object_keys, event.object_types, strict=True)
            if type_ == self.shape.leading
        )


def micros(event: BusinessEvent) -> int:
    at = event.event_time
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def read_log(
    path: Path, folder: Path, options: Options | None = None, mapping: Mapping | None = None
) -> Read:
    """Read the file as the reader's program does."""
    import pyarrow as pa

    options = options or Options()
    found: list[Batch] = []
    bodies: list[bytes] = []

    def hand_on(batch: Batch) -> None:
        found.append(batch)
        bodies.append(Path(batch.path).read_bytes())
        Path(batch.path).unlink()

    batches = Batches(folder, dataset="d", source="urn:import:d", hand_on=hand_on, mapping=mapping)
    opened = Opened(path)
    name, reader = by_content(opened, options.format)
    shape, notes = Shape(format=name), list[str]()
    for item in reader.read(opened, mapping.options(options) if mapping else options):
        if isinstance(item, Shape):
            shape = item
            notes += item.notes
        elif isinstance(item, Note):
            notes.append(item.text)
        else:
            batches.add(item)
    batches.close()
    result = Read(
        name, shape, notes, batches.read, batches.accepted, Counter(batches.rejected)
    )  # fmt: skip
    for batch, body in zip(found, bodies, strict=True):
        if batch.kind == "table":
            for row in pa.ipc.open_file(body).read_all().to_pylist():
                row |= {"received_at": row["event_time"], "fields": dict(row["fields"])}
                result.events.append(msgspec.convert(row, BusinessEvent))
        elif batch.kind == "events":
            lines = body.splitlines()
            result.events += [msgspec.json.decode(line, type=BusinessEvent) for line in lines]
        elif batch.kind == "rejected":
            result.rejections += [json.loads(line) for line in body.splitlines()]
        else:
            result.spans += batch.rows
    return result


def shared(name: str) -> Path:
    """A real file; skips the test where it is absent."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not beside this checkout")
    return path


def read_by_pm4py(paths: list[Path], out: Path) -> dict[str, dict[str, list[object]]]:
    """What pm4py reads from the files; skips where it is not installed."""
    pytest.importorskip("pyarrow")
    command = [sys.executable, "-c", _ORACLE, str(out), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    if "No module named 'pm4py'" in done.stderr:
        pytest.skip("pm4py is not installed: pip install throughline[mining]")
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, dict[str, list[object]]] = json.loads(out.read_text())
    return answer
