"""The traces of a case: of its events, of spans that only name its objects, and of those linked."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

import pytest

from process_model import lookup
from process_model.config import ModelConfig
from process_model.questions import ask
from process_model.state import State
from process_model.store import Store
from tests.process_model.arrivals import START, accepted, put, walk_all

TOLD_IN, NAMED_IN, LINKED, STRANGE = ("1" * 32, "2" * 32, "3" * 32, "4" * 32)


def fact(
    id_: str, type_: str, subject: str, system: str = "sap", **envelope: object
) -> dict[str, object]:
    return {
        "specversion": "1.0", "id": id_, "source": f"urn:system:{system}",
        "type": f"q2c.{type_}.v1", "subject": subject, "time": START.isoformat(), "data": {},
        **envelope,
    }  # fmt: skip


def put_span(
    store: Store, trace_id: str, service: str, links: Sequence[str] = (), **attributes: str
) -> None:
    """Store a span as an exporter writes it: without a token of ours."""
    columns = [
        "Timestamp", "TraceId", "SpanId", "SpanName", "ServiceName", "SpanAttributes",
        "Links.TraceId", "Links.SpanId", "Links.TraceState", "Links.Attributes",
    ]  # fmt: skip
    named = {name.replace("__", "."): value for name, value in attributes.items()}
    empty = [""] * len(links)
    row = [
        START + timedelta(minutes=1), trace_id, uuid.uuid4().hex[:16], "work", service, named,
        list(links), empty, empty, [{} for _ in links],
    ]  # fmt: skip
    store.insert("otel_traces", columns, [row], token=str(uuid.uuid4()))


@pytest.fixture
def estate(store: Store, state: State, model_config: ModelConfig) -> Store:
    """One quote with its order, told in one trace, named in another, linked to a third."""
    told = [
        fact("1", "quote.accepted", "quote/Q-1", traceparent=f"00-{TOLD_IN}-{'a' * 16}-01"),
        fact(
            "2", "order.created", "order/4711", data={"objects": [{"type": "quote", "id": "Q-1"}]}
        ),
    ]
    put(store, accepted(told))
    put_span(store, NAMED_IN, "mulesoft", q2c__order__id="4711")
    put_span(store, LINKED, "worker", links=[NAMED_IN])
    put_span(store, STRANGE, "worker", q2c__order__id="4712")
    walk_all(store, state, model_config)
    return store


def test_a_case_shows_the_spans_that_only_name_its_objects_and_those_linked(estate: Store) -> None:
    detail = lookup.instance(estate, "live", "quote:shared:Q-1")
    assert detail is not None
    assert detail.trace_ids == [TOLD_IN, NAMED_IN, LINKED]
    spans = lookup.spans_of(estate, detail.trace_ids)
    assert {span.trace_id for span in spans} == {NAMED_IN, LINKED}


@pytest.mark.parametrize("trace_id", [TOLD_IN, NAMED_IN, LINKED])
def test_any_of_its_traces_leads_to_the_case(estate: Store, trace_id: str) -> None:
    found = lookup.resolve(estate, "live", trace_id.upper())
    assert (found.instances, found.matched_as) == (["quote:shared:Q-1"], "trace id")
    header = f"00-{trace_id}-{'b' * 16}-01"
    assert lookup.resolve(estate, "live", header).instances == ["quote:shared:Q-1"]


def test_a_trace_of_something_else_leads_to_nothing(estate: Store) -> None:
    assert lookup.resolve(estate, "live", STRANGE).instances == []


def test_a_local_number_is_that_of_the_system_that_names_it(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    for system, trace_id in (("sap_emea", NAMED_IN), ("sap_us", TOLD_IN)):
        own = {"type": "order", "id": "4711", "system": system}
        cited = fact(system, "ticket.opened", f"ticket/{system}", data={"objects": [own]})
        made = fact(f"{system} made", "order.created", "order/4711", system)
        put(store, accepted([cited]))
        put(store, accepted([made], local_types={system: ["order"]}))
        put_span(store, trace_id, system, q2c__order__id="4711")
    put_span(store, LINKED, "mulesoft", q2c__order__id="4711", q2c__source_system="sap_us")
    walk_all(store, state, model_config)
    for system, traces in (("sap_emea", [NAMED_IN]), ("sap_us", [TOLD_IN, LINKED])):
        detail = lookup.instance(store, "live", f"order:{system}:4711")
        assert detail is not None
        assert sorted(detail.trace_ids) == traces


def test_a_number_with_two_meanings_leads_to_both_and_a_key_to_one(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    for system in ("sap_emea", "sap_us"):
        made = fact(system, "order.created", "order/4711 ä/b", system)
        put(store, accepted([made], local_types={system: ["order"]}))
    walk_all(store, state, model_config)
    both = [f"order:{system}:4711%20%C3%A4%2Fb" for system in ("sap_emea", "sap_us")]
    assert lookup.resolve(store, "live", "4711 Ä/B").instances == both
    assert lookup.resolve(store, "live", both[1]).instances == [both[1]]


def test_the_other_number_of_a_thing_leads_to_it_too(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    record = {"type": "quote", "id": "0Q0", "system": "salesforce"}
    same = {"from": record, "to": {"type": "quote", "id": "Q-1"}, "kind": "same"}
    told = fact("1", "quote.sent", "quote/Q-1", data={"objects": [record], "links": [same]})
    put(store, accepted([told]))
    walk_all(store, state, model_config)
    for any_id in ("Q-1", "0Q0", "quote:shared:Q-1"):
        assert lookup.resolve(store, "live", any_id).instances == ["quote:salesforce:0Q0"], any_id


def test_a_customer_leads_to_its_cases(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    customer = {"type": "customer", "id": "C-7"}
    told = [fact(n, "quote.sent", f"quote/Q-{n}", data={"objects": [customer]}) for n in "12"]
    put(store, accepted(told))
    walk_all(store, state, model_config)
    found = lookup.resolve(store, "live", "c-7")
    assert (found.instances, found.matched_as) == (
        ["quote:shared:Q-1", "quote:shared:Q-2"], "customer",
    )  # fmt: skip
    assert lookup.resolve(store, "live", "C-8").matched_as == ""


def test_a_trace_is_whole_whatever_days_its_spans_name(store: Store) -> None:
    seconds = {
        "zero": 0, "before 1970": -86_400 * 400, "a day": START.timestamp(),
        "a second sending, days on": START.timestamp() + 86_400 * 3, "late": 4_291_747_199,
        "after 2105": 4_291_747_200, "after the clock's end": 2**32 + 5,
    }  # fmt: skip
    for number, (span, second) in enumerate(seconds.items()):
        store.insert(
            "otel_traces", ("Timestamp", "TraceId", "SpanId"),
            [(int(second * 10**9), "t" if span != "late" else "u", span)], token=f"span-{number}",
        )  # fmt: skip
    # one insert of both ends: the day between them is not one of a span
    rows = [(int((START.timestamp() + at) * 10**9), "v", str(at)) for at in (-86_400, 86_400)]
    store.insert("otel_traces", ("Timestamp", "TraceId", "SpanId"), rows, token="both")
    found = {
        trace: {row.span_id for row in ask(store.reader(), "spans_of_traces", trace_ids=[trace])}
        for trace in ("t", "u", "v", "w")
    }
    assert found == {
        "t": seconds.keys() - {"late"}, "u": {"late"}, "v": {"-86400", "86400"}, "w": set(),
    }  # fmt: skip
