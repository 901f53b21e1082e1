"""The architecture and the habits of the house, held by tests."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from process_model.vocabulary import EventType, Stage

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("process_model", "collector", "alerts", "dashboards")
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "base", "misc", "core"}


def tracked(pattern: str) -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "--", pattern], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).exists()]


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in tracked("*.py")
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert not long


def test_modules_are_named_after_what_they_own() -> None:
    assert not [path for path in tracked("*.py") if path.stem in FORBIDDEN_NAMES]


def test_no_sql_is_built_from_python_strings() -> None:
    sql = re.compile(r"""\bf(\"\"\"|"|')\s*(SELECT|INSERT|ALTER|DELETE)\b""")
    guilty = [
        path for room in ROOMS for path in tracked(f"{room}/*.py") if sql.search(path.read_text())
    ]
    assert not guilty


def test_migrations_are_numbered_in_one_row_and_can_run_twice() -> None:
    migrations = sorted((ROOT / "process_model/store/migrations").glob("*.sql"))
    numbers = [int(path.name[:4]) for path in migrations]
    assert numbers == list(range(1, len(numbers) + 1))
    for path in migrations:
        for statement in re.findall(r"^CREATE [^\n]*", path.read_text(), re.MULTILINE):
            assert "IF NOT EXISTS" in statement, f"{path.name}: {statement}"


def test_the_reference_places_every_stage_and_only_known_events() -> None:
    reference = tomllib.loads(
        (ROOT / "process_model/reference/quote_to_cash.toml").read_text(encoding="utf-8")
    )
    assert [stage["name"] for stage in reference["stages"]] == list(Stage)
    placed = [event for events in reference["events"].values() for event in events]
    assert len(placed) == len(set(placed))
    assert set(placed) <= set(EventType)
    for stage in reference["stages"]:
        assert set(stage["completes"]) <= set(placed)


def test_the_log_view_knows_every_event_type() -> None:
    text = (ROOT / "process_model/store/migrations/0001_create_spans.sql").read_text()
    assert {event for event in EventType if f"'{event}'" not in text} == set()


@pytest.mark.parametrize("lock", ["requirements/run.lock", "requirements/dev.lock"])
def test_locks_are_hashed_and_name_no_registry(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "--hash=sha256:" in text
    assert "://" not in text


def test_nothing_built_or_third_party_is_committed() -> None:
    assert not tracked("*.min.js")
    assert not tracked("dashboards/assets/build/*")
    assert not tracked("dashboards/web/node_modules/*")
