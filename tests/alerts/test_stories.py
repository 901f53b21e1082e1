"""An alert's life on a time axis: when it fires, is told, freezes, is over, and what held it."""

from datetime import UTC, datetime, time, timedelta

import pytest

from alerts.alert import Phase
from alerts.channel import DeliveryError
from alerts.config import RULE_FAILED, AlertsConfig, Mute, Route
from alerts.links import Action, LinkError, follow, read_link
from alerts.message import Kind, plain_text
from alerts.steps.route import NO_CHANNEL
from process_model.errors import StoreUnavailable
from process_model.state import State
from process_model.state.alerting import Silence
from tests.alerts.stories import RULE, Story, calm, holds, kinds, stored_messages, unmeasured
from tests.conftest import Clock


@pytest.fixture
def story(state: State, clock: Clock) -> Story:
    return Story(state, clock)


def test_it_fires_once_and_says_when_it_is_over(story: Story) -> None:
    story.see(calm())
    assert story.minutes(5) == []
    story.see(holds())
    assert kinds(story.minutes(30)) == ["firing"]
    story.see(calm())
    (over,) = story.minutes(30)
    assert over.kind == Kind.RESOLVED
    assert over.items[0].ended_because == "the condition no longer holds"
    assert story.only().done
    assert story.only().resolved_at == datetime(2026, 3, 2, 9, 50, tzinfo=UTC)  # calm for 15 min


def test_a_second_time_is_another_episode_with_other_keys(story: Story) -> None:
    told = []
    for _ in range(2):
        story.see(holds())
        told += story.minutes(3)
        story.see(calm())
        told += story.minutes(20)
    print_ = story.alerts()[0].fingerprint
    assert [message.key for message in told] == [
        f"{print_}:1:firing", f"{print_}:1:resolved", f"{print_}:2:firing", f"{print_}:2:resolved",
    ]  # fmt: skip
    assert [message.thread for message in told] == [f"{print_}:{n}:firing" for n in (1, 1, 2, 2)]


def test_flapping_for_an_hour_gives_at_most_two_messages(story: Story) -> None:
    told = []
    for minute in range(60):
        story.see(holds() if minute % 2 else calm())
        told += story.minutes()
    story.see(calm())
    told += story.minutes(60, each=5)
    assert kinds(told) == ["firing", "resolved"]


def test_it_must_last_before_it_fires_and_a_short_one_leaves_nothing(
    state: State, clock: Clock
) -> None:
    story = Story(state, clock, rule={"lasting": timedelta(minutes=10)})
    story.see(holds())
    assert story.minutes(9) == []
    assert story.phases() == [Phase.PENDING]
    story.see(calm())
    story.minutes()
    assert story.alerts() == []
    story.see(holds())
    assert kinds(story.minutes(12)) == ["firing"]


def test_unmeasured_freezes_it_neither_told_again_nor_over(story: Story) -> None:
    story.see(holds())
    story.minutes(2)
    story.see(unmeasured())
    assert story.minutes(60 * 24, each=30) == []
    assert (story.only().phase, story.only().frozen) == (Phase.FIRING, True)
    assert story.only().frozen_because == "erp is silent"
    story.see(calm())
    # what was not measured does not count as calm
    assert story.minutes(15) == []
    assert kinds(story.minutes(2)) == ["resolved"]
    assert story.notes() == [
        "firing", "told", "delivered", "held", "frozen", "held", "measured", "recovering",
        "resolved", "told", "delivered",
    ]  # fmt: skip


def test_a_pending_one_does_not_fire_on_time_that_nobody_measured(
    state: State, clock: Clock
) -> None:
    story = Story(state, clock, rule={"lasting": timedelta(minutes=10)})
    story.see(holds())
    story.minutes(5)
    story.see(unmeasured())
    story.minutes(60, each=10)
    story.see(holds())
    assert story.minutes(9) == []
    assert kinds(story.minutes(3)) == ["firing"]


def test_what_a_rule_names_no_more_is_over_or_frozen_as_the_rule_says(story: Story) -> None:
    story.see(holds("a"), holds("b"))
    story.minutes(2)
    story.see(holds("b"), rest=None)
    story.minutes(30)
    frozen = {one.labels["thing"]: one.frozen for one in story.alerts()}
    assert frozen == {"a": True, "b": False}
    story.see(holds("b"), rest=False)
    (over,) = story.minutes(30)
    assert [item.title for item in over.items] == ["a is wrong"]


def test_it_is_told_again_after_the_interval_until_somebody_takes_it(story: Story) -> None:
    story.see(holds())
    told = story.minutes(60 * 9, each=15)
    assert kinds(told) == ["firing", "repeat", "repeat"]
    assert len({message.key for message in told}) == 3
    with story.state.alerts_read() as book:
        secret = book.secret("alert links")
    link = read_link(secret, told[-1].acknowledge_url.rpartition("/")[2], story.clock())
    (taken,) = follow(story.state, link, "Ada", story.clock())
    assert (taken.quiet_by, taken.acknowledged_at) == ("Ada", story.clock())
    assert story.minutes(60 * 23, each=30) == []
    assert story.only().held_because.startswith("acknowledged by Ada until ")
    # an acknowledgement ends, too
    assert kinds(story.minutes(60 * 2, each=30)) == ["repeat"]


