"""What the estate's own instrumentation tells of the last weeks: traces made by the real SDK.

Every action of the systems (a ``hop``) is one trace over several services; the span that did a fact
has the id that the event's ``traceparent`` names. A repeated attempt links to the one that failed.
Ids are drawn from the world's salt, so sending a trace again tells nothing new.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

import msgspec
from opentelemetry import context as otel_context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, Tracer, TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import (
    Link,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from process_model.simulation.estate import stream
from process_model.simulation.hours import HOUR, MINUTE
from process_model.simulation.span_work import ANSWERING, CALLERS, WORK, Call
from process_model.simulation.told import Told, digest, span_id, trace_id

_NANO = 1_000_000
"""nanoseconds in one of the simulation's milliseconds"""


LONGEST = 3 * HOUR
"""No trace takes longer than that."""


class Trace(msgspec.Struct, frozen=True):
    """One action of the systems, by the facts that it told."""

    unit: str
    hop: str
    facts: tuple[Told, ...]
    after: str
    """the hop of the attempt it repeats; '' when it repeats none"""


def traces(facts: Iterable[Told]) -> list[Trace]:
    """The traced actions of the facts, newest first."""
    told: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for fact in facts:
        if fact.hop:
            told[fact.unit, fact.hop].append(fact)
    found = [
        Trace(unit, hop, tuple(sorted(those, key=lambda f: f.at)), _repeated(unit, hop, told))
        for (unit, hop), those in told.items()
    ]
    return sorted(found, key=lambda trace: (-trace.facts[0].at, trace.unit, trace.hop))


def ended(known: Iterable[Trace], since: int, until: int) -> list[Trace]:
    """Those whose last fact happened after ``since`` and not after ``until``.

    ``known`` must reach past ``until`` by ``LONGEST``, or a trace would be taken for ended early.
    """
    return [trace for trace in known if since < trace.facts[-1].at <= until]


def _repeated(unit: str, hop: str, told: Mapping[tuple[str, str], object]) -> str:
    base, _, attempt = hop.partition("#")
    before = int(attempt) - 1 if attempt else 9
    while before and (unit, f"{base}#{before}") not in told:
        before -= 1
    return f"{base}#{before}" if before else ""


class _Ids(IdGenerator):
    """Gives out the ids that the world has drawn."""

    trace = span = 1

    def generate_trace_id(self) -> int:
        return self.trace

    def generate_span_id(self) -> int:
        return self.span


