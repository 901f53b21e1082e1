"""A small world through the real doors, by the command itself: by ids, and never doubled."""

import itertools
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from process_model.simulation import answers
from process_model.simulation.demo import as_it_happens
from process_model.simulation.dispatch import batches, in_useful_order
from process_model.simulation.hours import DAY, HOUR, MINUTE, midnight
from process_model.simulation.installation import answers as answers_at
from process_model.simulation.spans import LONGEST, Instrumentation, traces
from process_model.simulation.world import World
from tests.harness import ROOT, Program

ANCHOR = date(2026, 3, 4)
NOW = midnight(ANCHOR) + 10 * HOUR


def small() -> World:
    return World(3, "standard", ANCHOR, months=1, cases=80)


def demo(program: Program, sheet: Path) -> str:
    """Run the command; what it said."""
    asked = [
        sys.executable, str(ROOT / "throughline.py"), "demo", "--doors", program.doors,
        "--pages", f"http://127.0.0.1:{program.page_port}", "--no-trickle", "--months", "0.5",
        "--cases", "24", "--seed", "3", "--answers", str(sheet),
    ]  # fmt: skip
    ran = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=200)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.engine
def test_what_the_demo_sends_is_there_by_ids_and_a_second_time_changes_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "answers" / "a.json"
    with Program(tmp_path) as program:
        said = demo(program, path)
        sheet = answers.read(path)
        again = demo(program, path)
        assert program.stop()[0] == 0, program.said()
        told = [int(re.findall(r"sent (\d+) events", text)[0]) for text in (said, again)]
        spans = [int(re.findall(r"sent (\d+) spans", text)[0]) for text in (said, again)]
        kept = program.ask_stopped(
            "SELECT uniqExact(source, id) FROM business_events WHERE origin = 'event'"
        )
        assert kept == [[told[1]]]
        # a minute passed between the two: what happened in it is new, and nothing else
        assert told[0] <= told[1] < told[0] + 40
        held = program.ask_stopped(
            "SELECT uniqExact(TraceId, SpanId) FROM otel_traces WHERE ServiceName != 'throughline'"
        )
        assert held == [[spans[1]]]
        grown = program.ask_stopped("SELECT instance_id FROM instances FINAL")
        assert {str(row[0]) for row in grown} >= set(sheet.documents)
        assert {str(row[0]) for row in grown} == set(answers.read(path).documents)


def test_the_same_facts_make_the_same_spans() -> None:
    told = [event.told for event in small().events(NOW)]
    made = [
        [(s.context.trace_id, s.context.span_id, s.name, s.start_time, s.end_time)
         for spans in Instrumentation("salt").spans(traces(told)) for s in spans if s.context]
        for _ in range(2)
    ]  # fmt: skip
    assert made[0] == made[1]
    assert len({span[:2] for span in made[0]}) == len(made[0])


def test_an_event_s_traceparent_names_a_span_that_was_made() -> None:
    world = small()
    events = [e for e in world.events(NOW) if e.told.at >= world.traced_since]
    made = {
        f"00-{s.context.trace_id:032x}-{s.context.span_id:016x}-01"
        for spans in Instrumentation(world.salt).spans(traces(e.told for e in events))
        for s in spans
        if s.context
    }
    named = {str(wire["traceparent"]) for e in events if "traceparent" in (wire := world.wire(e))}
    assert named
    assert named <= made


def test_traces_cross_services_carry_errors_and_tie_a_repetition_to_what_failed() -> None:
    world = World(3, "token_expiry", ANCHOR, months=1, cases=400)
    told = traces(event.told for event in world.events(NOW))
    crossing = failed = tied = 0
    for spans in Instrumentation(world.salt).spans(told):
        crossing += len({s.resource.attributes["service.name"] for s in spans}) > 1
        failed += any(not s.status.is_ok for s in spans)
        tied += any(s.links for s in spans)
    assert crossing > 0.9 * len(told)
    assert failed > 10
    assert tied > 10


def test_lives_are_sent_whole_and_the_liveliest_first() -> None:
    events = in_useful_order(small().events(NOW))
    lives = [event.told.unit for event in events if not event.told.unit.startswith("customer")]
    changes = 1 + sum(one != two for one, two in itertools.pairwise(lives))
    assert changes == len(set(lives))
    ends = {unit: max(e.told.at for e in events if e.told.unit == unit) for unit in set(lives)}
    order = [ends[unit] for unit in dict.fromkeys(lives)]
    assert order == sorted(order, reverse=True)


def test_batches_hold_every_event_once() -> None:
    world = small()
    events = world.events(NOW)
    ids = [id_ for batch in batches(world, events) for id_ in batch.ids]
    assert len(ids) == len(set(ids)) == len(events)


def test_the_trickle_tells_each_fact_once_when_it_is_known_and_every_source_speaks() -> None:
    world, clock = World(3, "quiet", ANCHOR, months=1, cases=700), [NOW]
    told, ended = list[str](), list[tuple[str, str]]()
    for fresh, finished in as_it_happens(world, NOW, lambda: clock[0]):
        for event in fresh:
            assert event.told.recorded <= clock[0]
            told.append(str(world.wire(event)["id"]))
        ended += [(trace.unit, trace.hop) for trace in finished]
        clock[0] += 7 * MINUTE
        if clock[0] > NOW + 3 * DAY:
            break
    last = clock[0] - 7 * MINUTE
    due = [e for e in world.events(last) if NOW < e.told.recorded <= last]
    assert sorted(told) == sorted(str(world.wire(event)["id"]) for event in due)
    assert len(ended) == len(set(ended)) > 100
    assert len({event.told.source for event in due}) == 16


def test_no_trace_takes_longer_than_the_demo_waits_for_its_end() -> None:
    world = World(3, "standard", ANCHOR, months=1.5, cases=800)
    told = traces(event.told for event in world.events(NOW))
    assert max(trace.facts[-1].at - trace.facts[0].at for trace in told) < LONGEST


@pytest.mark.engine
def test_a_program_started_for_the_demo_ends_with_it(tmp_path: Path) -> None:
    installation = Program(tmp_path)
    pages = f"http://127.0.0.1:{installation.page_port}"
    asked = [
        sys.executable, "-m", "throughline", "demo", "--doors", installation.doors,
        "--pages", pages, "--months", "0.5", "--cases", "20", "--answers", str(tmp_path / "a.json"),
    ]  # fmt: skip
    with subprocess.Popen(
        asked, cwd=ROOT, env=installation.environment, stdout=subprocess.PIPE, text=True
    ) as ran:
        assert ran.stdout
        for line in ran.stdout:
            if "real time" in line:
                break
        assert answers_at(pages)
        ran.terminate()
        assert ran.wait(timeout=60) == 0
    assert not answers_at(pages)
    assert not answers_at(installation.doors)
