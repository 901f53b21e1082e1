"""Every real log beside the checkout is read as an independent reader reads it, or refused."""

from collections import Counter
from pathlib import Path

import pytest

from collector.reading import Options, Unreadable
from process_model.events import BusinessEvent
from tests.collector.reading_logs import DATA, Read, read_by_pm4py, read_log, shared

XES = (
    "eventlogs/pm4py/helpdesk.xes.gz",
    "eventlogs/pm4py/interval_event_log.xes",
    "eventlogs/pm4py/roadtraffic100traces.xes",
    "eventlogs/pm4py/roadtraffic50traces.xes",
    "eventlogs/pm4py/running-example.xes",
    "eventlogs/pm4py_compressed/01_running-example.xes.gz",
    "eventlogs/pm4py_compressed/02_teleclaims.xes.gz",
    "eventlogs/pm4py_compressed/03_repairExample.xes.gz",
    "eventlogs/pm4py_compressed/04_reviewing.xes.gz",
    "eventlogs/pm4py_compressed/08_receipt.xes.gz",
    "eventlogs/pm4py_compressed/10_orders.xes.gz",
    "eventlogs/pm4py_compressed/11_tickets.xes.gz",
    "eventlogs/pm4py_notebooks/running_example.xes",
)
TIMELESS = {
    "eventlogs/pm4py/a32f0n20.xes.gz": 25139,
    "eventlogs/pm4py_compressed/09_a32f0n00.xes.gz": 25757,
    "eventlogs/pm4py_compressed/19_roadtraffic_1t_per_variant.xes.gz": 1891,
}
TABLES = (
    "eventlogs/pm4py/receipt.csv",
    "eventlogs/pm4py/receipt.parquet",
    "eventlogs/pm4py/running-example.csv",
    "eventlogs/pm4py/running-example.parquet",
    "eventlogs/pm4py/roadtraffic100traces.csv",
    "eventlogs/pm4py/interval_event_log.csv",
)
ROWS = {
    "eventlogs/bpic17/BPIC_2017_pre-drift_transformed.csv.gz": 105654,
    "eventlogs/pix/P2P-stable_train.csv.gz": 53037,
    "eventlogs/pix/Procure_to_Pay_5_timers.csv.gz": 13409,
    "eventlogs/simod/LoanApp_simplified_train.csv.gz": 7544,
    "eventlogs/simod/PurchasingExample.csv.gz": 9119,
    "eventlogs/verenich/helpdesk.csv.gz": 13710,
    "eventlogs/pm4py_notebooks/running_example.csv": 42,
}
SAID = {
    "eventlogs/bupaverse/patients.csv": Options(case="patient", activity="handling"),
    "eventlogs/eventgraph_order/order_process_event_table_full.csv": Options(case="Actor"),
    "eventlogs/eventgraph_order/order_process_event_table_orderhandling.csv": Options(case="Actor"),
    "eventlogs/eventgraph_order/order_process_event_table_warehouse.csv": Options(case="Actor"),
}


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[object]]]:
    paths = [DATA / name for name in (*XES, *TABLES, *TIMELESS) if (DATA / name).exists()]
    if not paths:
        pytest.skip("the real logs are not beside this checkout")
    return read_by_pm4py(paths, tmp_path_factory.mktemp("oracle") / "read.json")


@pytest.mark.parametrize("name", [*XES, *TABLES])
def test_cases_activities_and_times_are_those_that_pm4py_reads(
    name: str, tmp_path: Path, oracle: dict[str, dict[str, list[object]]]
) -> None:
    told = oracle[str(shared(name))]
    columns = (told["case:concept:name"], told["concept:name"], told["time"])
    read = read_log(shared(name), tmp_path)
    assert read.facts == Counter(zip(*columns, strict=True))
    assert not read.rejected


@pytest.mark.parametrize("name", TIMELESS)
def test_a_log_without_times_keeps_the_order_of_its_file_and_says_so(
    name: str, tmp_path: Path, oracle: dict[str, dict[str, list[object]]]
) -> None:
    told = oracle[str(shared(name))]
    read = read_log(shared(name), tmp_path)
    assert len(read.events) == TIMELESS[name]
    assert [event.activity for event in read.events] == told["concept:name"]
    assert {event.event_time_from for event in read.events} == {"received"}
    assert any("no event has a time" in note for note in read.notes)


@pytest.mark.parametrize("name", ROWS)
def test_every_row_of_a_table_becomes_an_event(name: str, tmp_path: Path) -> None:
    read = read_log(shared(name), tmp_path)
    assert (read.read, read.accepted) == (ROWS[name], ROWS[name])
    assert len({event.id for event in read.events}) == ROWS[name]


