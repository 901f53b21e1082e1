"""What looks like a fault and is none, beside the fault that it looks like."""

import random
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from process_model.findings.broken_promise import Promise, Waiting, broken_promises
from process_model.findings.late_events import lateness
from process_model.findings.lost_correlation import losses
from process_model.findings.schema_change import without
from process_model.findings.service_outage import outages_told
from process_model.findings.stage_slowdown import Waits, sharpened, slowdowns
from process_model.observations.content_changes import Day, vanished
from process_model.observations.episodes import Population, episodes, over_represented
from process_model.observations.silences import silences
from process_model.vocabulary import SEGMENTS
from tests.builders import START

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True)
class Row:
    """A row of a question, by its members."""

    members: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.__dict__["members"][name]


def row(**members: Any) -> Any:
    return Row(members)


# --- the scan for episodes ---------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.0, 0.02, 0.1, 0.4])
def test_a_steady_rate_makes_no_episode(rate: float) -> None:
    for seed in range(40):
        chance = random.Random(seed)
        assert not episodes([float(chance.random() < rate) for _ in range(600)]), seed


def test_a_burst_makes_one_episode_with_its_very_ends() -> None:
    flags = [0.0] * 200 + [1.0] * 8 + [0.0] * 200
    (one,) = episodes(flags)
    assert (one.first, one.last, one.bad, one.trials) == (200, 207, 8, 8)


def test_three_in_a_row_are_too_few_and_a_fault_of_half_the_history_is_not_normal() -> None:
    assert not episodes([0.0] * 100 + [1.0] * 3 + [0.0] * 100)
    (half,) = episodes([0.0] * 100 + [1.0] * 100)
    assert (half.first, half.last) == (100, 199)


def test_a_segment_stands_out_only_beyond_its_usual_share() -> None:
    everyone = [{"region": "EMEA"}] * 50 + [{"region": "AMER"}] * 50
    usual = Population.of(everyone)
    assert over_represented([{"region": "EMEA"}] * 12, usual) == {"region": "EMEA"}
    assert over_represented(everyone[40:60], usual) == {}
    assert over_represented([{"region": "EMEA"}] * 20, Population.of(everyone[:50])) == {}


# --- sources -----------------------------------------------------------------------------------


def slots(silent: tuple[int, int] | None = None, retries: bool = False) -> list[Any]:
    """Two regions of three sources at work on weekdays but for one holiday, a quiet month."""
    chance, told = random.Random(1), []
    for day in range(60):
        at_work = (START + day * DAY).weekday() < 5 and day != 31
        for source, rate in (("crm", 0.5), ("erp", 0.35), ("billing", 0.25)):
            for slot in range(32):
                at = START + day * DAY + slot * timedelta(minutes=15)
                off = source == "billing" and silent and silent[0] <= day < silent[1]
                if at_work and not off and chance.random() < rate:
                    told.append((at, f"urn:system:{source}:emea", 1))
            if retries and source == "erp" and day in (20, 21):
                told += [(START + day * DAY + (8 * 4 + n) * timedelta(minutes=15),
                          "urn:system:erp:emea", 0) for n in range(60)]  # fmt: skip
    return [
        row(source=source, region="EMEA", slot=int(at.timestamp()), events=1, works=works,
            first_at=at, last_at=at)
        for at, source, works in sorted(told)
    ]  # fmt: skip


def test_nights_weekends_holidays_and_nightly_retries_are_no_silence() -> None:
    end = START + 59.3 * DAY
    assert [one for one in silences(slots(), end) if one.certain] == []
    assert [one for one in silences(slots(retries=True), end) if one.certain] == []


def test_a_source_that_stops_while_others_work_is_silent() -> None:
    (one,) = [s for s in silences(slots((21, 26)), START + 59.3 * DAY) if s.certain]
    assert one.source == "urn:system:billing:emea"
    assert one.since < START + 21 * DAY < START + 26 * DAY <= (one.until or START)
    (still,) = [s for s in silences(slots((54, 60)), START + 59.3 * DAY) if s.certain]
    assert still.until is None


def test_a_configured_limit_is_taken_at_its_word() -> None:
    limits = {"urn:system:crm:emea": 30 * HOUR}
    found = silences(slots(), START + 59.3 * DAY, limits)
    assert {one.source for one in found if one.limit} == {"urn:system:crm:emea"}


def late_rows(shares: list[int]) -> dict[str, list[Any]]:
    return {"urn:system:erp": [
        row(events=20, late=late, usual_seconds=20.0,
            events_late=[(START + place * DAY, place * 100 + n, 9000.0) for n in range(late)])
        for place, late in enumerate(shares)
    ]}  # fmt: skip


def test_a_single_late_event_is_no_finding_and_a_late_week_is_one() -> None:
    assert not lateness(late_rows([0] * 10 + [1] + [0] * 10))
    assert not lateness(late_rows([3] * 40))
    (one,) = lateness(late_rows([0] * 20 + [12] * 5 + [0] * 20))
    assert (one.since, one.until) == (START + 20 * DAY, START + 24 * DAY)