def test_that_it_is_over_is_told_though_it_was_snoozed(story: Story) -> None:
    story.see(holds())
    (fired,) = story.minutes(2)
    with story.state.alerts_read() as book:
        secret = book.secret("alert links")
    link = read_link(secret, fired.snooze_url.rpartition("/")[2], story.clock())
    assert link.action == Action.SNOOZE
    follow(story.state, link, "Ada", story.clock())
    story.see(calm())
    assert kinds(story.minutes(30)) == ["resolved"]


def test_a_link_works_once_ends_and_cannot_be_made_by_others(story: Story) -> None:
    story.see(holds())
    (fired,) = story.minutes()
    with story.state.alerts_written() as book:
        secret = book.secret("alert links")
    token, now = fired.acknowledge_url.rpartition("/")[2], story.clock()
    link = read_link(secret, token, now)
    follow(story.state, link, "Ada", now)
    with pytest.raises(LinkError, match="Ada followed this link"):
        follow(story.state, link, "Bob", now)
    assert story.only().quiet_by == "Ada"
    with pytest.raises(LinkError, match="ended"):
        read_link(secret, token, now + timedelta(days=8))
    text, _, signature = token.partition(".")
    for forged in (f"{text}.{'A' * len(signature)}", text, f"x{token}", "", f"{text}.é"):
        with pytest.raises(LinkError):
            read_link(secret, forged, now)


def test_a_silence_holds_it_and_what_still_holds_is_told_after_it(story: Story) -> None:
    end = story.clock() + timedelta(hours=1)
    silence = Silence("s1", {"thing": "a"}, story.clock(), end, "Ada", "month-end close")
    with story.state.alerts_written() as book:
        book.add_silence(silence)
    story.see(holds("a"), holds("b"))
    (told,) = story.minutes(59)
    assert [item.title for item in told.items] == ["b is wrong"]
    held = next(one for one in story.alerts() if one.labels["thing"] == "a")
    assert held.held_because == (
        "silenced by Ada until 2026-03-02 10:00 UTC: month-end close"
    )  # fmt: skip
    (after,) = story.minutes(5)
    assert [item.title for item in after.items] == ["a is wrong"]
    assert "silenced by Ada" in after.note


def test_hours_that_are_muted_hold_warnings_and_let_critical_ones_through(
    state: State, clock: Clock
) -> None:
    mute = Mute(name="nights", begin=time(18), end=time(8), zone="Europe/Berlin")
    story = Story(state, clock, mutes=(mute,))
    clock.now = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
    story.see(holds("a"), holds("b", severity="critical"))
    (told,) = story.minutes(30)
    assert [item.title for item in told.items] == ["b is wrong"]
    clock.now = datetime(2026, 3, 3, 7, 1, tzinfo=UTC)  # 08:01 in Berlin
    (after,) = [m for m in story.minutes() if m.kind == Kind.FIRING]
    assert [item.title for item in after.items] == ["a is wrong"]


def test_what_one_rule_sees_at_once_is_one_message(story: Story) -> None:
    story.see(*(holds(str(number)) for number in range(25)))
    (told,) = story.minutes(10)
    assert (len(told.items), told.more) == (20, 5)
    assert told.title == "0 is wrong, and 24 more alerts"
    story.see()
    (over,) = story.minutes(20)
    assert (over.kind, len(over.items) + over.more) == (Kind.RESOLVED, 25)
    assert all(one.done for one in story.alerts())


def test_without_a_channel_it_is_seen_and_the_remedy_is_said(state: State, clock: Clock) -> None:
    story = Story(state, clock, channels=())
    story.see(holds())
    assert story.minutes(30) == []
    assert (story.only().phase, story.only().held_because) == (Phase.FIRING, NO_CHANNEL)
    assert story.notes() == ["firing", "held"]  # once, not once a minute
    story.see(calm())
    story.minutes(20)
    assert story.only().done


def test_routes_lead_to_their_channels_only_and_the_end_to_who_was_told(
    state: State, clock: Clock
) -> None:
    story = Story(state, clock, channels=("ops", "finance"))
    routes = (Route(channel="finance", labels={"thing": "a"}),)
    story.config = story.config.model_copy(update={"routes": routes})
    story.start()
    story.see(holds("a"), holds("b"))
    story.minutes(2)
    assert [message.title for message in stored_messages(state)] == ["a is wrong"]
    held = next(one for one in story.alerts() if one.labels["thing"] == "b")
    assert held.held_because.startswith("no route takes it")
    story.config = story.config.model_copy(update={"channels": story.config.channels[:1]})
    story.start()
    story.see()
    story.minutes(30)
    # finance is gone: nobody is left who could be told, and the alert does not wait for ever
    assert [one.done for one in story.alerts()] == [True, True]


