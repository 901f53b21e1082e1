"""How fast logs are imported, from the file to the cases, and in how much memory."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.evidence import Evidence
from tests.harness import ROOT, Program

ACTIVITIES = ("register", "check", "decide", "order", "ship", "bill", "remind", "pay")


def facts(events: int) -> Iterator[tuple[int, str, str, str]]:
    for number in range(events):
        case, place = divmod(number, 10)
        minute = (case * 7 + place * 31) % 1440
        day = case % 28 + 1
        at = f"2026-{case % 12 + 1:02}-{day:02}T{minute // 60:02}:{minute % 60:02}:{place:02}Z"
        yield case, ACTIVITIES[(place + case % 3) % 8], at, f"user{case % 50}"


def a_csv(path: Path, events: int) -> Path:
    with path.open("w") as file:
        file.write("case_id,activity,timestamp,resource\n")
        file.writelines(f"case-{c},{a},{t},{r}\n" for c, a, t, r in facts(events))
    return path


def an_xes(path: Path, events: int) -> Path:
    """With five attributes an event, as exporters write them."""
    last = -1
    with path.open("w") as file:
        file.write('<?xml version="1.0"?>\n<log>\n')
        for case, activity, at, resource_ in facts(events):
            if case != last:
                file.write("</trace>\n" if last >= 0 else "")
                file.write(f'<trace>\n<string key="concept:name" value="case-{case}"/>\n')
                last = case
            file.write(
                f'<event>\n<string key="concept:name" value="{activity}"/>\n'
                f'<string key="org:resource" value="{resource_}"/>\n'
                f'<date key="time:timestamp" value="{at}"/>\n<float key="cost" value="{case}.5"/>\n'
                '<string key="lifecycle:transition" value="complete"/>\n</event>\n'
            )
        file.write("</trace>\n</log>\n")
    return path


# a process of its own that is small: what a child held at most begins at what its parent holds, and
# is told of all children together
_MEASURED = """
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[2:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as file:
    json.dump([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024], file)
sys.exit(code)
"""


def imported(program: Program, path: Path) -> tuple[str, float, float, float]:
    """What it said, its seconds by the clock and of processors, and the most MiB of a process."""
    seen, started = path.with_suffix(".seen"), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(seen),
         sys.executable, str(ROOT / "throughline.py"), "import", str(path)],
        env=program.environment, capture_output=True, text=True, timeout=3000, check=False,
    )  # fmt: skip
    seconds = time.monotonic() - started
    assert done.returncode == 0, done.stderr
    used, most = json.loads(seen.read_text())
    return done.stdout, seconds, used, most


@pytest.mark.bench
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(
    ("make", "name", "events"), [(a_csv, "log.csv", 1_000_000), (an_xes, "log.xes", 500_000)]
)
def test_events_a_second_from_a_file_to_the_cases(
    make: Callable[[Path, int], Path], name: str, events: int, tmp_path: Path, evidence: Evidence
) -> None:
    said, seconds, used, most = imported(Program(tmp_path), make(tmp_path / name, events))
    assert f"accepted   {events:,}\n" in said
    evidence(
        f"{events:,} events: {events / seconds:,.0f}/s by the clock, {events / used:,.0f} a second "
        f"of processor with the store's merges and the cases; at most {most:,.0f} MiB a process"
    )


@pytest.mark.soak
@pytest.mark.timeout(6000)
def test_ten_million_events_of_a_csv_need_less_than_a_gibibyte_a_process(
    tmp_path: Path, evidence: Evidence
) -> None:
    path = a_csv(tmp_path / "log.csv", 10_000_000)
    said, seconds, _, most = imported(Program(tmp_path), path)
    assert "accepted   10,000,000\n" in said
    evidence(f"{10_000_000 / seconds:,.0f} events/s by the clock, {most:,.0f} MiB")
    assert most < 1024
