"""The process map in Chromium: straight, legible, by keyboard, asking nobody for a slider."""

import re
from itertools import combinations, pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.dashboards.conftest import Installation
from tests.dashboards.test_browser import AXE, serious_faults

pytestmark = [pytest.mark.engine, pytest.mark.browser]

Box = dict[str, float]


def drawn(page: Page, installation: Installation, path: str = "/process") -> Page:
    """The map of that URL, laid out and at rest."""
    page.goto(installation.url(path))
    expect(page.locator("#process-map .node").first).to_be_visible()
    page.wait_for_function(
        "document.querySelector('#process-map svg').getAnimations({subtree: true})"
        ".every(one => one.playState === 'finished')"
    )
    return page


def boxes(page: Page, what: str) -> list[Box]:
    """Where the things are, in the map's own units: zoom and width do not matter."""
    found: list[Box] = page.locator(f"#process-map svg {what}").evaluate_all(
        "all => all.map(one => { const b = one.getBBox();"
        " return {x: b.x, y: b.y, width: b.width, height: b.height} })"
    )
    return found


def meet(one: Box, two: Box) -> bool:
    return (
        one["x"] < two["x"] + two["width"] - 0.5
        and two["x"] < one["x"] + one["width"] - 0.5
        and one["y"] < two["y"] + two["height"] - 0.5
        and two["y"] < one["y"] + one["height"] - 0.5
    )


def told(page: Page) -> str:
    return page.locator("#process-map .told").inner_text()


def test_the_happy_path_is_a_straight_line(clean_page: Page, installation: Installation) -> None:
    page = drawn(clean_page, installation)
    spine = boxes(page, ".node.spine .box")
    assert len(spine) > 4
    middles = {round(box["x"] + box["width"] / 2, 1) for box in spine}
    assert max(middles) - min(middles) < 1, middles
    tops = [box["y"] for box in spine]
    assert tops == sorted(tops)
    for line in page.locator("#process-map .path.spine .line").all():
        numbers = [float(x) for x in re.findall(r"-?[\d.]+(?=,)", line.get_attribute("d") or "")]
        assert max(numbers) - min(numbers) < 1


@pytest.mark.parametrize("width", [1440, 390])
def test_no_label_lies_on_another_or_on_a_box(
    clean_page: Page, installation: Installation, width: int
) -> None:
    page = clean_page
    page.set_viewport_size({"width": width, "height": 900})
    for query in ("?paths=100&activities=100", "?show=median&paths=100", "?show=money"):
        drawn(page, installation, f"/process{query}")
        labels, nodes = boxes(page, ".labels text"), boxes(page, ".node .box")
        # they are there: most paths have a label, so nothing is bought by hiding them
        assert len(labels) > 0.6 * len(boxes(page, ".path .line")) - 2
        assert not [pair for pair in combinations(labels, 2) if meet(*pair)]
        assert not [(one, node) for one in labels for node in nodes if meet(one, node)]
        assert not [pair for pair in combinations(nodes, 2) if meet(*pair)]


