"""One installation and one Chromium for all browser tests; a page that forgives no error."""

import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from process_model.simulation import send, story
from tests.harness import Program

CHROMIUM = "/usr/bin/chromium"
PATIENCE = 40_000
"""Milliseconds until a page that never becomes what is expected fails a test."""

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
]  # fmt: skip

NASTY = "<img src=x onerror=\"document.title='owned'\"><script>owned()</script>{{7*7}}"
"""What an attacker writes into every field that takes text."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A running program that knows forty-two cases."""

    program: Program
    pages: str
    failed_trace: str
    """the trace in which the order of SO-1001 was not created"""

    def url(self, path: str) -> str:
        return f"{self.pages}{path}"

    def api(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.pages}/api/v1{path}", timeout=30) as answer:
            return json.load(answer)


def pages_of(program: Program) -> str:
    return f"http://127.0.0.1:{program.page_port}"


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The real program, told its stories through the real doors."""
    with Program(tmp_path_factory.mktemp("installation")) as program:
        now = datetime.now(UTC).replace(microsecond=0)
        start = now - timedelta(days=9)
        life = story.one_orders_life(start)
        events = [*life, *story.forty_orders(now), *nasty_events(now)]
        send.send_events(program.doors, events)
        accepted_at = start + timedelta(hours=30)
        traces = send.send_traces(program.doors, accepted_at, "Q-1001-R1", "SO-1001")
        known = Installation(program, pages_of(program), traces[0])
        _until_known(known)
        yield known
        assert program.process
        assert program.process.poll() is None, f"the program has ended: {program.said()}"


@pytest.fixture(scope="session")
def empty_installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A program that nobody has told anything."""
    with Program(tmp_path_factory.mktemp("empty")) as program:
        yield Installation(program, pages_of(program), "")


def nasty_events(now: datetime) -> list[dict[str, object]]:
    """A case whose every text is an attack."""
    segment = dict.fromkeys(("region", "business_unit", "legal_entity", "product_family",
                             "sales_channel", "customer_tier"), NASTY)  # fmt: skip
    customer = {"type": "customer", "id": NASTY}
    trouble = {"id": NASTY, "class": NASTY, "owner": NASTY}
    envelope = {"specversion": "1.0", "source": "urn:system:cpq:nasty", "correlationid": NASTY}
    told: list[tuple[str, dict[str, object]]] = [
        ("quote.created", {"segment": segment, "objects": [customer], "amount": "1.00",
                           "currency": "EUR", "actor": {"kind": "human", "id": NASTY}}),
        ("sync.failed", {"outcome": "failure", "error_type": "timeout",
                         "sync": {"from": NASTY, "to": NASTY}}),
        ("exception.raised", {"exception": trouble}),
        ("quote.sent", {"fields": {NASTY: NASTY}, "note": NASTY}),
    ]  # fmt: skip
    return [
        envelope
        | {
            "id": f"nasty-{place} {NASTY}", "type": f"q2c.{type_}.v1", "data": data,
            "subject": f"quote/{NASTY}",
            "time": (now - timedelta(hours=9 - place)).isoformat(),
        }
        for place, (type_, data) in enumerate(told)
    ]  # fmt: skip


def _until_known(known: Installation, within_seconds: float = 60) -> None:
    end = time.monotonic() + within_seconds
    while time.monotonic() < end:
        rows = known.api("/instances?limit=1000")["data"]
        first = next((row for row in rows if row["number"] == "Q-1001"), None)
        if len(rows) >= 42 and first and first["status"] == "completed":
            detail = known.api(f"/instances/{first['instance_id']}")["data"]
            if len(detail["spans"]) == 5:
                return
        time.sleep(0.1)
    raise AssertionError(f"not told within {within_seconds} s: {len(rows)} cases")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, which must be there: `.ci/setup chromium` installs it."""
    assert Path(CHROMIUM).exists(), "no Chromium: run .ci/setup chromium"
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def base_url() -> str:
    """None: the plug-in's own fixture is written in a way that pytest warns of."""
    return ""


@pytest.fixture(scope="session")
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """One visitor for all tests, whose browser keeps what it has loaded."""
    expect.set_options(timeout=PATIENCE)
    with browser.new_context(viewport={"width": 1440, "height": 1000}) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.set_default_timeout(PATIENCE)
        yield context


@pytest.fixture
def clean_page(visitor: BrowserContext) -> Iterator[Page]:
    """A page; an error on the console or a request to another host fails the test."""
    errors: list[str] = []
    outside: list[str] = []
    own = ("http://127.0.0.1", "data:", "blob:")
    page = visitor.new_page()
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(own) else outside.append(r.url))
    yield page
    page.close()
    assert not errors
    assert not outside
