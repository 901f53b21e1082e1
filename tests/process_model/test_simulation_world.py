"""The world: the same for the same seed, valid at the doors, quiet when nothing is planted."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
import orjson
import pytest

from collector.intake import Intake
from process_model.config import ModelConfig
from process_model.correlation import Grown, grow
from process_model.events import BusinessEvent
from process_model.simulation.estate import REGIONS, Calendar
from process_model.simulation.faults import PROFILES, QUIET, STANDARD, FaultKind
from process_model.simulation.hours import DAY, HOUR, midnight, moment
from process_model.simulation.world import World
from process_model.stages import Documents, stage_waits
from process_model.synchronisation import crossings
from process_model.winners import counted

ANCHOR = date(2026, 3, 4)
NOW = midnight(ANCHOR) + 10 * HOUR


def world(profile: str, *, seed: int = 5, cases: int = 420, salt: str = "") -> World:
    return World(seed, profile, ANCHOR, months=1.5, cases=cases, salt=salt)


@cache
def wire(profile: str, seed: int = 5) -> tuple[dict[str, Any], ...]:
    told = world(profile, seed=seed)
    return tuple(told.wire(e) for e in told.events(NOW) if e.told.recorded <= NOW)


@cache
def months_of_quiet() -> tuple[dict[str, Any], ...]:
    """Long enough for collective invoices and shared payments to be through."""
    told = World(5, QUIET, ANCHOR, months=3, cases=1_500)
    return tuple(told.wire(e) for e in told.events(NOW))


@cache
def taken(profile: str) -> tuple[BusinessEvent, ...]:
    """The events as the door makes them."""
    kept: list[bytes] = []
    intake = Intake(append=lambda kind, record: kept.append(record), local_types={})
    outcomes = intake.take(wire(profile))
    assert [outcome for outcome in outcomes if not outcome.accepted] == []
    decoder = msgspec.json.Decoder(BusinessEvent)
    return tuple(decoder.decode(line) for record in kept for line in record.splitlines())


@cache
def instances(profile: str) -> tuple[Grown, ...]:
    return tuple(grow(counted(taken(profile))))


def amounts(events: Iterable[dict[str, Any]], type_: str) -> Mapping[str, Decimal]:
    return {e["subject"]: Decimal(e["data"]["amount"]) for e in events
            if e["type"] == f"q2c.{type_}.v1"}  # fmt: skip


def test_the_same_seed_tells_the_same_bytes() -> None:
    again = world(STANDARD)
    assert b"".join(map(orjson.dumps, wire(STANDARD))) == b"".join(
        orjson.dumps(again.wire(e)) for e in again.events(NOW) if e.told.recorded <= NOW
    )


def test_another_seed_tells_another_story() -> None:
    assert {e["id"] for e in wire(STANDARD)}.isdisjoint(e["id"] for e in wire(STANDARD, 6))


def test_another_salt_tells_the_same_story_under_other_ids() -> None:
    one, two = world(STANDARD, salt="a"), world(STANDARD, salt="b")
    names = [{told.wire(e)["id"] for e in told.events(NOW)} for told in (one, two)]
    assert names[0].isdisjoint(names[1])
    stories = [Counter((e.told.type, e.told.at) for e in told.events(NOW)) for told in (one, two)]
    assert stories[0] == stories[1]
    documents = [set().union(*told.answers(NOW).documents.values()) for told in (one, two)]
    assert documents[0].isdisjoint(documents[1])


def test_what_is_told_later_goes_on_with_what_was_told() -> None:
    told = world(STANDARD)
    before = [told.wire(e) for e in told.events(NOW)]
    after = [told.wire(e) for e in told.events(NOW + 2 * DAY)]
    assert after[: len(before)] == before
    assert len(after) > len(before)


def test_the_doors_accept_every_event_of_every_profile() -> None:
    intake = Intake(append=lambda kind, record: None, local_types={})
    for profile in PROFILES:
        told = world(profile, cases=60)
        outcomes = intake.take([told.wire(e) for e in told.events(NOW)], dry_run=True)
        assert [outcome for outcome in outcomes if not outcome.accepted] == []


def test_events_have_identities_of_their_own_and_lie_in_the_past() -> None:
    events = wire(STANDARD)
    assert len({(e["source"], e["id"]) for e in events}) == len(events)
    assert max(e["recordedtime"] for e in events) <= moment(NOW).isoformat()


def test_numbered_sources_number_without_gaps_and_in_the_order_of_happening() -> None:
    numbers = defaultdict(list)
    for event in wire(QUIET):
        if "sequence" in event:
            numbers[event["source"]].append(int(event["sequence"]))
    assert len(numbers) > 5
    for told in numbers.values():
        assert told == list(range(1, len(told) + 1))


def test_as_many_cases_as_asked_for_have_begun() -> None:
    sheet = world(QUIET).answers(NOW)
    assert sheet.instances >= 420
    assert sheet.instances == len(instances(QUIET)) == len(sheet.documents)


@pytest.mark.parametrize("profile", [QUIET, STANDARD])
def test_instances_grow_as_the_world_meant_them(profile: str) -> None:
    """By sets of documents: nothing is merged wrongly and nothing left out."""
    meant = world(profile).answers(NOW).documents
    grown = {
        one.instance_id: {key for key in one.own | one.context if _is_document(key)}
        for one in instances(profile)
    }
    assert grown == {id_: set(keys) for id_, keys in meant.items()}


def _is_document(key: str) -> bool:
    type_ = key.partition(":")[0]
    return type_ != "opportunity" and not type_.endswith("_line")


def test_in_the_quiet_world_every_wait_ends_or_is_young() -> None:
    late = []
    for one in instances(QUIET):
        for wait in stage_waits(Documents(one), ModelConfig()):
            end = wait.completed_at or (moment(NOW) if wait.state == "open" else None)
            if end and wait.due_at and end > wait.due_at:
                late.append(wait)
    assert late == []


def test_in_the_quiet_world_every_hand_over_succeeds_in_time_after_retries_at_most() -> None:
    crossed, config = [], ModelConfig()
    for one in instances(QUIET):
        documents = Documents(one)
        waits = stage_waits(documents, config)
        crossed += crossings(documents, one.events, waits, config)
    late = [c for c in crossed if (c.first_success_at or moment(NOW)) > c.due_at]
    assert late == []
    assert any(crossing.failures for crossing in crossed)


def test_in_the_quiet_world_nothing_is_dropped_or_ordered_twice() -> None:
    orders: dict[str, set[str]] = defaultdict(set)
    cancelled = {e["subject"] for e in wire(QUIET) if e["type"] == "q2c.order.cancelled.v1"}
    for event in wire(QUIET):
        if event["type"] == "q2c.order.created.v1":
            quote = event["data"]["objects"][0]["id"]
            if event["subject"] not in cancelled:
                orders[quote].add(event["subject"])
    worth, ordered = amounts(wire(QUIET), "quote.accepted"), amounts(wire(QUIET), "order.created")
    young = moment(NOW - HOUR).isoformat()
    for event in wire(QUIET):
        if event["type"] == "q2c.quote.accepted.v1" and event["time"] < young:
            booked = orders[event["subject"].partition("/")[2]]
            if booked:
                assert sum(ordered[one] for one in booked) == worth[event["subject"]]
            else:
                # its one order was cancelled moments ago and is made again when a clerk comes
                assert event["subject"] in {_quote_of(one) for one in cancelled}


def _quote_of(order: str) -> str:
    made = next(
        e for e in wire(QUIET) if e["subject"] == order and e["type"] == "q2c.order.created.v1"
    )
    return f"quote/{made['data']['objects'][0]['id']}"


def test_the_quiet_world_has_an_empty_answer_sheet() -> None:
    assert world(QUIET).answers(NOW).answers == ()


@pytest.mark.parametrize("kind", list(FaultKind))
def test_a_single_fault_is_planted_alone_and_does_harm(kind: FaultKind) -> None:
    told = World(5, kind, ANCHOR, months=1.5, cases=800)
    (answer,) = told.answers(NOW).answers
    assert answer.fault == kind
    assert answer.cases or answer.objects or answer.source


def test_every_planted_id_is_told_of() -> None:
    told = World(5, STANDARD, ANCHOR, months=2, cases=1_500)
    sheet, named = told.answers(NOW), set[str]()
    for event in told.events(NOW):
        named.add(event.told.subject)
        named |= {f"{one['type']}/{one['id']}" for one in event.told.objects}
    assert {answer.fault for answer in sheet.answers} == set(FaultKind)
    for answer in sheet.answers:
        for key in (*answer.cases, *answer.objects, *answer.open):
            type_, _, id_ = key.split(":")
            assert f"{type_}/{id_}" in named
        assert set(answer.cases) | set(answer.open) <= set(sheet.documents)


def test_people_work_in_their_region_s_hours_and_rest_on_its_holidays() -> None:
    calendar = Calendar(date(2025, 12, 1), ANCHOR)
    decided = ("q2c.approval.granted.v1", "q2c.approval.denied.v1", "q2c.order.released.v1")
    seen = Counter[str]()
    for event in wire(QUIET):
        if event["type"] in decided:
            region = event["data"]["segment"]["region"]
            at = datetime.fromisoformat(event["time"]).timestamp() * 1000
            assert calendar.office(region).is_open(int(at) - 1), event
            seen[region] += 1
    assert set(seen) == set(REGIONS)


def test_offices_are_shut_at_weekends_and_on_a_public_holiday() -> None:
    calendar = Calendar(date(2025, 12, 1), ANCHOR)
    for region, holiday in (("EMEA", (1, 1)), ("AMER", (1, 1)), ("APAC", (2, 11))):
        office = calendar.office(region)
        assert office.within(date(2026, *holiday), 0.5) is None
        assert office.within(date(2026, 2, 14), 0.5) is None
        assert office.within(date(2026, 2, 12), 0.5) is not None


def test_lines_add_up_to_their_document_to_the_cent() -> None:
    checked = 0
    for event in wire(STANDARD):
        data = event["data"]
        if "lines" in data:
            total = sum(
                Decimal(line["quantity"]) * Decimal(line["unit_price"]) - Decimal(line["discount"])
                + Decimal(line["tax"]) for line in data["lines"]
            )  # fmt: skip
            assert total == Decimal(data["amount"])
            checked += 1
    assert checked > 500


def test_collective_invoices_are_the_sum_of_their_stated_shares() -> None:
    ordered, collective = amounts(months_of_quiet(), "order.created"), 0
    for event in months_of_quiet():
        links = event["data"].get("links", [])
        if event["type"] == "q2c.invoice.posted.v1" and links:
            shares = {f"order/{link['from']['id']}": Decimal(link["amount"]) for link in links}
            assert sum(shares.values()) == Decimal(event["data"]["amount"])
            assert shares == {order: ordered[order] for order in shares}
            collective += len(shares) > 1
    assert collective > 3


def test_payments_less_credits_are_what_was_invoiced() -> None:
    """For every invoice whose payments are complete; shared and split payments included."""
    invoiced = amounts(months_of_quiet(), "invoice.posted")
    paid, credited = defaultdict(Decimal), defaultdict(Decimal)
    shared = 0
    for event in months_of_quiet():
        if event["type"] == "q2c.payment.applied.v1":
            links = event["data"]["links"]
            assert sum(Decimal(x["amount"]) for x in links) == Decimal(event["data"]["amount"])
            shared += len(links) > 1
            for link in links:
                paid[f"invoice/{link['from']['id']}"] += Decimal(link["amount"])
        if event["type"] == "q2c.credit_note.posted.v1":
            credited[f"invoice/{event['data']['objects'][0]['id']}"] += Decimal(
                event["data"]["amount"]
            )
    settled = {one for one in paid if paid[one] + credited[one] == invoiced[one]}
    assert all(paid[one] + credited[one] <= invoiced[one] for one in paid)
    assert len(settled) > 0.9 * len(paid)
    assert shared


def test_three_currencies_all_segments_and_every_system_speak() -> None:
    events = wire(STANDARD)
    assert {e["data"].get("currency") for e in events} >= {"EUR", "USD", "JPY"}
    assert {e["source"].split(":")[2] for e in events} == {
        "salesforce", "cpq", "tax", "sap", "wms", "billing", "stripe", "mulesoft",
    }  # fmt: skip
    segments = defaultdict(set)
    for event in events:
        for name, value in event["data"]["segment"].items():
            segments[name].add(value)
    assert {name: len(values) > 1 for name, values in segments.items()} == dict.fromkeys(
        ("region", "business_unit", "legal_entity", "product_family", "sales_channel",
         "customer_tier"), True,
    )  # fmt: skip


def test_about_eight_in_a_hundred_cases_deviate() -> None:
    told = World(9, QUIET, ANCHOR, months=2, cases=2_000)
    deals = list(told.deals(NOW))
    share = sum(bool(deal.deviation) for deal in deals) / len(deals)
    assert 0.06 < share < 0.11


def test_a_source_that_goes_silent_says_nothing_more_and_the_world_goes_on() -> None:
    (answer,) = world(FaultKind.SILENT_SOURCE).answers(NOW).answers
    events = wire(FaultKind.SILENT_SOURCE)
    assert max(e["time"] for e in events if e["source"] == answer.source) < answer.since
    assert max(e["time"] for e in events) > moment(NOW - 6 * HOUR).isoformat()


def test_late_events_are_known_hours_after_they_happened() -> None:
    (answer,) = world(FaultKind.LATE_EVENTS).answers(NOW).answers
    late = [e for e in wire(FaultKind.LATE_EVENTS) if _lag_hours(e) > 5]
    assert {e["source"] for e in late} == {answer.source}
    assert max(map(_lag_hours, wire(QUIET))) < 0.01


def _lag_hours(event: Mapping[str, Any]) -> float:
    told, known = (datetime.fromisoformat(event[name]) for name in ("time", "recordedtime"))
    return (known.astimezone(UTC) - told.astimezone(UTC)).total_seconds() / 3600
