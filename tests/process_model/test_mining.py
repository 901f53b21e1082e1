"""The map and the variants in SQL say what pm4py says, on real logs and on one told by hand."""

import json
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path as File
from typing import Any

import pytest

from process_model.config import ModelConfig
from process_model.mining.process_map import ProcessMap, process_map
from process_model.mining.variants import variants
from process_model.questions import Path, Selection
from process_model.state import State
from process_model.store import Reader, Store
from tests.collector.reading_logs import DATA, shared
from tests.collector.test_import import Importing, csv
from tests.process_model.worlds import golden_world, live

MODEL = ModelConfig()
OWN = "dataset"

# pm4py is slow to import and prints: it mines all logs in a process of its own
_ORACLE = """
import json, os, sys, warnings
os.environ["TQDM_DISABLE"] = "1"
warnings.simplefilter("ignore")
import pandas, pm4py
out = {}
for path in sys.argv[2:]:
    if path.endswith((".xes", ".xes.gz")):
        frame = pm4py.read_xes(path)
    else:
        frame = pandas.read_csv(path)
        names = {"case_id": "case:concept:name", "activity": "concept:name",
                 "timestamp": "time:timestamp"}
        frame = frame.rename(columns=names)
        frame["time:timestamp"] = pandas.to_datetime(frame["time:timestamp"], utc=True,
                                                     format="ISO8601")
        frame["case:concept:name"] = frame["case:concept:name"].astype(str)
    frame = frame.sort_values(["case:concept:name", "time:timestamp"], kind="stable")
    frame = frame.dropna(subset=["time:timestamp"])
    dfg, starts, ends = pm4py.discover_dfg(frame)
    slow, _, _ = pm4py.discover_performance_dfg(frame)
    out[path] = {
        "dfg": [[*pair, count] for pair, count in dfg.items()],
        "starts": starts, "ends": ends,
        "median": [[*pair, figures["median"]] for pair, figures in slow.items()],
        "variants": [[list(way), count] for way, count in pm4py.get_variants(frame).items()],
    }
with open(sys.argv[1], "w") as file:
    json.dump(out, file)
"""

TIES = [
    # three cases, all of one moment or less than a second apart; the place in the log decides
    "1,a,2026-03-01 09:00:00Z", "1,b,2026-03-01 09:00:00Z", "1,a,2026-03-01 09:00:00Z",
    "2,b,2026-03-01 09:00:00Z", "2,a,2026-03-01 09:00:00.000001Z", "2,c,2026-03-02 09:00:00Z",
    "3,a,1948-05-01 12:00:00Z", "3,b,1969-12-31 23:59:59.5Z", "3,a,1970-01-01 00:00:00Z",
]  # fmt: skip


