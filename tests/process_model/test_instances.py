"""Instances from the store: grown from what was told, the same however it arrived."""

import random
from datetime import timedelta

import msgspec

from process_model import errands, lookup
from process_model.config import ModelConfig
from process_model.questions import Selection
from process_model.rebuilding import rebuild
from process_model.simulation import story
from process_model.state import State
from process_model.store import Store
from tests.process_model.arrivals import START, accepted, put, walk_all, whole_rows


def test_one_orders_life_becomes_one_case(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    put(store, accepted(story.one_orders_life(START)))
    walk_all(store, state, model_config)
    page = lookup.instances_page(store, Selection())
    assert [row.number for row in page.rows] == ["Q-1001"]
    assert page.total == 1
    detail = lookup.instance(store, "live", page.rows[0].instance_id)
    assert detail is not None
    assert {entry.type for entry in detail.objects} >= {"quote", "order", "invoice", "payment"}
    assert detail.row.status == "completed"
    assert {stage.name: stage.state for stage in detail.stages}["payment"] == "done"
    for any_id in ("SO-1001", "INV-1001", page.rows[0].instance_id):
        found = lookup.resolve(store, "live", any_id)
        assert found.instances == [page.rows[0].instance_id], any_id


def test_any_arrival_gives_the_same_instances_as_a_rebuild(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    events = accepted(story.forty_orders(START + timedelta(days=30)))
    chance = random.Random(7)
    arriving = events + chance.sample(events, len(events) * 3 // 10)
    chance.shuffle(arriving)
    while arriving:
        size = chance.randint(1, 60)
        put(store, arriving[:size])
        arriving = arriving[size:]
        walk_all(store, state, model_config)
    incremental = whole_rows(store)
    assert len(incremental) >= 40
    rebuild(store, state, model_config)
    assert whole_rows(store) == incremental
    told = {hash_ for row in incremental.values() for hash_ in row["events.hash"]}
    known = store.query("known", "SELECT DISTINCT event_hash FROM business_events")
    assert told == {row.event_hash for row in known}


def test_a_late_quote_takes_the_order_over_and_the_old_address_leads_on(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    envelope: dict[str, object] = {
        "specversion": "1.0", "id": "1", "source": "urn:system:sap", "type": "q2c.order.created.v1",
        "subject": "order/4711", "time": "2026-03-02T10:00:00Z", "data": {},
    }  # fmt: skip
    quote = {"objects": [{"type": "order", "id": "4711"}]}
    late = envelope | {
        "id": "2", "type": "q2c.quote.accepted.v1", "subject": "quote/Q-1",
        "time": "2026-03-02T09:00:00Z", "data": quote,
    }  # fmt: skip
    put(store, accepted([envelope]))
    walk_all(store, state, model_config)
    assert set(whole_rows(store)) == {"order:shared:4711"}
    put(store, accepted([late]))
    walk_all(store, state, model_config)
    assert set(whole_rows(store)) == {"quote:shared:Q-1"}
    detail = lookup.instance(store, "live", "order:shared:4711")
    assert detail is not None
    assert detail.redirected_from == "order:shared:4711"
    assert msgspec.structs.asdict(detail.events[0].event)["id"] == "2"


def test_a_rebuild_asked_for_by_another_process_is_answered(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    put(store, accepted(story.one_orders_life(START)))
    walk_all(store, state, model_config)
    grown = whole_rows(store)
    store.execute("lose", "TRUNCATE TABLE instances")
    state.request(errands.REBUILD, {})
    assert errands.answer_errands(store, state, model_config) == 1
    assert whole_rows(store) == grown
    (answered,) = state.requests(errands.REBUILD, "done")
    assert answered.answer == "1 instance rebuilt"
    assert errands.answer_errands(store, state, model_config) == 0
