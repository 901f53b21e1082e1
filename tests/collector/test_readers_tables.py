"""CSV as people export it: what is guessed, what is asked, what is told, what is refused."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.case_table import Ordinals, interleaved
from collector.moments import layout_of
from collector.reading import Options, Unreadable
from tests.collector.reading_logs import Read, read_log

HEAD = "case_id,activity,timestamp"


def csv(folder: Path, *lines: str, name: str = "log.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\n".join([*lines, ""]).encode(encoding))
    return path


def read(folder: Path, *lines: str, **options: object) -> Read:
    return read_log(csv(folder, *lines), folder, Options(**options))  # type: ignore[arg-type]


def test_a_case_named_na_is_a_name(tmp_path: Path) -> None:
    told = read(tmp_path, HEAD, "NA,null,2026-03-02 09:00:00Z", "nan,None,2026-03-02 09:00:00Z")
    assert [(e.subject, e.activity) for e in told.events] == [
        ("case:shared:NA", "null"),
        ("case:shared:nan", "None"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_seen_and_quotes_may_hold_it_and_lines(
    delimiter: str, tmp_path: Path
) -> None:
    head = HEAD.replace(",", delimiter) + f"{delimiter}note"
    row = ["1", "a", "2026-03-02 09:00:00Z", f'"x{delimiter}""y""\nz"']
    told = read(tmp_path, head, delimiter.join(row), delimiter.join([*row[:3], "plain"]))
    assert [e.fields["note"] for e in told.events] == [f'x{delimiter}"y"\nz', "plain"]


@pytest.mark.parametrize(
    ("encoding", "noted"),
    [("utf-8", False), ("utf-8-sig", False), ("cp1252", True), ("utf-16", True)],
)
def test_the_encoding_is_seen_and_told_where_it_is_no_utf8(
    encoding: str, noted: bool, tmp_path: Path
) -> None:
    path = csv(tmp_path, f"{HEAD}\nMüller,prüfen,2026-03-02T09:00:00Z", encoding=encoding)
    told = read_log(path, tmp_path)
    assert [(e.subject, e.activity) for e in told.events] == [("case:shared:M%C3%BCller", "prüfen")]
    assert any("no UTF-8" in note for note in told.notes) == noted


def test_a_file_without_a_header_can_be_read_by_the_places_of_its_columns(tmp_path: Path) -> None:
    options = {"case": "column 1", "activity": "column 2"}
    told = read(tmp_path, "1,a,2026-03-02 09:00:00Z", "1,b,2026-03-02 10:00:00Z", **options)
    assert [e.activity for e in told.events] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-04 05:06:07", "2026-03-04T05:06:07"),
        ("2026-03-04T05:06:07.123456789+02:00", "2026-03-04T03:06:07.123456"),
        ("2026-03-04 05:06:07.5+0200", "2026-03-04T03:06:07.500000"),
        ("2026/03/04 05:06", "2026-03-04T05:06:00"),
        ("2026-03-04", "2026-03-04T00:00:00"),
        ("13.03.2026 17:06", "2026-03-13T17:06:00"),
        ("3/13/2026 5:06:07 PM", "2026-03-13T17:06:07"),
        ("13-Mar-2026 05:06:07", "2026-03-13T05:06:07"),
        ("20260304T050607Z", "2026-03-04T05:06:07"),
        ("1772600767", "2026-03-04T05:06:07"),
        ("1772600767123", "2026-03-04T05:06:07.123000"),
        ("1948-03-04 05:06:07Z", "1948-03-04T05:06:07"),
    ],
)
def test_times_are_read_as_people_write_them(text: str, moment: str, tmp_path: Path) -> None:
    told = read(tmp_path, HEAD, f"1,a,{text}")
    assert told.events[0].event_time == datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_a_day_and_a_month_are_asked_where_nothing_proves_their_order(tmp_path: Path) -> None:
    lines = (HEAD, "1,a,03/04/2026 10:00", "1,b,05/06/2026 10:00")
    with pytest.raises(Unreadable, match="say --dates day-first or --dates month-first"):
        read(tmp_path, *lines)
    assert read(tmp_path, *lines, dates="day-first").events[0].event_time.month == 4
    assert read(tmp_path, *lines, dates="month-first").events[0].event_time.month == 3


@pytest.mark.parametrize("filler", [0, 60_000])
def test_an_export_that_swapped_some_days_and_months_is_refused(
    filler: int, tmp_path: Path
) -> None:
    rows = [f"{n},a,25/03/2026 10:00" for n in range(filler or 1)]
    with pytest.raises(Unreadable, match="dates are mixed"):
        read(tmp_path, HEAD, *rows, "1,b,03/26/2026 10:00")


def test_times_without_a_zone_are_read_in_the_one_that_is_said(tmp_path: Path) -> None:
    lines = (HEAD, "1,a,2026-07-02 09:00:00", "1,b,2026-07-02 09:00:00+00:00")
    told = read(tmp_path, *lines)
    assert any("1 times carry no zone" in note for note in told.notes)
    told = read(tmp_path, *lines, zone="Europe/Berlin")
    assert [e.event_time.hour for e in told.events] == [7, 9]
    assert not told.notes


def test_rows_that_are_no_events_are_told_by_reason_and_place(tmp_path: Path) -> None:
    told = read(
        tmp_path, HEAD,
        "1,a,2026-03-02 09:00:00Z", ",a,2026-03-02 09:00:00Z", "1,,2026-03-02 09:00:00Z", "1,a,",
        "1,a,soon", "1,a,2026-02-30 09:00:00Z", "1,a,0026-03-02 09:00:00Z", "1,a", "1,a,b,c",
        f"{'x' * 600},a,2026-03-02 09:00:00Z", *["2,b,2026-03-02 09:00:00Z"] * 40,
    )  # fmt: skip
    assert told.rejected == {
        "missing_case": 1, "missing_activity": 1, "missing_time": 1, "invalid_time": 3,
        "wrong_columns": 2, "too_long": 1,
    }  # fmt: skip
    assert told.read == told.accepted + sum(told.rejected.values()) == 50
    details = [str(one["detail"]) for one in told.rejections]
    assert "row 5 has a time that is none, or lies outside 1900 to 2261: soon" in details
    assert {one["door"] for one in told.rejections} == {"import"}


def test_a_time_of_1970_is_kept_and_told(tmp_path: Path) -> None:
    told = read(tmp_path, HEAD, "1,a,1970-01-01 00:00:00Z", "1,b,1948-01-01 00:00:00Z")
    assert told.accepted == 2
    assert any("1 events happened at 1970-01-01" in note for note in told.notes)
    assert any("1 events happened before 1970" in note for note in told.notes)


def test_equal_rows_are_two_events_and_the_same_two_again(tmp_path: Path) -> None:
    lines = (HEAD, *["1,a,2026-03-02 09:00:00Z"] * 3, "2,a,2026-03-02 09:00:00Z")
    first = [event.id for event in read(tmp_path, *lines).events]
    assert len(set(first)) == 4
    assert [event.id for event in read(tmp_path, *lines).events] == first
    assert {event.id for event in read(tmp_path, HEAD, lines[4], *lines[1:3]).events} < set(first)


def test_a_start_is_kept_beside_the_end_that_is_the_event(tmp_path: Path) -> None:
    head = "case,activity,start_time,end_time"
    told = read(tmp_path, head, "1,a,2026-03-02 09:00:00+01:00,2026-03-02 10:00:00+01:00")
    (event,) = told.events
    assert event.event_time == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert event.fields["start"] == "2026-03-02T08:00:00.000000Z"


def test_further_columns_can_be_objects(tmp_path: Path) -> None:
    told = read(
        tmp_path, "Order,Action,Time,Item", "O1,Scan,2026-03-02 09:00:00Z,I1",
        "O1,Pay,2026-03-02 09:00:00Z,", case="Order", objects={"item": "Item"},
    )  # fmt: skip
    assert [e.object_keys for e in told.events] == [
        ("case:shared:O1", "item:shared:I1"),
        ("case:shared:O1",),
    ]


def test_a_column_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="the columns are case_id, activity, timestamp"):
        read(tmp_path, HEAD, "1,a,2026-03-02 09:00:00Z", case="Case")


def test_typed_columns_of_parquet_are_taken_as_they_are_typed(tmp_path: Path) -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    table = pa.table(
        {
            "case_id": pa.array([4711, 4712]),
            "activity": pa.array(["a", "b"]).dictionary_encode(),
            "timestamp": pa.array([at, None], pa.timestamp("ns", "Europe/Berlin")),
            "cost": pa.array([1.5, None]),
        }
    )
    path = tmp_path / "log.parquet"
    pq.write_table(table, path)
    told = read_log(path, tmp_path)
    assert [(e.subject, e.event_time, e.fields) for e in told.events] == [
        ("case:shared:4711", at, {"cost": "1.5"})
    ]
    assert told.rejected == {"missing_time": 1}


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(1, 7))
def test_ordinals_count_equals_over_any_blocks(values: list[int], size: int) -> None:
    ordinals, told, seen = Ordinals(), [], Counter[int]()
    for start in range(0, len(values), size):
        part = values[start : start + size]
        found = ordinals.of(pa.array(part, pa.uint64()).to_numpy())
        told += [found.get(place, 1) for place in range(len(part))]
    expected = []
    for value in values:
        seen[value] += 1
        expected.append(seen[value])
    assert told == expected


@given(st.lists(st.tuples(st.sampled_from(["", "a", "bc"]), st.sampled_from(["", "d"]))))
def test_columns_become_lists_a_row_without_what_is_empty(rows: list[tuple[str, str]]) -> None:
    columns = [pa.array([row[n] for row in rows], pa.string()) for n in (0, 1)]
    offsets, values, _which = interleaved(columns, len(rows))
    lists = pa.ListArray.from_arrays(offsets, values).to_pylist()
    assert lists == [[cell for cell in row if cell] for row in rows]


def test_a_column_of_words_has_no_layout_of_times() -> None:
    assert layout_of(["a", "b", "2026-03-02"]) is None
    assert layout_of(["", " "]) is None
