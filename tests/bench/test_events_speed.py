"""How fast events become cases: from the HTTP door to facts, objects, links and instances."""

import http.client
import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.collector.doors import BATCH
from tests.evidence import Evidence
from tests.harness import Program

CASES, A_REQUEST = 12_000, 200
"""five events a case, so that a request holds a thousand"""

WARM = 400
"""cases told before the clock starts: what starts a program is not what an event costs"""

_STEPS = (
    ("quote.created", "quote", ("customer",)),
    ("quote.accepted", "quote", ()),
    ("order.created", "order", ("quote",)),
    ("invoice.posted", "invoice", ("order",)),
    ("payment.applied", "payment", ("invoice",)),
)


def life(number: int) -> list[dict[str, Any]]:
    """A quote, its order, its invoice and its payment, as systems tell of them."""
    return [
        {
            "specversion": "1.0", "id": f"{number}-{place}", "source": "urn:system:erp",
            "type": f"q2c.{type_}.v1", "subject": f"{about}/{number}",
            "time": f"2026-03-{number % 27 + 1:02}T0{place}:{number % 60:02}:00Z",
            "data": {
                "amount": "184200.00", "currency": "EUR", "actor": {"kind": "human"},
                "segment": {"region": "EMEA", "product_family": "Pumps"},
                "objects": [{"type": name, "id": f"{number % 50 if name == 'customer' else number}"}
                            for name in names],
            },
        }
        for place, (type_, about, names) in enumerate(_STEPS)
    ]  # fmt: skip


def bodies(first: int, last: int) -> Iterator[bytes]:
    for start in range(first, last, A_REQUEST):
        told = [event for number in range(start, start + A_REQUEST) for event in life(number)]
        yield json.dumps(told).encode()


def post(program: Program, requests: list[bytes]) -> None:
    door = http.client.HTTPConnection("127.0.0.1", program.http_port, timeout=120)
    for body in requests:
        door.request("POST", "/v1/events", body, {"Content-Type": BATCH})
        answer = door.getresponse()
        said = answer.read()
        assert answer.status == 202, said[:500]
    door.close()


def until_grown(program: Program, cases: int) -> None:
    """Wait until the pages know as many cases, each with its payment."""
    base = f"http://127.0.0.1:{program.page_port}/api/v1"
    asked, end = f"{base}/instances?limit=1&only=payment.applied", time.monotonic() + 600
    while time.monotonic() < end:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            if json.load(answer)["total"] >= cases:
                return
        time.sleep(0.25)
    raise AssertionError("not all cases have their payment")


@pytest.mark.bench
@pytest.mark.timeout(1200)
def test_events_a_second_from_the_door_to_cases(tmp_path: Path, evidence: Evidence) -> None:
    warm, requests = list(bodies(0, WARM)), list(bodies(WARM, WARM + CASES))
    with Program(tmp_path) as program:
        post(program, warm)
        until_grown(program, WARM)
        started, before = time.monotonic(), program.processor_seconds()
        post(program, requests)
        accepted = time.monotonic() - started
        until_grown(program, WARM + CASES)
        seconds, used = time.monotonic() - started, program.processor_seconds() - before
        program.stop()
    numbers = range(WARM + CASES)
    (facts,) = program.ask_stopped(
        "SELECT groupUniqArray(id), count() FROM throughline.business_events"
        " WHERE source = 'urn:system:erp'"
    )
    assert set(facts[0]) == {f"{number}-{place}" for number in numbers for place in range(5)}
    assert facts[1] == len(facts[0])
    cases = program.ask_stopped(
        "SELECT instance_id, arraySort(groupArray(DISTINCT id)) FROM"
        " (SELECT instance_id, arrayJoin(events.hash) AS event_hash"
        "  FROM throughline.instances FINAL WHERE dataset = 'live') AS grown"
        " JOIN throughline.business_events USING (event_hash) GROUP BY instance_id"
    )
    assert {row[0]: row[1] for row in cases} == {
        f"quote:shared:{number}": [f"{number}-{place}" for place in range(5)] for number in numbers
    }
    count = 5 * CASES
    evidence(
        f"{count:,} events of {CASES:,} cases, each once and each case whole by the ids of its "
        f"events: {count / used:,.0f} events a second of processor from the request to the case, "
        f"{count / seconds:,.0f} by the clock; accepted on disk after {accepted:.1f} s, all cases "
        f"{seconds:.1f} s after the first request"
    )
