"""Two ways side by side: what they share is found, whatever lies between."""

from hypothesis import given
from hypothesis import strategies as st

from dashboards.process.aligned import aligned, judged
from dashboards.process.ways import pieces

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


def test_a_way_is_told_by_what_it_adds_and_what_it_leaves_out() -> None:
    path = ["quote", "price", "accept", "order", "pay"]

    def kinds(*steps: str) -> str:
        return " ".join(f"{kind}:{step}" for step, kind in judged(steps, path) if kind != "on")

    assert kinds("quote", "price") == ""  # it may still go on
    assert kinds("quote", "reject") == "off:reject"
    assert kinds("quote", "price", "price", "accept").count("off:price") == 1
    assert kinds("quote", "accept", "order", "pay") == "lacks:price"
    assert sorted(kinds("quote", "order", "accept").split()) == ["lacks:price", "off:order"]
    assert [kind for _, kind in judged(["x"], [])] == ["off"]


@given(WAYS, WAYS)
def test_every_step_of_a_way_is_judged_once(way: list[str], path: list[str]) -> None:
    assert [step for step, kind in judged(way, path) if kind != "lacks"] == way


@given(st.lists(st.booleans(), max_size=20), st.booleans())
def test_a_folded_way_still_holds_every_step_once_and_folds_none_that_leaves(
    left: list[bool], whole: bool
) -> None:
    found = pieces(left, whole=whole)
    assert [place for piece in found for place in piece] == list(range(len(left)))
    for piece in found:
        assert len(piece) == 1 or (not whole and not any(left[place] for place in piece))


def test_a_long_stretch_on_the_path_shows_its_ends() -> None:
    left = [False] * 6 + [True] + [False] * 2
    assert [len(piece) for piece in pieces(left, whole=False)] == [1, 4, 1, 1, 1, 1]
