"""Traces as rows: their trees, their critical paths, and which spans are worth a row; pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dashboards import words
from process_model.lookup import SpanRow

MOST_ROWS = 40
"""More rows than this do not fit a screen: the rest stands behind a control."""

MOST_OF_ALL = 1_000
"""More rows than this help nobody and make the page heavy."""

_WORTH = 0.01


@dataclass(frozen=True, slots=True)
class Bar:
    """A span with its place in its trace."""

    span: SpanRow
    depth: int
    critical: bool
    start: int
    """nanoseconds since 1970"""
    end: int

    @property
    def failed(self) -> bool:
        """Whether its status is an error."""
        return self.span.status.lower().endswith("error")


@dataclass(frozen=True, slots=True)
class Trace:
    """One trace: its bars in the order of their tree."""

    id: str
    bars: tuple[Bar, ...]
    start: int
    end: int
    follows: tuple[str, ...]
    """traces that its spans link to"""

    @property
    def services(self) -> list[str]:
        """The services in the order they first appear."""
        return list(dict.fromkeys(bar.span.service for bar in self.bars))


def traces_of(spans: Iterable[SpanRow]) -> list[Trace]:
    """The traces by start; a span whose parent is not there stands at the top of its trace."""
    gathered: dict[str, list[SpanRow]] = defaultdict(list)
    for span in spans:
        gathered[span.trace_id].append(span)
    return sorted((_trace(id_, rows) for id_, rows in gathered.items()), key=lambda t: t.start)


def worth_a_row(traces: Sequence[Trace], most: int = MOST_ROWS) -> list[Trace]:
    """The traces with the bars that matter most, in their order; all of them when they fit.

    Errors come first, then critical paths, then the rest; never, except errors, what took less
    than a hundredth of its trace.
    """
    if sum(len(trace.bars) for trace in traces) <= most:
        return list(traces)
    ranked = sorted(
        ((_rank(bar, trace), bar.start, bar.span.trace_id, bar.span.span_id)
         for trace in traces for bar in trace.bars),
    )  # fmt: skip
    kept = {(trace_id, span_id) for rank, _, trace_id, span_id in ranked[:most] if rank[0] < 3}
    return [_only(trace, kept) for trace in traces]


def _only(trace: Trace, kept: set[tuple[str, str]]) -> Trace:
    bars = tuple(bar for bar in trace.bars if (trace.id, bar.span.span_id) in kept)
    return Trace(trace.id, bars, trace.start, trace.end, trace.follows)


def _rank(bar: Bar, trace: Trace) -> tuple[int, int]:
    length = bar.end - bar.start
    if bar.failed:
        return 0, bar.depth
    if length <= _WORTH * (trace.end - trace.start) and bar.depth:
        return 3, -length
    return (1 if bar.critical else 2), -length


def _trace(id_: str, spans: list[SpanRow]) -> Trace:
    known = {span.span_id for span in spans}
    below: dict[str, list[SpanRow]] = defaultdict(list)
    for span in sorted(spans, key=lambda one: (one.started_at, one.span_id)):
        inside = span.parent_span_id in known and span.parent_span_id != span.span_id
        below[span.parent_span_id if inside else ""].append(span)
    critical = set(_critical(below))
    bars = tuple(_walk(below, critical))
    follows = dict.fromkeys(t for span in spans for t in span.linked_trace_ids if t and t != id_)
    return Trace(
        id_, bars, min(b.start for b in bars), max(b.end for b in bars), tuple(follows)
    )  # fmt: skip


def _walk(below: dict[str, list[SpanRow]], critical: set[str]) -> Iterator[Bar]:
    """Depth first, without recursion: a trace may be thousands of spans deep."""
    known = {span.span_id for spans in below.values() for span in spans}
    waiting = [(span, 0) for span in reversed(below[""])] if "" in below else []
    while waiting or known:
        if not waiting:  # spans that are each other's parents: broken, but told
            waiting = [(next(s for b in below.values() for s in b if s.span_id in known), 0)]
        span, depth = waiting.pop()
        if span.span_id not in known:
            continue
        known.discard(span.span_id)
        start = words.nanoseconds(span.started_at)
        end = start + span.duration_ns
        yield Bar(span, depth, span.span_id in critical, start, end)
        waiting += [(child, depth + 1) for child in reversed(below.get(span.span_id, []))]


def _critical(below: dict[str, list[SpanRow]]) -> Iterator[str]:
    """Ids of the spans that the end of their trace waited for, from the last one back."""
    waiting = [(span, _end(span)) for span in below.get("", [])]
    seen: set[str] = set()
    while waiting:
        span, until = waiting.pop()
        if span.span_id in seen:
            continue
        seen.add(span.span_id)
        yield span.span_id
        cursor, last = min(until, _end(span)), True
        for child in sorted(below.get(span.span_id, []), key=_end, reverse=True):
            started = words.nanoseconds(child.started_at)
            # the last to end was waited for, even when it outlives its parent; before it, only
            # what had ended when the next one began
            if (last and started < cursor) or _end(child) <= cursor:
                waiting.append((child, cursor))
                cursor, last = started, False


def _end(span: SpanRow) -> int:
    return words.nanoseconds(span.started_at) + span.duration_ns
