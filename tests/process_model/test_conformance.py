"""Cases against the reference and against a model of one's own, by the real pm4py in its worker."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations, permutations
from pathlib import Path as File

import pytest

from process_model.config import ModelConfig
from process_model.lookup import InstanceRow, instances_page
from process_model.mining import reference_model
from process_model.mining.conformance import Rule, conformance, deviations_of, rules_of
from process_model.mining.miner import Miner, MiningError, Model
from process_model.mining.variants import variants
from process_model.questions import Selection
from process_model.reference import reference
from process_model.state import State
from process_model.store import Store
from process_model.vocabulary import Stage
from tests.collector.reading_logs import DATA, shared
from tests.collector.test_import import Importing
from tests.process_model.worlds import golden_world, live

pytest.importorskip("pm4py", reason="pm4py is not installed: pip install throughline[mining]")

MODEL = ModelConfig()
WHOLE = (
    "quote.created", "quote.priced", "quote.accepted", "order.created", "fulfilment.completed",
    "invoice.posted", "payment.applied",
)  # fmt: skip


@pytest.fixture(scope="module")
def miner() -> Iterator[Miner]:
    miner = Miner()
    yield miner
    miner.close()


def told(miner: Miner, trace: tuple[str, ...], *, through: bool = True) -> list[str]:
    (aligned,) = miner.align(reference_model.model(), [reference_model.projected(trace)])
    return [rule.text for rule in rules_of(aligned, through=through)]


def without(*names: str) -> tuple[str, ...]:
    return tuple(name for name in WHOLE if name not in names)


def test_the_reference_speaks_of_every_stage_that_orders_a_case(miner: Miner) -> None:
    spoken = set(miner.labels(reference_model.model()))
    for entry in reference().stages:
        names = set(map(str, entry.completes))
        assert bool(names & spoken) == (entry.stage != Stage.OPPORTUNITY), entry.stage


@pytest.mark.parametrize(
    ("trace", "deviations"),
    [
        (WHOLE, []),
        (("opportunity.created", *WHOLE[:3], "opportunity.won", *WHOLE[3:]), []),
        (without("quote.priced"), []),
        ((*WHOLE[:2], "approval.requested", "approval.granted", *WHOLE[2:]), []),
        ((*WHOLE, "invoice.posted", "payment.applied"), []),
        (
            (*WHOLE[:2], "approval.requested", *WHOLE[2:]),
            ["Quote accepted without approval granted"],
        ),
        (without("fulfilment.completed"), ["Invoice posted without fulfilment completed"]),
        (
            (*WHOLE[:2], "order.created", "quote.accepted", *WHOLE[4:]),
            ["Order created before quote accepted"],
        ),
        (without("payment.applied"), ["Payment applied never happened"]),
    ],
)
def test_deviations_are_told_in_business_words(
    trace: tuple[str, ...], deviations: list[str], miner: Miner
) -> None:
    assert told(miner, trace) == deviations


def test_what_may_still_come_is_not_missing(miner: Miner) -> None:
    assert told(miner, WHOLE[:4], through=False) == []
    (late,) = told(miner, (*WHOLE[:2], "order.created"), through=False)
    assert late == "Order created without quote accepted"


def test_cases_and_money_of_each_deviation_and_its_weeks(
    store: Store, state: State, miner: Miner
) -> None:
    lines = []
    for number, (day, skips) in enumerate([(2, ""), (2, "fulfilment"), (10, "fulfilment")]):
        quote, order = f"quote/Q-{number}", f"order/SO-{number}"
        lines += [
            f"2026-03-{day:02} 09:00 | quote.created  | {quote} | amount=100.00,EUR",
            f"2026-03-{day:02} 10:00 | quote.accepted | {quote} |",
            f"2026-03-{day:02} 11:00 | order.created  | {order} | from={quote} amount=100.00,EUR",
        ]
        if not skips:
            lines.append(f"2026-03-{day:02} 12:00 | fulfilment.completed | {order} |")
        lines.append(
            f"2026-03-{day:02} 13:00 | invoice.posted | invoice/I-{number} | from={order} "
            "amount=100.00,EUR"
        )
    live(store, state, "\n".join(lines))
    found = conformance(store, Selection(), MODEL, miner)
    assert (found.instances, found.fitting, found.unjudged) == (3, 1, 0)
    (deviation,) = found.deviations
    assert deviation.rule == Rule("skipped", "fulfilment.completed", "invoice.posted")
    assert (deviation.instances, deviation.share) == (2, pytest.approx(2 / 3))
    assert (deviation.worth.amount, deviation.worth.currency) == (Decimal(200), "EUR")
    assert [count for _, count in deviation.weeks] == [1, 1]


def test_a_way_whose_cases_end_differently_is_listed_apart(engine_dsn: str, tmp_path: File) -> None:
    with golden_world(engine_dsn, tmp_path) as golden:
        reader = golden.reader()

        def listed(*variant: str) -> list[InstanceRow]:
            return instances_page(reader, Selection(), variant=variant, limit=1_000).rows

        seen = {"+": 0, "-": 0}
        for way in variants(reader, Selection(), MODEL).found:
            through, open_ = listed(f"{way.variant}+"), listed(f"{way.variant}-")
            assert {row.status for row in through} <= {"completed"}
            assert "completed" not in {row.status for row in open_}
            ids = sorted(row.instance_id for row in (*through, *open_))
            assert ids == sorted(row.instance_id for row in listed(way.variant))
            assert len(ids) == way.instances
            seen["+"] += len(through)
            seen["-"] += len(open_)
    assert all(seen.values())


def test_a_discovered_model_fits_what_it_was_discovered_from(miner: Miner) -> None:
    ways = [(("a", "b", "c"), 9), (("a", "c", "b"), 5), (("a", "d"), 2)]
    found = miner.discover(ways, 0.0)
    aligned = miner.align(Model(text=found.bpmn), [way for way, _ in ways])
    assert [one.fitness for one in aligned] == [1.0, 1.0, 1.0]
    (other,) = miner.align(Model(tree=found.tree), [("a", "b", "x", "c")])
    assert [rule.text for rule in rules_of(other, through=True)] == [
        "X is no step of the model here"
    ]


def test_procure_to_pay_fits_its_model_wholly(
    store: Store, state: State, miner: Miner, tmp_path: File
) -> None:
    log = shared("eventlogs/pix/Procure_to_Pay_5_timers.csv.gz")
    bpmn = shared("bpmn/pix/Procure_to_Pay.bpmn").read_text()
    Importing(store, state, tmp_path)(log, "p2p")
    found = conformance(store, Selection(dataset="p2p"), MODEL, miner, Model(text=bpmn))
    ways = variants(store, Selection(dataset="p2p"), MODEL)
    assert found.instances == ways.instances > 0
    assert (found.fitness, found.fitting, found.deviations) == (1.0, found.instances, [])


@pytest.mark.parametrize(
    "path",
    sorted(p for p in DATA.rglob("*") if p.suffix in {".bpmn", ".pnml", ".ptml"})
    or [File("absent")],
    ids=lambda path: path.name,
)
def test_every_model_is_held_against_a_case_or_refused_with_a_reason(
    path: File, miner: Miner
) -> None:
    shared("bpmn")
    model = Model(text=path.read_text())
    why = {
        "A.3.0.bpmn": "has boundary events, sub-processes; understood are tasks",
        "purchasing_example.bpmn": "has inclusive gateways; understood are tasks",
    }.get(path.name)
    if why:
        with pytest.raises(MiningError, match=why):
            miner.labels(model)
        return
    labels = miner.labels(model)
    assert labels
    assert all(label == " ".join(label.split()) for label in labels)
    (aligned,) = miner.align(model, [labels[:1]])
    assert aligned.fitness is not None
    assert set(labels) >= {own for own, _ in aligned.moves if own} == set(labels[:1])


EVENTS = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p">
<startEvent id="s"/><task id="a" name="Order&#10; created "/><intermediateCatchEvent id="w"/>
<eventBasedGateway id="g"/><task id="b" name="Paid"/><task id="c" name="Written off"/>
<exclusiveGateway id="j"/><endEvent id="e"/>
<sequenceFlow id="1" sourceRef="s" targetRef="a"/><sequenceFlow id="2" sourceRef="a" targetRef="w"/>
<sequenceFlow id="3" sourceRef="w" targetRef="g"/><sequenceFlow id="4" sourceRef="g" targetRef="b"/>
<sequenceFlow id="5" sourceRef="g" targetRef="c"/><sequenceFlow id="6" sourceRef="b" targetRef="j"/>
<sequenceFlow id="7" sourceRef="c" targetRef="j"/><sequenceFlow id="8" sourceRef="j" targetRef="e"/>
</process></definitions>"""


