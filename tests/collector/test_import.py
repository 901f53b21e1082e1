"""An import from the file to the cases: each row once, and a bad file leaves nothing."""

import os
import signal
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_type_hints

import pytest

from collector.commands import COMMANDS
from collector.files import Order
from collector.imports import ImportRefused, Summary, Watched, dataset_name, run_import
from collector.landing import Here
from collector.mapping import Mapping, read_mapping
from collector.reading import Options, all_readers
from process_model import datasets, own_words
from process_model.config import ModelConfig
from process_model.datasets import DatasetRefused, Import
from process_model.rebuilding import rebuild
from process_model.state import State
from process_model.store import Store
from tests.collector.reading_logs import shared

HEAD = "case_id,activity,timestamp"


class Importing:
    """Imports files into the test's own store."""

    def __init__(self, store: Store, state: State, folder: Path) -> None:
        self.store, self.state, self.folder = store, state, folder

    def landing(self, order: Order, files: tuple[str, ...]) -> Here:
        record = Import(
            dataset=order.dataset, import_id=Path(order.folder).name, files=files,
            mapping=Path(order.mapping).read_text() if order.mapping else "",
            started_at=datetime.now(UTC), rejected={},
        )  # fmt: skip
        return Here(self.store, self.state, ModelConfig(), record)

    def order(self, path: Path, dataset: str, mapping: Path | None, **options: object) -> Order:
        folder = self.folder / str(uuid.uuid4())
        folder.mkdir()
        return Order(
            files=[str(path)], folder=str(folder), dataset=dataset, source=f"urn:import:{dataset}",
            options=Options(**options),  # type: ignore[arg-type]
            mapping=str(mapping or ""),
        )  # fmt: skip

    def __call__(
        self, path: Path, dataset: str = "d", mapping: Path | None = None, **options: object
    ) -> Summary:
        order = self.order(path, dataset, mapping, **options)
        return run_import(order, self.landing(order, (path.name,)), Watched())

    def ids(self, dataset: str = "d") -> list[str]:
        sql = "SELECT id FROM business_events WHERE dataset = {dataset:String}"
        return [row.id for row in self.store.query("ids", sql, {"dataset": dataset})]

    def traces(self, dataset: str = "d") -> dict[str, list[str]]:
        sql = (
            "SELECT leader_number, activities FROM instances FINAL "
            "WHERE dataset = {dataset:String} ORDER BY leader_number"
        )
        rows = self.store.query("traces", sql, {"dataset": dataset})
        return {row.leader_number: list(row.activities) for row in rows}


@pytest.fixture
def imports(store: Store, state: State, tmp_path: Path) -> Importing:
    return Importing(store, state, tmp_path)


