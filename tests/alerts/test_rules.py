"""What rules see of an estate that is told fact by fact, and what would have fired in its past."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from alerts.alert import Phase
from alerts.backtest import replayed
from alerts.config import AlertsConfig, rules
from alerts.desk import CHECK, answer_asked, checked
from alerts.evaluation import Watch
from alerts.impact import impact_of
from alerts.rule import Look, Reading
from process_model.config import ModelConfig
from process_model.state import State, open_state
from process_model.store import Handle, Store
from tests.alerts.stories import Story
from tests.builders import START, Life, a_quote, stored
from tests.conftest import Clock

pytestmark = pytest.mark.engine
DAY = timedelta(days=1)
NOW = START + 14 * DAY
# all sources of the estate may be silent for as long as the stories last
SOURCES = ("cpq", "sap", "mulesoft", "warehouse", "billing", "stripe", "salesforce", "vertex")
PATIENT = ModelConfig(silence_limits={f"urn:system:{name}:emea": 30 * DAY for name in SOURCES})


def estate() -> list[Life]:
    """Thirty lives in order, and four accepted quotes that no order followed."""
    lives = []
    for number in range(30):
        at = START + number * DAY / 6
        life = a_quote(100 + number, customer=f"C-{number}").quoted(at).accepted(at + DAY / 24)
        life.crossed(at + DAY / 20).ordered(at + DAY / 18)
        lives.append(life.delivered(at + DAY).invoiced(at + DAY * 1.1).paid(at + 6 * DAY))
    for number in range(4):
        at = START + 9 * DAY
        lives.append(
            a_quote(900 + number, amount=f"{1000 + number}.50", customer=f"C-{number // 2}")
            .quoted(at).accepted(at + DAY / 24)
            .crossed(at + DAY / 20, failing="timeout")
        )  # fmt: skip
    return lives


@pytest.fixture
def reader(store: Store, state: State) -> Iterator[Handle]:
    stored(store, state, estate(), config=PATIENT)
    with store.reader() as handle:
        yield handle


def looked(
    reader: Handle, rule: str, model: ModelConfig = PATIENT, **settings: Any
) -> list[Reading]:
    config = AlertsConfig.model_validate({"rules": {rule: settings}}).rule(rule)
    look = Look(reader=reader, now=NOW, model=model, config=config)
    return list(rules()[rule].evaluate(look).readings)


def test_broken_promises_are_exact_by_document_and_priced(reader: Handle) -> None:
    found = {one.labels["stage"]: one for one in looked(reader, "broken_promise")}
    order = found["order"]
    assert (order.holds, order.title) == (True, "4 promised orders are overdue")
    assert list(order.instances) == [f"quote:shared:Q-{900 + n}" for n in range(4)]
    assert found["invoice"].holds is False
    look = Look(reader=reader, now=NOW, model=PATIENT, config=None)
    impact = impact_of(look, order)
    assert (impact.cases, impact.customers) == (4, 2)
    assert {c: Decimal(a) for c, a in impact.money.items()} == {"EUR": Decimal("4008.00")}
    assert [one.number for one in impact.examples] == ["Q-903", "Q-902", "Q-901", "Q-900"]


def test_where_the_source_is_silent_a_promise_is_unmeasured_and_the_silence_fires(
    reader: Handle,
) -> None:
    silent = ModelConfig(silence_limits=PATIENT.silence_limits | {"urn:system:sap:emea": DAY})
    order = looked(reader, "broken_promise", silent)[0]
    assert order.holds is None
    assert "urn:system:sap:emea" in order.detail
    sources = {one.labels["source"]: one for one in looked(reader, "source_silent", silent)}
    assert sources["urn:system:sap:emea"].holds is True
    assert set(sources["urn:system:sap:emea"].instances) == {
        f"quote:shared:Q-{900 + n}" for n in range(4)
    }
    assert sources["urn:system:cpq:emea"].holds is False


def test_hand_overs_that_fail_burn_the_budget_and_name_their_cases(reader: Handle) -> None:
    found = {
        one.labels["stage"]: one
        for one in looked(reader, "sync_success", window="P14D", recent="P14D", burn=2)
    }
    order = found["order"]
    assert order.holds is True
    assert order.value == pytest.approx(4 / 34)
    assert {f"quote:shared:Q-{900 + n}" for n in range(4)} == set(order.instances)
    # the same figures with an objective that allows them
    calm = looked(reader, "sync_success", window="P14D", recent="P14D", objective=0.9, burn=2)
    assert next(one for one in calm if one.labels["stage"] == "order").holds is False


def test_waits_that_are_still_open_past_their_limit_burn_the_budget_now(reader: Handle) -> None:
    found = {one.labels["stage"]: one for one in looked(reader, "stage_latency", window="P14D",
                                                        recent="P14D", burn=2)}  # fmt: skip
    assert found["order"].holds is True
    assert set(found["order"].instances) == {f"quote:shared:Q-{900 + n}" for n in range(4)}
    few = looked(reader, "stage_latency", window="P14D", recent="P14D", burn=2, least=100)
    assert all(one.holds is not True for one in few)


def test_a_silent_source_freezes_the_stages_it_tells_of_and_no_other(reader: Handle) -> None:
    silent = ModelConfig(silence_limits=PATIENT.silence_limits | {"urn:system:stripe:emea": DAY})
    over = {"window": "P14D", "recent": "P14D", "burn": 2}
    readings = looked(reader, "stage_latency", silent, **over)
    found = {one.labels["stage"]: one for one in readings}
    assert found["payment"].holds is None
    assert "urn:system:stripe:emea" in found["payment"].detail
    assert found["order"].holds is True


def test_any_kpi_may_have_a_limit_by_segment(reader: Handle) -> None:
    thresholds = [
        {"name": "risk", "kpi": "K40", "above": 4000, "window": "P30D", "by": "region"},
        {"name": "no risk", "kpi": "revenue_at_risk", "above": 5000, "window": "P30D"},
        {"name": "sync", "kpi": "sync_success", "below": 0.95, "window": "P14D"},
        {"name": "elsewhere", "kpi": "sync_success", "below": 0.95, "window": "P14D",
         "where": {"region": ["APAC"]}},
    ]  # fmt: skip
    found = {one.labels["threshold"]: one for one in looked(reader, "kpi_threshold",
                                                            thresholds=thresholds)}  # fmt: skip
    assert found["risk"].holds is True
    assert found["risk"].labels == {"threshold": "risk", "kpi": "revenue_at_risk", "region": "EMEA"}
    assert len(found["risk"].instances) == 4
    assert found["no risk"].holds is False
    assert found["sync"].holds is True
    # nothing to judge by is not healthy
    assert found["elsewhere"].holds is None


def test_every_kpi_can_be_watched_and_leads_to_its_cases_or_says_its_own_figures(
    reader: Handle,
) -> None:
    from process_model.kpi import load_all

    thresholds = [
        {"name": f"{name} {word}", "kpi": name, word: 0 if word == "above" else 1e12,
         "window": "P30D", "least": 1}
        for name in load_all() for word in ("above", "below")
    ]  # fmt: skip
    found = looked(reader, "kpi_threshold", thresholds=thresholds)
    assert {one.labels["kpi"] for one in found} == set(load_all())
    for one in found:
        if one.holds:
            assert one.instances or one.impact is not None


def test_the_whole_way_from_facts_to_a_message_and_to_its_end(
    store: Store, state: State, clock: Clock
) -> None:
    stored(store, state, estate(), config=PATIENT)
    clock.now = NOW
    story = Story(state, clock)
    config = story.config.model_copy(update={"rules": {}})
    with store.reader() as reader:
        watch = Watch(reader, state, config, PATIENT, base_url="https://t.example", clock=clock,
                      known={"broken_promise": rules()["broken_promise"]})  # fmt: skip
        watch.look("broken_promise")
        story.delivery.send_due()
        (fired,) = story.channel.taken
        (item,) = fired.items
        assert (item.impact.cases, item.impact.money) == (4, {"EUR": "4008.00"})
        late = [a_quote(900 + n, amount=f"{1000 + n}.50").ordered(NOW + DAY / 24) for n in range(4)]
        stored(store, state, late, config=PATIENT)
        for _ in range(6):
            clock.advance(hours=1)
            watch.look("broken_promise")
        story.delivery.send_due()
    assert [str(message.kind) for message in story.channel.taken] == ["firing", "resolved"]
    over = next(one for one in story.alerts() if one.labels["stage"] == "order")
    assert over.phase == Phase.RESOLVED
    assert over.then is not None
    assert over.then.impact.cases == 4


def test_the_past_says_what_would_have_fired(reader: Handle, tmp_path: Path) -> None:
    known = {"broken_promise": rules()["broken_promise"]}
    happened = list(
        replayed(reader, AlertsConfig(), PATIENT, known, START + 8 * DAY, NOW, timedelta(hours=6))
    )
    fired = [one for one in happened if one.phase == Phase.FIRING]
    assert [one.title for one in fired] == ["4 promised orders are overdue"]
    accepted = START + 9 * DAY + DAY / 24
    assert accepted < fired[0].at <= accepted + 2 * DAY
    assert (fired[0].cases, fired[0].money) == (4, {"EUR": "4008.00"})
    with pytest.raises(ValueError, match="too many"):
        list(replayed(reader, AlertsConfig(), PATIENT, known, START, NOW, timedelta(seconds=1)))


def test_a_command_asks_the_holder_by_a_request_and_gets_the_same_text(
    reader: Handle, state: State
) -> None:
    payload = {"rule": "broken_promise", "since": (START + 8 * DAY).isoformat(),
               "until": NOW.isoformat(), "every_seconds": 43_200.0}  # fmt: skip
    id_ = state.request(CHECK, payload)
    bad = state.request(CHECK, {"rule": "nothing"})
    answer_asked(reader, state, AlertsConfig(), PATIENT)
    (done,) = state.requests(CHECK, "done")
    assert done.id == id_
    assert done.answer == checked(reader, AlertsConfig(), PATIENT, payload)
    assert (
        "firing  broken_promise: 4 promised orders are overdue  4 cases, 4.0 k EUR" in done.answer
    )
    (failed,) = state.requests(CHECK, "failed")
    assert (failed.id, failed.answer.startswith("there is no rule nothing")) == (bad, True)


def test_a_check_tells_what_each_rule_sees_and_changes_nothing(
    reader: Handle, tmp_path: Path
) -> None:
    text = checked(reader, AlertsConfig(), PATIENT, {})
    assert "broken_promise: 2 things watched" in text
    assert "No channel is configured" in text
    with open_state(tmp_path / "other.db") as state, state.alerts_read() as book:
        assert book.alerts() == []
    assert datetime.now(UTC) > NOW
