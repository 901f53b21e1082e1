"""What a list can be narrowed by, counted on the same instances as the list itself."""

from datetime import UTC, datetime, timedelta

from process_model import facets, lookup
from process_model.config import ModelConfig
from process_model.questions import Selection
from process_model.simulation import story
from process_model.state import State
from process_model.store import Store
from tests.process_model.test_instances import accepted, put, walk_all

NOW = datetime(2026, 3, 30, 9, 0, tzinfo=UTC)


def estate(store: Store, state: State, config: ModelConfig) -> None:
    life = story.one_orders_life(NOW - timedelta(days=9))
    put(store, accepted([*life, *story.forty_orders(NOW)]))
    walk_all(store, state, config)


def test_every_choice_counts_what_the_list_then_shows(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    estate(store, state, model_config)
    selection = Selection(as_of=NOW)
    found = facets.choices(store, selection, status=["open"])
    assert {choice.name for choice in found} >= {"status", "stage"}
    seen = 0
    for choice in found:
        narrowed = {
            "status": {"status": [choice.value]},
            "stage": {"status": ["open"], "stage": [choice.value]},
            "past_due": {"status": ["open"], "past_due": True},
            "failed": {"status": ["open"], "failed": True},
        }[choice.name]
        page = lookup.instances_page(store, selection, **narrowed)  # type: ignore[arg-type]
        assert page.total == choice.instances, choice
        seen += 1
    assert seen > 5


def test_a_list_sorts_by_text_numbers_and_times_and_never_loses_a_row(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    estate(store, state, model_config)
    everything = {row.instance_id for row in lookup.instances_page(store, Selection()).rows}
    for sort in lookup.SORTS:
        for descending in (True, False):
            rows = lookup.instances_page(store, Selection(), sort=sort, descending=descending).rows
            assert {row.instance_id for row in rows} == everything
            known = [getattr(row, sort) for row in rows if getattr(row, sort) is not None]
            assert known == sorted(known, reverse=descending), sort


def test_the_same_error_is_counted_in_its_hours_only(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    estate(store, state, model_config)
    failed = NOW - timedelta(days=9) + timedelta(hours=30.5)
    hour = timedelta(hours=1)
    near = Selection(since=failed - hour, until=failed + hour)
    rows = lookup.instances_page(store, near, error_type="upstream_down").rows
    assert "Q-1001" in {row.number for row in rows}
    counted = facets.instances_with_error(store, "live", "upstream_down", near.since, near.until)
    assert counted == len(rows)
    far = Selection(since=failed + 100 * hour, until=failed + 101 * hour)
    again = lookup.instances_page(store, far, error_type="upstream_down").rows
    assert "Q-1001" not in {row.number for row in again}


def test_freshness_and_extent_are_unknown_before_the_first_event_and_true_after(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    assert facets.newest(store, "live") == facets.Newest(None, None)
    assert facets.extent(store, "live") == facets.Extent(0, None, None)
    estate(store, state, model_config)
    newest, extent = facets.newest(store, "live"), facets.extent(store, "live")
    assert newest.happened == extent.last
    assert extent.instances == 41
    assert facets.datasets(store) == ["live"]
    regions = {c.value: c.instances for c in facets.segment_values(store, "live")
               if c.name == "region"}  # fmt: skip
    assert sum(regions.values()) == 41


def test_a_hand_over_that_failed_and_then_succeeded_is_said_so(
    store: Store, state: State, model_config: ModelConfig
) -> None:
    put(store, accepted(story.one_orders_life(NOW - timedelta(days=9))))
    walk_all(store, state, model_config)
    detail = lookup.instance(store, "live", "quote:shared:Q-1001")
    assert detail is not None
    assert "hand-over from cpq to sap failed and then succeeded" in detail.deviations
    assert not [said for said in detail.deviations if "never succeeded" in said]
