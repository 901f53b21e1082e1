"""How fast a log is mined beside pm4py, r4pm and DuckDB on the same events, after equal answers."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.bench.peers.mining import WAYS
from tests.evidence import Evidence
from tests.harness import ROOT

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3000)]

SMALL, LARGE = 1_000_000, 10_000_000
PEERS = [way for way in WAYS if way != "ours"]


@dataclass(frozen=True, slots=True)
class Refused:
    """A peer that cannot do it in the memory at hand, and the GiB it would need."""

    needs: float


def spoken_to(way: str, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """One way, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tests.bench.peers.mining", way, str(folder), *more],
        cwd=ROOT, capture_output=True, text=True, timeout=1500, check=False,
    )  # fmt: skip


def filled(folder: Path, events: int) -> Path:
    folder.mkdir()
    done = spoken_to("fill", folder, str(events))
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def mined(way: str, folder: Path) -> dict[str, Any]:
    done = spoken_to(way, folder)
    assert done.returncode == 0, (way, done.returncode, done.stderr[-2000:])
    told: dict[str, Any] = json.loads((folder / f"{way}.json").read_text())
    return told


def free_gib() -> float:
    """What the machine can give now without throwing anything out."""
    text = Path("/proc/meminfo").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith("MemAvailable"))
    return int(line.split()[1]) / 1024**2


def mined_in_memory(way: str, folder: Path, mib_of_small: float) -> dict[str, Any] | Refused:
    """As ``mined``, unless ten times what the small log took is more than is free."""
    needs = mib_of_small / 1024 * LARGE / SMALL
    return mined(way, folder) if needs < free_gib() else Refused(needs)


def hold_equal(way: str, peer: dict[str, Any], own: dict[str, Any]) -> None:
    """Every count and variant the same; medians too, where the peer has them."""

    def counts(told: dict[str, Any]) -> tuple[Any, Any]:
        follows = {(before, after): count for before, after, count in told["follows"]}
        return follows, {tuple(way): count for way, count in told["variants"]}

    assert counts(peer) == counts(own), way
    medians = {(before, after): median for before, after, median in own["medians"]}
    if "medians" in peer:
        assert {(before, after) for before, after, _ in peer["medians"]} == medians.keys(), way
    for before, after, median in peer.get("medians", ()):
        assert medians[before, after] == pytest.approx(median, abs=1e-5), (way, before, after)


def beside(way: str, peer: dict[str, Any] | Refused, own: dict[str, Any]) -> str:
    if isinstance(peer, Refused):
        return f"{way} refused: needs {peer.needs:.0f} GiB, {free_gib():.0f} are free"
    what = "counts, medians and variants" if "medians" in peer else "counts and variants only"
    return (
        f"{way} ({what}) {peer['seconds']:.2f} s, {peer['mib']:,.0f} MiB, ready after "
        f"{peer['ready']:.1f} s: "
        f"**{peer['seconds'] / own['seconds']:.1f} times** the clock, "
        f"{peer['processor'] / own['processor']:.1f} times the processor, "
        f"**{peer['mib'] / own['mib']:.1f} times** the memory"
    )


def of_ours(events: int, own: dict[str, Any]) -> str:
    return (
        f"{events:,} events, {len(own['variants']):,} variants, equal counts, medians and variants:"
        f" map with median, p90, p95, money and variants in {own['seconds']:.2f} s, "
        f"{own['mib']:,.0f} MiB, ready after {own['ready']:.1f} s; "
    )


def test_ten_million_events_are_mined_beside_pm4py_r4pm_and_duckdb(
    tmp_path: Path, evidence: Evidence
) -> None:
    told = []
    few, many = filled(tmp_path / "small", SMALL), filled(tmp_path / "large", LARGE)
    own = mined("ours", few)
    peers = {way: mined(way, few) for way in PEERS}
    for way, peer in peers.items():
        hold_equal(way, peer, own)
        told.append(beside(way, peer, own))
    said = of_ours(SMALL, own) + "; ".join(told)
    own, told = mined("ours", many), []
    for way in PEERS:
        large = mined_in_memory(way, many, peers[way]["mib"])
        if isinstance(large, dict):
            hold_equal(way, large, own)
        told.append(beside(way, large, own))
    evidence(
        f"{said}. {of_ours(LARGE, own)}{'; '.join(told)} "
        f"({os.cpu_count()} cores, ours asks with one; to make ready is told apart: ours lies in "
        "its table case by case, the others read and sort a Parquet file)"
    )
