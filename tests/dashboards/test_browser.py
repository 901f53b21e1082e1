"""The pages as a person meets them: the real program, real data, Debian's Chromium."""

import re
import urllib.parse
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.dashboards.conftest import NASTY, Installation

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "dashboards/web/node_modules/axe-core/axe.min.js"
CASE = "/case/quote:shared:Q-1001"


def numbers(page: Page) -> list[str]:
    """The case numbers that the list shows, from the top."""
    expect(page.locator(".ag-cell a").first).to_be_visible()
    return page.locator('.ag-cell[col-id="number"] a').all_inner_texts()


def total(page: Page) -> int:
    """How many cases the list says it has."""
    said = page.locator(".title [role=status]")
    expect(said).to_have_text(re.compile(r"^[\d,]+ cases? · [\d.]+ (ms|s)$"))
    return int(said.inner_text().split()[0].replace(",", ""))


def test_an_event_and_a_trace_become_a_case_on_the_page(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url("/cases"))
    page.locator("#omni").fill("SO-1001")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Q-1001")
    expect(page).to_have_url(re.compile(r"/case/quote:shared:Q-1001$"))
    expect(page).to_have_title("Q-1001 · Throughline")
    for number in ("OPP-1001", "Q-1001-R1", "SO-1001", "D-1001-1", "INV-1001", "P-1001"):
        expect(page.locator(".chain")).to_contain_text(number)
    expect(page.locator(".timeline .bar")).to_have_count(5)
    expect(page.locator(".timeline .bar.failed")).to_have_count(2)
    expect(page.locator(".card.failure")).to_contain_text("upstream_down")
    expect(page.locator("#events tbody tr")).to_have_count(21)


def test_any_id_leads_to_its_case(clean_page: Page, installation: Installation) -> None:
    trace = installation.failed_trace
    for any_id in ("INV-1001", "D-1001-1", "order:shared:SO-1001", trace):
        found = installation.api(f"/resolve/{urllib.parse.quote(any_id, safe='')}")["data"]
        assert found["instances"] == ["quote:shared:Q-1001"], any_id
    header = f"00-{trace}-00f067aa0ba902b7-01"
    clean_page.goto(installation.url(f"/go/{header}?tz=Asia/Tokyo"))
    expect(clean_page.locator("h1")).to_contain_text("Q-1001")
    expect(clean_page).to_have_url(re.compile(r"tz=Asia"))


def test_an_id_of_several_cases_is_a_choice_and_an_unknown_one_says_what_was_searched(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url("/go/P-SHARED"))
    expect(page.locator("h1")).to_contain_text("2 cases know “P-SHARED”")
    page.locator("a", has_text="Q-2009").click()
    expect(page.locator(".share")).to_contain_text("% of it")
    expect(page.locator(".siblings a")).to_have_text("Q-2039")
    page.goto(installation.url("/go/nobody-knows-this"))
    expect(page.locator(".notice")).to_contain_text("nobody-knows-this")
    expect(page.locator(".notice")).to_contain_text("trace ids")


def test_the_list_sorts_narrows_and_comes_back_from_its_url(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url("/cases"))
    everything = total(page)
    page.locator('.ag-header-cell[col-id="amount"]').click()
    expect(page).to_have_url(re.compile(r"sort=-amount"))
    rows = installation.api("/instances?limit=1000")["data"]
    page.locator(".chip", has_text="Open").click()
    expect(page).to_have_url(re.compile(r"status=open"))
    expect(page).to_have_url(re.compile(r"sort=-amount"))
    open_ones = {row["number"] for row in rows if row["status"] == "open"}
    expect(page.locator(".chip.on")).to_contain_text(str(len(open_ones)))
    assert total(page) == len(open_ones) < everything
    before = numbers(page)
    page.reload()
    assert total(page) == len(open_ones)
    assert numbers(page) == before
    page.go_back()
    expect(page).not_to_have_url(re.compile("status=open"))
    expect(page.locator(".chip.on")).to_have_count(0)
    assert total(page) == everything


