"""How fast a million events are mined, beside pm4py on the same events, after equal answers."""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path as File
from typing import Any

import pytest

from process_model.config import ModelConfig
from process_model.mining.process_map import process_map
from process_model.questions import Selection
from process_model.store import Store
from tests.evidence import Evidence

pytestmark = pytest.mark.bench

CASES = 100_000
MODEL = ModelConfig()
OWN = Selection(dataset="bench")

# ten steps a case of sixteen activities; one case in eight leaves the usual way somewhere, so that
# there are some hundreds of variants, a few of them of most cases, as in real logs
_WORLD = f"""
INSERT INTO instances
    (dataset, instance_id, leader_type, leader_number, status, opened_at, last_event_at, variant,
     activities, times, version, deleted)
SELECT
    'bench', concat('case:shared:', toString(number)), 'case', toString(number), '',
    times[1], times[-1], cityHash64(acts), acts, times, 1, 0
FROM
(
    SELECT
        number,
        arrayMap(n -> concat('activity ', toString(
            if(cityHash64(number, n) % 80 = 0, cityHash64(n, number) % 16, n))), range(10)) AS acts,
        arrayMap(n -> toDateTime64('2026-01-01 00:00:00', 6, 'UTC')
            + toIntervalMicrosecond(number * 60000000 + n * 3600000000
                + cityHash64(number, n, 1) % 3000000000), range(10)) AS times
    FROM numbers({CASES})
)
"""

_PEER = """
import json, os, sys, time, warnings
os.environ["TQDM_DISABLE"] = "1"
warnings.simplefilter("ignore")
import pandas, pm4py
frame = pandas.read_parquet(sys.argv[1])
frame = pm4py.format_dataframe(frame, case_id="case_id", activity_key="activity",
                               timestamp_key="at")
best = 1e9
for _ in range(3):
    begun = time.perf_counter()
    dfg, starts, ends = pm4py.discover_dfg(frame)
    slow, _, _ = pm4py.discover_performance_dfg(frame)
    ways = pm4py.get_variants(frame)
    best = min(best, time.perf_counter() - begun)
with open(sys.argv[2], "w") as file:
    json.dump({
        "seconds": best, "dfg": [[*p, n] for p, n in dfg.items()],
        "median": [[*p, f["median"]] for p, f in slow.items()],
        "variants": [[list(w), n] for w, n in ways.items()],
    }, file)
"""


@pytest.mark.timeout(1200)
def test_a_million_events_are_mined_faster_than_by_pm4py(
    store: Store, tmp_path: File, evidence: Evidence
) -> None:
    store.execute("bench world", _WORLD)
    reader = store.reader()
    peer = mined_by_pm4py(store, tmp_path)
    found = process_map(reader, OWN, MODEL)
    told = {(one.source, one.target): one for one in found.hand_overs}
    assert {pair: one.handed_over for pair, one in told.items()} == {
        (a, b): count for a, b, count in peer["dfg"]
    }
    for source, target, median in peer["median"]:
        assert told[source, target].p50 == pytest.approx(median, abs=1e-5)
    assert {one.activities: one.instances for one in found.ways} == {
        tuple(way): count for way, count in peer["variants"]
    }
    laps = []
    for _ in range(7):
        begun = time.perf_counter()
        process_map(reader, OWN, MODEL)
        laps.append(time.perf_counter() - begun)
    ours = statistics.median(laps)
    evidence(
        f"{10 * CASES:,} events, {len(found.ways):,} variants: map with median, p90, p95, money "
        f"and variants in {ours * 1000:,.0f} ms; pm4py {peer['seconds'] * 1000:,.0f} ms for "
        f"counts, medians and variants: {peer['seconds'] / ours:.1f} times"
    )


def mined_by_pm4py(store: Store, folder: File) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = store.query(
        "events of the bench",
        "SELECT leader_number, activity, toUnixTimestamp64Micro(at) AS micros FROM instances FINAL "
        "ARRAY JOIN activities AS activity, times AS at WHERE dataset = 'bench' "
        "ORDER BY leader_number, at",
    ).rows
    case, activity, micros = zip(*rows, strict=True)
    at = pa.array(micros, pa.timestamp("us", "UTC"))
    table = pa.table({"case_id": pa.array(case), "activity": pa.array(activity), "at": at})
    pq.write_table(table, folder / "log.parquet")
    command = [sys.executable, "-c", _PEER, str(folder / "log.parquet"), str(folder / "peer.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads((folder / "peer.json").read_text())
    return answer
