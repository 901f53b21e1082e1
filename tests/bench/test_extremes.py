"""What no estate should have and some have: one payment of 5,000 invoices, 10,000 ways in a log."""

import json
import random
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.evidence import Evidence
from tests.harness import ROOT, Program

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1500)]

INVOICES = 5_000
WAYS = 10_000
BEGUN = datetime(2026, 3, 2, 9, tzinfo=UTC)
STEPS = ("received", "checked", "priced", "offered", "ordered", "shipped", "billed", "paid")


def api(program: Program, path: str) -> Any:
    url = f"http://127.0.0.1:{program.page_port}/api/v1{path}"
    with urllib.request.urlopen(url, timeout=600) as answer:
        return json.load(answer)


def event(number: str, type_: str, subject: str, minute: int, objects: list[str]) -> dict[str, Any]:
    named = [dict(zip(("type", "id"), one.split("/"), strict=True)) for one in objects]
    at = (BEGUN + timedelta(minutes=minute)).isoformat()
    return {
        "specversion": "1.0", "id": number, "source": "urn:system:sap:extreme",
        "type": f"q2c.{type_}.v1", "subject": subject, "time": at,
        "data": {"amount": "100.00", "currency": "EUR", "objects": named},
    }  # fmt: skip


def cases_since(program: Program, minute: int) -> set[str]:
    """The cases in which something happened from that minute on, over all pages of the list."""
    found: set[str] = set()
    page, at = "", (BEGUN + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")
    while True:
        answer = api(program, f"/instances?limit=1000&since={at}{page}")
        found |= {row["instance_id"] for row in answer["data"]}
        if not answer["next"]:
            return found
        page = f"&cursor={answer['next']}"


def until(there: Any, seconds: float = 600) -> float:
    started = time.monotonic()
    while not there():
        assert time.monotonic() - started < seconds, "it did not come"
        time.sleep(0.2)
    return time.monotonic() - started


def test_a_payment_of_five_thousand_invoices(tmp_path: Path, evidence: Evidence) -> None:
    life = (("quote", "quote.accepted"), ("order", "order.created"), ("invoice", "invoice.posted"))
    told = []
    for at in range(INVOICES):
        before: list[str] = []
        for place, (thing, type_) in enumerate(life):
            subject = f"{thing}/{thing[0].upper()}-{at}"
            told.append(event(f"{thing}-{at}", type_, subject, place, before))
            before = [subject]
    cases = {f"quote:shared:Q-{at}" for at in range(INVOICES)}
    with Program(tmp_path) as program:
        for begin in range(0, len(told), 1_000):
            assert program.post_events(told[begin : begin + 1_000]) == 202
        until(lambda: len(cases_since(program, 2)) == INVOICES)
        paid = event("paid", "payment.applied", "payment/P-1", 90,
                     [f"invoice/I-{at}" for at in range(INVOICES)])  # fmt: skip
        work = program.processor_seconds()
        assert program.post_events([paid]) == 202
        grown = until(lambda: cases_since(program, 90) == cases)
        used = program.processor_seconds() - work
        # one of them goes on: what it costs to grow the whole again
        work = program.processor_seconds()
        more = event("credit", "invoice.sent", "invoice/I-7", 95, [])
        assert program.post_events([more]) == 202

        def sent() -> bool:
            case = api(program, "/instances/quote:shared:Q-7")["data"]
            return any(one.get("event", one)["type"] == "invoice.sent" for one in case["events"])

        again = until(sent)
        more_used = program.processor_seconds() - work
        started = time.monotonic()
        assert api(program, "/instances/quote:shared:Q-7")["data"]
        shown = time.monotonic() - started
    evidence(
        f"the payment stands in all {INVOICES:,} cases {grown:.1f} s after it was accepted "
        f"({used:.1f} s of processor); one more event of one of them {again:.1f} s "
        f"({more_used:.1f} s of processor); the API tells that case in {shown * 1000:,.0f} ms"
    )


def test_a_log_of_ten_thousand_ways(tmp_path: Path, evidence: Evidence) -> None:
    chance, ways = random.Random(7), Counter[tuple[str, ...]]()
    while len(ways) < WAYS:
        way = tuple(chance.sample(STEPS, chance.randint(5, len(STEPS))))
        ways[way] += chance.randint(1, 3)
    path, case = tmp_path / "many.csv", 0
    with path.open("w") as file:
        file.write("case,activity,timestamp\n")
        for way, count in ways.items():
            for _ in range(count):
                case += 1
                for place, step in enumerate(way):
                    at = BEGUN + timedelta(minutes=case % 9_000, hours=place)
                    file.write(f"{case},{step},{at.isoformat()}\n")
    with Program(tmp_path) as program:
        subprocess.run(
            [sys.executable, str(ROOT / "throughline.py"), "import", str(path)],
            env=program.environment, check=True, capture_output=True, timeout=900,
        )  # fmt: skip
        laps = {}
        for name, ask in (
            ("map", "/process-map?dataset=many"),
            ("first page of variants", "/variants?dataset=many&limit=20"),
            ("inductive model", "/model?dataset=many"),
        ):
            started = time.monotonic()
            answer = api(program, ask)
            laps[name] = time.monotonic() - started
            if name == "map":
                pairs: Counter[tuple[str, str]] = Counter()
                for way, count in ways.items():
                    for pair in pairwise(way):
                        pairs[pair] += count
                flow = answer["data"]
                assert (flow["cases"], flow["variants"]) == (case, WAYS)
                assert pairs == {
                    (one["source"], one["target"]): one["handed_over"] for one in flow["hand_overs"]
                }
            elif "variants" in name:
                assert (answer["total"], answer["cases"]) == (WAYS, case)
    said = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in laps.items())
    evidence(f"{case:,} cases, {WAYS:,} ways, counts equal to a loop over the file: {said}")
