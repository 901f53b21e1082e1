"""The alert pages over alerts that really fired: both states, who was told, and taking them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from dash import Dash
from flask.testing import FlaskClient

from alerts.alert import Phase
from dashboards.app import create_app
from dashboards.config import DashboardsConfig
from dashboards.pages import page_of
from process_model.state import State
from process_model.store import Handle
from tests.alerts.stories import NoStore, Story, calm, holds, unmeasured
from tests.conftest import Clock

NASTY = "<img src=x onerror=alert(1)>"


@dataclass
class Site:
    app: Dash
    story: Story
    reader: Handle

    @property
    def client(self) -> FlaskClient:
        return self.app.server.test_client()

    def shown(self, path: str) -> str:
        """All that stands on the page, as its components hold it."""
        with self.app.server.test_request_context():
            return str(page_of(self.reader, path).body)

    def link(self, which: str) -> str:
        """The path of a link of the last message."""
        message: dict[str, Any] = msgspec.to_builtins(self.story.channel.taken[-1])
        return "/" + str(message[f"{which}_url"]).partition("://")[2].partition("/")[2]


@pytest.fixture
def site(state: State, clock: Clock) -> Iterator[Site]:
    # links end by the wall clock of who follows them
    clock.now = datetime.now(UTC)
    reader: Any = NoStore()
    app = create_app(reader, DashboardsConfig(), lambda: [], state=state)
    yield Site(app, Story(state, clock), reader)


def test_the_list_shows_what_fires_and_says_that_nobody_can_be_told(site: Site) -> None:
    assert "have not been looked at yet" in site.shown("/alerts")
    site.story.see(holds("a"), holds("b"))
    site.story.minutes(2)
    site.story.see(holds("a"), unmeasured("b"))
    site.story.minutes(2)
    text = site.shown("/alerts")
    assert "1 fire, 1 cannot be measured now" in text
    assert "Nobody is told: no channel is configured" in text
    site.story.state.set_cursor("alert channels", '["ops"]')
    assert "Nobody is told" not in site.shown("/alerts")


def test_an_alert_shows_what_was_and_what_is(site: Site) -> None:
    site.story.see(holds(value=0.5, unit="share", detail="5.0% may"))
    site.story.minutes(2)
    site.story.see(holds(value=0.9, unit="share", detail="5.0% may"))
    site.story.minutes(2)
    text = site.shown(f"/alert/{site.story.only().id}?tz=Europe/Berlin")
    for needed in ("When it fired", "50.0%", "Now", "90.0%", "It still holds", "Who was told",
                   "ops", "taken", "no finding explains it"):  # fmt: skip
        assert needed in text, needed
    site.story.see(calm())
    site.story.minutes(20)
    text = site.shown(f"/alert/{site.story.only().id}")
    assert "Over since" in text
    assert "Acknowledge" not in text
    assert "is not known" in site.shown("/alert/nothing-1")


def test_looking_at_a_link_changes_nothing_and_pressing_takes_it_once(site: Site) -> None:
    site.story.see(holds())
    site.story.minutes()
    path, id_ = site.link("acknowledge"), site.story.only().id
    for _ in range(2):
        asked = site.client.get(path)
        assert (asked.status_code, "Nothing has happened yet" in asked.text) == (200, True)
    assert site.story.only().quiet_until is None
    assert site.client.post(path, data={"by": " "}).status_code == 400
    done = site.client.post(path, data={"by": NASTY})
    assert done.status_code == 200
    assert NASTY not in done.text
    assert site.story.only().quiet_by == NASTY
    again = site.client.post(path, data={"by": "Bob"})
    assert (again.status_code, NASTY in again.text) == (410, False)
    assert site.client.get("/alerts/link/forged.token").status_code == 410
    assert f"/alert/{id_}" in done.text


def test_a_link_of_an_alert_that_is_over_says_so(site: Site) -> None:
    site.story.see(holds())
    site.story.minutes()
    path = site.link("snooze")
    site.story.see(calm())
    site.story.minutes(20)
    assert site.story.phases() == [Phase.RESOLVED]
    assert "It is over already" in site.client.post(path, data={"by": "Ada"}).text


def test_an_alert_is_taken_on_its_page_with_a_name(site: Site) -> None:
    site.story.see(holds())
    site.story.minutes()
    path = f"/alert/{site.story.only().id}/acknowledge"
    assert re.search(r"formAction='?/alert/", site.shown(path.removesuffix("/acknowledge")))
    assert site.client.post(path).status_code == 400
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert site.client.post(path, data={"by": "Eve"}, headers=cross).status_code == 403
    assert site.client.post(path, data={"by": "Ada"}).status_code == 303
    assert site.story.only().quiet_by == "Ada"
    assert site.client.post("/alert/none-1/snooze", data={"by": "Ada"}).status_code == 404
    assert site.client.post(path.replace("acknowledge", "x"), data={"by": "A"}).status_code == 400
