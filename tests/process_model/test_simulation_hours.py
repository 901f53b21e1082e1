"""Working time: every hour counts once, over nights, weekends and the change of the clocks."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from process_model.simulation.hours import HOUR, Hours, milliseconds, utc

BERLIN = Hours(
    ZoneInfo("Europe/Berlin"), (8, 18), date(2026, 3, 2), date(2026, 4, 30), holidays=((4, 3),)
)


def at(text: str) -> int:
    return milliseconds(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("begun", "hours", "ended"),
    [
        ("2026-03-02T09:00:00+01:00", 2, "2026-03-02T11:00:00+01:00"),
        ("2026-03-02T17:00:00+01:00", 2, "2026-03-03T09:00:00+01:00"),
        ("2026-03-02T03:00:00+01:00", 1, "2026-03-02T09:00:00+01:00"),
        ("2026-03-06T17:00:00+01:00", 2, "2026-03-09T09:00:00+01:00"),
        ("2026-03-07T12:00:00+01:00", 1, "2026-03-09T09:00:00+01:00"),
        # the clocks change on the 29th of March, a Sunday
        ("2026-03-27T17:00:00+01:00", 2, "2026-03-30T09:00:00+02:00"),
        # Good Friday, and the weekend after it
        ("2026-04-02T17:30:00+02:00", 1, "2026-04-06T08:30:00+02:00"),
    ],
)
def test_work_goes_on_when_people_are_there(begun: str, hours: float, ended: str) -> None:
    assert BERLIN.after(at(begun), hours) == at(ended)


def test_an_open_moment_is_its_own_and_a_shut_one_waits_for_the_door() -> None:
    assert BERLIN.from_(at("2026-03-02T09:30:00+01:00")) == at("2026-03-02T09:30:00+01:00")
    assert BERLIN.from_(at("2026-03-02T18:00:00+01:00")) == at("2026-03-03T08:00:00+01:00")


def test_a_day_without_work_has_no_hours() -> None:
    assert BERLIN.within(date(2026, 3, 8), 0.5) is None
    assert BERLIN.within(date(2026, 3, 9), 0.5) == at("2026-03-09T13:00:00+01:00")


def test_a_day_in_the_far_east_is_its_own_and_not_its_neighbour() -> None:
    tokyo = Hours(ZoneInfo("Asia/Tokyo"), (9, 19), date(2026, 3, 2), date(2026, 3, 20))
    assert tokyo.within(date(2026, 3, 9), 0) == at("2026-03-09T09:00:00+09:00")
    assert tokyo.within(date(2026, 3, 9), 1) == at("2026-03-09T19:00:00+09:00")
    assert tokyo.within(date(2026, 3, 7), 0) is None


@pytest.mark.parametrize("moment", [0, 1, 86_399_999, 1_772_445_600_123, 1_772_445_600_000 + HOUR])
def test_times_are_written_as_the_standard_library_writes_them(moment: int) -> None:
    written = datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds")
    assert utc(moment) == written.replace("+00:00", "Z")