def csv(folder: Path, *lines: str, name: str = "log.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([HEAD, *lines]) + "\n")
    return path


def test_importing_twice_adds_nothing_and_a_longer_file_adds_what_is_new(
    imports: Importing, tmp_path: Path
) -> None:
    rows = [f"{n % 3},a{n % 2},2026-03-0{n % 3 + 1} 09:00:00Z" for n in range(12)]
    first = imports(csv(tmp_path, *rows))
    ids = imports.ids()
    assert (first.done.accepted, first.stored, len(set(ids))) == (12, 12, 12)
    again = imports(csv(tmp_path, *rows, name="copy.csv"))
    assert (again.done.accepted, again.stored) == (12, 0)
    assert sorted(imports.ids()) == sorted(ids)
    longer = imports(csv(tmp_path, *rows, "9,z,2026-03-09 09:00:00Z"))
    assert longer.stored == 1
    assert set(ids) < set(imports.ids())
    assert imports.traces()["9"] == ["z"]


def test_events_of_one_moment_keep_the_order_of_their_file(
    imports: Importing, tmp_path: Path
) -> None:
    at = "2026-03-02 09:00:00Z"
    names = [f"a{n}" for n in (7, 3, 9, 1, 8, 2)]
    imports(csv(tmp_path, "1,early,1948-03-02 09:00:00Z", *[f"1,{name},{at}" for name in names]))
    assert imports.traces() == {"1": ["early", *names]}


def test_rejected_rows_are_kept_once_with_their_reason(
    imports: Importing, store: Store, tmp_path: Path
) -> None:
    path = csv(tmp_path, "1,a,2026-03-02 09:00:00Z", "1,a,soon", "1,,2026-03-02 09:00:00Z")
    for _ in range(2):
        told = imports(path)
        assert told.done.rejected == {"invalid_time": 1, "missing_activity": 1}
    sql = "SELECT reason, payload, door FROM rejected_events WHERE dataset = 'd' ORDER BY reason"
    assert [tuple(row) for row in store.query("rejected", sql)] == [
        ("invalid_time", "1\ta\tsoon", "import"),
        ("missing_activity", "1\t\t2026-03-02 09:00:00Z", "import"),
    ]


def everything(store: Store, dataset: str) -> dict[str, int]:
    """Rows of a dataset in every table that has any."""
    found = {}
    for table in store.query("tables", TABLES):
        sql = "SELECT count() AS n FROM {table:Identifier} WHERE dataset = {dataset:String}"
        parameters = {"table": table.table, "dataset": dataset}
        if rows := store.query("count", sql, parameters).one().n:
            found[table.table] = rows
    return found


TABLES = """
SELECT DISTINCT table FROM system.columns
WHERE database = currentDatabase() AND name = 'dataset'
    AND table IN (SELECT name FROM system.tables WHERE database = currentDatabase()
                  AND engine LIKE '%MergeTree')
"""


def test_a_log_that_breaks_after_many_events_leaves_nothing(
    imports: Importing, store: Store, tmp_path: Path
) -> None:
    event = (
        '<event><string key="concept:name" value="a"/>'
        '<date key="time:timestamp" value="2026-03-02T09:00:00Z"/></event>'
    )
    path = tmp_path / "log.xes"
    with path.open("w") as file:
        file.write('<log><trace><string key="concept:name" value="1"/>')
        file.writelines([event] * 140_000)  # more than one batch: the first is stored by then
        file.write("</trace>")
    with pytest.raises(ImportRefused, match=r"log\.xes, line 1: the XML is not well formed"):
        imports(path)
    assert everything(store, "d") == {}
    assert datasets.datasets(store) == []


def test_a_refused_file_takes_nothing_of_an_earlier_import_with_it(
    imports: Importing, tmp_path: Path
) -> None:
    imports(csv(tmp_path, "1,a,2026-03-02 09:00:00Z"))
    ids, traces = imports.ids(), imports.traces()
    with pytest.raises(ImportRefused, match="none of the 1 rows became an event: 1 missing_case"):
        imports(csv(tmp_path, ",b,2026-03-02 09:00:00Z"))
    assert (imports.ids(), imports.traces()) == (ids, traces)


def test_a_reader_that_hangs_is_ended(imports: Importing, tmp_path: Path) -> None:
    pipe = tmp_path / "log.csv"
    os.mkfifo(pipe)  # nobody ever writes into it
    order = imports.order(pipe, "d", None)
    with pytest.raises(ImportRefused, match=r"no sign for 3 s and was ended"):
        run_import(order, imports.landing(order, ("log.csv",)), Watched(), silence_seconds=3)
    assert not children()


def test_a_reader_that_crashes_takes_nothing_with_it(
    imports: Importing, store: Store, tmp_path: Path
) -> None:
    rows = (f"{n},a,2026-03-02 09:00:00Z\n" for n in range(300_000))
    path = tmp_path / "log.csv"
    with path.open("w") as file:
        file.write(f"{HEAD}\n")
        file.writelines(rows)
    order = imports.order(path, "d", None)

    def kill(_understood: object) -> None:
        for child in children():
            os.kill(child, signal.SIGKILL)

    with pytest.raises(ImportRefused, match=r"crashed \(signal 9\)"):
        run_import(order, imports.landing(order, (path.name,)), Watched(understood=kill))
    assert everything(store, "d") == {}


def children() -> list[int]:
    """Readers that this process started."""
    found = []
    for entry in Path(f"/proc/{os.getpid()}/task").iterdir():
        for child in (entry / "children").read_text().split():
            command = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"collector.files" in command:
                found.append(int(child))
    return found


MAPPING = """
system = "shop"
ignore = ["look"]
[columns]
case = "case_id"
[objects]
case = "order"
[activities]
"sell" = "order.created"
"bill" = { type = "invoice.posted", subject = "order" }
[values]
amount = "price"
region = "land"
[constants]
currency = "EUR"
"""


def test_a_mapped_log_becomes_cases_of_the_running_estate(
    imports: Importing, store: Store, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING)
    path = tmp_path / "log.csv"
    path.write_text(
        "case_id,activity,timestamp,price,land\n"
        "4711,sell,2026-03-02 09:00:00Z,12.50,EMEA\n"
        "4711,look,2026-03-02 09:30:00Z,,\n"
        "4711,bill,2026-03-02 10:00:00Z,12.50,\n"
        "4711,dance,2026-03-02 11:00:00Z,,\n"
        "4712,sell,soon,1,\n"
    )
    told = imports(path, "live", mapping)
    assert (told.done.accepted, told.done.ignored) == (2, 1)
    assert told.done.rejected == {"unmapped_activity": 1, "invalid_time": 1}
    sql = "SELECT instance_id, activities, amount, currency, region, stage FROM instances FINAL"
    (row,) = store.query("cases", sql)
    assert tuple(row)[:2] == ("order:shared:4711", ["order.created", "invoice.posted"])
    assert (float(row.amount), row.currency, row.region) == (12.5, "EUR", "EMEA")
    assert imports(path, "live", mapping).stored == 0


TRACES = {
    "PO1": ["Create Purchase Order", "Change PO Quantity", "Insert Invoice", "Insert Invoice"],
    "PO2": ["Create Purchase Order"],
}


def test_an_object_centric_log_has_a_case_for_each_object_that_leads(
    imports: Importing, store: Store
) -> None:
    imports(shared("ocel/pm4py/ocel20_example.jsonocel"), case="Purchase Order")
    assert imports.traces() == TRACES
    (held,) = datasets.datasets(store)
    assert (held.leading_type, held.events, held.instances) == ("Purchase Order", 13, 2)


def test_rebuilt_cases_in_own_words_are_those_that_were_grown(
    imports: Importing, store: Store, state: State, tmp_path: Path
) -> None:
    rows = [f"{n % 7},a{n % 5},2026-03-02 09:00:{n % 60:02}Z" for n in range(200)]
    imports(csv(tmp_path, *rows))
    grown = whole(store)
    assert len(grown) == 7
    assert rebuild(store, state, ModelConfig()) == 7
    assert whole(store) == grown


def whole(store: Store) -> list[tuple[object, ...]]:
    sql = "SELECT * EXCEPT (version) FROM instances FINAL WHERE dataset = 'd' ORDER BY instance_id"
    return [tuple(row) for row in store.query("instances", sql)]


def test_a_later_version_of_an_event_counts_and_an_older_one_does_not(
    imports: Importing, store: Store, tmp_path: Path
) -> None:
    log = shared("ocel/pm4py/ocel20_example.jsonocel").read_text()
    path = tmp_path / "log.jsonocel"
    path.write_text(log)
    imports(path)
    path.write_text(log.replace('"Create Purchase Order"', '"Order goods"'))
    assert imports(path).stored > 0
    assert len(set(imports.ids())) == 13
    assert datasets.datasets(store)[0].events == 13
    events = store.query("events", "SELECT length(events.hash) AS n FROM instances FINAL")
    hashes = store.query(
        "hashes", "SELECT arrayUniq(`events.hash`) AS n FROM instances FINAL"
    )  # fmt: skip
    assert [row.n for row in events] == [row.n for row in hashes]


def test_deleting_a_dataset_leaves_nothing_of_it_and_all_of_the_others(
    imports: Importing, store: Store, state: State, tmp_path: Path
) -> None:
    path = csv(tmp_path, "1,a,2026-03-02 09:00:00Z", "1,b,soon")
    imports(path, "gone")
    imports(path, "kept")
    kept = everything(store, "kept")
    assert everything(store, "gone").keys() == kept.keys() >= {"business_events", "instances"}
    assert datasets.delete(store, state, "gone") == 1
    assert everything(store, "gone") == {}
    assert everything(store, "kept") == kept
    assert [one.name for one in datasets.datasets(store)] == ["kept"]
    assert imports(path, "gone").stored == 1


@pytest.mark.parametrize(("name", "why"), [("live", "running estate"), ("none", "no dataset none")])
def test_what_cannot_be_deleted_is_refused(name: str, why: str, store: Store, state: State) -> None:
    with pytest.raises(DatasetRefused, match=why):
        datasets.delete(store, state, name)


def test_a_dataset_says_what_it_holds_and_where_from(
    imports: Importing, store: Store, tmp_path: Path
) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=1)
    imports(csv(tmp_path, "1,a,2026-03-02 09:00:00Z", "2,b,2026-03-04 09:00:00Z", "2,b,soon"))
    (one,) = datasets.datasets(store)
    assert one.imported_at is not None
    assert begun < one.imported_at < datetime.now(UTC) + timedelta(seconds=1)
    assert replace(one, imported_at=None) == datasets.Dataset(
        name="d", events=2, instances=2, first_event_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
        last_event_at=datetime(2026, 3, 4, 9, tzinfo=UTC), files=("log.csv",), formats=("csv",),
        imported_at=None, leading_type="case", is_mapped=False, rejected=1, unfinished=0,
    )  # fmt: skip
    assert own_words.leading_type(store, "d") == "case"


