"""The Overview, Findings and Data health in Chromium, both themes and a phone's width."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.dashboards.conftest import Installation
from tests.dashboards.test_browser import AXE

pytestmark = [pytest.mark.engine, pytest.mark.browser]

CARDS = ("incidents", "tiles", "stops", "latency", "flow", "backlog", "changes")


def shown(page: Page, installation: Installation, path: str = "/?since=all") -> Page:
    """The Overview with every card there and nothing still waiting."""
    page.goto(installation.url(path))
    expect(page.locator("#page .mantine-Skeleton-root")).to_have_count(0)
    return page


def number(text: str) -> int:
    found = re.search(r"[\d,]+", text)
    assert found, text
    return int(found[0].replace(",", ""))


def test_the_overview_s_sums_are_those_of_the_api(
    clean_page: Page, installation: Installation
) -> None:
    page = shown(clean_page, installation)
    for card in CARDS:
        expect(page.locator(f"#overview-{card}")).not_to_be_empty()
    rows = installation.api("/instances?limit=1000")["data"]
    quoted = page.locator("#overview-stops .funnel li", has_text="Quoted").locator("em")
    waits_at_quote = sum(row["status"] == "open" and row["stage"] == "quote" for row in rows)
    assert number(quoted.inner_text()) == len(rows) - waits_at_quote
    open_ = sum(row["status"] == "open" for row in rows)
    expect(page.locator("#overview-backlog")).to_contain_text(f"{open_} cases wait")
    backlog = installation.api("/kpis/exception_backlog?since=all")["data"][0]
    tile = page.locator(".tile", has_text="Exception backlog")
    assert number(tile.locator(".value").inner_text()) == backlog["n"]


def test_a_case_that_waits_is_one_click_away(clean_page: Page, installation: Installation) -> None:
    page = shown(clean_page, installation)
    waiting = page.locator("#overview-stops .notes a", has_text="waiting").first
    told = number(waiting.inner_text())
    waiting.click()
    expect(page).to_have_url(re.compile(r"/cases\?.*stage="))
    expect(page.locator("#page .title")).to_contain_text(f"{told} case")


def test_without_a_period_the_overview_asks_for_one_and_with_one_it_compares(
    clean_page: Page, installation: Installation
) -> None:
    page = shown(clean_page, installation)
    expect(page.locator("#overview-changes")).to_contain_text("Choose a period")
    page = shown(page, installation, "/?since=now-7d")
    expect(page.locator("#overview-changes")).to_contain_text(
        re.compile("Against the 7 d before|Nothing moved much")
    )


def test_findings_say_that_nothing_is_wrong_or_what_is(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url("/findings?since=all"))
    told = installation.api("/findings?since=all")["data"]
    if told:
        expect(page.locator(".finding")).to_have_count(len(told))
    else:
        expect(page.locator("#page")).to_contain_text("Nothing is known to be wrong")
    page.goto(installation.url("/findings?id=none-0"))
    expect(page.locator("#page")).to_contain_text("not among those")


def test_data_health_names_every_source_and_what_was_rejected(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url("/health/data"))
    expect(page.locator("#page h1")).to_have_text("Data health")
    for source in installation.api("/sources")["data"]:
        expect(page.locator("#page")).to_contain_text(source["source"])
    rejected = installation.api("/rejected?limit=1000")["data"]
    expected = "Nothing was rejected" if not rejected else "kept whole with its reason"
    expect(page.locator("#page")).to_contain_text(expected)


@pytest.mark.parametrize("path", ["/?since=now-30d", "/findings", "/health/data"])
def test_on_a_phone_nothing_runs_out_of_the_page(
    clean_page: Page, installation: Installation, path: str
) -> None:
    page = clean_page
    page.set_viewport_size({"width": 390, "height": 844})
    shown(page, installation, path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/?since=now-30d", "/findings", "/health/data"])
def test_both_themes_are_readable(
    clean_page: Page, installation: Installation, path: str, scheme: str
) -> None:
    page = clean_page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    shown(page, installation, path)
    page.evaluate(Path(AXE).read_text())
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})"
    )
    serious = [
        (fault["id"], fault["nodes"][0]["html"][:200], fault["nodes"][0].get("failureSummary", ""))
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
    assert not serious


@pytest.mark.parametrize("width", [1440, 390])
def test_the_names_of_the_value_flow_lie_clear_of_one_another(
    clean_page: Page, installation: Installation, width: int
) -> None:
    clean_page.set_viewport_size({"width": width, "height": 900})
    page = shown(clean_page, installation)
    names = page.locator("#overview-flow .node-label")
    expect(names.filter(has_text="Cash")).to_have_count(1)
    boxes = [box for text in names.all() if text.text_content() and (box := text.bounding_box())]
    assert len(boxes) > 2
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            apart = (
                one["x"] + one["width"] <= other["x"]
                or other["x"] + other["width"] <= one["x"]
                or one["y"] + one["height"] <= other["y"]
                or other["y"] + other["height"] <= one["y"]
            )
            assert apart, (one, other)
    across = page.evaluate("document.documentElement.scrollWidth")
    assert across == width
