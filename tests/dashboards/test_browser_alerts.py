"""The alert pages in Chromium: on a phone, for assistive technology, and taken by a person."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from process_model.state import State, open_state
from tests.alerts.stories import Story, holds
from tests.conftest import Clock
from tests.dashboards.conftest import NASTY, Installation
from tests.dashboards.test_browser import AXE, serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.engine]


@pytest.fixture(scope="module")
def told(empty_installation: Installation) -> Iterator[Story]:
    """An alert of that installation, fired and told, with an attacker's words in it."""
    with open_state(empty_installation.program.directory / "state.db") as state:
        yield fired(state)


def fired(state: State) -> Story:
    clock = Clock()
    clock.now = datetime.now(UTC)
    story = Story(state, clock)
    story.see(holds(NASTY, value=0.4, unit="share", detail=NASTY))
    story.minutes(2)
    return story


def test_an_alert_is_read_on_a_phone_and_taken_there(
    clean_page: Page, empty_installation: Installation, told: Story
) -> None:
    page = clean_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(empty_installation.url("/alerts"))
    page.locator(".alert-list a", has_text="is wrong").click()
    expect(page).to_have_url(re.compile("/alert/"))
    expect(page.locator("#page h1")).to_contain_text("is wrong")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator("#page")).to_contain_text("It still holds")
    page.locator("#by").fill("Ada")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".alert-standing")).to_contain_text("Acknowledged by Ada until")
    assert page.title() != "owned"
    # so does the link in a message, which asks before it acts
    link = told.channel.taken[0].snooze_url
    page.goto(empty_installation.url("/" + link.partition("://")[2].partition("/")[2]))
    expect(page.locator("main")).to_contain_text("Nothing has happened yet")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("Your name").fill("Bob")
    page.get_by_role("button", name="Snooze").click()
    expect(page.locator("main")).to_contain_text("Bob: not told again until")


@pytest.mark.parametrize("of", ["list", "alert"])
def test_nothing_serious_keeps_anybody_from_the_alerts(
    clean_page: Page, empty_installation: Installation, told: Story, of: str
) -> None:
    page = clean_page
    page.emulate_media(reduced_motion="reduce")
    path = "/alerts" if of == "list" else f"/alert/{told.only().id}"
    page.goto(empty_installation.url(path))
    expect(page.locator("#page h1")).to_be_visible()
    page.evaluate(AXE.read_text())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        expect(page.locator(f"html[data-mantine-color-scheme={scheme}]")).to_have_count(1)
        assert serious_faults(page) == []
