"""A person undoes a link with a reason, sees it undone, and takes that back."""

import json

import pytest

from process_model import errands
from process_model.config import ModelConfig
from process_model.errors import ThroughlineError
from process_model.state import State
from process_model.store import Store
from process_model.undoing import NoSuchLink, links_of_case
from tests.process_model.arrivals import START, accepted, put, walk_all, whole_rows


def fact(id_: str, type_: str, subject: str, **envelope: object) -> dict[str, object]:
    return {
        "specversion": "1.0", "id": id_, "source": "urn:system:erp", "type": f"q2c.{type_}.v1",
        "subject": subject, "time": START.isoformat(), "data": {}, **envelope,
    }  # fmt: skip


@pytest.fixture
def estate(store: Store, state: State, model_config: ModelConfig) -> Store:
    """A quote, an order that a conversation joins to it, and an invoice that names the order."""
    of_order = {"objects": [{"type": "order", "id": "O-1"}]}
    told = [
        fact("1", "quote.accepted", "quote/Q-1", correlationid="deal"),
        fact("2", "order.created", "order/O-1", correlationid="deal"),
        fact("3", "invoice.posted", "invoice/I-1", data=of_order),
    ]
    put(store, accepted(told))
    walk_all(store, state, model_config)
    assert set(whole_rows(store)) == {"quote:shared:Q-1"}
    return store


def named(one: str, two: str, **more: str) -> dict[str, str]:
    return {"dataset": "live", "case": one, "from": one, "to": two, **more}


def test_the_links_of_a_case_say_how_they_are_known(estate: Store, state: State) -> None:
    found = {(k.from_key, k.to_key): k for k in links_of_case(estate, state, "live", "I-1")}
    derived = found["quote:shared:Q-1", "order:shared:O-1"]
    assert (derived.evidence, derived.basis) == ("derived", "correlationid")
    declared = found["order:shared:O-1", "invoice:shared:I-1"]
    assert (declared.evidence, declared.proof) == ("declared", "urn:system:erp 3")


@pytest.mark.parametrize(
    ("one", "two", "apart"),
    [("Q-1", "order/O-1", "order:shared:O-1"), ("O-1", "I-1", "invoice:shared:I-1")],
)
def test_an_undone_link_parts_the_case_and_taken_back_joins_it_again(
    estate: Store, state: State, model_config: ModelConfig, one: str, two: str, apart: str
) -> None:
    whole = whole_rows(estate)
    work = (estate, state, model_config)
    said = errands.run_errand(*work, errands.UNDO, named(one, two, why="wrong order", by="ada"))
    assert said.endswith("2 cases were grown again")
    assert set(whole_rows(estate)) == {"quote:shared:Q-1", apart}
    (undone,) = [k for k in links_of_case(estate, state, "live", apart) if k.undone_because]
    assert (undone.to_key, undone.undone_because) == (apart, "wrong order")
    said = errands.run_errand(*work, errands.TAKE_BACK, named(one, two))
    assert said.endswith("1 case was grown again")
    assert whole_rows(estate) == whole


def test_what_cannot_be_undone_says_why(
    estate: Store, state: State, model_config: ModelConfig
) -> None:
    def refusal(kind: str, payload: dict[str, str]) -> str:
        with pytest.raises(ThroughlineError) as refused:
            errands.run_errand(estate, state, model_config, kind, payload)
        return str(refused.value)

    assert "there are" in refusal(errands.UNDO, named("Q-1", "O-9", why="x"))
    assert "say why" in refusal(errands.UNDO, named("Q-1", "O-1", why=" "))
    assert "there are none" in refusal(errands.TAKE_BACK, named("Q-1", "O-1"))
    with pytest.raises(NoSuchLink, match="no case Q-9"):
        links_of_case(estate, state, "live", "Q-9")


def test_the_holder_answers_who_asks_by_a_request_row(
    estate: Store, state: State, model_config: ModelConfig
) -> None:
    state.request(errands.LINKS, {"dataset": "live", "case": "Q-1"})
    state.request(errands.UNDO, named("Q-1", "O-1", why="wrong", by="ada"))
    assert errands.answer_errands(estate, state, model_config) == 2
    (links,) = state.requests(errands.LINKS, "done")
    assert {link["to_key"] for link in json.loads(links.answer)} == {
        "order:shared:O-1", "invoice:shared:I-1",
    }  # fmt: skip
    assert set(whole_rows(estate)) == {"quote:shared:Q-1", "order:shared:O-1"}
