"""How fast spans reach the tables, beside decoding and looping in Python, after equal rows."""

import json
import statistics
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
ROUNDS = 3


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
    used: dict[str, list[float]] = {"segments": [], "loop": []}
    for number in range(ROUNDS):
        kept = []
        for way, seen in used.items():  # by turns, so that what else the machine does meets both
            took, rows = stored(way, requests, tmp_path / f"{way}-{number}")
            seen.append(took["processor"])
            kept.append(rows)
        assert kept[0].count(b"\n") == SPANS * (SEGMENTS + 1)
        assert set(kept[0].splitlines()) == set(kept[1].splitlines())
        assert kept[0] == kept[1]
    ours, peer = (statistics.median(seen) for seen in used.values())
    count = SPANS * SEGMENTS
    ratios = sorted(b / a for a, b in zip(*used.values(), strict=True))
    evidence(
        f"{count / ours:,.0f} spans a second of processor from the request to the tables, their "
        f"views and the merges that follow, {SPANS:,} a segment, equal rows; decoding and looping "
        f"in Python {count / peer:,.0f}: **{peer / ours:.1f} times** "
        f"({ROUNDS} rounds by turns, {ratios[0]:.1f} to {ratios[-1]:.1f})"
    )