def test_events_between_tasks_pass_and_drawn_line_breaks_are_no_part_of_a_name(
    miner: Miner,
) -> None:
    model = Model(text=EVENTS)
    assert miner.labels(model) == ["Order created", "Paid", "Written off"]
    ways = [("Order created", "Paid"), ("Order created", "Written off"), ("Order created",)]
    assert [one.fitness == 1.0 for one in miner.align(model, ways)] == [True, True, False]


def test_what_cannot_be_aligned_in_time_stays_unjudged_and_the_miner_goes_on() -> None:
    steps = tuple(f"step {n}" for n in range(9))
    tree = f"*( +( {', '.join(map(repr, steps))} ), tau )"
    ways = [one for one, _ in zip(permutations(steps), range(4_000), strict=False)]
    hurried = Miner()
    try:
        assert hurried.labels(Model(tree=tree)) == list(steps)
        hurried._seconds = 3.0
        told = hurried.align(Model(tree=tree), ways)
        assert told[0].fitness == 1.0
        assert (told[-1].fitness, told[-1].moves) == (None, [])
        assert "order.created" in hurried.labels(reference_model.model())
    finally:
        hurried.close()


def test_a_model_that_cannot_be_read_is_refused_and_the_miner_goes_on(miner: Miner) -> None:
    with pytest.raises(MiningError, match="none of BPMN"):
        miner.align(Model(text="<no-bpmn/"), [("a",)])
    assert told(miner, WHOLE) == []


