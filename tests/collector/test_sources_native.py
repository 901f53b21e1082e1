"""Real payloads, recorded from the systems by others: each becomes facts or a reason."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.intake import Intake, Outcome
from collector.source import known_sources

DATA = Path(__file__).parents[3] / "shared" / "data" / "sources"
GOLDEN = Path(__file__).parents[1] / "golden" / "sources"

# system → where its payloads lie, and how many of the files at least must tell a fact; 0 where the
# recorded ones reach no milestone: there only the reason that each is given is held
NATIVE = {
    "salesforce": (("payloads/salesforce", "recorded_api_nango/salesforce"), 2),
    "sap": (("payloads/sap", "sap_s4_odata_latonaio"), 3),
    "stripe": (("stripe", "recorded_api_nango/stripe"), 12),
    "chargebee": (("payloads/chargebee", "recorded_api_nango/chargebee"), 9),
    "docusign": (("payloads/docusign", "recorded_api_nango/docusign"), 2),
    "hubspot": (("payloads/hubspot", "recorded_api_nango/hubspot"), 0),
    "zendesk": (("payloads/zendesk", "recorded_api_nango/zendesk"), 0),
}


def files_of(system: str) -> list[Path]:
    folders = [DATA / folder for folder in NATIVE[system][0]]
    found = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    if not found:
        pytest.skip("the recorded payloads are not beside this checkout")
    return found


def documents_in(path: Path) -> list[object]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".csv":
        return list(csv.DictReader(io.StringIO(text)))
    if path.suffix != ".json":
        return [text]
    document = json.loads(text)
    return [document, *_answers_in(document)]


def _answers_in(node: object) -> Iterator[object]:
    """The bodies a recorded API call was answered with."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "response":
                yield value
            yield from _answers_in(value)


def payloads_in(system: str, path: Path) -> list[object]:
    source = known_sources()[system]
    return [p for document in documents_in(path) for p in source.payloads(document)]


def judged(system: str, payloads: list[object]) -> list[Outcome]:
    return Intake(lambda _kind, _record: None, {}).take(payloads, system=system)


@pytest.mark.parametrize("system", NATIVE)
def test_every_recorded_payload_becomes_facts_or_a_reason(system: str) -> None:
    telling = set()
    for path in files_of(system):
        outcomes = judged(system, payloads_in(system, path))
        assert outcomes, path
        assert all(outcome.accepted or (outcome.reason and outcome.detail) for outcome in outcomes)
        if any(outcome.accepted for outcome in outcomes):
            telling.add(path.name)
    assert len(telling) >= NATIVE[system][1], telling


@pytest.mark.parametrize("system", NATIVE)
def test_payloads_of_other_systems_are_refused_by_name_and_never_an_error(system: str) -> None:
    for other in NATIVE:
        for path in files_of(other):
            outcomes = judged(system, payloads_in(system, path))
            assert other == system or not any(outcome.accepted for outcome in outcomes), path


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def leaves(node: object, at: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    yield at
    if isinstance(node, dict):
        for name, value in node.items():
            yield from leaves(value, (*at, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from leaves(value, (*at, index))


def changed(node: object, at: tuple[object, ...], value: object) -> object:
    if not at:
        return value
    head, *rest = at
    if isinstance(node, dict):
        return {**node, head: changed(node[head], tuple(rest), value)}
    assert isinstance(node, list)
    assert isinstance(head, int)
    return [*node[:head], changed(node[head], tuple(rest), value), *node[head + 1 :]]


@pytest.mark.parametrize("system", NATIVE)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_golden_payload_with_any_member_replaced_is_judged(
    system: str, data: st.DataObject
) -> None:
    cases = sorted((GOLDEN / system).glob("*.in.json"))
    body = json.loads(data.draw(st.sampled_from(cases)).read_text())
    place = data.draw(st.sampled_from(list(leaves(body))))
    mangled = changed(body, place, data.draw(json_values))
    payloads = known_sources()[system].payloads(mangled)
    outcomes = judged(system, payloads)
    assert {outcome.index for outcome in outcomes} == set(range(len(payloads)))