LOGS = (
    "eventlogs/pm4py/roadtraffic100traces.xes",
    "eventlogs/pm4py_compressed/08_receipt.xes.gz",
    "eventlogs/pm4py_compressed/04_reviewing.xes.gz",
)


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What pm4py mines from every log, by the log's path."""
    folder = tmp_path_factory.mktemp("oracle")
    paths = [told_by_hand(folder), *(DATA / name for name in LOGS if (DATA / name).exists())]
    out = folder / "oracle.json"
    command = [sys.executable, "-c", _ORACLE, str(out), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    if "No module named 'pm4py'" in done.stderr:
        pytest.skip("pm4py is not installed: pip install throughline[mining]")
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(out.read_text())
    return {File(path).name: mined for path, mined in answer.items()}


def told_by_hand(folder: File) -> File:
    return csv(folder, *TIES, name="ties.csv")


@pytest.mark.parametrize("name", ["", *LOGS])
def test_the_map_and_the_variants_are_those_of_pm4py(
    name: str, oracle: dict[str, Any], store: Store, state: State, tmp_path: File
) -> None:
    path = shared(name) if name else told_by_hand(tmp_path)
    mined = oracle[path.name]
    Importing(store, state, tmp_path)(path, OWN)
    selection = Selection(dataset=OWN)
    found = process_map(store, selection, MODEL)
    told = {(one.source, one.target): one for one in found.hand_overs}
    assert {pair: one.handed_over for pair, one in told.items()} == {
        (a, b): count for a, b, count in mined["dfg"]
    }
    for source, target, median in mined["median"]:
        # pm4py keeps whole microseconds as floating seconds
        assert told[source, target].p50 == pytest.approx(median, rel=1e-9, abs=1e-6)
    assert {one.name: one.starts for one in found.activities if one.starts} == mined["starts"]
    assert {one.name: one.ends for one in found.activities if one.ends} == mined["ends"]
    ways = variants(store, selection, MODEL, limit=10_000)
    assert {one.activities: one.instances for one in ways.found} == {
        tuple(way): count for way, count in mined["variants"]
    }
    assert ways.variants == len(ways.found) == len(mined["variants"])
    assert ways.instances == sum(one.instances for one in ways.found) == found.instances
    assert sum(one.share for one in ways.found) == pytest.approx(1)


@pytest.fixture(scope="module")
def world(engine_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with golden_world(engine_dsn, tmp_path_factory.mktemp("world")) as store:
        yield store.reader()


def mapped(reader: Reader, **path: Any) -> ProcessMap:
    return process_map(reader, Selection(path=Path(**path)), MODEL)


def test_what_flows_into_an_activity_flows_out_of_it_or_ends(world: Reader) -> None:
    found = mapped(world)
    assert found.instances > 0
    for one in found.activities:
        came = sum(edge.handed_over for edge in found.hand_overs if edge.target == one.name)
        went = sum(edge.handed_over for edge in found.hand_overs if edge.source == one.name)
        assert came + one.starts == went + one.ends == one.happened, one
    assert sum(one.starts for one in found.activities) == found.instances
    assert found.spine_instances == max(one.instances for one in variants_of(world))


def variants_of(reader: Reader) -> list[Any]:
    return list(variants(reader, Selection(), MODEL).found)


def test_cases_are_chosen_by_where_their_path_goes(world: Reader) -> None:
    ways = variants_of(world)
    accepted = "quote.accepted"
    with_it = sum(one.instances for one in ways if accepted in one.activities)
    assert mapped(world, only=(accepted,)).instances == with_it > 0
    assert mapped(world, exclude=(accepted,)).instances == sum(w.instances for w in ways) - with_it
    first = ways[0].activities[0]
    begun = sum(one.instances for one in ways if one.activities[0] == first)
    assert mapped(world, start=(first,)).instances == begun
    last = ways[0].activities[-1]
    ended = sum(one.instances for one in ways if one.activities[-1] == last)
    assert mapped(world, end=(last,)).instances == ended
    pair = next(pair for pair in pairwise(ways[0].activities) if pair[0] != pair[1])
    going = sum(one.instances for one in ways if pair in pairwise(one.activities))
    assert mapped(world, follows=(pair,)).instances == going > 0
    turned = sum(one.instances for one in ways if pair[::-1] in pairwise(one.activities))
    assert mapped(world, follows=(pair[::-1],)).instances == turned < going
    nothing = mapped(world, start=("nobody",))
    assert (nothing.activities, nothing.hand_overs, nothing.instances) == ([], [], 0)


def test_all_events_hold_more_than_those_that_bear_a_stage(world: Reader) -> None:
    bearing = {one.name for one in mapped(world).activities}
    everything = {one.name for one in mapped(world, all_events=True).activities}
    assert bearing < everything
    assert "sync.failed" in everything - bearing


def test_a_case_that_repeats_a_step_brings_its_money_once(store: Store, state: State) -> None:
    live(
        store,
        state,
        """
2026-03-03 10:00 | quote.created  | quote/Q-1 | amount=100.00,EUR
2026-03-03 11:00 | quote.priced   | quote/Q-1 |
2026-03-03 12:00 | quote.created  | quote/Q-1 | amount=100.00,EUR
2026-03-03 14:00 | quote.priced   | quote/Q-1 |
""",
    )
    found = process_map(store, Selection(), MODEL)
    edge = next(one for one in found.hand_overs if one.target == "quote.priced")
    assert (edge.handed_over, edge.instances, edge.worth.amount) == (2, 1, Decimal(100))
    assert (edge.p50, edge.p90) == (1.5 * 3600, 1.9 * 3600)
    (way,) = variants(store, Selection(), MODEL).found
    assert (way.instances, way.p50, way.worth.amount) == (1, 4 * 3600, Decimal(100))