def test_the_search_finds_a_number_and_nothing_offers_what_there_is(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url("/cases"))
    page.locator("#cases-q").fill("SO-2000")
    expect(page).to_have_url(re.compile("q=SO-2000"))
    expect(page.locator(".title [role=status]")).to_contain_text("1 case ·")
    assert numbers(page) == ["Q-2000"]
    page.goto(installation.url("/cases?region=Atlantis"))
    expect(page.locator(".notice")).to_contain_text("No case in this selection")
    page.locator(".notice a").click()
    assert total(page) >= 42


def test_a_segment_is_added_and_taken_away_in_the_bar_and_links_carry_it(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url("/cases"))
    everything = total(page)
    page.locator("#bar summary", has_text="Filter").click()
    page.locator(".group a", has_text="EMEA").click()
    expect(page.locator("#bar .chip")).to_contain_text("Region: EMEA")
    assert total(page) < everything
    page.locator(".ag-cell a").first.click()
    expect(page.locator(".chain")).to_be_visible()
    expect(page).to_have_url(re.compile("region=EMEA"))
    page.locator("#bar .chip").click()
    expect(page).not_to_have_url(re.compile("region"))


def test_a_copied_link_means_the_same_tomorrow(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url("/cases?since=now-30d"))
    total(page)
    page.locator("#copy-link").click()
    expect(page.locator("#said")).to_contain_text("Link copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(copied).query)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", query["since"][0])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", query["until"][0])
    assert query["tz"] == ["UTC"]


def test_the_time_axis_folds_and_unfolds_and_the_zone_changes_every_clock(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url(CASE))
    bar = page.locator(".timeline .bar").first
    folded = bar.bounding_box()
    assert folded
    page.locator(".switch a", has_text="True scale").click()
    expect(page).to_have_url(re.compile("axis=true"))
    expect(page.locator(".timeline .idle")).to_have_count(0)
    true = bar.bounding_box()
    assert true
    assert folded["width"] > 5 * true["width"]
    clock = page.locator("#events tbody td").first.inner_text()
    page.goto(installation.url(f"{CASE}?tz=Asia/Tokyo"))
    expect(page.locator("#events th").first).to_have_text("Time (Asia/Tokyo)")
    assert page.locator("#events tbody td").first.inner_text() != clock


def test_labels_of_the_timeline_neither_touch_nor_leave_the_sheet(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url(CASE))
    expect(page.locator(".timeline .tick").first).to_be_visible()
    boxes = page.locator(".timeline .tick").evaluate_all(
        "all => all.map(one => { const b = one.getBoundingClientRect(); return [b.left, b.right] })"
    )
    assert all(left[1] <= right[0] for left, right in pairwise(boxes)), boxes
    sheet = page.locator(".timeline .sheet").bounding_box()
    assert sheet
    for kind in (".tick", ".beside", ".idle"):
        for box in page.locator(f".timeline {kind}").all():
            place = box.bounding_box()
            assert place
            assert place["x"] >= sheet["x"]
            assert place["x"] + place["width"] <= sheet["x"] + sheet["width"] + 1, kind


def test_a_span_lights_what_was_told_with_it_and_the_link_remembers(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url(CASE))
    page.locator(".timeline .bar.failed").first.click()
    expect(page).to_have_url(re.compile("span=[0-9a-f]{16}"))
    expect(page.locator(".sheet.picked")).to_be_visible()
    page.reload()
    expect(page.locator(".timeline .bar.lit")).to_have_count(1)
    page.locator(".timeline .mark.failed").focus()
    expect(page.locator("#tip")).to_contain_text("upstream_down")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("event="))
    expect(page.locator("#events .lit")).to_have_count(1)


def test_the_keyboard_alone_reaches_everything(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url(CASE))
    expect(page.locator("h1")).to_contain_text("Q-1001")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/cases"))
    listed = numbers(page)
    page.keyboard.press("/")
    expect(page.locator("#omni")).to_be_focused()
    page.keyboard.type(listed[1])
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(listed[1])
    page.keyboard.press("[")
    expect(page.locator("h1")).to_contain_text(listed[0])