def hop_rows(lost: list[int], steps: int = 10) -> list[Any]:
    return [
        row(steps=steps, losses=n,
            losers=[(START + place * DAY, f"Q-{place}-{i}", "order.created") for i in range(n)])
        for place, n in enumerate(lost)
    ]  # fmt: skip


def test_a_hop_that_never_hands_an_id_on_is_built_that_way() -> None:
    hop = ("crm", "erp", "correlation id")
    assert not losses({hop: hop_rows([10] * 30)})
    assert not losses({hop: hop_rows([0, 1] * 15)})
    (one,) = losses({hop: hop_rows([0] * 15 + [8] * 4 + [0] * 15)})
    assert (one.since, one.until, len(one.losers)) == (START + 15 * DAY, START + 18 * DAY, 32)


def test_a_hop_that_loses_now_and_then_stands_out_where_all_others_keep() -> None:
    others = {("a", str(n), "correlation id"): hop_rows([0] * 30) for n in range(4)}
    lossy = {("a", "x", "correlation id"): hop_rows([3] * 30)}
    (one,) = losses(others | lossy)
    assert one.hop[1] == "x"
    assert not losses({("a", str(n), "correlation id"): hop_rows([3] * 30) for n in range(5)})


def content(members: list[dict[str, int]], events: int = 10) -> dict[tuple[str, str], list[Day]]:
    days = [Day(START + place * DAY, events, having) for place, having in enumerate(members)]
    return {("urn:system:crm", "quote.created"): days}


def test_a_member_that_vanishes_or_changes_its_kind_is_a_change() -> None:
    old, new = {"amount (text)": 10}, {"amount (number)": 10}
    (one,) = vanished(content([old] * 20 + [new] * 10))
    assert (one.member, one.first_day, one.new_kind) == (
        "amount (text)", START + 20 * DAY, "number")  # fmt: skip
    (back,) = vanished(content([old] * 20 + [{}] * 5 + [old] * 20))
    assert (back.first_day, back.last_day) == (START + 20 * DAY, START + 24 * DAY)
    (early,) = vanished(content([old] * 3 + [{}] * 30))
    assert early.last_day is None


def test_optional_and_added_members_break_nothing() -> None:
    chance = random.Random(3)
    optional = [{"note (text)": chance.randint(2, 8)} for _ in range(40)]
    assert not vanished(content(optional))
    assert not vanished(content([{}] * 20 + [{"extra (text)": 10}] * 20))


def test_a_change_at_noon_is_told_from_noon_on() -> None:
    rows = [row(at=START + n * HOUR, having_it=n < 30) for n in range(60)]
    assert without(rows, START + 2 * DAY, START + 3 * DAY)[0].at == START + 30 * HOUR


# --- waits -------------------------------------------------------------------------------------

_T0 = START.timestamp()
_HOURS = 3600.0


def kept(
    number: int, waits: list[float], allowed: float = 24.0
) -> list[tuple[float, float, float]]:
    """Promises kept after so many hours, one every two hours."""
    return [
        (_T0 + n * 2 * _HOURS, _T0 + (n * 2 + waits[n % len(waits)]) * _HOURS,
         _T0 + (n * 2 + allowed) * _HOURS)
        for n in range(number)
    ]  # fmt: skip


def waiting(number: int, age: float, seen: float, allowed: float = 24.0) -> list[Any]:
    """Open promises of an age in hours, and until when their absence is known."""
    entered = _T0 + 2000 * _HOURS - age * _HOURS
    return [(Promise(f"Q-{n}", f"q-{n}", entered, entered + allowed * _HOURS), seen)
            for n in range(number)]  # fmt: skip


NOW = _T0 + 2000 * _HOURS


def test_three_promises_that_nobody_keeps_are_broken() -> None:
    assert len(broken_promises(Waiting(kept(900, [2, 5, 9]), waiting(3, 200, NOW)))) == 3


def test_a_single_late_case_a_late_payer_and_a_silent_source_break_no_promise() -> None:
    assert not broken_promises(Waiting(kept(900, [2, 5, 9]), waiting(3, 20, NOW)))
    usually_late = kept(900, [10, 20, 40, 60])
    assert not broken_promises(Waiting(usually_late, waiting(10, 50, NOW)))
    # nothing was heard of the source since before the deadline: an absence nobody saw
    unseen = NOW - 190 * _HOURS
    assert not broken_promises(Waiting(kept(900, [2, 5, 9]), waiting(5, 200, unseen)))


def test_promises_of_which_the_slow_are_still_open_teach_no_limit() -> None:
    # a young world: all that could be kept by now was kept early, and nothing is old yet
    young = [(NOW - age * _HOURS, NOW - (age - 5) * _HOURS, NOW + (24 - age) * _HOURS)
             for age in range(6, 40)]  # fmt: skip
    assert not broken_promises(Waiting(young, waiting(6, 35, NOW)))