def test_a_rule_that_fails_freezes_its_alerts_and_is_an_alert_itself(story: Story) -> None:
    story.see(holds())
    story.minutes(2)
    story.fails = StoreUnavailable("the store is closed")
    (told,) = story.minutes(10)
    assert told.items[0].rule == RULE_FAILED
    assert told.items[0].detail == "the store is closed"
    mine = next(one for one in story.alerts() if one.rule == RULE)
    assert (mine.phase, mine.frozen) == (Phase.FIRING, True)
    story.fails = None
    assert kinds(story.minutes(20)) == ["resolved"]
    with story.state.alerts_read() as book:
        assert book.rounds()[RULE].failure == ""


def test_a_rule_that_is_taken_out_ends_its_alerts_and_says_so(story: Story) -> None:
    story.see(holds())
    story.minutes(2)
    off = story.config.rules[RULE].model_copy(update={"enabled": False})
    story.config = story.config.model_copy(update={"rules": {RULE: off}})
    story.start()
    story.watch.let_go()
    story.delivery.send_due()
    over = story.channel.taken[-1]
    assert over.kind == Kind.RESOLVED
    assert "taken out of the configuration" in over.items[0].ended_because


def test_looks_that_did_not_happen_are_counted(story: Story) -> None:
    story.see(calm())
    story.minutes(3)
    story.clock.advance(minutes=9)
    story.look()
    with story.state.alerts_read() as book:
        assert book.rounds()[RULE].missed == 9


def test_a_receiver_that_is_down_gets_everything_in_order_when_it_is_back(story: Story) -> None:
    story.channel.failing = DeliveryError("503 later", permanent=False)
    story.see(holds())
    story.minutes(5)
    story.see(calm())
    assert story.minutes(60 * 24, each=30) == []
    story.channel.failing = None
    assert kinds(story.minutes(30)) == ["firing", "resolved"]
    assert "waits" in story.notes()


def test_a_message_that_is_refused_for_good_is_kept_with_the_reason(story: Story) -> None:
    story.channel.failing = DeliveryError("410 gone", permanent=True)
    story.see(holds())
    story.minutes(3)
    with story.state.alerts_read() as book:
        (kept,) = book.outgoing(state="refused")
    assert (kept.answer, kept.attempts) == ("410 gone", 1)
    assert "refused" in story.notes()


def test_a_restart_changes_nothing(story: Story) -> None:
    story.see(holds())
    assert kinds(story.minutes(5)) == ["firing"]
    story.start()
    assert story.minutes(60, each=10) == []
    assert story.phases() == [Phase.FIRING]


def test_a_message_says_what_a_reader_must_know(state: State, clock: Clock) -> None:
    story = Story(state, clock, zone="Europe/Berlin")
    story.see(holds(detail="5.0% may", coverage=0.99, since=clock() - timedelta(hours=5)))
    (told,) = story.minutes()
    text = plain_text(told)
    assert "Since: Mon 02 Mar 2026 05:00 Europe/Berlin (UTC+01:00)" in text
    assert "Judged by: 5.0% may" in text
    assert "Complete: 99% of the data behind it" in text
    assert "Likely cause: no finding explains it" in text
    assert (
        f"https://throughline.example/alert/{story.only().id}?since=2026-03-02T03%3A00%3A00Z"
        "&until=2026-03-02T10%3A00%3A00Z&tz=Europe%2FBerlin"
    ) in text
    assert "https://throughline.example/alerts/link/" in text


def test_what_was_seen_when_it_fired_never_changes(story: Story) -> None:
    story.see(holds(value=0.5))
    story.minutes(3)
    story.see(holds(value=0.9))
    story.minutes(3)
    alert = story.only()
    assert alert.then is not None
    assert (alert.then.value, alert.now.value) == (0.5, 0.9)


def test_the_settings_refuse_what_cannot_work() -> None:
    for given, said in (
        ({"channels": [{"name": "a", "kind": "pigeon"}]}, "no channel 'pigeon'"),
        ({"rules": {"nothing": {}}}, "no rule 'nothing'"),
        ({"routes": [{"channel": "ops"}]}, "there is no channel ops"),
        ({"zone": "Mars/Base"}, "no time zone is named Mars/Base"),
        ({"mutes": [{"name": "m", "days": ["someday"]}]}, "someday is none of"),
        (
            {"rules": {"kpi_threshold": {"thresholds": [{"name": "x", "kpi": "no", "above": 1}]}}},
            "there is no KPI no",
        ),
        ({"channels": [{"name": "a", "kind": "webhook", "url": "https://x/"}]}, "signed"),
    ):
        with pytest.raises(ValueError, match=said):
            AlertsConfig.model_validate(given)
