from datetime import UTC, datetime
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import words
from dashboards.filters import BadFilter, pair_of
from dashboards.pages import pages
from dashboards.view import CONTEXT, view_of
from process_model.questions import Path

MAYBE = st.sampled_from(["EMEA", "A&B", "ä ö", "100 %", "a=b", "<b>", "#1", "+1"])


_FREE = [name for name in CONTEXT[5:] if name != "follows"]


@given(st.lists(st.tuples(st.sampled_from(_FREE), MAYBE), max_size=5))
def test_links_carry_the_context_on_whatever_its_values_are(pairs: list[tuple[str, str]]) -> None:
    view = view_of("/cases?q=own")
    for name, value in pairs:
        view = view_of(view.adding(name, value))
    carried = view_of(view.to("/case/quote:shared:Q-1"))
    assert sorted(carried.query.items(multi=True)) == sorted(pairs)
    assert carried.path == "/case/quote:shared:Q-1"
    for name, value in pairs:
        view = view_of(view.dropping(name, value))
    assert list(view.query.items(multi=True)) == [("q", "own")]


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_hand_over_of_any_two_words_comes_back(first: str, second: str) -> None:
    named = "~".join(quote(one, safe="").replace("~", "%7E") for one in (first, second))
    view = view_of(view_of("/cases").adding("follows", named))
    assert view.selection.path.follows == ((first, second),)
    assert view_of(view.dropping("follows", named)).selection.path == Path()


@pytest.mark.parametrize("text", ["", "one", "~one", "one~", "a~b~c"])
def test_what_is_no_hand_over_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadFilter, match=r"quote\.sent~quote\.accepted"):
        pair_of(text)


def test_an_id_with_any_letter_stands_in_a_path_and_comes_back() -> None:
    view = view_of("http://127.0.0.1:8050/cases").to("/case/quote:shared:%3Cb%3E%20%252F")
    assert view_of(view).path == "/case/quote:shared:%3Cb%3E%20%252F"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "/etc/passwd", "Europe"])
def test_a_zone_nobody_knows_is_refused(zone: str) -> None:
    with pytest.raises(BadFilter, match="no time zone"):
        view_of(f"/cases?tz={zone}")


def test_a_url_having_a_name_anew_says_it_once() -> None:
    view = view_of("/cases?since=now-7d&since=now-30d&region=EMEA")
    query = parse_qs(urlsplit(view.having(since="now-24h")).query)
    assert query == {"since": ["now-24h"], "region": ["EMEA"]}


def test_every_path_is_the_path_of_one_page_at_most() -> None:
    for path in ("/", "/cases", "/case/quote:shared:Q-1", "/choose", "/nowhere"):
        shown = [page.path for page in pages() if page.shows(path)]
        assert len(shown) == (0 if path == "/nowhere" else 1), path
    keys = [page.key for page in pages() if page.key]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.000_012, "12 µs"), (0.23, "230 ms"), (4.2, "4.2 s"), (3600, "60 min"), (68_400, "19 h"),
     (216_000, "2.5 d"), (468_374_400, "14.8 years"), (-5, "−5 s")],
)  # fmt: skip
def test_spans_of_time_are_short_words(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


def test_a_clock_says_the_same_moment_in_every_zone() -> None:
    at = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)
    assert words.moment(at, "Europe/Berlin") == "29 Mar 2026 01:59:59 CET"
    assert words.moment(at.replace(hour=1), "Europe/Berlin") == "29 Mar 2026 03:59:59 CEST"
