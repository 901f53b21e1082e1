"""Whom a request waits for: what looks like a slow person, and who is one."""

from datetime import timedelta
from typing import Any

from process_model.config import ModelConfig
from process_model.detection import detect
from process_model.observations.estate import Estate
from process_model.observations.requests import Wait, naming_field, requests, with_requests
from process_model.state import State
from process_model.store import Store
from tests.builders import START, Life, a_quote, stored
from tests.process_model.test_findings import DAY, found_in
from tests.process_model.test_findings_near_misses import row

HOUR = timedelta(hours=1)
_ASKS, _DECIDES = ["approval.requested"], ["approval.granted", "approval.denied"]


def asked(at: float, quote: str = "Q-1", **fields: str) -> Any:
    return row(instance_id="A", object=quote, type="approval.requested", at=at, due_at=at + 20,
               source="cpq", actor="u-seller", rule="", fields=fields)  # fmt: skip


def decided(at: float, by: str, quote: str = "Q-1", type_: str = "approval.granted") -> Any:
    return row(instance_id="A", object=quote, type=type_, at=at, due_at=0.0, source="cpq",
               actor=by, rule="A-3 version 2", fields={})  # fmt: skip


def wait(entered: float, completed: float = 0.0, actor: str = "") -> Wait:
    state = "done" if completed else "open"
    return Wait("A", "approval", "Q-1", entered, completed, entered + 20, state, "", actor, "")


def many(field_is_right: int, of: int = 40) -> list[Any]:
    """Decided requests whose field ``approver`` names who decides, so many times."""
    told = []
    for n in range(of):
        name = f"u-{n % 4}" if n < field_is_right else "u-else"
        told += [asked(n * 100.0, f"Q-{n}", approver=name, desk="7"),
                 decided(n * 100.0 + 5, f"u-{n % 4}", f"Q-{n}")]  # fmt: skip
    return told


def test_the_field_that_names_who_decides_is_learned_and_a_desk_or_a_guess_is_none() -> None:
    assert naming_field(requests(many(36), _ASKS, _DECIDES)) == "approver"
    assert naming_field(requests(many(20), _ASKS, _DECIDES)) == ""
    assert naming_field(requests(many(10, of=10), _ASKS, _DECIDES)) == ""


def test_an_open_wait_belongs_to_whom_it_was_asked_of_only_where_that_is_known() -> None:
    found = requests([*many(40), asked(9_000.0, approver="u-3", desk="7")], _ASKS, _DECIDES)
    (still,) = [one for one in with_requests([wait(9_000.0)], found, 20.0) if one.state == "open"]
    assert still.actor == "u-3"
    alone = requests([asked(9_000.0, approver="u-3")], _ASKS, _DECIDES)
    assert with_requests([wait(9_000.0)], alone, 20.0) == [wait(9_000.0)]


def test_what_is_asked_of_two_at_once_waits_for_neither_of_them() -> None:
    both = [asked(9_000.0, approver="u-1", desk="7"), asked(9_001.0, approver="u-2", desk="7")]
    (one,) = requests(both, _ASKS, _DECIDES)
    assert (one.entered, one.fields) == (9_000.0, {"desk": "7"})


def test_a_refusal_ends_a_wait_and_a_replaced_quote_waited_as_well() -> None:
    refused = [asked(10.0), decided(300.0, "u-2", type_="approval.denied")]
    (done,) = with_requests([wait(10.0)], requests(refused, _ASKS, _DECIDES), 20.0)
    assert (done.state, done.completed, done.actor) == ("done", 300.0, "u-2")
    (earlier,) = with_requests([], requests(refused, _ASKS, _DECIDES), 20.0)
    assert (earlier.object, earlier.entered, earlier.completed) == ("Q-1", 10.0, 300.0)
    # a request whose quote was replaced before anybody decided waits no more
    assert with_requests([], requests([asked(10.0)], _ASKS, _DECIDES), 20.0) == []
    # a decision that nobody asked for is no wait
    assert requests([decided(300.0, "u-2")], _ASKS, _DECIDES) == []


def approvals(number: int, slow: str) -> list[Life]:
    """Quotes that three people approve within hours, and one, since day ten, after a week."""
    told = []
    for n in range(number):
        at, who = START + n * DAY / 6 + HOUR, f"u-{n % 4}"
        life = a_quote(n, customer=f"C-{n % 9}").quoted(at)
        life.asked(at + HOUR, fields={"approver": who})
        late = who == slow and n > 60
        life.approved(at + HOUR + (7 * DAY if late else (1 + n % 5) * HOUR), who)
        told.append(life)
    return told


def test_what_still_waits_for_a_slow_approver_is_named_with_him(store: Store, state: State) -> None:
    told, now = approvals(160, "u-2"), START + 160 * DAY / 6
    for life in told:
        life.told = [one for one in life.told if one["time"] <= now.isoformat()]
    stored(store, state, told)
    (one,) = [f for f in found_in(store, now) if f.stage == "approval"]
    assert one.kind == "stage_slowdown" and "u-2" in one.title
    begun = {told[n].instance for n in range(61, 160) if n % 4 == 2 and n < 145}
    assert begun <= {*one.instances}
    assert {*one.instances} <= {told[n].instance for n in range(160) if n % 4 == 2}


def test_a_case_that_comes_while_the_estate_is_looked_at_disturbs_nothing(
    store: Store, state: State
) -> None:
    told, now = approvals(60, ""), START + 30 * DAY
    stored(store, state, told[:30])
    estate = Estate(store.reader(), ModelConfig(), dataset="live", as_of=now)
    assert len(estate.cases) == 30
    stored(store, state, told[30:])
    begun = {instance for one in detect(estate) for instance in one.instances}
    assert begun <= {*estate.cases}
    assert {one.instance_id for one in estate.waits} <= {*estate.cases}
