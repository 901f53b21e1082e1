"""Every source against its golden cases: native payloads in, canonical facts and refusals out.

``THROUGHLINE_TEST_GOLDEN=write`` writes the expected files anew; the difference is then reviewed.
"""

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collector.intake import Intake
from collector.source import configured, known_sources
from process_model.errors import ConfigError

GOLDEN = Path(__file__).parents[1] / "golden" / "sources"
ROOT = Path(__file__).parents[2]
CASES = sorted(GOLDEN.glob("*/*.in.json"))
# receipt is no content; the payload as it came stands in the case's own file
_LEFT_OUT = {"received_at", "content_hash", "data", "payload", "door", "dataset", "origin"}


def told(system: str, body: object, settings: dict[str, Any]) -> list[str]:
    """What the door makes of a body, a JSON line each, without what only repeats the payload."""
    kept: list[tuple[str, bytes]] = []
    intake = Intake(
        lambda kind, record: kept.append((kind, record)), {}, configured({system: settings})
    )
    documents = known_sources()[system].payloads(body)
    intake.take(documents, system=system)
    records = [(kind, line) for kind, record in kept for line in record.splitlines()]
    return [_readable(kind, line) for kind, line in records]


def _readable(kind: str, line: bytes) -> str:
    record = json.loads(line)
    defaults = {"event_time_from": "time", "actor_kind": "unknown", "outcome": "success"}
    shown = {
        name: value
        for name, value in record.items()
        if name not in _LEFT_OUT and value not in (None, "", [], {}) and value != defaults.get(name)
    }
    if shown.get("event_time_from") == "received":
        del shown["event_time"]
    shown = {name: value for name, value in shown.items() if (name, value) != ("attempt", 1)}
    return json.dumps({"rejected": True, **shown} if kind == "rejected" else shown)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name[:-8]}")
def test_a_payload_becomes_exactly_these_facts(case: Path) -> None:
    settings = case.with_name(case.name.replace(".in.json", ".settings.json"))
    expected = case.with_name(case.name.replace(".in.json", ".out.jsonl"))
    lines = told(
        case.parent.name,
        json.loads(case.read_text()),
        json.loads(settings.read_text()) if settings.exists() else {},
    )
    if os.environ.get("THROUGHLINE_TEST_GOLDEN") == "write":
        expected.write_text("".join(line + "\n" for line in lines))
    assert [json.loads(line) for line in lines] == [
        json.loads(line) for line in expected.read_text().splitlines()
    ]


@pytest.mark.parametrize("system", known_sources())
def test_every_source_has_golden_cases_and_a_page(system: str) -> None:
    assert list((GOLDEN / system).glob("*.in.json")), f"no case for {system}"
    page = (ROOT / "docs" / "sources" / f"{system}.md").read_text()
    assert f"/v1/sources/{system}" in page
    for name in known_sources()[system].config.model_fields:
        told_of = re.search(rf"\b{name}\b", page) or name in ("instance", "local_types")
        assert told_of, f"{name} is not told of"


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs" / "sources").glob("*.md")), ids=lambda page: page.stem
)
def test_the_settings_a_page_shows_are_valid(page: Path) -> None:
    for block in re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL):
        tables = tomllib.loads(block)["collector"]["sources"]
        assert set(tables) == {page.stem}
        assert configured(tables)[page.stem] != configured({})[page.stem]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name[:-8]}")
def test_the_same_payload_tells_the_same_ids_again(case: Path) -> None:
    body = json.loads(case.read_text())
    settings = case.with_name(case.name.replace(".in.json", ".settings.json"))
    given = json.loads(settings.read_text()) if settings.exists() else {}
    once, twice = (told(case.parent.name, body, given) for _ in range(2))
    assert once == twice
    ids = [json.loads(line)["id"] for line in once if "rejected" not in line]
    assert len(ids) == len(set(ids))


def test_no_two_golden_facts_of_a_system_share_an_id_but_tell_different_things() -> None:
    known: dict[tuple[str, str], dict[str, Any]] = {}
    for case in sorted(GOLDEN.glob("*/*.out.jsonl")):
        for line in case.read_text().splitlines():
            fact = json.loads(line)
            if "rejected" not in fact:
                earlier = known.setdefault((fact["source"], fact["id"]), fact)
                assert earlier["type"] == fact["type"], case


def test_an_unknown_source_or_setting_is_named_with_its_remedy() -> None:
    with pytest.raises(ConfigError, match=r"no such source; known are .*salesforce"):
        configured({"salesfarce": {}})
    with pytest.raises(ConfigError, match=r"collector\.sources\.stripe\.metavalues: Extra inputs"):
        configured({"stripe": {"metavalues": {}}})
    with pytest.raises(ConfigError, match=r"collector\.sources\.salesforce\.currency"):
        configured({"salesforce": {"currency": "euro"}})


def test_a_payload_of_any_json_shape_is_refused_and_never_an_error() -> None:
    odd: list[object] = [None, 1, "x", True, [], {}, {"data": 1}, {"data": {"payload": []}}]
    for system in known_sources():
        intake = Intake(lambda _kind, _record: None, {})
        outcomes = intake.take(odd, system=system)
        assert {outcome.index for outcome in outcomes} == set(range(len(odd)))
        assert not any(outcome.accepted for outcome in outcomes)
        assert msgspec.json.encode(outcomes)
