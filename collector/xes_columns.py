"""A plain stretch of XES by its keys: columns of events, without a Python object an attribute."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from collector.xes_tokens import Plain


class Trace(NamedTuple):
    """What a trace says of each of its events."""

    case: str
    names: list[str]
    values: list[str]


class Columns:
    """The attributes of a stretch, by event and key."""

    def __init__(self, plain: Plain) -> None:
        """Find where each event's attributes stand: together, in their order."""
        self._plain = plain
        self._events = len(plain.trace_of_event)
        self._own = np.flatnonzero(plain.of_event)
        self._key = plain.key[self._own]
        self._event = plain.event[self._own]
        self._names = pa.array(plain.names, pa.string())

    def has_doubles(self) -> bool:
        """Whether an event or a trace names a key twice: then the first counts, as in order."""
        plain, width = self._plain, len(self._plain.names)
        at = np.where(plain.of_event, plain.event, self._events + plain.trace)
        return int(np.bincount(at * width + plain.key).max()) > 1

    def has_nameless(self) -> bool:
        """Whether a key is empty."""
        return "" in self._plain.names

    def pick(self, key: str) -> Any:
        """The key's value of each event, '' where it has none."""
        if key not in self._plain.names:
            return pa.array([""] * self._events, pa.string())
        mine = self._key == self._plain.names.index(key)
        places = np.full(self._events, -1)
        places[self._event[mine]] = self._own[mine]
        found = self._plain.value.take(pa.array(places, mask=places < 0))
        return pc.fill_null(found, "")

    def traces(self) -> Iterator[dict[str, str]]:
        """The attributes of each trace that the stretch opens."""
        plain = self._plain
        found: list[dict[str, str]] = [{} for _ in range(int(plain.trace[-1]) + 1)]
        places = np.flatnonzero(~plain.of_event)
        values = plain.value.take(pa.array(places)).to_pylist()
        keys, traces = plain.key[places].tolist(), plain.trace[places].tolist()
        for key, trace, value in zip(keys, traces, values, strict=True):
            found[trace][plain.names[key]] = value
        return iter(found[1:])

    def cases(self, traces: Sequence[Trace]) -> Any:
        """The case of each event."""
        names = pa.array([trace.case for trace in traces], pa.string())
        return names.take(pa.array(self._plain.trace_of_event))

    def contents(self, traces: Sequence[Trace], separator: str) -> Any:
        """Case, keys and values of each event in one text."""
        cases = pa.array([trace.case for trace in traces], pa.string())
        keys, values = self._names.take(pa.array(self._plain.key)), self._plain.value
        counts = np.bincount(self._event, minlength=self._events)
        first = self._own[np.cumsum(counts) - counts]
        starts = np.stack(
            [self._plain.trace_of_event, first + len(cases), first + len(cases) + len(keys)], axis=1
        )
        lengths = np.stack([np.ones(self._events, np.int64), counts, counts], axis=1)
        pool = pa.concat_arrays([cases, keys, values])
        texts = pool.take(pa.array(_ranges(starts.ravel(), lengths.ravel())))
        return pc.binary_join(_lists(lengths.sum(axis=1), texts), separator)

    def fields(self, without: tuple[str, ...], traces: Sequence[Trace]) -> Any:
        """Every other attribute that is not empty, and the trace's, as one map an event."""
        plain = self._plain
        left_out = [plain.names.index(key) for key in without if key in plain.names]
        filled = np.asarray(pc.greater(pc.binary_length(plain.value), 0))[self._own]
        mine = ~np.isin(self._key, left_out) & filled
        places = self._own[mine]
        counts = np.bincount(self._event[mine], minlength=self._events)
        names = self._names.take(pa.array(plain.key[places]))
        values = plain.value.take(pa.array(places))
        of_trace = np.array([len(trace.names) for trace in traces])
        if not of_trace.any():
            return pa.MapArray.from_arrays(_ends(counts), names, values)
        more_names = pa.array([name for trace in traces for name in trace.names], pa.string())
        more_values = pa.array([value for trace in traces for value in trace.values], pa.string())
        begins = np.cumsum(of_trace) - of_trace
        starts = np.stack(
            [np.cumsum(counts) - counts, len(names) + begins[plain.trace_of_event]], axis=1
        )
        lengths = np.stack([counts, of_trace[plain.trace_of_event]], axis=1)
        chosen = pa.array(_ranges(starts.ravel(), lengths.ravel()))
        return pa.MapArray.from_arrays(
            _ends(lengths.sum(axis=1)),
            pa.concat_arrays([names, more_names]).take(chosen),
            pa.concat_arrays([values, more_values]).take(chosen),
        )


def _ranges(starts: Any, lengths: Any) -> Any:
    """The numbers from each start on, as many as its length, one range behind the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) - np.repeat(ends - lengths - starts, lengths)


def _ends(counts: Any) -> Any:
    return pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))


def _lists(counts: Any, texts: Any) -> Any:
    return pa.ListArray.from_arrays(_ends(counts), texts)
