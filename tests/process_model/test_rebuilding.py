"""Rebuilding: in place, and of what was known on a date into a dataset of its own."""

from datetime import UTC, datetime, timedelta

import pytest

from process_model import errands, lookup
from process_model.config import ModelConfig
from process_model.rebuilding import NotRebuilt, rebuild, rebuild_into
from process_model.state import State, UndoneLink
from process_model.store import Store
from tests.process_model.arrivals import START, accepted, put, rows_of_datasets, walk_all


def fact(id_: str, type_: str, subject: str, day: int, **envelope: object) -> dict[str, object]:
    known = (START + timedelta(days=day)).isoformat()
    return {
        "specversion": "1.0", "id": id_, "source": "urn:system:erp", "type": f"q2c.{type_}.v1",
        "subject": subject, "time": START.isoformat(), "recordedtime": known, "data": {},
        **envelope,
    }  # fmt: skip


def of_quote(number: str) -> dict[str, object]:
    return {"objects": [{"type": "quote", "id": number}]}


EARLY = [
    fact("1", "quote.accepted", "quote/Q-1", 1),
    fact("2", "order.created", "order/O-1", 2, data=of_quote("Q-1"), sequence="1"),
]
LATE = [
    fact("2", "order.created", "order/O-1", 6, data=of_quote("Q-2"), sequence="2"),
    fact(
        "3", "invoice.posted", "invoice/I-1", 7, data={"objects": [{"type": "order", "id": "O-1"}]}
    ),
]
BETWEEN = START + timedelta(days=4)


def held(store: Store, dataset: str) -> dict[str, set[str]]:
    sql = "SELECT DISTINCT event_hash, id FROM business_events"
    id_of = {row.event_hash: row.id for row in store.query("ids", sql)}
    return {
        name: {id_of[h] for h in row["events.hash"]}
        for (in_, name), row in rows_of_datasets(store).items()
        if in_ == dataset
    }


def test_what_was_known_on_a_date_is_what_stood_here_then(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    put(store, accepted(EARLY))
    walk_all(store, state, model_config)
    then = held(store, "live")
    put(store, accepted(LATE))
    walk_all(store, state, model_config)
    now = held(store, "live")
    assert then == {"quote:shared:Q-1": {"1", "2"}}
    assert now == {"quote:shared:Q-1": {"1"}, "quote:shared:Q-2": {"2", "3"}}
    assert rebuild_into(store, state, model_config, "then", as_of=BETWEEN) == 1
    assert held(store, "then") == then
    assert held(store, "live") == now
    detail = lookup.instance(store, "then", "quote:shared:Q-1")
    assert detail is not None
    assert [entry.event.sequence for entry in detail.events] == ["", "1"]
    assert lookup.resolve(store, "then", "I-1").instances == []


def test_walking_goes_on_without_telling_the_copy_again(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    put(store, accepted(EARLY))
    rebuild_into(store, state, model_config, "copy")
    walk_all(store, state, model_config)
    version = "SELECT max(version) AS version FROM instances WHERE dataset = 'copy'"
    before = store.query("version", version).one()
    put(store, accepted(LATE))
    walk_all(store, state, model_config)
    assert store.query("version", version).one() == before


def test_an_undo_counts_from_when_it_was_said(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    put(store, accepted(EARLY))
    link = UndoneLink("live", "quote:shared:Q-1", "order:shared:O-1", "flow", "ada", "wrong")
    state.undo_link(link)
    soon = datetime.now(UTC) + timedelta(hours=1)
    rebuild_into(store, state, model_config, "before", as_of=BETWEEN)
    rebuild_into(store, state, model_config, "after", as_of=soon)
    assert set(held(store, "before")) == {"quote:shared:Q-1"}
    assert set(held(store, "after")) == {"quote:shared:Q-1", "order:shared:O-1"}


def test_a_name_that_is_taken_or_none_is_refused(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    put(store, accepted(EARLY))
    with pytest.raises(NotRebuilt, match="exists"):
        rebuild_into(store, state, model_config, "then") and rebuild_into(
            store, state, model_config, "then"
        )
    for name in ("", "live"):
        with pytest.raises(NotRebuilt, match="--into"):
            rebuild_into(store, state, model_config, name)
    with pytest.raises(NotRebuilt, match="nothing was known"):
        rebuild_into(store, state, model_config, "empty", as_of=START - timedelta(days=1))


def test_a_rebuild_tells_how_far_it_is_and_buries_what_nobody_tells_of(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    put(store, accepted(EARLY))
    walk_all(store, state, model_config)
    columns = ("dataset", "instance_id", "opened_at", "last_event_at", "version", "deleted")
    ghost = ("live", "quote:shared:GHOST", START, START, 0, 0)
    store.insert("instances", columns, [ghost], token="ghost")
    heard: list[tuple[int, int]] = []
    assert rebuild(store, state, model_config, lambda done, all_: heard.append((done, all_))) == 1
    assert set(held(store, "live")) == {"quote:shared:Q-1"}
    assert heard[-1] == (2, 2)


def test_a_refused_errand_is_answered_with_the_reason(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    state.request(errands.REBUILD, {"into": "live", "as_of": None})
    assert errands.answer_errands(store, state, model_config) == 1
    (answered,) = state.requests(errands.REBUILD, "failed")
    assert "--into wants the name" in answered.answer
