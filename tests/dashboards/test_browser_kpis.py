"""The KPIs in Chromium: every number is the API's, and each leads to how it is counted."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from process_model.kpi import load_all
from tests.dashboards.conftest import Installation
from tests.dashboards.test_browser import AXE, serious_faults

pytestmark = [pytest.mark.engine, pytest.mark.browser]


def told(installation: Installation, name: str) -> Any:
    (row,) = installation.api(f"/kpis/{name}")["data"]
    return row


def test_every_kpi_has_a_line_and_a_page_with_the_apis_numbers(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url("/kpis"))
    rows = page.locator(".kpis tbody tr")
    expect(rows).to_have_count(len(load_all()))
    for place, entry in enumerate(load_all().values()):
        expect(rows.nth(place)).to_contain_text(entry.title)
        counted = told(installation, entry.name)["n"]
        expect(rows.nth(place).locator("td").nth(5)).to_have_text(f"{counted:,}")
    for entry in load_all().values():
        page.goto(installation.url(f"/kpi/{entry.name}"))
        expect(page.locator("#page h1")).to_have_text(entry.title)
        facts = page.locator(".alert-beside")
        expect(facts).to_contain_text(entry.formula)
        expect(facts).to_contain_text(f"/api/v1/kpis/{entry.name}")
        row = told(installation, entry.name)
        if entry.unit == "share" and row["value"] is not None:
            expect(facts).to_contain_text(f"{row['value']:.1%}".replace("%", " %"))


def test_a_tile_leads_to_its_kpi_a_segment_narrows_it_and_a_case_is_one_click_away(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url("/"))
    page.get_by_role("link", name="Synchronization success").click()
    expect(page.locator("#page h1")).to_have_text("Synchronization success")
    page.get_by_role("link", name="Stage", exact=True).click()
    row = told(installation, "sync_success")
    by = installation.api("/kpis/sync_success?by=stage")["data"]
    cells = page.locator("section", has_text="Where it differs").locator("tbody tr")
    expect(cells).to_have_count(len(by))
    assert sum(part["n"] for part in by) == row["n"]
    cases = page.locator("section", has_text="Cases behind it")
    assert row["breached"]
    cases.locator("tbody a").first.click()
    page.wait_for_url("**/case/**")


def test_a_kpi_nobody_knows_says_so(clean_page: Page, installation: Installation) -> None:
    page = clean_page
    page.goto(installation.url("/kpi/luck"))
    expect(page.locator(".notice")).to_contain_text("This KPI is not known")
    page.goto(installation.url("/kpi/K10?by=luck"))
    expect(page.locator(".notice")).to_contain_text("by: one of region")


def test_nothing_received_is_no_number(clean_page: Page, empty_installation: Installation) -> None:
    page = clean_page
    page.goto(empty_installation.url("/kpi/K10"))
    facts = page.locator(".alert-beside")
    expect(facts).to_contain_text("coverage unmeasured")
    expect(facts).to_contain_text("no source has ever delivered")
    expect(page.locator("#page")).to_contain_text("too few buckets")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/kpis", "/kpi/K10"])
def test_kpis_keep_nobody_out_and_fit_a_phone(
    clean_page: Page, installation: Installation, scheme: Any, path: str
) -> None:
    page = clean_page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(installation.url(path))
    expect(page.locator("#page tbody tr").last).to_be_visible()
    page.evaluate(AXE.read_text())
    assert serious_faults(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
