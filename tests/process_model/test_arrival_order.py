"""However events, versions, duplicates and span links arrive, the store holds what all say."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collector.envelopes.canonical import translate
from process_model.config import ModelConfig
from process_model.conversations import spoken_of, trace_key
from process_model.correlation import grow
from process_model.events import BusinessEvent
from process_model.rebuilding import rebuild
from process_model.state import State
from process_model.store import Store
from process_model.winners import counted
from tests.process_model.arrivals import START, put, walk_all, whole_rows

KINDS = (
    ("opportunity", "opportunity.created"), ("quote", "quote.created"),
    ("quote", "quote.accepted"), ("contract", "contract.signed"), ("order", "order.created"),
    ("delivery", "fulfilment.completed"), ("invoice", "invoice.posted"),
    ("payment", "payment.applied"),
)  # fmt: skip
TRACES = [digit * 32 for digit in "abcdef"]


def a_document(chance: random.Random) -> dict[str, str]:
    kind = chance.choice(KINDS)[0]
    return {"type": kind, "id": f"{kind[0].upper()}-{chance.randrange(5)}"}


def an_event(chance: random.Random, number: int) -> BusinessEvent:
    """Any fact about any document, naming some others, spoken of in some conversation."""
    kind, type_ = chance.choice(KINDS)
    data: dict[str, Any] = {"amount": str(chance.randrange(1, 900)), "currency": "EUR"}
    data["objects"] = [a_document(chance) for _ in range(chance.choice((0, 0, 1, 1, 2)))]
    if chance.random() < 0.1:
        one = {"type": "order", "id": f"O-{chance.randrange(5)}"}
        alias = {"type": "order", "id": f"R-{chance.randrange(5)}", "system": "sap"}
        data["links"] = [{"from": one, "to": alias, "kind": "same"}]
    envelope: dict[str, Any] = {
        # a small pool of ids, so that many events are told in several versions
        "id": f"e-{chance.randrange(number + 1) if chance.random() < 0.2 else number}",
        "source": "urn:system:erp", "type": f"q2c.{type_}.v1", "data": data,
        "subject": f"{kind}/{kind[0].upper()}-{chance.randrange(5)}",
        "time": (START + timedelta(hours=number)).isoformat(), "sequence": str(number),
    }  # fmt: skip
    if chance.random() < 0.15:
        # told by whoever carries it, about something that has not spoken for itself yet
        envelope["type"] = "q2c.sync.failed.v1"
        data["sync"] = {"from": "crm", "to": "erp", "object": a_document(chance)}
    if chance.random() < 0.5:
        envelope["correlationid"] = f"deal-{chance.randrange(12)}"
    if chance.random() < 0.3:
        envelope["traceparent"] = f"00-{chance.choice(TRACES)}-{number + 1:016x}-01"
    return translate(envelope, received_at=START)


def a_batch(chance: random.Random) -> list[BusinessEvent]:
    """A nightly job that speaks of forty invoices under one id, one quote among them."""
    told = [("invoice", f"N-{n}", "invoice.posted") for n in range(40)]
    told.append(("quote", "Q-0", "quote.accepted"))
    return [
        translate(
            {
                "id": f"night-{name}", "source": "urn:system:erp", "type": f"q2c.{type_}.v1",
                "subject": f"{kind}/{name}", "time": START.isoformat(), "correlationid": "nightly",
            },
            received_at=START,
        )
        for kind, name, type_ in chance.sample(told, len(told))
    ]  # fmt: skip


def link_traces(store: Store, one: str, two: str) -> None:
    """Store a span of the one trace that links to the other."""
    now = datetime.now(UTC)
    columns = ["Timestamp", "TraceId", "SpanId", "Links.TraceId", "Links.SpanId"]
    columns += ["Links.TraceState", "Links.Attributes"]
    row = [now, one, "1" * 16, [two], ["2" * 16], [""], [{}]]
    store.insert("otel_traces", columns, [row], token=str(uuid.uuid4()))


@pytest.mark.parametrize("seed", range(4))
def test_any_arrival_gives_what_all_events_say(
    store: Store, state: State, model_config: ModelConfig, seed: int
) -> None:
    chance = random.Random(seed)
    events = [an_event(chance, number) for number in range(60)] + a_batch(chance)
    pairs = [tuple(chance.sample(TRACES, 2)) for _ in range(2)]
    arriving: list[Any] = events + chance.sample(events, len(events) * 3 // 10) + pairs
    chance.shuffle(arriving)
    while arriving:
        size = chance.randint(5, 60)
        part, arriving = arriving[:size], arriving[size:]
        for item in part:
            if isinstance(item, tuple):
                link_traces(store, *item)
        put(store, [item for item in part if isinstance(item, BusinessEvent)])
        walk_all(store, state, model_config)
    held = whole_rows(store)
    linked = [(trace_key(one), trace_key(two)) for one, two in pairs]
    truth = grow(counted(events), spoken=spoken_of(events, span_links=linked))
    hashes = store.query("hashes", "SELECT DISTINCT event_hash, source, id FROM business_events")
    id_of = {row.event_hash: row.id for row in hashes}
    assert {name: {id_of[h] for h in row["events.hash"]} for name, row in held.items()} == {
        one.instance_id: {event.id for event in one.events} for one in truth if one.events
    }
    rebuild(store, state, model_config)
    assert whole_rows(store) == held
    assert any("derived" in row["links.evidence"] for row in held.values())
