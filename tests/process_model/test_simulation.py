from collections import Counter
from datetime import UTC, datetime, timedelta

from collector.envelopes.canonical import translate
from process_model.events import BusinessEvent
from process_model.simulation import story

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def told() -> list[BusinessEvent]:
    events = story.one_orders_life(NOW - timedelta(days=9)) + story.forty_orders(NOW)
    return [translate(event, received_at=NOW) for event in events]


def test_every_event_of_the_story_is_valid_and_has_an_identity_of_its_own() -> None:
    identities = Counter((event.source, event.id) for event in told())
    assert set(identities.values()) == {1}


def test_nothing_in_the_story_happens_in_the_future() -> None:
    assert max(event.event_time for event in told()) <= NOW


def test_the_same_start_tells_the_same_story() -> None:
    assert story.forty_orders(NOW) == story.forty_orders(NOW)


def test_the_shared_payment_is_the_sum_of_its_shares() -> None:
    shared = next(event for event in told() if event.subject == "payment:shared:P-SHARED")
    assert sorted(str(link.amount) for link in shared.links) == ["1533", "2643"]
    assert shared.amount == "4176"


def test_three_currencies_and_three_regions_are_told() -> None:
    assert {event.currency for event in told()} >= {"EUR", "USD", "JPY"}
    assert {event.region for event in told()} == {"EMEA", "AMER", "APAC"}
