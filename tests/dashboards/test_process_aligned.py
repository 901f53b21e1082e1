"""Two ways side by side: what they share is found, whatever lies between."""

from hypothesis import given
from hypothesis import strategies as st

from dashboards.process.aligned import aligned, off_path

WAYS = st.lists(st.sampled_from("abcd"), max_size=12)


@given(WAYS, WAYS)
def test_every_step_of_both_stands_once_and_in_order(one: list[str], two: list[str]) -> None:
    pairs = aligned(one, two)
    assert [i for i, _ in pairs if i is not None] == list(range(len(one)))
    assert [j for _, j in pairs if j is not None] == list(range(len(two)))
    assert all(one[i] == two[j] for i, j in pairs if i is not None and j is not None)


@given(WAYS)
def test_a_way_beside_itself_shares_all(way: list[str]) -> None:
    assert aligned(way, way) == [(k, k) for k in range(len(way))]


@given(WAYS, WAYS)
def test_as_much_is_shared_one_way_round_as_the_other(one: list[str], two: list[str]) -> None:
    def shared(pairs: list[tuple[int | None, int | None]]) -> int:
        return sum(None not in pair for pair in pairs)

    assert shared(aligned(one, two)) == shared(aligned(two, one))


def test_steps_that_leave_the_path_are_those_that_are_new_or_come_again() -> None:
    path = ["quote", "price", "accept", "order", "pay"]
    assert off_path(["quote", "price"], path) == [False, False]
    assert off_path(["quote", "reject"], path) == [False, True]
    assert off_path(["quote", "price", "price", "accept"], path).count(True) == 1
    assert off_path(["quote", "accept", "order", "pay"], path) == [False] * 4
    assert off_path(["quote", "order", "accept", "pay"], path).count(True) == 1
    assert off_path(["x"], []) == [True]
