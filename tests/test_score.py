"""Worlds that nobody has seen, sent through the doors and found again over the API."""

import re
import secrets
import subprocess
import sys

import pytest

from process_model.simulation.faults import FaultKind
from process_model.simulation.matching import RULES
from tests.evidence import Evidence

_ROW = re.compile(r"^(\w+) +(\d+) +\d+ +(\d\.\d{3}) +(\d\.\d{3})$", re.MULTILINE)
_WORLDS, _LEAST, _FLOOR = 4, 4, 0.9


def scored(profile: str) -> str:
    """The table of one fresh world."""
    seed = str(secrets.randbelow(10**6))
    command = [sys.executable, "-m", "throughline", "score", "--seed", seed, "--profile", profile]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1_200)
    assert "of what was not planted" in done.stdout, f"seed {seed}\n{done.stdout}\n{done.stderr}"
    assert " 0 of what was not planted" in done.stdout, f"seed {seed}\n{done.stdout}"
    return done.stdout


def enough(fault: str, planted: int) -> bool:
    """Whether a fault touched as many cases as a finding needs (docs/findings.md)."""
    return RULES[FaultKind(fault)].by != "cases" or planted >= _LEAST


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_every_planted_fault_is_found_and_nothing_beside_them(evidence: Evidence) -> None:
    tables = [scored("standard") for _ in range(_WORLDS)]
    rows = [row for table in tables for row in _ROW.findall(table)]
    assert len(rows) == len(FaultKind) * _WORLDS
    told = [(float(p), float(r)) for fault, n, p, r in rows if enough(fault, int(n))]
    precisions, recalls = zip(*told, strict=True)
    assert min(*precisions, *recalls) >= _FLOOR, "\n".join(tables)
    evidence(
        f"{_WORLDS} unseen worlds of 2,600 cases, {len(told)} faults that touched {_LEAST} or more "
        f"cases: precision {min(precisions):.3f} at least, {sum(precisions) / len(told):.3f} on "
        f"average, recall {min(recalls):.3f} at least, {sum(recalls) / len(told):.3f} on average; "
        f"{len(rows) - len(told)} faults touched fewer; nothing was found that was not planted"
    )


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_nothing_is_found_where_nothing_is_planted(evidence: Evidence) -> None:
    tables = [scored("quiet") for _ in range(2)]
    assert all("\n0 findings, 0 of what was not planted" in table for table in tables)
    evidence(f"{len(tables)} unseen worlds of 2,600 cases without faults: no finding")
