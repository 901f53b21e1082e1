import threading
from collections.abc import Iterator

import pytest

from dashboards.fresh import OLDEST_SECONDS, YOUNG_SECONDS, Fresh, Once
from process_model.errors import StoreUnavailable


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fresh(clock: Clock) -> Iterator[Fresh]:
    kept = Fresh(clock)
    yield kept
    kept.close()


class Counting:
    """Makes 1, then 2, then 3 …; says when it has."""

    def __init__(self) -> None:
        self.made = 0
        self.done = threading.Event()

    def __call__(self) -> int:
        self.made += 1
        self.done.set()
        return self.made


def test_a_young_answer_is_not_made_again(fresh: Fresh, clock: Clock) -> None:
    make = Counting()
    assert fresh.of("a", make) == 1
    clock.now += YOUNG_SECONDS
    assert fresh.of("a", make) == 1
    assert fresh.of("b", make) == 2


def test_an_older_answer_is_shown_once_more_while_a_new_one_is_made(
    fresh: Fresh, clock: Clock
) -> None:
    make = Counting()
    fresh.of("a", make)
    clock.now += YOUNG_SECONDS + 1
    make.done.clear()
    assert fresh.of("a", make) == 1
    assert make.done.wait(10)
    fresh.close()
    assert fresh.of("a", make) == 2


def test_nobody_is_shown_an_answer_that_is_too_old(fresh: Fresh, clock: Clock) -> None:
    make = Counting()
    fresh.of("a", make)
    clock.now += OLDEST_SECONDS + 1
    assert fresh.of("a", make) == 2


def test_what_goes_wrong_is_told_to_the_first_reader_and_kept_from_nobody(
    fresh: Fresh, clock: Clock
) -> None:
    def fail() -> int:
        raise StoreUnavailable("the store is away")

    with pytest.raises(StoreUnavailable):
        fresh.of("a", fail)
    assert fresh.of("a", lambda: 7) == 7
    clock.now += YOUNG_SECONDS + 1
    assert fresh.of("a", fail) == 7
    clock.now += OLDEST_SECONDS
    with pytest.raises(StoreUnavailable):
        fresh.of("a", fail)


def test_what_is_shared_is_made_once_while_others_wait() -> None:
    once, begun, go = Once(), threading.Event(), threading.Event()
    make = Counting()

    def slowly() -> int:
        begun.set()
        assert go.wait(10)
        return make()

    found: list[int] = []
    asking = [threading.Thread(target=lambda: found.append(once.of("a", slowly))) for _ in range(4)]
    for thread in asking:
        thread.start()
    assert begun.wait(10)
    assert once.of("b", lambda: 7) == 7
    go.set()
    for thread in asking:
        thread.join(10)
    assert (found, make.made) == ([1, 1, 1, 1], 1)


def test_what_could_not_be_made_is_made_for_the_next() -> None:
    once = Once()
    with pytest.raises(StoreUnavailable):
        once.of("a", failing)
    assert once.of("a", lambda: 1) == 1


def test_what_is_shared_grows_no_older_than_young(fresh: Fresh, clock: Clock) -> None:
    first = fresh.shared("look")
    clock.now += YOUNG_SECONDS
    assert fresh.shared("look") is first
    assert fresh.shared("another") is not first
    clock.now += 1
    assert fresh.shared("look") is not first


def test_two_things_are_made_side_by_side(fresh: Fresh) -> None:
    both = threading.Barrier(2, timeout=10)
    other = fresh.beside(both.wait)
    assert {both.wait(), other.result(10)} == {0, 1}


def failing() -> int:
    raise StoreUnavailable("gone")