class _Kept(SpanProcessor):
    """Holds finished spans until they are fetched."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        self.spans.append(span)


class Instrumentation:
    """The tracers of all services, telling as the stock SDK tells."""

    def __init__(self, salt: str) -> None:
        """The salt names the ids."""
        self._salt, self._ids, self._kept = salt, _Ids(), _Kept()
        self._tracer = cache(self._new_tracer)

    def _new_tracer(self, service: str) -> Tracer:
        resource = Resource({
            "service.name": service, "service.namespace": "quote-to-cash",
            "service.version": f"{3 + len(service) % 4}.{len(service)}.0",
            "deployment.environment.name": "production",
        })  # fmt: skip
        provider = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        provider.add_span_processor(self._kept)
        tracer = provider.get_tracer("quote-to-cash", "1.4.2")
        assert isinstance(tracer, Tracer)
        return tracer

    def spans(self, told: Sequence[Trace]) -> Iterator[list[ReadableSpan]]:
        """The spans of each trace."""
        for trace in told:
            self._play(trace)
            spans, self._kept.spans = self._kept.spans, []
            yield spans

    def _play(self, trace: Trace) -> None:
        luck, first = stream(self._salt, trace.unit, trace.hop), trace.facts[0]
        self._ids.trace = int(trace_id(self._salt, first), 16)
        caller, name = CALLERS[trace.hop.partition(" ")[0].partition("#")[0]]
        begun = first.at - 900
        links = [Link(self._root_of(trace.unit, trace.after))] if trace.after else []
        root_id = self._root_of(trace.unit, trace.hop).span_id
        root = self._start(root_id, caller, Call(name, SpanKind.SERVER), begun, None, links)
        last = first.at
        for fact in trace.facts:
            self._fact(luck, fact, root)
            last = fact.at if fact.at < first.at + MINUTE else last
        if any(_failed(fact) for fact in trace.facts):
            root.set_status(Status(StatusCode.ERROR))
        root.end((last + 30) * _NANO)

    def _root_of(self, unit: str, hop: str) -> SpanContext:
        span = int(digest(self._salt, unit, "root", hop, size=8), 16)
        trace = int(digest(self._salt, unit, "trace", hop), 16)
        return SpanContext(trace, span, is_remote=True, trace_flags=TraceFlags(1))

    def _fact(self, luck: random.Random, fact: Told, root: Span) -> None:
        """The span that did it, and what it did in turn."""
        took = luck.randint(120, 850)
        begun = fact.at - took
        work = WORK[fact.type]
        own = int(span_id(self._salt, fact), 16)
        call = Call(work.name, SpanKind.SERVER)
        span = self._start(own, fact.system, call, begun, set_span_in_context(root))
        for key, value in _named(fact).items():
            span.set_attribute(key, value)
        inside, step = set_span_in_context(span), took / (len(work.calls) + 1)
        for place, called in enumerate(work.calls):
            at = begun + step * (place + luck.random() * 0.5)
            self._call(luck, fact, called, inside, at, step * luck.uniform(0.3, 0.9))
        if _failed(fact):
            _mark_failed(span, fact)
        span.end(fact.at * _NANO)

    def _call(
        self, luck: random.Random, fact: Told, call: Call, inside: otel_context.Context,
        at: float, took: float,
    ) -> None:  # fmt: skip
        """One call, and the service that answers it where there is one."""
        span = self._start(luck.getrandbits(63) | 1, fact.system, call, at, inside)
        if call.answered_by:
            answer = Call(call.name, SpanKind.SERVER, call.attributes)
            served = self._start(luck.getrandbits(63) | 1, call.answered_by, answer,
                                 at + took * 0.1, set_span_in_context(span))  # fmt: skip
            for place, inner in enumerate(ANSWERING):
                begun = at + took * (0.15 + place * 0.25)
                part = self._start(luck.getrandbits(63) | 1, call.answered_by, inner, begun,
                                   set_span_in_context(served))  # fmt: skip
                part.end(int((begun + took * luck.uniform(0.05, 0.2)) * _NANO))
            if _failed(fact):
                _mark_failed(served, fact)
            served.end(int((at + took * 0.9) * _NANO))
        span.end(int((at + took) * _NANO))

    def _start(
        self, own: int, service: str, call: Call, at: float,
        inside: otel_context.Context | None, links: Sequence[Link] = (),
    ) -> Span:  # fmt: skip
        self._ids.span = own
        span = self._tracer(service).start_span(
            call.name, inside or otel_context.Context(), call.kind, dict(call.attributes), links,
            int(at * _NANO),
        )  # fmt: skip
        assert isinstance(span, Span)
        return span


def _failed(fact: Told) -> bool:
    return fact.data.get("outcome") == "failure"


def _mark_failed(span: Span, fact: Told) -> None:
    word = str(fact.data.get("error_type", "other"))
    span.set_attribute("error.type", word)
    span.add_event("exception", {"exception.type": word, "exception.message": _MESSAGES[word]},
                   span.start_time)  # fmt: skip
    span.set_status(Status(StatusCode.ERROR, _MESSAGES[word]))


_MESSAGES = {
    "auth_expired": "401 invalid_grant: the access token has expired",
    "schema_changed": "400 no such column 'Shipping_Country__c'",
    "upstream_down": "503 service unavailable",
    "rate_limited": "429 too many requests",
    "timeout": "read timed out after 30 s",
    "business_rule": "card_declined",
    "other": "it failed",
}


def _named(fact: Told) -> dict[str, str | int]:
    """The facts as attributes (``q2c.*``), so that the span is found by its documents."""
    type_, _, id_ = fact.subject.partition("/")
    segment = fact.data["segment"]
    assert isinstance(segment, dict)
    named: dict[str, str | int] = {
        "q2c.source_system": fact.system, "q2c.region": segment["region"], f"q2c.{type_}.id": id_,
    }  # fmt: skip
    for one in fact.objects:
        named.setdefault(f"q2c.{one['type']}.id", one["id"])
    if isinstance(attempt := fact.data.get("attempt"), int):
        named["q2c.attempt"] = attempt
    if fact.correlation:
        named["q2c.correlation_id"] = fact.correlation
    return named
