"""The whole of ``throughline demo``: tell the world, send it, check that it arrived, go on."""

import gc
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from process_model.simulation import answers
from process_model.simulation.answers import AnswerSheet
from process_model.simulation.dispatch import batches, in_useful_order, send_batches, send_spans
from process_model.simulation.hours import HOUR, MINUTE, milliseconds, moment, utc
from process_model.simulation.installation import Api, Silent
from process_model.simulation.progress import Progress
from process_model.simulation.send import NotSent
from process_model.simulation.spans import LONGEST, Instrumentation, Trace, ended, traces
from process_model.simulation.told import trace_id
from process_model.simulation.world import Event, World, name_of

_STALE = timedelta(days=45)
_REPEATED = 331
"""every so many events are delivered twice, as at-least-once senders do"""
_SAMPLED_TRACES = 20
_VISIBLE_SECONDS = 900.0
_STORED_SECONDS = 300.0

Clock = Callable[[], int]
"""The time, in the simulation's milliseconds."""


class Request(msgspec.Struct, frozen=True):
    """Which world, through which doors."""

    doors: str
    pages: str
    seed: int
    profile: str
    months: float
    cases: int
    path: Path
    salt: str = ""


def wall_clock() -> int:
    """Now."""
    return milliseconds(datetime.now(UTC))


def day_of(now: int) -> date:
    """The day (UTC) of the time."""
    return moment(now).date()


def world_of(request: Request, today: date) -> World:
    """The world asked for; one that was sent before is gone on with, and not begun anew."""
    anchor, salt = today, request.salt
    if not salt and (before := _sent_before(request, today)):
        anchor = date.fromisoformat(before.anchor)
    return World(request.seed, request.profile, anchor, months=request.months,
                 cases=request.cases, salt=salt)  # fmt: skip


def _sent_before(request: Request, today: date) -> AnswerSheet | None:
    if not request.path.exists():
        return None
    sheet = answers.read(request.path)
    asked = name_of(request.seed, request.profile, request.months, request.cases)
    fresh = timedelta() <= today - date.fromisoformat(sheet.anchor) < _STALE
    return sheet if sheet.world == asked and fresh else None


def send_world(request: Request, world: World, now: int) -> AnswerSheet:
    """Send all that is known by now and check it by ids; returns the answer sheet it wrote."""
    # what is told lives to the end: the cyclic collector would look at all of it for nothing
    gc.disable()
    known = world.events(now + LONGEST)
    gc.freeze()
    gc.enable()
    events = [event for event in known if event.told.recorded <= now]
    sheet = world.answers(now)
    answers.write(sheet, request.path)
    _send_events(request.doors, world, events)
    told = ended(_traced(world, known), 0, now)
    _send_traces(request.doors, world, told)
    _until_visible(Api(request.pages), set(sheet.documents))
    _check_traces(Api(request.pages), world, told)
    return sheet


def _send_events(doors: str, world: World, events: Sequence[Event]) -> None:
    progress = Progress("events", len(events))
    ordered = in_useful_order(events)
    again = ordered[::_REPEATED]
    accepted = send_batches(doors, batches(world, ordered), progress.add)
    send_batches(doors, batches(world, again), lambda _: None)
    took = progress.end()
    if len(accepted) != len(events):
        raise NotSent(f"{len(events)} events were sent and {len(accepted)} accepted")
    print(f"sent {len(events)} events of {world.name}, all accepted, in {took:.0f} s", flush=True)


def _send_traces(doors: str, world: World, told: Sequence[Trace]) -> None:
    progress = Progress("spans", 0)
    sent = send_spans(doors, Instrumentation(world.salt).spans(told), progress.add)
    took = progress.end()
    print(f"sent {sent} spans of {len(told)} traces, all accepted, in {took:.0f} s", flush=True)


def _until_visible(api: Api, wanted: set[str]) -> None:
    progress, end = Progress("cases", len(wanted)), time.monotonic() + _VISIBLE_SECONDS
    while missing := wanted - api.instance_ids():
        progress.reach(len(wanted) - len(missing))
        if time.monotonic() > end:
            raise NotSent(f"{len(missing)} of {len(wanted)} cases never came to be")
        time.sleep(2)
    progress.reach(len(wanted))
    took = progress.end()
    print(f"all {len(wanted)} cases are there, {took:.0f} s after the last was sent", flush=True)


def _check_traces(api: Api, world: World, told: Sequence[Trace]) -> None:
    """A sample of the traces must be found in their cases, span by span."""
    sampled = told[:: max(1, len(told) // _SAMPLED_TRACES)]
    spans = Instrumentation(world.salt).spans(sampled)
    for trace, made in zip(sampled, spans, strict=True):
        wanted = {f"{s.context.span_id:016x}" for s in made if s.context}
        _until_stored(api, trace_id(world.salt, trace.facts[0]), wanted)


def _until_stored(api: Api, trace: str, wanted: set[str]) -> None:
    end = time.monotonic() + _STORED_SECONDS
    while True:
        try:
            known = {span["span_id"] for span in api.spans(trace) if span["trace_id"] == trace}
        except Silent:
            # busy with what was just sent; a program that is gone says so again at the end
            if time.monotonic() > end:
                raise
            known = set()
        if wanted <= known:
            return
        if time.monotonic() > end:
            raise NotSent(f"trace {trace} lacks {len(wanted - known)} of {len(wanted)} spans")
        time.sleep(1)


def go_on(request: Request, world: World, since: int) -> None:
    """Tell on the wall clock what happens from now on, until interrupted."""
    for events, told in as_it_happens(world, since, wall_clock):
        if events:
            send_batches(request.doors, batches(world, events), lambda _: None, connections=1)
        if told:
            send_spans(request.doors, Instrumentation(world.salt).spans(told), lambda _: None)
        for event in events:
            fact = event.told
            print(f"{utc(fact.at)}  {fact.system:<11} {fact.type:<22} {fact.subject}", flush=True)
        time.sleep(1)


def as_it_happens(
    world: World, since: int, clock: Clock
) -> Iterator[tuple[list[Event], list[Trace]]]:
    """What became known after ``since``, each fact and each trace once, as often as it is asked."""
    while True:
        horizon = clock() + 6 * HOUR
        known = world.events(horizon + LONGEST)
        events = [event for event in known if event.told.recorded > since]
        told = _traced(world, known)
        while (now := clock()) < horizon - MINUTE:
            fresh = [event for event in events if since < event.told.recorded <= now]
            yield fresh, ended(told, since, now)
            since = now


def _traced(world: World, events: Iterable[Event]) -> list[Trace]:
    return traces(event.told for event in events if event.told.at >= world.traced_since)


def wait_for_ever() -> None:
    """Until interrupted."""
    threading.Event().wait()
