"""The events of an XES log while it is read: what belongs to the log, to a trace, to an event."""

import shlex
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from collector.case_table import ROWS, Block
from collector.moments import iso_layout
from collector.reading import Note, Options
from collector.tables import TIMELESS, notes_on_times

_NAME, _TIME, _RESOURCE = "concept:name", "time:timestamp", "org:resource"
_SEPARATOR = "\x1f"


class Gathered:
    """Events of one log, gathered until a block is full."""

    def __init__(self, options: Options) -> None:
        """``options`` may name the keys of case, activity, time and resource."""
        self._options = options
        self.case_key = options.case or _NAME
        self.activity_key = options.activity or _NAME
        self.time_key = options.time or _TIME
        self.resource_key = options.resource or _RESOURCE
        self.classifier: list[str] = []
        self.events = 0
        self.timeless = False
        self._traces = self._unnamed = self._naive = self._early = self._epoch = 0
        self._case = ""
        self._case_names: list[str] = []
        self._case_values: list[str] = []
        self._layout = iso_layout(options.zone)
        self._clear()

    def begin_trace(self, attributes: dict[str, str]) -> None:
        """A trace's own attributes are known: they hold for each of its events."""
        self._traces += 1
        case = attributes.get(self.case_key, "")
        if not case:
            self._unnamed += 1
            case = f"trace {self._traces}"
        self._case = case
        others = {k: v for k, v in attributes.items() if k != self.case_key and v}
        self._case_names = [f"case:{key}" for key in others]
        self._case_values = list(others.values())

    def leave_traces(self) -> None:
        """What follows stands outside of every trace, and so belongs to no case."""
        self._case, self._case_names, self._case_values = "", [], []

    def add(self, attributes: dict[str, str]) -> None:
        """One event of the trace that was begun."""
        self._contents.append(_SEPARATOR.join([self._case, *attributes, *attributes.values()]))
        self._cases.append(self._case)
        self._activities.append(
            attributes.pop(self.activity_key, "") or self._classified(attributes)
        )
        self._times.append(attributes.pop(self.time_key, ""))
        self._actors.append(attributes.get(self.resource_key, ""))
        self._names += attributes
        self._values += attributes.values()
        if self._case_names:
            self._names += self._case_names
            self._values += self._case_values
        self._ends.append(len(self._names))

    def full(self) -> bool:
        """Whether a block should be taken."""
        return len(self._cases) >= ROWS

    def take(self) -> Iterator[Block]:
        """The gathered events as a block; none when there are none."""
        if not self._cases:
            return
        texts = pa.array(self._times, pa.string())
        times, naive = self._layout.read(texts)
        self._count_times(times, naive)
        if not self.events:
            self.timeless = not any(self._times)
        yield Block(
            case=pa.array(self._cases, pa.string()),
            activity=pa.array(self._activities, pa.string()),
            time=times,
            time_text=texts,
            actor=pa.array(self._actors, pa.string()),
            content=self._contents,
            fields=pa.MapArray.from_arrays(
                pa.array(self._ends, pa.int32()),
                pa.array(self._names, pa.string()),
                pa.array(self._values, pa.string()),
            ),
            first_row=self.events + 1,
            unit="event",
            timeless=self.timeless,
        )
        self.events += len(self._cases)
        self._clear()

    def closing_notes(self) -> Iterator[Note]:
        """What must be told of the whole log."""
        if self._unnamed:
            yield Note(
                f"{self._unnamed} traces have no {self.case_key}; they are named by their place"
            )
        if self.timeless:
            yield Note(TIMELESS)
        yield from notes_on_times(self._naive, self._early, self._epoch, self._options)

    def _classified(self, attributes: dict[str, str]) -> str:
        """Where an event has no name, the log's first event classifier names it."""
        values = [attributes.get(key, "") for key in self.classifier]
        return "+".join(values) if values and all(values) else ""

    def _count_times(self, times: Any, naive: int) -> None:
        import pyarrow.compute as pc

        micros = pc.cast(pc.drop_null(times), pa.int64())
        self._naive += naive
        self._early += int(pc.sum(pc.less(micros, 0)).as_py() or 0)
        self._epoch += int(pc.sum(pc.equal(micros, 0)).as_py() or 0)

    def _clear(self) -> None:
        self._cases: list[str] = []
        self._activities: list[str] = []
        self._times: list[str] = []
        self._actors: list[str] = []
        self._contents: list[str] = []
        self._names: list[str] = []
        self._values: list[str] = []
        self._ends = [0]


def keys_of_classifier(text: str) -> list[str]:
    """The attribute keys of a classifier: separated by blanks, in quotes when they hold some."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
