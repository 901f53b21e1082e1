"""By keyboard alone: every stop has a name and is seen, none keeps the focus, none loses it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboards.pages import pages
from tests.dashboards.conftest import Installation

pytestmark = [pytest.mark.engine, pytest.mark.browser]

STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const step = at.querySelector(".box");
  const labels = [...(at.labels || [])].map((label) => label.textContent).join(" ");
  const spoken = [at.getAttribute("aria-label"), labels, at.textContent, at.placeholder, at.title];
  return {
    what: `${at.tagName}.${at.getAttribute("class")}#${at.id}@${box.x},${box.y + scrollY}`,
    name: (spoken.find((text) => text) || "").trim(),
    grid: at.matches(".ag-cell"),
    // an outline, the thick edge of a step of the map, or the frame of a cell of the list
    seen: style.outlineStyle !== "none" || at.matches(".ag-cell-focus, .ag-header-cell")
      || (step !== null && parseFloat(getComputedStyle(step).strokeWidth) >= 3),
    there: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""
MOST = 250
PATHS = [page.path for page in pages() if page.order] + ["/case/quote:shared:Q-1001", "/kpi/K10"]


def ready(page: Page, installation: Installation, path: str) -> None:
    page.goto(installation.url(path))
    expect(page.locator("#page h1")).to_be_visible()
    expect(page.locator("#page .mantine-Skeleton-root")).to_have_count(0)


def stops(page: Page) -> list[Any]:
    """All that Tab comes to, from the top of the page until it leaves it."""
    found: list[Any] = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None or (found and stop["what"] == found[0]["what"]):
            return found
        found.append(stop)
        if stop["grid"]:  # from cell to cell: what follows is the list, by arrows as by Tab
            return found
    raise AssertionError(f"Tab came to no end: {found[-3:]}")


@pytest.mark.parametrize("path", PATHS)
def test_every_stop_has_a_name_and_is_seen_and_none_is_a_trap(
    clean_page: Page, installation: Installation, path: str
) -> None:
    ready(clean_page, installation, path)
    found = stops(clean_page)
    assert found[0]["name"] == "Skip to content"
    assert len(found) > len(pages())
    assert [stop["what"] for stop in found if not stop["name"]] == []
    assert [stop["what"] for stop in found if not stop["seen"]] == []
    assert [stop["what"] for stop in found if not stop["there"]] == []
    assert len({stop["what"] for stop in found}) == len(found)


def reach(page: Page, name: str) -> None:
    for _ in range(MOST):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop and stop["name"] == name:
            return
    raise AssertionError(f"Tab does not reach {name}")


def test_the_focus_goes_on_from_where_one_was(clean_page: Page, installation: Installation) -> None:
    page = clean_page
    ready(page, installation, "/cases")
    reach(page, "30d")
    page.keyboard.press("Enter")
    page.wait_for_url("**since=now-30d**")
    expect(page.locator("a:focus")).to_have_text("30d")
    page.keyboard.press("Shift+Tab")
    expect(page.locator("a:focus")).to_have_text("7d")
    page.keyboard.press("g")
    page.keyboard.press("f")
    expect(page.locator("h1:focus")).to_have_text("Findings")
    page.go_back()
    expect(page.locator("h1:focus")).to_have_text("Cases")


def test_a_case_is_opened_from_any_cell_of_its_row(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    ready(page, installation, "/cases")
    expect(page.locator(".ag-cell a").first).to_be_visible()
    assert stops(page)[-1]["grid"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    number = page.locator(".ag-row-focus a").first.inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("h1:focus")).to_contain_text(number)
    expect(page).to_have_url(re.compile("/case/"))