def test_a_worker_that_does_not_answer_is_ended_and_the_next_question_answered() -> None:
    hurried = Miner(seconds=0.05)
    try:
        with pytest.raises(MiningError, match="no answer within"):
            hurried.labels(reference_model.model())
        hurried._seconds = 120.0
        assert "order.created" in hurried.labels(reference_model.model())
    finally:
        hurried.close()


def test_one_case_is_judged_as_the_miner_judges_it(miner: Miner) -> None:
    # every trace of the milestones that lacks some, and every one that has two swapped
    traces = [tuple(n for i, n in enumerate(WHOLE) if mask >> i & 1) for mask in range(1, 128)]
    for first, second in combinations(range(len(WHOLE)), 2):
        swapped = list(WHOLE)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        traces.append(tuple(swapped))
    aligned = miner.align(reference_model.model(), traces)
    for trace, one in zip(traces, aligned, strict=True):
        mine = reference_model.moves(trace, through=True)
        assert sum(None in move for move in mine) == sum(None in move for move in one.moves), trace
        fits = one.fitness == 1.0
        assert (deviations_of(trace, through=True) == []) == fits, trace
    for trace in traces[:127]:  # nothing is swapped: there is one best alignment
        (one,) = miner.align(reference_model.model(), [trace])
        assert set(deviations_of(trace, through=True)) == {
            rule.text for rule in rules_of(one, through=True)
        }