def stage(seed: int, slow: dict[str, Any]) -> Waits:
    """Six hundred approvals by eight people in three regions, each with his own pace."""
    chance = random.Random(seed)
    rows: list[tuple[float, float, str, str]] = []
    for n in range(600):
        actor, region = f"u-{n % 8}", ("EMEA", "AMER", "APAC")[n % 3]
        day = n / 10
        hours = 4 * chance.lognormvariate(0, 0.6) * (0.8 + 0.05 * (n % 8))
        begin, end = slow.get("days", (0, 99))
        hit = actor == slow.get("actor") or region == slow.get("region") or slow.get("all")
        hours *= slow.get("by", 1) if hit and begin <= day < end else 1
        rows.append((_T0 + day * 24 * _HOURS, hours * _HOURS, actor, region))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    cuts = dict.fromkeys((*SEGMENTS, "rule", "source"), np.array([""] * 600))
    cuts |= {"actor": columns[2], "region": columns[3]}
    order = ("actor", "rule", *SEGMENTS, "source")
    return Waits("approval", [f"Q-{n}" for n in range(600)], columns[0], columns[1],
                 np.ones(600, bool), np.full(600, 48 * _HOURS),
                 {name: cuts[name] for name in order})  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_different_paces_and_a_holiday_in_one_region_are_no_slowdown(seed: int) -> None:
    assert not slowdowns(stage(seed, {}))
    assert not slowdowns(stage(seed, {"region": "APAC", "by": 1.6}))
    assert not slowdowns(stage(seed, {"region": "EMEA", "by": 8, "days": (20, 22)}))


@pytest.mark.parametrize("seed", [3, 6, 7, 13, 16, 27, 28])
def test_some_weeks_of_a_region_that_is_always_slower_are_no_slowdown(seed: int) -> None:
    assert not slowdowns(stage(seed, {"region": "APAC", "by": 2}))
    assert not slowdowns(stage(seed, {"region": "APAC", "by": 2.4}))


@pytest.mark.parametrize(
    ("slow", "named"),
    [
        ({"actor": "u-3", "by": 6}, ("actor", "u-3")),
        ({"actor": "u-3", "by": 6, "days": (25, 99)}, ("actor", "u-3")),
        ({"region": "APAC", "by": 6, "days": (25, 45)}, ("region", "APAC")),
        ({"all": True, "by": 6, "days": (30, 45)}, ("", "")),
    ],
)
def test_one_row_names_the_cut_that_explains_the_delay(
    slow: dict[str, Any], named: tuple[str, str]
) -> None:
    (one,) = slowdowns(stage(2, slow))
    assert (one.cut, one.value) == named


def test_a_slow_stretch_begins_where_the_slow_pace_does_and_not_at_a_night_before() -> None:
    hours = [1, 3, 68, 20, 16, 23, 3, 150, 120, 30, 180, 140, 160, 17, 2, 4]
    lasted = np.array(hours) * _HOURS
    assert sharpened(lasted, 144 * _HOURS, 24 * _HOURS) == (7, 12)
    assert sharpened(lasted[7:13], 144 * _HOURS, 24 * _HOURS) == (0, 5)
    # a mild slowdown is not cut down to its slowest
    chance = random.Random(4)
    mild = np.array([6 * chance.lognormvariate(0, 0.5) for _ in range(60)])
    first, last = sharpened(mild, 6.0, 6.5)
    assert last - first >= 50


def test_what_nobody_has_decided_yet_does_not_make_a_slow_person_a_slow_region() -> None:
    waits = stage(2, {"actor": "u-3", "by": 20, "days": (25, 99)})
    nobody = waits.entered + waits.lasted > waits.entered[-1]
    cuts = {**waits.cuts, "actor": np.where(nobody, "", waits.cuts["actor"])}
    lasted = np.where(nobody, waits.entered[-1] - waits.entered, waits.lasted)
    (one,) = slowdowns(replace(waits, cuts=cuts, lasted=lasted, done=~nobody))
    assert (one.cut, one.value) == ("actor", "u-3")


# --- calls -------------------------------------------------------------------------------------


def calls(failed: list[int]) -> list[Any]:
    return [
        row(topic="tax", source=f"urn:system:vertex:{('emea', 'amer')[n % 2]}",
            at=START + n * HOUR, about=f"quote:shared:{n}", failed=flag, instance_id=f"Q-{n}",
            error_class="upstream_down" if flag else "")
        for n, flag in enumerate(failed)
    ]  # fmt: skip


def test_a_failed_call_now_and_then_is_no_outage_and_a_stretch_over_regions_is_one() -> None:
    assert not outages_told(calls([1 if n % 31 == 0 else 0 for n in range(400)]))
    (one,) = outages_told(calls([0] * 200 + [1] * 9 + [0] * 200))
    assert (one.failed, one.since, one.until) == (9, START + 200 * HOUR, START + 209 * HOUR)
    assert one.systems == ("vertex", "tax")
    (still,) = outages_told(calls([0] * 200 + [1] * 9))
    assert still.until is None