def test_dark_is_dark_before_and_after_the_switch(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.emulate_media(color_scheme="dark")
    page.goto(installation.url("/cases"))
    numbers(page)
    back = "getComputedStyle(document.querySelector('.ag-root-wrapper')).backgroundColor"
    assert page.evaluate(back) == "rgb(21, 27, 34)"
    page.keyboard.press("t")
    page.wait_for_function(f"{back} === 'rgb(255, 255, 255)'")
    page.reload()
    numbers(page)
    assert page.evaluate(back) == "rgb(255, 255, 255)"
    page.evaluate("localStorage.clear()")


def test_a_phone_gets_a_list_instead_of_the_waterfall_and_a_drawer(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/cases", CASE, "/choose?id=P-SHARED"):
        page.goto(installation.url(path))
        expect(page.locator("#page h1")).to_be_visible()
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, path
    page.goto(installation.url(CASE))
    expect(page.locator(".story li").first).to_be_visible()
    expect(page.locator(".timeline")).to_be_hidden()
    page.locator("#burger").click()
    page.locator("#nav a", has_text="Cases").click()
    expect(page).to_have_url(re.compile("/cases"))
    expect(page.locator("#nav a", has_text="Cases")).not_to_be_in_viewport()


def test_an_empty_installation_says_how_to_send_the_first_event(
    clean_page: Page, empty_installation: Installation
) -> None:
    page = clean_page
    page.goto(empty_installation.url("/cases"))
    expect(page.locator(".notice")).to_contain_text("Nothing has been received")
    commands = page.locator(".command pre").all_inner_texts()
    assert empty_installation.program.doors in commands[0]
    expect(page.locator("#age")).to_have_text("no data yet")
    page.goto(empty_installation.url("/case/quote:shared:none"))
    expect(page.locator(".notice")).to_contain_text("There is no such case")


@pytest.mark.parametrize("path", ["/cases?region=" + urllib.parse.quote(NASTY), "case"])
def test_what_attackers_write_is_text(
    clean_page: Page, installation: Installation, path: str
) -> None:
    page = clean_page
    rows = installation.api("/instances?limit=1000")["data"]
    row = next(row for row in rows if row["number"] == NASTY)
    page.goto(installation.url("/case/" + row["instance_id"] if path == "case" else path))
    if path == "case":
        expect(page.locator("h1")).to_contain_text(f"Case {NASTY}")
        expect(page.locator(".timeline .mark").first).to_be_visible()
        for place in (".chain", "#events", ".facts"):
            expect(page.locator(place)).to_contain_text(NASTY)
        page.locator(".timeline .mark").first.hover()
    else:
        expect(page.locator("#bar .chip")).to_contain_text(NASTY)
        assert numbers(page) == [NASTY]
    assert page.evaluate("document.querySelectorAll('#page img, #page script').length") == 0
    assert "owned" not in page.evaluate("document.title.replace(/<.*>/, '')")


def test_bad_links_and_pages_that_are_not_there_say_so(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    for path, text in (
        ("/cases?since=yesterday", "not a time: yesterday"),
        ("/cases?tz=Mars/Olympus", "no time zone is named Mars/Olympus"),
        ("/cases?sort=weight", "cannot sort by weight"),
        ("/nowhere", "There is no such page"),
    ):
        page.goto(installation.url(path))
        expect(page.locator(".notice")).to_contain_text(text)
        expect(page.locator("#nav a", has_text="Cases")).to_be_visible()


@pytest.mark.parametrize("path", ["/cases?status=withdrawn", CASE, "/choose?id=P-SHARED"])
def test_nothing_serious_is_in_the_way_of_assistive_technology(
    clean_page: Page, installation: Installation, path: str
) -> None:
    page = clean_page
    page.emulate_media(reduced_motion="reduce")
    page.goto(installation.url(path))
    expect(page.locator("#page h1")).to_be_visible()
    if path.startswith("/cases"):
        numbers(page)
    page.evaluate(AXE.read_text())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        expect(page.locator(f"html[data-mantine-color-scheme={scheme}]")).to_have_count(1)
        assert serious_faults(page) == []


def serious_faults(page: Page) -> list[tuple[str, str, str]]:
    """What axe finds against WCAG 2.2 AA that keeps somebody out."""
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})"
    )
    assert len(found["passes"]) > 10
    return [
        (fault["id"], fault["nodes"][0]["html"][:200], fault["nodes"][0].get("failureSummary", ""))
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
