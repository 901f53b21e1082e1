"""How fast spans reach the tables, beside decoding and looping in Python, after equal rows."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from collector import otlp
from tests.bench.spans import bodies
from tests.evidence import Evidence
from tests.harness import ROOT

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

SEGMENTS, SPANS, A_BODY = 20, 20_000, 500


def stored(way: str, requests: Path, folder: Path) -> tuple[dict[str, float], bytes]:
    """What it took, and a line of each stored row."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.peers.otlp", way, str(requests),
         str(SPANS // A_BODY), str(folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    took: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return took, (folder / "rows").read_bytes()


def test_spans_a_second_of_a_core_beside_a_loop_in_python(
    tmp_path: Path, evidence: Evidence
) -> None:
    requests = tmp_path / "requests"
    with requests.open("wb") as file:
        # one segment more than is measured: the first warms up
        file.writelines(map(otlp.frame, bodies(SPANS * (SEGMENTS + 1), A_BODY)))
    ours, rows = stored("segments", requests, tmp_path / "ours")
    peer, peers_rows = stored("loop", requests, tmp_path / "peer")
    assert rows.count(b"\n") == SPANS * (SEGMENTS + 1)
    assert set(rows.splitlines()) == set(peers_rows.splitlines())
    assert rows == peers_rows
    count = SPANS * SEGMENTS
    evidence(
        f"{count / ours['processor']:,.0f} spans a second of processor from the request to the "
        f"tables, their views and the merges that follow, {SPANS:,} a segment, equal rows; "
        f"decoding and looping in Python {count / peer['processor']:,.0f}: "
        f"**{peer['processor'] / ours['processor']:.1f} times**"
    )
