"""Conformance in Chromium: what the API says, each deviation one click from exactly its cases."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path as File
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from process_model.simulation import send
from tests.dashboards.conftest import Installation, pages_of
from tests.dashboards.test_browser import AXE, serious_faults
from tests.harness import Program

pytestmark = [pytest.mark.engine, pytest.mark.browser]


@pytest.fixture
def deviating(installation: Installation) -> Installation:
    """The installation, told of one more case: an order that was invoiced before it was shipped."""
    told = ("quote.created", "quote.accepted", "order.created", "invoice.posted")
    envelope = {"specversion": "1.0", "source": "urn:system:sap:deviating"}
    begin = datetime.now(UTC) - timedelta(hours=8)
    events = [
        envelope | {
            "id": f"deviating-{place}", "type": f"q2c.{type_}.v1",
            "subject": f"{type_.split('.')[0]}/DEV-1",
            "time": (begin + timedelta(hours=place)).isoformat(),
            "data": {"objects": [{"type": before, "id": "DEV-1"}] if before else [],
                     "amount": "700.00", "currency": "EUR"},
        }
        for place, (type_, before) in enumerate(zip(told, ("", "", "quote", "order"), strict=True))
    ]  # fmt: skip
    send.send_events(installation.program.doors, events)
    for _ in range(300):
        found = installation.api("/instances?q=DEV-1")["data"]
        if found and found[0]["last_event_at"] > (begin + timedelta(hours=2.9)).isoformat():
            return installation
        time.sleep(0.1)
    raise AssertionError("the case that deviates is not known")


def judged(page: Page, installation: Installation) -> Page:
    page.goto(installation.url("/conformance"))
    expect(page.locator("#conformance-found .tiles")).to_be_visible()
    return page


def test_deviations_are_those_of_the_api_and_lead_to_their_cases(
    clean_page: Page, deviating: Installation
) -> None:
    page = judged(clean_page, deviating)
    told = deviating.api("/conformance")["data"]
    assert "Invoice posted without fulfilment completed" in {
        one["text"] for one in told["deviations"]
    }
    expect(page.locator(".tiles")).to_contain_text(f"{told['fitting']:,} of {told['cases']:,}")
    rows = page.locator("#conformance-found tbody tr")
    expect(rows).to_have_count(len(told["deviations"]))
    for place, one in enumerate(told["deviations"]):
        expect(rows.nth(place)).to_contain_text(one["text"])
        expect(rows.nth(place).locator("td").nth(2)).to_have_text(f"{one['cases']:,}")
    for place, one in enumerate(told["deviations"]):
        rows.nth(place).locator("a").first.click()
        expect(page.locator(".chip.on", has_text=one["text"])).to_be_visible()
        expect(page.locator("#page .title")).to_contain_text(f"{one['cases']:,} case")
        page.go_back()
        expect(rows).to_have_count(len(told["deviations"]))


def test_nothing_and_a_deviation_that_is_gone_say_so(
    clean_page: Page, installation: Installation, empty_installation: Installation
) -> None:
    page = clean_page
    page.goto(installation.url("/cases?deviation=skipped~never.happened~"))
    expect(page.locator(".notice")).to_contain_text("No case in this selection")
    page.goto(installation.url("/conformance?model=nobody"))
    expect(page.locator(".trouble")).to_contain_text("there is no model nobody")
    page.goto(empty_installation.url("/conformance"))
    expect(page.locator(".notice")).to_contain_text("Nothing has been received")


OWN = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p">
<startEvent id="s"/><task id="a" name="quote.created"/><task id="b" name="order.created"/>
<endEvent id="e"/><sequenceFlow id="1" sourceRef="s" targetRef="a"/>
<sequenceFlow id="2" sourceRef="a" targetRef="b"/><sequenceFlow id="3" sourceRef="b" targetRef="e"/>
</process></definitions>"""


def test_a_model_of_ones_own_is_chosen_and_shows_what_it_has_otherwise(
    clean_page: Page, tmp_path: File
) -> None:
    (tmp_path / "own").write_text(OWN)
    (tmp_path / "broken").write_text("<html/>")
    lines = [f"{name} = {json.dumps(str(tmp_path / name))}" for name in ("own", "broken")]
    (tmp_path / "throughline.toml").write_text("\n".join(["[model.models]", *lines]))
    program = Program(tmp_path)
    program.command += ["--config", str(tmp_path / "throughline.toml")]
    with program:
        known = Installation(program, pages_of(program), "")
        told = ("quote.created", "quote.accepted", "order.created")
        begin = datetime.now(UTC) - timedelta(hours=8)
        send.send_events(program.doors, [
            {"specversion": "1.0", "source": "urn:system:cpq:own", "id": f"own-{place}",
             "type": f"q2c.{type_}.v1", "subject": f"{type_.split('.')[0]}/OWN-1",
             "time": (begin + timedelta(hours=place)).isoformat(),
             "data": {"objects": [{"type": "quote", "id": "OWN-1"}] if place == 2 else []}}
            for place, type_ in enumerate(told)
        ])  # fmt: skip
        program.wait_until_stored(60)
        for _ in range(300):
            if len(ways := known.api("/variants")["data"]) and len(ways[0]["activities"]) == 3:
                break
            time.sleep(0.1)
        page = clean_page
        page.goto(known.url("/conformance"))
        page.get_by_role("link", name="own", exact=True).click()
        row = page.locator("#conformance-found tbody tr")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("Quote accepted is no step of the model here")
        row.locator("a").first.click()
        expect(page.locator("#page .title")).to_contain_text("1 case")
        page.goto(known.url("/conformance?model=broken"))
        expect(page.locator(".trouble")).to_contain_text("none of BPMN")
        page.close()  # before the program goes: what the page still asks would find nobody


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_conformance_keeps_nobody_out_and_fits_a_phone(
    clean_page: Page, installation: Installation, scheme: Any
) -> None:
    page = clean_page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    judged(page, installation)
    page.evaluate(AXE.read_text())
    assert serious_faults(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
