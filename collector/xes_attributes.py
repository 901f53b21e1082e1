"""The events of an XES log while it is read: what belongs to the log, to a trace, to an event."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from collector.case_table import ROWS, Block
from collector.moments import iso_layout
from collector.reading import Note, Options
from collector.tables import TIMELESS, notes_on_times
from collector.xes_tokens import Plain

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
        self._names += self._case_names
        self._values += self._case_values
        self._ends.append(len(self._names))

    def add_plain(self, plain: Plain) -> bool:
        """Many events at once, beginning in the trace that is open; whether that could be done.

        It cannot where a key is empty or named twice, or an event names no activity of its own.
        """
        columns = _Columns(plain)
        activities = columns.pick(self.activity_key)
        if columns.has_doubles() or columns.has_nameless() or "" in activities:
            return False
        first_case = self._case, self._case_names, self._case_values
        traces = [first_case]
        for attributes in columns.traces():
            self.begin_trace(attributes)
            traces.append((self._case, self._case_names, self._case_values))
        of_event = plain.trace_of_event.tolist()
        cases = [traces[trace][0] for trace in of_event]
        starts, ends = columns.bounds()
        keys, values = plain.keys, plain.values
        self._contents += [
            _SEPARATOR.join([case, *keys[a:b], *values[a:b]])
            for case, a, b in zip(cases, starts.tolist(), ends.tolist(), strict=True)
        ]
        self._cases += cases
        self._activities += activities
        self._times += columns.pick(self.time_key)
        self._actors += columns.pick(self.resource_key)
        kept = columns.without((self.activity_key, self.time_key))
        has_more = any(names for _, names, _ in traces)
        self._add_fields(kept, traces, of_event if has_more else None)
        return True

    def full(self) -> bool:
        """Whether a block should be taken."""
        return len(self._cases) >= ROWS

    def take(self) -> Iterator[Block]:
        """The gathered events as blocks; none when there are none."""
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

    def _add_fields(
        self,
        kept: "tuple[list[str], list[str], Sequence[int]]",
        traces: Sequence[tuple[str, list[str], list[str]]],
        of_event: Sequence[int] | None,
    ) -> None:
        names, values, counts = kept
        end = len(self._names)
        if of_event is None:
            self._names += names
            self._values += values
            self._ends += (end + np.cumsum(counts)).tolist()
            return
        at = 0
        for trace, count in zip(of_event, counts, strict=True):
            _, more_names, more_values = traces[trace]
            self._names += names[at : at + count]
            self._names += more_names
            self._values += values[at : at + count]
            self._values += more_values
            at += count
            self._ends.append(len(self._names))

    def _classified(self, attributes: dict[str, str]) -> str:
        """Where an event has no name, the log's first event classifier names it."""
        values = [attributes.get(key, "") for key in self.classifier]
        return "+".join(values) if values and all(values) else ""

    def _count_times(self, times: Any, naive: int) -> None:
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


class _Columns:
    """A plain stretch by keys: each different key is looked at once."""

    def __init__(self, plain: Plain) -> None:
        self._plain = plain
        encoded = pa.array(plain.keys, pa.string()).dictionary_encode()
        self._keys: list[str] = encoded.dictionary.to_pylist()
        self._codes = np.asarray(encoded.indices)
        self._events = len(plain.trace_of_event)
        self._own = np.flatnonzero(plain.of_event)

    def has_doubles(self) -> bool:
        """Whether an event or a trace names a key twice: then the first counts, as in order."""
        width = len(self._keys)
        at = np.where(self._plain.of_event, self._plain.event, self._events + self._plain.trace)
        return int(np.bincount(at * width + self._codes).max()) > 1

    def has_nameless(self) -> bool:
        """Whether a key is empty."""
        return "" in self._keys

    def pick(self, key: str) -> list[str]:
        """The key's value of each event, '' where it has none."""
        out = [""] * self._events
        if key in self._keys:
            values, mine = self._plain.values, self._own
            places = mine[self._codes[mine] == self._keys.index(key)]
            if len(places) == self._events:
                return [values[place] for place in places.tolist()]
            for place, event in zip(
                places.tolist(), self._plain.event[places].tolist(), strict=True
            ):
                out[event] = values[place]
        return out

    def bounds(self) -> tuple[Any, Any]:
        """Where each event's attributes begin and end; an event's stand together."""
        events = self._plain.event[self._own]
        first = np.searchsorted(events, np.arange(self._events))
        last = np.searchsorted(events, np.arange(self._events), side="right") - 1
        return self._own[first], self._own[last] + 1

    def traces(self) -> Iterator[dict[str, str]]:
        """The attributes of each trace that the stretch opens."""
        opened = int(self._plain.trace[-1])
        found: list[dict[str, str]] = [{} for _ in range(opened + 1)]
        for place in np.flatnonzero(~self._plain.of_event).tolist():
            of = found[int(self._plain.trace[place])]
            of[self._plain.keys[place]] = self._plain.values[place]
        return iter(found[1:])

    def without(self, keys: tuple[str, ...]) -> tuple[list[str], list[str], Sequence[int]]:
        """Names and values of the events' other attributes, and how many each event has."""
        left_out = [self._keys.index(key) for key in keys if key in self._keys]
        mine = self._own[~np.isin(self._codes[self._own], left_out)]
        counts = np.bincount(self._plain.event[mine], minlength=self._events)
        names = pa.array(self._keys, pa.string()).take(pa.array(self._codes[mine])).to_pylist()
        values = [self._plain.values[place] for place in mine.tolist()]
        return names, values, counts.tolist()


def keys_of_classifier(text: str) -> list[str]:
    """The attribute keys of a classifier: separated by blanks, in quotes when they hold some."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
