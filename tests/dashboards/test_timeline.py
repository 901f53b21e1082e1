import itertools

from hypothesis import given
from hypothesis import strategies as st

from dashboards.timeline import BAND, IDLE_FROM, NANOSECONDS, folded, true_scale

DAY = 86_400 * NANOSECONDS
moments = st.lists(st.integers(0, 400 * DAY), min_size=1, max_size=40)


@given(moments)
def test_a_later_moment_never_stands_left_of_an_earlier_one(times: list[int]) -> None:
    for axis in (folded(times), true_scale(times)):
        places = [axis.x(moment) for moment in sorted(times)]
        assert places == sorted(places)
        assert all(0 <= place <= axis.width for place in places)


@given(moments)
def test_only_long_gaps_are_folded_and_each_has_room_for_its_label(times: list[int]) -> None:
    known = sorted(set(times))
    gaps = [(a, b) for a, b in itertools.pairwise(known) if b - a > IDLE_FROM]
    bands = [stretch for stretch in folded(times).stretches if stretch.idle]
    assert [(band.start, band.end) for band in bands] == gaps
    assert all(band.width >= BAND for band in bands)


def test_milliseconds_are_readable_beside_days() -> None:
    millisecond = NANOSECONDS // 1000
    axis = folded([0, 200 * millisecond, 6 * DAY, 6 * DAY + 200 * millisecond])
    assert axis.x(200 * millisecond) - axis.x(0) > 50
    flat = true_scale([0, 200 * millisecond, 6 * DAY])
    assert flat.x(200 * millisecond) - flat.x(0) < 1
