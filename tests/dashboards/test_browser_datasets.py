"""Datasets in Chromium: a log beside the running estate is seen, looked at, and goes when asked."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.dashboards.conftest import NASTY, Installation
from tests.harness import ROOT

QUOTED = '"' + NASTY.replace('"', '""') + '"'
"""An activity that attacks, as a CSV writes it."""

pytestmark = [pytest.mark.engine, pytest.mark.browser]


def imported(installation: Installation, folder: Path, name: str, cases: int) -> None:
    """A log of so many cases with two events each becomes a dataset of that name."""
    rows = [
        f"{case},{step},2026-03-02T09:{place:02}:00Z"
        for case in range(cases)
        for place, step in enumerate(("ask", QUOTED))
    ]
    path = folder / f"{name}.csv"
    path.write_text("\n".join(["case_id,activity,timestamp", *rows]) + "\n")
    words = [sys.executable, str(ROOT / "throughline.py"), "import", str(path)]
    environment = installation.program.environment
    done = subprocess.run(
        words, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_dataset_is_listed_chosen_and_deleted_after_a_question(
    clean_page: Page, installation: Installation, tmp_path: Path
) -> None:
    imported(installation, tmp_path, "letters", 7)
    page = clean_page
    page.goto(installation.url("/datasets?since=now-30d"))
    row = page.locator("#datasets-list tr", has_text="letters.csv")
    expect(row).to_contain_text("its own")
    expect(row.locator("td").nth(2)).to_have_text("14")
    expect(row.locator("td").nth(3)).to_have_text("7")

    row.locator("a", has_text="letters").click()
    expect(page.locator("#page .title")).to_contain_text("7 cases")
    expect(page.locator("#dataset")).to_have_value("letters")
    page.go_back()

    row.locator("a", has_text="Delete").click()
    expect(page).to_have_url(re.compile("delete=letters"))
    question = page.locator("#datasets-confirm")
    expect(question).to_contain_text("14 events and 7 cases")
    expect(question).to_contain_text("cannot be undone")
    question.locator("a", has_text="Keep it").click()
    expect(question).to_have_count(0)
    expect(row).to_have_count(1)

    row.locator("a", has_text="Delete").click()
    question.locator("button").click()
    expect(question).to_contain_text("letters is deleted, with its 14 events")
    expect(row).to_have_count(0)
    left = installation.api("/datasets")["data"]
    assert "letters" not in {one["name"] for one in left}


def test_what_attackers_call_their_activities_is_text_on_the_map_and_among_the_variants(
    clean_page: Page, installation: Installation, tmp_path: Path
) -> None:
    imported(installation, tmp_path, "attack", 3)
    page = clean_page
    page.goto(installation.url("/process?dataset=attack"))
    nodes = page.locator("#process-map .node[role=button]")
    expect(nodes).to_have_count(2)
    nodes.nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#process-map .side h2")).to_have_text(NASTY)
    page.keyboard.press("o")
    expect(page.locator("#bar .chip.on")).to_contain_text(NASTY)
    expect(page.locator("#process-map .told")).to_contain_text("of 3 cases")
    page.goto(installation.url("/variants?dataset=attack"))
    expect(page.locator(".chevrons")).to_contain_text(NASTY)
    page.goto(installation.url("/conformance?dataset=attack"))
    expect(page.locator(".notice")).to_contain_text("Unmeasured")
    assert page.evaluate("document.querySelectorAll('#page img, #page script').length") == 0
    assert "owned" not in page.evaluate("document.title.replace(/<.*>/, '')")


def test_the_running_estate_and_what_is_not_there_are_not_deleted(
    clean_page: Page, installation: Installation
) -> None:
    page = clean_page
    for name, said in (("live", "is not deleted"), ("nothing", "There is no dataset nothing")):
        page.goto(installation.url(f"/datasets?delete={name}"))
        expect(page.locator("#datasets-confirm")).to_contain_text(said)
        expect(page.locator("#datasets-delete")).to_have_count(0)
    assert installation.api("/instances")["total"] >= 42


def test_an_empty_installation_says_how_to_import(
    clean_page: Page, empty_installation: Installation
) -> None:
    page = clean_page
    page.goto(empty_installation.url("/datasets"))
    expect(page.locator(".notice")).to_contain_text("Nothing was sent and nothing was imported")
    expect(page.locator(".command").first).to_contain_text("throughline import")
