"""The commands on the real program: done by the process that holds the store, or here if none."""

import json
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.harness import ROOT, Program

pytestmark = pytest.mark.engine


def call(program: Program, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(ROOT / "throughline.py"), *words],
        env=program.environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def said(program: Program, *words: str) -> str:
    done = call(program, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def life(start: datetime) -> list[dict[str, object]]:
    def fact(id_: str, type_: str, subject: str, **data: object) -> dict[str, object]:
        return {
            "specversion": "1.0", "id": id_, "source": "urn:system:erp", "subject": subject,
            "type": f"q2c.{type_}.v1", "time": start.isoformat(), "recordedtime": start.isoformat(),
            "correlationid": "deal-7", "data": data,
        }  # fmt: skip

    of_order = [{"type": "order", "id": "O-1"}]
    return [
        fact("1", "quote.accepted", "quote/Q-1"),
        fact("2", "order.created", "order/O-1"),
        fact("3", "invoice.posted", "invoice/I-1", objects=of_order),
    ]


def wait_for_case(program: Program) -> None:
    """Until the API of the running program knows the case whole."""
    address = f"http://127.0.0.1:{program.page_port}/api/v1/resolve/I-1"
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                if json.load(answer)["data"]["instances"] == ["quote:shared:Q-1"]:
                    return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"the case never came: {program.said()}")


def test_links_are_seen_undone_and_redone_and_all_is_rebuilt_while_the_program_runs_and_after(
    tmp_path: Path,
) -> None:
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
    with Program(tmp_path) as program:
        assert program.post_events(life(start)) == 202
        wait_for_case(program)
        joined = said(program, "links", "Q-1")
        assert "quote:shared:Q-1 → order:shared:O-1  flow  derived by correlationid" in joined
        assert "2 cases were grown again" in said(
            program, "undo", "Q-1", "Q-1", "O-1", "--why", "another deal"
        )
        assert "undone: another deal" in said(program, "links", "O-1")
        refused = call(program, "undo", "Q-1", "Q-1", "O-9", "--why", "x")
        assert refused.returncode == 1
        assert "no link leads from Q-1 to O-9" in refused.stderr
        assert "2 instances rebuilt" in said(program, "rebuild")
        assert program.stop()[0] == 0, program.said()
        # nobody holds the store now: the same commands do it themselves
        assert "1 case was grown again" in said(program, "redo", "O-1", "Q-1", "O-1")
        then = (start - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S")
        early = call(program, "rebuild", "--as-of", then, "--into", "early")
        assert early.returncode == 1
        assert "nothing was known" in early.stderr
        today = datetime.now(UTC).strftime("%Y-%m-%d")
        assert "1 instance rebuilt into the dataset today" in said(
            program, "rebuild", "--as-of", today, "--into", "today"
        )
        alone = call(program, "rebuild", "--as-of", today)
        assert alone.returncode == 2
        assert "--as-of needs --into" in alone.stderr
