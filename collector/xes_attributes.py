"""The events of an XES log while it is read: what belongs to the log, to a trace, to an event."""

import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from collector.case_table import ROWS, Block
from collector.moments import iso_layout
from collector.reading import Note, Options
from collector.tables import TIMELESS, notes_on_times
from collector.xes_columns import Columns, Trace
from collector.xes_tokens import Plain

_NAME, _TIME, _RESOURCE = "concept:name", "time:timestamp", "org:resource"
SEPARATOR = "\x1f"


class _Piece(NamedTuple):
    """Some events of one stretch, as arrays."""

    case: Any
    activity: Any
    time: Any
    actor: Any
    content: Any
    fields: Any


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
        self._trace = Trace("", [], [])
        self._layout = iso_layout(options.zone)
        self._pieces: list[_Piece] = []
        self._waiting = 0
        self._clear()

    def begin_trace(self, attributes: dict[str, str]) -> None:
        """A trace's own attributes are known: they hold for each of its events."""
        self._traces += 1
        case = attributes.get(self.case_key, "")
        if not case:
            self._unnamed += 1
            case = f"trace {self._traces}"
        others = {k: v for k, v in attributes.items() if k != self.case_key and v}
        self._trace = Trace(case, [f"case:{key}" for key in others], list(others.values()))

    def leave_traces(self) -> None:
        """What follows stands outside of every trace, and so belongs to no case."""
        self._trace = Trace("", [], [])

    def add(self, attributes: dict[str, str]) -> None:
        """One event of the trace that was begun."""
        trace = self._trace
        self._contents.append(SEPARATOR.join([trace.case, *attributes, *attributes.values()]))
        self._cases.append(trace.case)
        self._activities.append(
            attributes.pop(self.activity_key, "") or self._classified(attributes)
        )
        self._times.append(attributes.pop(self.time_key, ""))
        self._actors.append(attributes.get(self.resource_key, ""))
        filled = {name: value for name, value in attributes.items() if value}
        self._names += [*filled, *trace.names]
        self._values += [*filled.values(), *trace.values]
        self._ends.append(len(self._names))
        self._waiting += 1

    def add_plain(self, plain: Plain) -> bool:
        """Many events at once, beginning in the trace that is open; whether that could be done.

        It cannot where a key is empty or named twice, or an event names no activity of its own.
        """
        columns = Columns(plain)
        activity = columns.pick(self.activity_key)
        if (
            columns.has_doubles()
            or columns.has_nameless()
            or pc.any(pc.equal(activity, "")).as_py()
        ):
            return False
        self._close_piece()
        traces = [self._trace]
        for attributes in columns.traces():
            self.begin_trace(attributes)
            traces.append(self._trace)
        self._pieces.append(
            _Piece(
                case=columns.cases(traces),
                activity=activity,
                time=columns.pick(self.time_key),
                actor=columns.pick(self.resource_key),
                content=columns.contents(traces, SEPARATOR),
                fields=columns.fields((self.activity_key, self.time_key), traces),
            )
        )
        self._waiting += len(activity)
        return True

    def full(self) -> bool:
        """Whether a block should be taken."""
        return self._waiting >= ROWS

    def take(self) -> Iterator[Block]:
        """The gathered events as a block; none when there are none."""
        self._close_piece()
        if not self._pieces:
            return
        columns = [pa.concat_arrays(arrays) for arrays in zip(*self._pieces, strict=True)]
        piece = _Piece._make(columns)
        self._pieces = []
        times, naive = self._layout.read(piece.time)
        self._count_times(times, naive)
        if not self.events:
            self.timeless = not pc.any(pc.not_equal(piece.time, "")).as_py()
        yield Block(
            case=piece.case,
            activity=piece.activity,
            time=times,
            time_text=piece.time,
            actor=piece.actor,
            content=piece.content.to_pylist(),
            fields=piece.fields,
            first_row=self.events + 1,
            unit="event",
            timeless=self.timeless,
        )
        self.events += self._waiting
        self._waiting = 0

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
        micros = pc.cast(pc.drop_null(times), pa.int64())
        self._naive += naive
        self._early += int(pc.sum(pc.less(micros, 0)).as_py() or 0)
        self._epoch += int(pc.sum(pc.equal(micros, 0)).as_py() or 0)

    def _close_piece(self) -> None:
        """Events that came one by one become a piece like those that came at once."""
        if not self._cases:
            return
        texts = (self._cases, self._activities, self._times, self._actors, self._contents)
        arrays = [pa.array(column, pa.string()) for column in texts]
        names, values = pa.array(self._names, pa.string()), pa.array(self._values, pa.string())
        fields = pa.MapArray.from_arrays(pa.array(self._ends, pa.int32()), names, values)
        self._pieces.append(_Piece._make([*arrays, fields]))
        self._clear()

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