def test_spans_of_a_dump_are_of_the_running_estate_and_stored_once(
    imports: Importing, store: Store
) -> None:
    path = shared("otlp/opentelemetry-proto/trace.json")
    for _ in range(2):
        assert imports(path).dataset == "live"
    spans = store.query("spans", "SELECT TraceId, SpanId FROM otel_traces").rows
    assert [tuple(row) for row in spans] == [
        ("5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174")
    ]
    assert not [one for one in datasets.datasets(store) if one.name == "d"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("receipt.csv", "receipt"),
        ("helpdesk.xes.gz", "helpdesk"),
        ("sap-o2c-data.tar.zst", "sap-o2c-data"),
        ("order export (2).csv", "order-export-2"),
        ("v1.2", "v1.2"),
        ("日.csv", "import"),
    ],
)
def test_a_dataset_is_named_after_its_file(file: str, name: str) -> None:
    assert dataset_name(Path(file)) == name


DOCUMENT = Path(__file__).parents[2] / "docs" / "import.md"


def test_the_documented_mapping_is_one(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(DOCUMENT.read_text().partition("```toml\n")[2].partition("```")[0])
    mapping = read_mapping(path)
    assert set(Mapping.model_fields) == set(mapping.model_fields_set)


def test_every_option_and_format_is_documented() -> None:
    text = DOCUMENT.read_text()
    commands = COMMANDS["import"], COMMANDS["datasets"]
    options = {
        word.partition("/")[0]
        for command in commands
        for hint in get_type_hints(command, include_extras=True).values()
        for found in getattr(hint, "__metadata__", ())
        for word in found.param_decls or ()
    } | {f"--{name.rstrip('_').replace('_', '-')}" for name in Options.__struct_fields__}
    assert {o for o in options if o not in text} <= {"--config", "--objects", "--mapped"}
    words = {word for reader in all_readers().values() for word in reader.title.split()}
    assert {word for word in words if word not in text} == set()
