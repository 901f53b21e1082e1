"""Alerts stand on the time axes of the Overview, and lead to their page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from alerts.rule import Reading
from process_model.state import open_state
from tests.alerts.stories import Story
from tests.conftest import Clock
from tests.dashboards.conftest import NASTY, Installation

pytestmark = [pytest.mark.browser, pytest.mark.engine]


def test_an_alert_is_marked_on_the_chart_and_listed_below_it(
    clean_page: Page, installation: Installation
) -> None:
    clock, page = Clock(), clean_page
    clock.now = datetime.now(UTC) - timedelta(minutes=5)
    with open_state(installation.program.directory / "state.db") as state:
        story = Story(state, clock)
        about = {"title": f"orders wait {NASTY}", "holds": True}
        story.see(Reading(labels={"stage": "order"}, **about),
                  Reading(labels={"stage": "payment"}, **about))  # fmt: skip
        story.minutes(1)
        stages = {
            one.labels["stage"]: one for one in story.alerts() if "orders wait" in one.now.title
        }
        wanted, other = stages["order"], stages["payment"]
    page.goto(installation.url("/?since=all"))
    card = page.locator("#overview-latency")
    marks = card.locator(".annotation .cursor-pointer > a")
    expect(marks.first).to_be_visible()
    # that of another stage is no matter of this chart; the program's own rules may have told more
    led = marks.evaluate_all("all => all.map((one) => one.getAttribute('xlink:href'))")
    assert not [to for to in led if f"/alert/{other.id}" in to]
    (place,) = (at for at, to in enumerate(led) if f"/alert/{wanted.id}" in to)
    mark = marks.nth(place)
    mark.hover()
    expect(card.locator(".hoverlayer")).to_contain_text("orders wait")
    twin = card.locator("details.twin", has_text="on this axis")
    twin.locator("summary").click()
    expect(twin.locator(f"a[href*='/alert/{wanted.id}']")).to_be_visible()
    assert page.title() != "owned"
    mark.click()
    expect(page).to_have_url(re.compile(f"/alert/{wanted.id}"))
