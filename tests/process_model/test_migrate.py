"""Migrations: complete, repeatable, refused when they drifted, and the schema they lead to."""

import os
from pathlib import Path

import pytest

from process_model.errors import MigrationDrift
from process_model.store import Store
from process_model.store.migrate import migrate, released, statements

GOLDEN = Path(__file__).parents[1] / "golden" / "schema.sql"


def test_a_second_run_applies_nothing(bare_store: Store) -> None:
    first = migrate(bare_store)
    assert [m.id for m in first] == [name for name, _ in released()]
    assert migrate(bare_store) == []


def test_a_dry_run_only_tells(bare_store: Store) -> None:
    assert migrate(bare_store, dry_run=True)
    assert bare_store.query("none", "SHOW TABLES").rows == []


def test_a_migration_cut_short_runs_again(bare_store: Store) -> None:
    name, text = next(released())
    for number, statement in enumerate(statements(text)[:3]):
        bare_store.execute(f"{name} {number}", statement)
    assert len(migrate(bare_store)) == len(list(released()))


def test_a_changed_file_stops_the_start(store: Store) -> None:
    store.execute(
        "tamper",
        "ALTER TABLE schema_migrations UPDATE checksum = 'x' WHERE id LIKE '0001%'",
        settings={"mutations_sync": 1},
    )
    with pytest.raises(MigrationDrift, match="0001_create_spans"):
        migrate(store)


def test_a_newer_store_stops_an_older_program(store: Store) -> None:
    store.execute("future", "INSERT INTO schema_migrations (id) VALUES ('9999_from_the_future')")
    with pytest.raises(MigrationDrift, match="9999_from_the_future"):
        migrate(store)


def test_statements_split_only_where_one_ends() -> None:
    text = "-- a; b\nSELECT 'x;y', `a;b`; /* ; */ SELECT 3 - 1;\n-- the end;\n"
    assert statements(text) == ["-- a; b\nSELECT 'x;y', `a;b`", "/* ; */ SELECT 3 - 1"]


def test_numbers_grow_and_every_statement_may_run_twice() -> None:
    numbers = [int(name[:4]) for name, _ in released()]
    assert numbers == sorted(set(numbers))
    for name, text in released():
        for statement in statements(text):
            again = "IF NOT EXISTS" in statement or "MODIFY SETTING" in statement
            assert again, (name, statement[:60])


def test_the_schema_is_the_golden_one(store: Store) -> None:
    if os.environ.get("THROUGHLINE_GOLDEN") == "write":
        GOLDEN.write_text(schema(store))
    assert GOLDEN.read_text() == schema(store)


def schema(store: Store) -> str:
    """SHOW CREATE of everything, without the database's name."""
    database = store.config.database
    tables = store.query(
        "tables",
        "SELECT formatQuery(create_table_query) AS text FROM system.tables "
        "WHERE database = currentDatabase() ORDER BY name",
    )
    return "".join(f"{row.text.replace(f'{database}.', '')};\n\n" for row in tables)
