"""What hits one region, and what only happens elsewhere meanwhile."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from process_model.findings.lost_correlation import regional_losses
from process_model.findings.silent_source import Habit, habits, lost_nothing, preceding, swallowed
from process_model.observations.crossing_failures import (
    FailedCrossing,
    FailureStretch,
    hop_stretches,
    with_fellows,
)
from process_model.observations.silences import Silence, silences
from tests.builders import START
from tests.process_model.test_findings_near_misses import row, slots

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
_SLOT = timedelta(hours=3)
_REGIONS = ("AMER", "APAC", "EMEA")
_HOP = ("sap", "wms", "correlation id")


def hop_rows(lost: dict[str, range], now_and_then: str = "") -> list[Any]:
    """A hop of three regions, two steps a slot each; the regions lose all in those slots."""
    rows = []
    for place in range(160):
        for region in _REGIONS:
            at, stray = START + place * _SLOT, region == now_and_then and place % 40 == 7
            count = 2 if place in lost.get(region, ()) else int(stray)
            losers = [(at + HOUR, f"{region}-{place}-{n}", "x.y") for n in range(count)]
            rows.append(row(region=region, slot=at, steps=2, losses=count, losers=losers))
    return rows


def test_one_region_that_loses_is_named_to_its_very_ends_and_no_other() -> None:
    (one,) = regional_losses({_HOP: hop_rows({"EMEA": range(60, 100)}, now_and_then="APAC")})
    assert {case.split("-")[0] for _, case, _ in one.losers} == {"EMEA"}
    assert (one.since, one.until) == (START + 60 * _SLOT + HOUR, START + 99 * _SLOT + HOUR)
    assert len(one.losers) == one.steps == 80


def test_regions_that_lose_together_are_one_row_and_strays_are_none() -> None:
    (all_,) = regional_losses({_HOP: hop_rows(dict.fromkeys(_REGIONS, range(60, 100)))})
    assert len(all_.losers) == 240
    (two,) = regional_losses({_HOP: hop_rows({"EMEA": range(60, 90), "APAC": range(70, 100)})})
    assert {case.split("-")[0] for _, case, _ in two.losers} == {"APAC", "EMEA"}
    assert not regional_losses({_HOP: hop_rows({}, now_and_then="EMEA")})


def crossings(failing: dict[str, range], strays: tuple[int, ...] = ()) -> list[set[str]]:
    """The objects of each stretch; one object an hour crosses in each of three regions."""
    rows, failed, regions = [], {}, {}
    for place in range(400):
        for region in _REGIONS:
            at, name = START + place * HOUR, f"{region}-{place}"
            if place in failing.get(region, ()) or (region == "AMER" and place in strays):
                failed[name] = [at]
            regions[name] = region
            rows.append(row(instance_id=name, object=name, from_system="cpq", to_system="tax",
                            obliged_at=at, first_success_at=at + HOUR / 2))  # fmt: skip
    found = hop_stretches(("cpq", "tax"), "upstream_down", failed, rows, regions, 8)
    return [{one.object for one in stretch.failed} for stretch in found]


def test_a_retry_elsewhere_is_no_part_of_an_outage_in_one_region() -> None:
    (hit,) = crossings({"EMEA": range(200, 235)}, strays=(20, 210, 350))
    assert hit == {f"EMEA-{place}" for place in range(200, 235)}
    assert crossings({}, strays=(20, 210, 350)) == []


def test_an_outage_of_all_regions_loses_none_of_them() -> None:
    found = crossings(dict.fromkeys(_REGIONS, range(200, 230)))
    assert set().union(*found) == {f"{r}-{p}" for r in _REGIONS for p in range(200, 230)}


def test_who_seldom_calls_a_system_that_is_down_is_hit_as_well_and_a_single_retry_is_not() -> None:
    def at(hours: float) -> datetime:
        return START + hours * HOUR

    def crossing(name: str, hours: float, hop: tuple[str, str]) -> Any:
        return row(instance_id=name, object=name, from_system=hop[0], to_system=hop[1],
                   obliged_at=at(hours), first_success_at=at(hours + 40))  # fmt: skip

    seldom, other = ("sap", "tax"), ("sap", "wms")
    proven = FailureStretch(
        "upstream_down",
        (("cpq", "tax"),),
        at(100),
        at(135),
        (FailedCrossing("Q", "Q", at(100), at(135), ("cpq", "tax")),),
        0.01,
        1,
    )
    crossings = {
        seldom: [crossing(f"{region}-{n}", n * 10.0, seldom) for n in range(40)
                 for region in _REGIONS],
        other: [crossing(f"W-{n}", n * 10.0, other) for n in range(40)],
    }  # fmt: skip
    regions = {row_.instance_id: row_.instance_id.split("-")[0] for row_ in crossings[seldom]}
    hit = {f"EMEA-{n}": [at(n * 10.0)] for n in (10, 11, 13)}
    stray = {"AMER-12": [at(120)], "EMEA-30": [at(300)]}
    failures = {
        (seldom, "upstream_down"): hit | stray,
        (other, "upstream_down"): {f"W-{n}": [at(n * 10.0)] for n in (10, 11, 12, 13)},
        (seldom, "timeout"): {f"APAC-{n}": [at(n * 10.0)] for n in (10, 11, 12, 13)},
    }
    found = with_fellows(proven, failures, crossings, regions)
    assert {one.object for one in found.failed} == {"Q", *hit}
    assert found.hops == (("cpq", "tax"), seldom)


# --- sources -----------------------------------------------------------------------------------


def test_a_load_of_masters_before_the_first_step_is_no_silence() -> None:
    steps = [one for one in slots() if one.slot >= (START + 20 * DAY).timestamp()]

    def loaded(works: int) -> list[Any]:
        """Three sources tell of customers for weeks; then, one day later, the process begins."""
        rows = []
        for source in ("crm", "erp", "billing"):
            for n in range(90):
                at = START + n * 5 * HOUR
                rows.append(row(source=f"urn:system:{source}:emea", region="EMEA", events=1,
                                slot=int(at.timestamp()), works=works, first_at=at, last_at=at)
                )  # fmt: skip
        begin = (START + 24 * DAY).timestamp()
        late = [one for one in steps if one.source != "urn:system:erp:emea" or one.slot >= begin]
        return sorted(rows + late, key=lambda one: one.slot)

    now = START + 59.3 * DAY
    assert not [one for one in silences(loaded(works=0), now) if one.certain]
    # one that took part in the process all the time before was silent
    assert {one.source for one in silences(loaded(works=1), now) if one.certain} == {
        "urn:system:erp:emea"}  # fmt: skip


def trace(name: str, *told: tuple[str, float]) -> Any:
    return row(instance_id=name, region="EMEA", activities=[type_ for type_, _ in told],
               moments=[(START + at * DAY).timestamp() for _, at in told])  # fmt: skip


def estate_of(number: int) -> list[Any]:
    """Credit is checked after the order is made, which the reference process does not foresee."""
    return [
        trace(f"Q-{n}", ("quote.created", n), ("quote.validated", n + 0.1),
              ("approval.granted", n + 2.0), ("quote.accepted", n + 4.0),
              ("order.created", n + 4.1), ("credit.checked", n + 4.2), ("order.booked", n + 4.3))
        for n in range(number)
    ]  # fmt: skip


def lacks(extra: Any, begin: float, end: float, now: float = 60) -> list[tuple[str, str]]:
    traces = [*estate_of(40), extra]
    usual: dict[str, Habit] = habits(traces)
    when = ((START + at * DAY).timestamp() for at in (begin, end, now))
    return list(swallowed(*when, traces, {"EMEA": {"credit.checked"}}, usual))


def test_a_case_that_has_not_come_to_a_step_does_not_lack_it() -> None:
    assert "order.created" in preceding(estate_of(40))["credit.checked"]
    waiting = trace("young", ("quote.created", 40), ("quote.validated", 40.1),
                    ("approval.granted", 42))  # fmt: skip
    assert lacks(waiting, 40.5, 41.5) == []
    passed = trace("old", ("quote.created", 40), ("quote.accepted", 41), ("order.created", 41.1),
                   ("order.booked", 41.3))  # fmt: skip
    assert lacks(passed, 41.05, 41.4) == [("old", "credit.checked")]


def test_what_may_still_come_after_a_silence_was_not_swallowed_by_it() -> None:
    ordered = trace("new", ("quote.created", 40), ("quote.accepted", 44), ("order.created", 44.1))
    assert lacks(ordered, 44.15, 44.3, now=44.3) == [("new", "credit.checked")]
    assert lacks(ordered, 44.15, 44.2001, now=44.2001) == [("new", "credit.checked")]
    assert lacks(ordered, 44.15, 44.2001, now=60) == [("new", "credit.checked")]
    slow = [trace(f"S-{n}", ("order.created", n), ("credit.checked", n + 1 + n % 9),
                  ("order.booked", n + 11)) for n in range(40)]  # fmt: skip
    young = trace("young", ("order.created", 50))
    usual = habits([*slow, young])
    moments = [(START + at * DAY).timestamp() for at in (54, 56)]
    for now, swallowed_ in ((57, []), (70, [("young", "credit.checked")])):
        till = (START + now * DAY).timestamp()
        found = swallowed(*moments, till, [*slow, young], {"EMEA": {"credit.checked"}}, usual)
        assert list(found) == swallowed_


def test_a_pause_that_lost_nothing_is_a_quiet_day_unless_it_goes_on_or_is_far_too_long() -> None:
    usual = habits(estate_of(40))
    over = Silence("urn:system:erp:emea", START, START + DAY, 20.0, times=1.3)
    assert lost_nothing(over, {"credit.checked", "order.created"}, usual)
    assert not lost_nothing(replace(over, times=2.5), {"credit.checked"}, usual)
    assert not lost_nothing(replace(over, until=None), {"credit.checked"}, usual)
    assert not lost_nothing(replace(over, limit=HOUR), {"credit.checked"}, usual)
    # of a source whose events cases have or have not nobody can say what it lost
    assert not lost_nothing(over, {"payment.failed"}, usual)