@pytest.mark.parametrize("name", SAID)
def test_a_case_that_no_column_is_named_for_is_asked_and_not_guessed(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(Unreadable, match="say --"):
        read_log(shared(name), tmp_path)
    read = read_log(shared(name), tmp_path, SAID[name])
    assert read.accepted == read.read > 0


def test_dates_with_dots_have_the_day_first(tmp_path: Path) -> None:
    name = "eventlogs/eventgraph_order/order_process_event_table_full.csv"
    read = read_log(shared(name), tmp_path, SAID[name])
    assert read.events[0].event_time.isoformat() == "2021-05-01T09:05:00+00:00"
    assert read.shape.columns["time format"] == "day-first"


@pytest.mark.parametrize(
    "path",
    sorted((DATA / "eventlogs/xes_importer_tests").glob("*.xes")) or [Path("absent")],
    ids=lambda path: path.name,
)
def test_an_odd_xes_file_is_refused_with_place_and_remedy_or_read_right(
    path: Path, tmp_path: Path
) -> None:
    shared("eventlogs/xes_importer_tests")
    if path.name == "eventCorrectAttributes.xes":
        read = read_log(path, tmp_path)
        assert (read.read, read.accepted) == (4, 2)
        assert read.rejected == {"missing_case": 2}
        return
    with pytest.raises(Unreadable) as refused:
        read_log(path, tmp_path)
    lines = {
        "classifierEmptyKeys.xes": "line 8",
        "classifierNoAttributes.xes": "line 8",
        "extensionNoAttributes.xes": "line 2",
        "globalStringNoAttributes.xes": "line 4",
        "stringNoAttributes.xes": "line 9",
    }
    assert refused.value.where == lines.get(path.name, "")
    assert refused.value.why
    assert refused.value.remedy


def three_forms(tmp_path: Path, zone: str = "") -> list[Read]:
    names = ("ocel20_example.jsonocel", "ocel20_example.xmlocel", "ocel20_example.sqlite")
    options = Options(case="Purchase Order", zone=zone)
    return [read_log(shared(f"ocel/pm4py/{name}"), tmp_path, options) for name in names]


def whole(event: BusinessEvent) -> tuple[object, ...]:
    objects = sorted(zip(event.object_keys, event.object_qualifiers, strict=True))
    return event.id, event.activity, event.event_time, objects, sorted(event.fields.items())


def test_the_three_forms_of_one_object_centric_log_agree_to_the_minute(tmp_path: Path) -> None:
    forms = three_forms(tmp_path, "Europe/Berlin")
    said = [sorted(map(whole, form.events)) for form in forms]
    assert len(said[0]) == 13
    assert said[0] == said[1] == said[2]
    links = [
        sorted((k.from_key, k.to_key, k.basis) for e in form.events for k in e.links)
        for form in forms
    ]
    assert len(links[0]) == 7
    assert links[0] == links[1] == links[2]


def test_a_database_tells_its_zone_by_its_initial_values(tmp_path: Path) -> None:
    json_form, xml_form, sqlite_form = three_forms(tmp_path)
    assert sqlite_form.events[0].event_time == json_form.events[0].event_time
    assert any("a zone of +01:00" in note for note in sqlite_form.notes)
    assert any("13 times carry no zone" in note for note in xml_form.notes)


@pytest.mark.parametrize(
    ("names", "events", "relations"),
    [
        (("example_log.jsonocel", "example_log.xmlocel", "example_log.sqlite", "example_log.csv"),
         23, 39),
        (("newocel.jsonocel", "newocel.sqlite"), 20, 51),
    ],
)  # fmt: skip
def test_the_forms_of_older_object_centric_logs_agree(
    names: tuple[str, ...], events: int, relations: int, tmp_path: Path
) -> None:
    told = []
    for name in names:
        read = read_log(shared(f"ocel/pm4py/{name}"), tmp_path)
        assert sum(len(event.object_keys) for event in read.events) == relations
        told.append(
            {(e.id, e.activity, e.event_time, tuple(sorted(e.object_keys))) for e in read.events}
        )
    assert len(told[0]) == events
    assert all(one == told[0] for one in told)


def test_orders_lead_a_log_of_orders_items_and_packages(tmp_path: Path) -> None:
    read = read_log(shared("ocel/pm4py/ocel_order_simulated.csv"), tmp_path)
    assert (read.accepted, read.shape.leading) == (22367, "orders")


def test_a_dump_of_spans_reads_whichever_way_its_ids_are_written(tmp_path: Path) -> None:
    path = shared("otlp/opentelemetry-proto/trace.json")
    in_hex = read_log(path, tmp_path)
    text = path.read_text()
    for hexadecimal, base64 in (
        ("5B8EFFF798038103D269B633813FC60C", "W47/95gDgQPSabYzgT/GDA=="),
        ("EEE19B7EC3C1B174", "7uGbfsPBsXQ="),
        ("EEE19B7EC3C1B173", "7uGbfsPBsXM="),
    ):
        assert hexadecimal in text
        text = text.replace(hexadecimal, base64)
    other = tmp_path / "base64.json"
    other.write_text(text)
    assert (in_hex.spans, read_log(other, tmp_path).spans) == (1, 1)


@pytest.mark.parametrize("folder", ["otlp", "cloudevents"])
def test_every_file_of_spans_and_events_is_read_or_refused_with_a_reason(
    folder: str, tmp_path: Path
) -> None:
    files = [p for p in shared(folder).rglob("*") if p.suffix in (".json", ".xml", ".yaml")]
    taken = 0
    for path in files:
        try:
            taken += read_log(path, tmp_path).accepted
        except Unreadable as refused:
            assert refused.why, path
            assert refused.remedy, path
    assert taken >= 10
