"""Worlds that nobody has seen, sent through the doors and found again over the API."""

import re
import secrets
import subprocess
import sys

import pytest

from tests.evidence import Evidence

_ROW = re.compile(r"^(\w+) +\d+ +\d+ +(\d\.\d{3}) +(\d\.\d{3})$", re.MULTILINE)
_WORLDS = 4


def scored(profile: str) -> str:
    """The table of one fresh world; fails when a fault is missed or something is made up."""
    seed = str(secrets.randbelow(10**6))
    command = [sys.executable, "-m", "throughline", "score", "--seed", seed, "--profile", profile]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1_200)
    assert done.returncode == 0, f"seed {seed}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_every_planted_fault_is_found_and_nothing_beside_them(evidence: Evidence) -> None:
    rows = [row for _ in range(_WORLDS) for row in _ROW.findall(scored("standard"))]
    assert len(rows) == 11 * _WORLDS
    precisions, recalls = ([float(row[place]) for row in rows] for place in (1, 2))
    evidence(
        f"{_WORLDS} unseen worlds of 2,600 cases and 11 faults: precision {min(precisions):.3f} or "
        f"more (mean {sum(precisions) / len(rows):.3f}), recall {min(recalls):.3f} or more (mean "
        f"{sum(recalls) / len(rows):.3f}), nothing that was not planted"
    )


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_nothing_is_found_where_nothing_is_planted(evidence: Evidence) -> None:
    tables = [scored("quiet") for _ in range(2)]
    assert all("\n0 findings, 0 of what was not planted" in table for table in tables)
    evidence(f"{len(tables)} unseen worlds of 2,600 cases without faults: no finding")
