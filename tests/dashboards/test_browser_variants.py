"""Variants in Chromium: they add up, are compared, found, lit on the map, and lead to cases."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.dashboards.conftest import Installation
from tests.dashboards.test_browser import AXE, serious_faults

pytestmark = [pytest.mark.engine, pytest.mark.browser]


def number(text: str) -> int:
    found = re.search(r"[\d,]+(?= case)", text)
    assert found, text
    return int(found[0].replace(",", ""))


def test_variants_add_up_and_lead_to_their_cases(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url("/variants?rows=400"))
    rows = page.locator(".way")
    expect(rows.first).to_be_visible()
    counts = [number(text) for text in rows.locator(".stacked small").all_inner_texts()
              if "case" in text]  # fmt: skip
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == installation.api("/instances")["total"]
    expect(rows.last).to_contain_text("together 100.0 %")
    second = rows.nth(1)
    second.locator("a", has_text="Cases").click()
    expect(page.locator("#page .title")).to_contain_text(f"{counts[1]:,} case")
    expect(page.locator(".chip", has_text="Cases of one variant")).to_be_visible()


def test_two_are_compared_and_a_third_takes_the_second_s_place(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url("/variants"))
    choose = page.locator(".way .chooser")
    choose.nth(0).click()
    expect(page.locator("#page")).to_contain_text("choose another to compare")
    choose.nth(1).click()
    expect(page.locator("h2", has_text="Variant 1 beside variant 2")).to_be_visible()
    alone = page.locator(".pairs .first, .pairs .second").count()
    expect(page.locator("#page")).to_contain_text(f"{alone} in one alone")
    assert alone > 0
    choose.nth(2).focus()
    page.keyboard.press("Enter")
    expect(page.locator("h2", has_text="Variant 1 beside variant 3")).to_be_visible()
    page.reload()
    expect(page.locator("h2", has_text="Variant 1 beside variant 3")).to_be_visible()


def test_a_variant_is_lit_on_the_map(clean_page: Page, installation: Installation) -> None:
    page = clean_page
    page.goto(installation.url("/variants"))
    row = page.locator(".way").nth(0)
    expect(row).to_be_visible()
    steps = row.locator(".chevrons > span").all_text_contents()
    row.locator("a", has_text="Map").click()
    expect(page.locator("#process-map svg.picked")).to_be_visible()
    lit = page.locator("#process-map .node.lit .name").all_text_contents()
    assert set(lit) == set(steps)
    page.locator(".title .chip", has_text="is lit").click()
    expect(page.locator("#process-map svg.picked")).to_have_count(0)
    expect(page.locator("#process-map .node").first).to_be_visible()


def test_a_step_is_searched_and_nothing_found_says_so(
    clean_page: Page, installation: Installation, empty_installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url("/variants?ways=whole"))
    expect(page.locator(".way").first).to_be_visible()
    every = page.locator(".way").count()
    page.locator("#variants-q").fill("payment applied")
    expect(page).to_have_url(re.compile("q=payment"))
    expect(page.locator("#page")).to_contain_text("with it")
    assert 0 < page.locator(".way").count() <= every
    for way in page.locator(".way .chevrons").all():
        expect(way).to_contain_text("Payment applied")
    page.goto(installation.url("/variants?q=teleported"))
    expect(page.locator(".notice")).to_contain_text("teleported")
    page.locator(".notice a").click()
    expect(page.locator(".way").first).to_be_visible()
    page.goto(empty_installation.url("/variants"))
    expect(page.locator(".notice")).to_contain_text("Nothing has been received")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_variants_keep_nobody_out_and_fit_a_phone(
    clean_page: Page, installation: Installation, scheme: Any
) -> None:
    page = clean_page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(installation.url("/variants"))
    page.locator(".way .chooser").first.click()
    expect(page.locator("#page")).to_contain_text("choose another to compare")
    page.locator(".way .chooser").nth(1).click()
    expect(page.locator(".pairs")).to_be_visible()
    page.evaluate(AXE.read_text())
    assert serious_faults(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
