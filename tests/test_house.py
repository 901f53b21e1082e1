"""The architecture and the habits of the house, held by tests."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import throughline
from alerts.config import channels, rules
from collector.signature import schemes
from collector.source import known_sources
from process_model.store import Store
from process_model.store.migrate import statements
from process_model.vocabulary import EventType, Stage
from tests.documented import settings_page

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("process_model", "collector", "alerts", "dashboards")
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "base", "misc", "core"}


def tracked(pattern: str) -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "--", pattern], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).exists()]


def test_no_file_is_longer_than_four_hundred_lines_and_the_front_door_than_two_hundred() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines())
        for path in tracked("*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}
    assert lengths["throughline.py"] <= 200


def test_modules_are_named_after_what_they_own() -> None:
    assert not [path for path in tracked("*.py") if path.stem in FORBIDDEN_NAMES]


def test_nothing_committed_names_a_machine_or_a_registry() -> None:
    # spelt in pieces, so that this file does not name them either
    words = ("/wo" + "rk/", "/ro" + "ot/", "/opt/py" + "pi", "pypi" + ".org", "python" + "hosted")
    words += ("registry.npm" + "js", "/tm" + "p/pytest")
    guilty = [
        (path.relative_to(ROOT).as_posix(), word)
        for path in tracked("*")
        if path.suffix not in (".png", ".woff2")
        for word in words
        if word in path.read_text(errors="replace")
    ]
    assert not guilty


# --- one file each: what is found by itself has its golden case, its test or its page


@pytest.mark.parametrize("name", sorted(known_sources()))
def test_every_source_has_a_golden_case_and_a_page(name: str) -> None:
    assert list((ROOT / "tests/golden/sources" / name).glob("*.in.json*")), name
    assert (ROOT / "docs/sources" / f"{name}.md").exists(), name


def test_every_kpi_is_worked_out_by_hand() -> None:
    tests = (ROOT / "tests/process_model").glob("test_kpi*.py")
    worked_out = "".join(path.read_text() for path in tests)
    kpis = [path.stem for path in (ROOT / "process_model/kpis").glob("*.sql")]
    assert kpis
    assert [kpi for kpi in kpis if kpi not in worked_out] == []


def test_every_setting_is_in_the_documents() -> None:
    shown = (ROOT / "docs/configuration.md").read_text()
    assert shown == settings_page()
    for name, field in throughline.Settings.model_fields.items():
        for key in getattr(field.annotation, "model_fields", [name]):
            assert f"| `{key}` |" in shown


@pytest.mark.parametrize("name", sorted({*rules(), *channels()}))
def test_every_rule_and_channel_is_told_of_and_tested(name: str) -> None:
    assert re.search(rf"[`\"]{name}[`\"]", (ROOT / "docs/alerts.md").read_text()), name
    tests = [path.read_text() for path in (ROOT / "tests/alerts").glob("test_*.py")]
    assert any(name in text for text in tests), name


@pytest.mark.parametrize("name", sorted(schemes()))
def test_every_scheme_is_told_of_and_tested(name: str) -> None:
    assert f"| `{name}` |" in (ROOT / "docs/security.md").read_text()
    assert f'"{name}"' in (ROOT / "tests/collector/test_signatures.py").read_text()


# --- SQL


@pytest.mark.engine
def test_the_engine_reads_every_statement(store: Store) -> None:
    files = [path for path in tracked("*.sql") if "state" not in path.parts]
    assert len(files) > 50
    for path in files:
        if "tests" in path.parts:
            continue
        for statement in statements(path.read_text()):
            text = statement.replace("__SOURCE__", "file('f', 'JSONEachRow', 'a String')")
            text = text.replace("__CASES__", "SELECT 1").replace("__KPIS__", "SELECT 1")
            told = store.query(
                path.name, "SELECT formatQueryOrNull({t:String}) AS text", {"t": text}
            )
            assert told.one().text, f"{path.relative_to(ROOT)}: {statement[:80]}"


def test_questions_say_what_their_answer_means() -> None:
    queries = [*tracked("process_model/queries/*.sql"), *tracked("collector/sql/*.sql")]
    assert [path.name for path in queries if not path.read_text().startswith("--")] == []


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


# --- what is not ours


@pytest.mark.parametrize("lock", ["run", "dev", "web", "bench"])
def test_locks_are_hashed_and_name_no_registry(lock: str) -> None:
    text = (ROOT / f"requirements/{lock}.lock").read_text()
    assert "--hash=sha256:" in text
    assert "://" not in text


def test_what_is_pinned_is_what_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    run = (ROOT / "requirements/run.lock").read_text()
    dev = (ROOT / "requirements/dev.lock").read_text()
    assert [pin for pin in project["dependencies"] if f"{pin} \\" not in run] == []
    every = [*project["dependencies"], *extras["dev"], *extras["mining"]]
    assert [pin for pin in every if f"{pin} \\" not in dev] == []
    # the peers of make bench stand beside what is tested, at the same versions
    bench = (ROOT / "requirements/bench.lock").read_text()
    peers = [re.sub(r"\[.*\]", "", pin) for pin in extras["bench"]]
    assert [pin for pin in [*every, *peers] if f"{pin} \\" not in bench] == []
    assert [line for line in dev.splitlines() if "==" in line and line not in bench] == []
    assert [pin for pin in peers if pin in dev] == []


def test_nothing_built_or_third_party_is_committed() -> None:
    assert not tracked("*.min.js")
    assert not tracked("dashboards/assets/build/*")
    assert not tracked("dashboards/web/node_modules/*")