def test_a_slider_asks_nobody_and_a_reload_shows_the_same(
    clean_page: Page, installation: Installation
) -> None:
    page = drawn(clean_page, installation, "/process?paths=100&activities=100")
    everything = told(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#map-paths").fill("0")
    expect(page).to_have_url(re.compile("paths=0"))
    page.locator("#map-activities").fill("0")
    expect(page).to_have_url(re.compile("activities=0"))
    expect(page.locator("#process-map .told")).not_to_have_text(everything)
    page.locator("#process-map .pick button", has_text="Median").click()
    expect(page).to_have_url(re.compile("show=median"))
    expect(page.locator("#process-map svg.long")).to_be_visible()
    # what is renewed by itself, the age of the data, is none of the map's questions
    assert not [url for url in asked if "_dash-update" not in url]
    assert len(asked) <= 1
    only = told(page)
    expect(page.locator("#process-map .node:not(.terminal)")).to_have_count(
        page.locator("#process-map .node.spine:not(.terminal)").count()
    )
    page.reload()
    expect(page.locator("#process-map .told")).to_have_text(only)
    expect(page.locator("#map-paths")).to_have_value("0")


def test_what_is_chosen_tells_its_figures_and_the_keyboard_is_enough(
    clean_page: Page, installation: Installation
) -> None:
    page = drawn(clean_page, installation)
    first = page.locator("#process-map .node[role=button]").first
    first.focus()
    page.keyboard.press("Enter")
    side = page.locator("#process-map .side")
    name = (first.get_attribute("aria-label") or "").split(",")[0]
    expect(side.locator("h2")).to_have_text(name)
    expect(page).to_have_url(re.compile("chosen="))
    page.keyboard.press("Tab")
    second = page.evaluate("document.activeElement.dataset.id")
    assert second != first.get_attribute("data-id")
    side.locator(".around button").last.click()
    expect(side.locator("dl")).to_contain_text("Cases")
    page.reload()
    expect(side.locator("dl")).to_contain_text("Cases")
    first.focus()
    page.keyboard.press("Escape")
    expect(side.locator("h2")).to_have_text("Nothing is chosen")


def test_the_tables_say_what_the_map_shows(clean_page: Page, installation: Installation) -> None:
    page = drawn(clean_page, installation, "/process?paths=100&activities=100")
    page.locator("details.twin summary").click()
    activities, paths = page.locator("details.twin table").all()
    nodes = page.locator("#process-map .node:not(.terminal)").count()
    assert activities.locator("tbody tr").count() == nodes
    assert paths.locator("tbody tr").count() == page.locator("#process-map .path").count()
    paths.locator("button").first.click()
    expect(page.locator("#process-map .side h2")).to_contain_text("→")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_map_keeps_nobody_out(
    clean_page: Page, installation: Installation, scheme: Any
) -> None:
    page = clean_page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    drawn(page, installation)
    page.locator("details.twin summary").click()
    page.evaluate(AXE.read_text())
    assert serious_faults(page) == []


def test_on_a_phone_the_page_does_not_run_out_of_its_width(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.set_viewport_size({"width": 390, "height": 844})
    drawn(page, installation)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sheet = page.locator("#process-map .sheet").bounding_box()
    assert sheet
    assert sheet["width"] > 300


def test_a_replay_moves_the_cases_that_moved(clean_page: Page, installation: Installation) -> None:
    page = clean_page
    page.emulate_media(reduced_motion="reduce")
    drawn(page, installation, "/process?paths=100&activities=100")
    expect(page.locator("#process-map .token")).to_have_count(0)
    page.locator("#map-replay").click()
    # who asks for less motion drags the time; nothing moves by itself
    expect(page.locator(".replay")).to_contain_text("drag the time")
    expect(page.locator(".replay button")).to_be_hidden()
    told = page.request.get(installation.url("/process/replay.json")).json()
    assert told["of"] >= 40
    page.locator("#replay-time").fill("900")
    now = told["begin"] + 0.9 * (told["end"] - told["begin"])
    under_way = sum(one[1] <= now < two[1] for case in told["cases"] for one, two in pairwise(case))
    assert under_way > 0
    expect(page.locator("#process-map .token")).to_have_count(under_way)
    page.locator("#map-replay").click()
    expect(page.locator("#process-map .token")).to_have_count(0)


def test_a_map_of_nothing_says_what_there_is(
    clean_page: Page, installation: Installation, empty_installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url("/process?region=Atlantis"))
    expect(page.locator(".notice")).to_contain_text("none of them in this selection")
    page.locator(".notice a").click()
    expect(page.locator("#process-map .node").first).to_be_visible()
    page.goto(empty_installation.url("/process"))
    expect(page.locator(".notice")).to_contain_text("Nothing has been received")


def test_a_filter_of_the_map_is_a_chip_that_reaches_the_cases(
    clean_page: Page, installation: Installation
) -> None:
    page = drawn(clean_page, installation, "/process?chosen=a:order.created")
    side = page.locator("#process-map .side")
    cases = side.locator("dl > div", has_text="Cases").locator("dd").first.inner_text().split()[0]
    page.locator("#process-map .node[data-id='a:order.created']").focus()
    page.keyboard.press("o")
    expect(page).to_have_url(re.compile("only=order.created"))
    expect(page.locator("#bar .chip.on")).to_contain_text("Only with Order created")
    expect(page.locator("#process-map .told")).to_contain_text(f"moves of {cases} cases")
    page.locator("#nav a", has_text="Cases").click()
    expect(page.locator("#page .title")).to_contain_text(f"{cases} cases")
    page.locator("#nav a", has_text="Data health").click()
    expect(page.locator("#bar .chip")).to_contain_text("not on this page")
    page.locator("#bar .chip").click()
    expect(page).not_to_have_url(re.compile("only="))
    # the rest is what has it not
    page.goto(installation.url("/cases?exclude=order.created"))
    total = installation.api("/instances")["total"]
    rest = total - int(cases.replace(",", ""))
    expect(page.locator("#page .title")).to_contain_text(f"{rest:,} case")


def test_a_hand_over_that_is_chosen_reaches_every_page(
    clean_page: Page, installation: Installation
) -> None:
    flow = installation.api("/process-map")["data"]["hand_overs"]
    one = min((one for one in flow if one["source"] != one["target"]), key=lambda one: one["cases"])
    chosen = f"?follows={one['source']}~{one['target']}"
    cases = one["cases"]
    assert 0 < cases < installation.api("/instances")["total"]
    assert installation.api(f"/instances{chosen}")["total"] == cases
    page = drawn(clean_page, installation, f"/process{chosen}")
    expect(page.locator("#process-map .told")).to_contain_text(f"moves of {cases:,} case")
    ids = {row["instance_id"] for row in installation.api(f"/instances{chosen}&limit=1000")["data"]}
    for name in ("Overview", "Findings", "Variants", "Conformance", "Cases"):
        page.locator("#nav a", has_text=name).click()
        expect(page.locator("#page h1, #page .title").first).to_be_visible()
        expect(page.locator("#bar .chip.on")).to_contain_text("→")
        expect(page.locator("#bar")).not_to_contain_text("not on this page")
    expect(page.locator("#page .title")).to_contain_text(f"{cases:,} case")
    found = installation.api(f"/findings{chosen}")["data"]
    assert all(one["cases"] <= len(ids) for one in found)
    page.goto(installation.url(f"/{chosen}"))
    expect(
        page.locator("#overview-stops .bar, #overview-stops li, #overview-stops a").first
    ).to_be_visible()
    # each case stands in one place of the whole: with the hand-over and without it add up
    whole = {kpi: installation.api(f"/kpis/{kpi}")["data"] for kpi in ("case_backlog",)}
    some = installation.api(f"/kpis/case_backlog{chosen}")["data"]
    assert sum(row["n"] for row in some) <= sum(row["n"] for row in whole["case_backlog"])
