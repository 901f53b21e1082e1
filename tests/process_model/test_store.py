"""The store: what it promises on the embedded engine and, with the same code, on a server."""

import json
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from clickhouse_connect.driver import exceptions as driver

from process_model.config import StoreConfig
from process_model.errors import ConfigError, QueryRejected, StoreError, StoreUnavailable
from process_model.questions import Selection, ask
from process_model.store import Store, open_store
from process_model.store.failures import translated

STRINGS = [
    "",
    "'; DROP TABLE rates; --",
    "a\n\nTRUNCATE TABLE rates",
    "\\' OR 1=1 --",
    "{since:String}",
    "%(s)s",
    "tab\tnull\\N",
    "naïve 🙂 \u202e",
    "`;\\`",
]

RATE = ("currency", "reporting_currency", "valid_from", "rate")


def test_times_come_back_aware_and_in_utc(bare_store: Store) -> None:
    moment = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
    row = bare_store.query(
        "moment", "SELECT {m:DateTime64(6,'UTC')} AS moment", {"m": moment}
    ).one()
    assert row.moment == moment
    assert row.moment.utcoffset() is not None


@pytest.mark.parametrize("value", STRINGS)
def test_a_value_never_becomes_sql(store: Store, value: str) -> None:
    row = store.query(
        "echo", "SELECT {v:String} AS v, {a:Array(String)} AS a", {"v": value, "a": [value]}
    ).one()
    assert (row.v, row.a) == (value, [value])
    assert store.query("alive", "EXISTS TABLE rates").one()[0] == 1


def test_the_same_token_adds_nothing_and_a_new_one_does(store: Store) -> None:
    columns = ("kind", "segment", "row_count")
    for token in ("one", "one", "two"):
        store.insert("stored_segments", columns, [("events", "s", 1)], token=token)
    assert store.query("count", "SELECT count() AS n FROM stored_segments").one().n == 2


def test_an_insert_without_token_is_refused(store: Store) -> None:
    with pytest.raises(ConfigError, match="token"):
        store.insert("stored_segments", ("kind",), [("events",)], token="")


def test_the_engine_reads_a_whole_segment_once(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "segment.jsonl"
    ids = [f"e{n}'\n\n;DROP" for n in range(500)]
    path.write_text("".join(json.dumps({"source": "crm", "id": i}) + "\n" for i in ids))
    sql = (
        "INSERT INTO rejected_events (source, id, received_at)\n"
        "SELECT source, id, now64(6) FROM __SOURCE__"
    )
    token = str(uuid.uuid4())
    for _ in range(2):
        store.insert_file(
            "segment", sql, path, token=token, format="JSONEachRow",
            structure="source String, id String",
        )  # fmt: skip
    rows = store.query("ids", "SELECT id, segment FROM rejected_events")
    assert sorted(row.id for row in rows) == sorted(ids)
    assert {row.segment for row in rows} == {token}
    blocks = store.query("blocks", "SELECT segment, row_count FROM stored_segments").rows
    assert [tuple(block) for block in blocks] == [(token, 500)]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO rates (currency) VALUES ('EUR')",
        "CREATE TABLE x (a Int8) ENGINE = Memory",
        "DROP TABLE rates",
        "SET readonly = 0",
        "SET max_result_rows = 0",
        "SELECT * FROM file('/etc/passwd', LineAsString)",
        "SELECT * FROM url('http://127.0.0.1:1/', LineAsString)",
    ],
)
def test_a_reader_cannot_write_reach_out_or_lift_its_limits(store: Store, sql: str) -> None:
    with pytest.raises(StoreError):
        store.reader().query("attempt", sql)
    assert store.query("empty", "SELECT count() AS n FROM rates").one().n == 0


def test_a_reader_writes_no_file(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "out.tsv"
    with pytest.raises(StoreError):
        store.reader().query("attempt", f"SELECT 1 INTO OUTFILE '{target}'")
    assert not target.exists()


def test_a_reader_stops_a_question_that_answers_too_much(store_config: StoreConfig) -> None:
    config = store_config.model_copy(update={"query_rows": 10})
    with open_store(config) as store, pytest.raises(QueryRejected) as caught:
        store.reader().query("many", "SELECT number FROM numbers(1000)")
    assert caught.value.code == 396


def test_every_error_of_the_driver_has_a_translation() -> None:
    kinds = [
        value for value in vars(driver).values()
        if isinstance(value, type) and issubclass(value, driver.Error)
    ]  # fmt: skip
    assert len(kinds) > 8
    for kind in kinds:
        exc = kind() if kind is driver.StreamClosedError else kind("Code: 1")
        assert isinstance(translated("probe", exc), StoreError), kind


@pytest.mark.parametrize(
    ("code", "permanent"), [(62, True), (241, False), (243, False), (252, False)]
)
def test_an_error_says_whether_trying_again_helps(code: int, permanent: bool) -> None:
    assert translated("probe", driver.DatabaseError("x", code=code)).permanent is permanent


def test_a_bad_question_carries_its_name_and_code(store: Store) -> None:
    with pytest.raises(QueryRejected, match="broken") as caught:
        store.query("broken", "SELECT nothing_of_that_name")
    assert caught.value.code == 47


def test_each_thread_has_its_own_client_and_close_waits(bare_store: Store) -> None:
    answers: list[object] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(
                bare_store.query("slow", "SELECT sleep(0.3) AS s, 1 AS one").one().one
            )
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == [1, 1, 1]


def test_closing_twice_is_harmless_and_a_closed_store_says_so(store_config: StoreConfig) -> None:
    store = open_store(store_config)
    store.close()
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        store.query("late", "SELECT 1")


def test_an_unknown_scheme_names_the_remedy() -> None:
    with pytest.raises(ConfigError, match="chdb://"):
        open_store(StoreConfig(dsn="postgres://x"))


def test_a_question_that_does_not_exist_is_named(store: Store) -> None:
    with pytest.raises(ConfigError, match="no_such"):
        ask(store, "no_such")


def test_a_selection_gives_every_parameter_of_contract_5() -> None:
    parameters = Selection(region=("EMEA",)).parameters()
    assert parameters["region"] == ["EMEA"]
    assert parameters["as_of"].tzinfo is UTC


def test_rows_told_as_lines_come_back_as_lines_and_a_strange_column_is_refused(
    store: Store,
) -> None:
    lines = b'{"kind":"events","segment":"a","row_count":18446744073709551615}\n'
    store.insert_lines("stored_segments", lines, token="one")
    store.insert_lines("stored_segments", lines, token="one")
    asked = "SELECT segment, row_count, toDateTime64('1950-01-02 03:04:05.5', 6, 'UTC') AS at"
    (line,) = store.lines("lines", f"{asked} FROM stored_segments").splitlines()
    assert line == (
        b'{"segment":"a","row_count":18446744073709551615,"at":"1950-01-02T03:04:05.500000Z"}'
    )
    with pytest.raises(QueryRejected):
        store.insert_lines("stored_segments", b'{"kind":"x","strange":1}\n', token="two")
