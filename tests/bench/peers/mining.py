"""Mines one log in a process of its own: ours, pm4py, r4pm or DuckDB.

``fill`` writes the log into our tables and, event by event, into a Parquet file for the others.
Each way loads its program, reads what it reads and makes it ready as it wants (told apart), asks
its questions twice and writes down the better lap by the clock and of the processor, the most
memory the process ever held, and its answers: how often one activity follows another, medians
where it can, variants.
"""

import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from process_model.config import ModelConfig, StoreConfig
from process_model.mining.process_map import process_map
from process_model.questions import Selection
from process_model.store import open_store
from process_model.store.migrate import migrate

Answers = dict[str, Any]
BEGUN = time.perf_counter()
EVENTS_A_CASE = 10
LAPS = 2

# ten steps a case of sixteen activities; one case in eight leaves the usual way somewhere, so that
# there are some hundreds of variants, a few of them of most cases, as in real logs
_WORLD = """
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
            + toIntervalMicrosecond(number % 600000 * 60000000 + n * 3600000000
                + cityHash64(number, n, 1) % 3000000000), range(10)) AS times
    FROM numbers({cases:UInt64})
)
"""

_EVENTS = """
INSERT INTO FUNCTION file({path:String}, 'Parquet')
SELECT leader_number AS case_id, toString(activity) AS activity, at
FROM instances FINAL
ARRAY JOIN activities AS activity, times AS at
WHERE dataset = 'bench'
ORDER BY case_id, at
"""


def fill(folder: Path, events: int) -> None:
    """Our tables and the peers' file; both hold the same events."""
    with open_store(_config(folder)) as store:
        migrate(store)
        store.execute("bench world", _WORLD, {"cases": events // EVENTS_A_CASE})
        store.execute("bench events", _EVENTS, {"path": str(folder / "log.parquet")})


def ours(folder: Path) -> Answers:
    """The map as the page asks for it: median, p90, p95, money and variants, by one thread."""
    own = Selection(dataset="bench")
    with open_store(_config(folder)) as store:
        reader, model = store.reader(), ModelConfig()
        found, told = best(lambda: process_map(reader, own, model))
    return told | {
        "follows": [[one.source, one.target, one.handed_over] for one in found.hand_overs],
        "medians": [[one.source, one.target, one.p50] for one in found.hand_overs],
        "variants": [[one.activities, one.instances] for one in found.ways],
    }


def pm4py(folder: Path) -> Answers:
    """Counts, medians and variants of a data frame."""
    os.environ["TQDM_DISABLE"] = "1"
    warnings.simplefilter("ignore")
    import pandas
    import pm4py as miner

    frame = miner.format_dataframe(
        pandas.read_parquet(folder / "log.parquet"),
        case_id="case_id", activity_key="activity", timestamp_key="at",
    )  # fmt: skip

    def mined() -> Any:
        follows, _, _ = miner.discover_dfg(frame)
        slow, _, _ = miner.discover_performance_dfg(frame)
        return follows, slow, miner.get_variants(frame)

    (follows, slow, ways), told = best(mined)
    return told | {
        "follows": [[*pair, count] for pair, count in follows.items()],
        "medians": [[*pair, figures["median"]] for pair, figures in slow.items()],
        "variants": list(ways.items()),
    }


def r4pm(folder: Path) -> Answers:
    """Counts and variants; it has no times of hand-overs."""
    import polars
    import r4pm as miner
    from r4pm import bindings

    names = {"case_id": "case:concept:name", "activity": "concept:name", "at": "time:timestamp"}
    frame = polars.read_parquet(folder / "log.parquet").rename(names)
    log = miner.import_item_from_df("EventLog", frame)
    del frame

    def mined() -> Any:
        follows = bindings.discover_dfg(log)["directly_follows_relations"]
        return follows, bindings.get_variants(bindings.log_to_activity_projection(log=log))

    (follows, ways), told = best(mined)
    return told | {
        "follows": [[*pair, count] for pair, count in follows],
        "variants": [[way["activities"], way["count"]] for way in ways],
    }


def duckdb(folder: Path) -> Answers:
    """Counts, medians and p95 by one statement, variants by another, on a table that is sorted."""
    import duckdb as engine

    with engine.connect(str(folder / "duck.db")) as open_:
        open_.execute("SET TimeZone = 'UTC'")
        open_.execute(
            'CREATE TABLE events AS SELECT hash(case_id) AS case_key, activity, "at" AS moment '
            "FROM read_parquet($log) ORDER BY case_key, moment",
            {"log": str(folder / "log.parquet")},
        )
        follows = (
            "SELECT before, after, count(*), quantile_cont(waited, [0.5, 0.95]) FROM ("
            "SELECT activity AS after, lag(activity) OVER ways AS before, "
            "epoch_us(moment) - epoch_us(lag(moment) OVER ways) AS waited FROM events "
            "WINDOW ways AS (PARTITION BY case_key ORDER BY moment)) "
            "WHERE before IS NOT NULL GROUP BY before, after"
        )
        ways = (
            "SELECT way, count(*) FROM (SELECT list(activity ORDER BY moment) AS way FROM events "
            "GROUP BY case_key) GROUP BY way"
        )
        (pairs, variants), told = best(
            lambda: (open_.execute(follows).fetchall(), open_.execute(ways).fetchall())
        )
    return told | {
        "follows": [[before, after, count] for before, after, count, _ in pairs],
        "medians": [[before, after, waits[0] / 1e6] for before, after, _, waits in pairs],
        "variants": variants,
    }


def best(ask: Callable[[], Any]) -> tuple[Any, Answers]:
    """The answer, and the seconds of the better lap."""
    laps, ready = [], time.perf_counter() - BEGUN
    for _ in range(LAPS):
        begun, used = time.perf_counter(), time.process_time()
        found = ask()
        laps.append((time.perf_counter() - begun, time.process_time() - used))
    seconds, processor = min(laps)
    return found, {"seconds": seconds, "processor": processor, "ready": ready}


def most_mib() -> float:
    """The most memory this process ever held (``VmHWM``); ``getrusage`` begins at the parent's."""
    (line,) = (
        line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line
    )
    return int(line.split()[1]) / 1024


def _config(folder: Path) -> StoreConfig:
    return StoreConfig(dsn=f"chdb://{folder / 'store'}")


WAYS = {"ours": ours, "pm4py": pm4py, "r4pm": r4pm, "duckdb": duckdb}


def main(way: str, folder: str, events: str = "") -> None:
    if way == "fill":
        fill(Path(folder), int(events))
        return
    told = WAYS[way](Path(folder)) | {"mib": most_mib()}
    (Path(folder) / f"{way}.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
