"""How fast pages have their data at a million events, asked as the browser asks."""

import json
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.evidence import Evidence
from tests.harness import ROOT, Program

CASES = 42_000
"""so many tell a million events in six months"""

CARDS = ("incidents", "tiles", "stops", "latency", "flow", "backlog", "changes")
PERIODS = ("", "since=now-90d", "since=now-30d", "since=now-7d", "since=now-24h")
PARTS = ("", "region=EMEA", "region=APAC", "customer_tier=A", "only=approval.granted")
SHARE = 0.95


def asked(pages: str, card: str, href: str) -> float:
    """The seconds until the data of a card of the Overview are there."""
    body = {
        "output": f"overview-{card}.children",
        "outputs": {"id": f"overview-{card}", "property": "children"},
        "inputs": [
            {"id": "overview-of", "property": "data", "value": href},
            {"id": "overview-again", "property": "n_intervals", "value": 0},
        ],
        "changedPropIds": ["overview-of.data"],
    }
    return _seconds(f"{pages}/_dash-update-component", body)


def _seconds(url: str, body: Any = None) -> float:
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    started = time.perf_counter()
    with urllib.request.urlopen(request, timeout=600) as answer:
        assert answer.status == 200
        assert b"The store gave no answer" not in answer.read()
    return time.perf_counter() - started


def told(seconds: list[float]) -> str:
    """Median and p95 in milliseconds."""
    ordered = sorted(seconds)
    p95 = ordered[min(int(SHARE * len(ordered)), len(ordered) - 1)]
    return f"median {statistics.median(ordered) * 1000:,.0f} ms, p95 {p95 * 1000:,.0f} ms"


def api(pages: str, path: str) -> Any:
    with urllib.request.urlopen(f"{pages}/api/v1{path}", timeout=600) as answer:
        return json.load(answer)


@pytest.mark.bench
@pytest.mark.timeout(3000)
def test_the_overview_and_the_map_at_a_million_events(tmp_path: Path, evidence: Evidence) -> None:
    with Program(tmp_path) as program:
        pages = f"http://127.0.0.1:{program.page_port}"
        subprocess.run(
            [sys.executable, str(ROOT / "throughline.py"), "demo", "--cases", str(CASES),
             "--no-trickle", "--doors", program.doors, "--pages", pages,
             "--answers", str(tmp_path / "sheet.json")],
            env=program.environment, check=True, capture_output=True, timeout=2400,
        )  # fmt: skip
        # every page speaks of the same cases
        total = api(pages, "/instances?limit=1")["total"]
        flow = api(pages, "/process-map")["data"]
        assert flow["cases"] == total == api(pages, "/variants?limit=1")["cases"]
        approved = api(pages, "/instances?limit=1&only=approval.granted")["total"]
        others = api(pages, "/instances?limit=1&exclude=approval.granted")["total"]
        assert approved + others == total
        asked(pages, "incidents", "/")
        views = [f"/?{'&'.join(filter(None, (when, part)))}" for when in PERIODS for part in PARTS]
        # card after card of one view, as a browser has them: what they share is asked by the first
        looked = [[asked(pages, card, view) for card in CARDS] for view in views]
        first = dict(zip(CARDS, map(list, zip(*looked, strict=True)), strict=True))
        again = [asked(pages, card, view) for view in views[-2:] for card in CARDS]
        maps = [_seconds(f"{pages}/api/v1/process-map") for _ in range(9)]
    cards = "; ".join(f"{card} {told(seconds)}" for card, seconds in first.items())
    evidence(
        f"{flow['cases']:,} cases, {sum(one['happened'] for one in flow['activities']):,} steps. "
        f"A card of the Overview for a view that nobody looked at before: {cards}; all seven "
        f"{told([sum(cards) for cards in looked])}. A view that was looked at: {told(again)}. The "
        f"whole process map: {told(maps)}"
    )
