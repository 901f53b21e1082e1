"""The score counts by ids, forgives what cannot be known, and lets no false alarm pass."""

from pathlib import Path

import pytest

from process_model.errors import ThroughlineError
from process_model.simulation import answers
from process_model.simulation.answers import Answer, AnswerSheet
from process_model.simulation.faults import FaultKind
from process_model.simulation.matching import RULES
from process_model.simulation.scoring import Finding, finding_of, judge, table

CASES = tuple(f"quote:shared:Q-{number}" for number in range(10))
SOURCE = "urn:system:wms:osaka"


def sheet(*told: Answer) -> AnswerSheet:
    return AnswerSheet(world="w", anchor="2026-03-04", as_of="2026-03-04T10:00:00Z", answers=told,
                       aliases={"customer:sap:7": "customer:shared:C-7"})  # fmt: skip


def dropped(*, open_: tuple[str, ...] = ()) -> Answer:
    return Answer("silent_drop", "2026-03-01T00:00:00Z", None, cases=CASES, open=open_)


def finding(kind: str, *cases: str, **members: object) -> Finding:
    return finding_of({"kind": kind, "title": kind, "instances": list(cases), **members})


def test_precision_and_recall_are_shares_of_ids() -> None:
    found = finding("broken_promise", *CASES[:8], "quote:shared:other", "quote:shared:another")
    (score,) = judge(sheet(dropped()), [found]).scores
    assert (score.precision, score.recall) == (0.8, 0.8)


def test_the_same_case_in_two_findings_counts_once() -> None:
    found = [finding("broken_promise", *CASES[:6]), finding("broken_promise", *CASES[4:])]
    (score,) = judge(sheet(dropped()), found).scores
    assert (score.precision, score.recall, len(score.found)) == (1.0, 1.0, 10)


def test_nothing_found_is_no_recall_and_fails() -> None:
    result = judge(sheet(dropped()), [])
    assert result.scores[0].recall == 0
    assert not result.passes(0.9)


def test_what_was_hit_a_moment_ago_may_be_found_or_not() -> None:
    young = "quote:shared:young"
    for named in (CASES, (*CASES, young)):
        (score,) = judge(sheet(dropped(open_=(young,))), [finding("broken_promise", *named)]).scores
        assert (score.precision, score.recall) == (1.0, 1.0)


def test_a_finding_of_what_nobody_planted_fails_the_quiet_world() -> None:
    alarm = finding("amount_mismatch", "quote:shared:Q-1")
    result = judge(sheet(), [alarm])
    assert result.unplanted == (alarm,)
    assert not result.passes(0.0)
    assert judge(sheet(), []).passes(1.0)


def test_a_kind_that_several_faults_cause_is_told_apart_by_its_cases() -> None:
    slow = Answer("slow_approver", "s", None, cases=("quote:shared:S-1", "quote:shared:S-2"))
    found = [finding("broken_promise", *CASES), finding("broken_promise", *slow.cases)]
    assert judge(sheet(dropped(), slow), found).passes(1.0)


def test_a_finding_that_mostly_shows_a_fault_names_it_though_another_shares_more() -> None:
    slow = Answer("slow_approver", "s", None, cases=CASES[:6])
    down = Answer("tax_outage", "s", None, cases=CASES)
    result = judge(sheet(slow, down), [finding("stage_slowdown", *CASES)])
    assert (result.scores[0].precision, result.scores[0].recall) == (0.6, 1.0)


def test_symptoms_among_the_planted_cases_are_no_false_alarm_and_no_find() -> None:
    result = judge(sheet(dropped()), [finding("stage_slowdown", *CASES)])
    assert (result.scores[0].recall, result.unplanted) == (0.0, ())
    stranger = finding("stage_slowdown", "quote:shared:other")
    assert judge(sheet(dropped()), [stranger]).unplanted == (stranger,)


def test_failures_of_another_class_are_another_fault() -> None:
    expired = Answer("token_expiry", "s", None, error_type="auth_expired", cases=CASES[:5])
    changed = Answer("schema_change", "s", None, error_type="schema_changed", cases=CASES[5:])
    found = [finding("sync_failure", *CASES[:5], error_type="auth_expired"),
             finding("sync_failure", *CASES[5:], error_type="schema_changed")]  # fmt: skip
    result = judge(sheet(expired, changed), found)
    assert [(one.precision, one.recall) for one in result.scores] == [(1.0, 1.0), (1.0, 1.0)]


def test_a_failure_that_does_not_say_its_class_is_known_by_its_cases() -> None:
    expired = Answer("token_expiry", "s", None, error_type="auth_expired", cases=CASES[:5])
    changed = Answer("schema_change", "s", None, error_type="schema_changed", cases=CASES[5:])
    found = [finding("sync_failure", *CASES[:5]), finding("sync_failure", *CASES[5:])]
    assert judge(sheet(expired, changed), found).passes(1.0)


def test_customers_are_compared_under_either_of_their_numbers() -> None:
    drift = Answer("master_drift", "s", None, objects=("customer:shared:C-7",))
    found = finding("master_drift", objects=["customer:sap:7"])
    assert judge(sheet(drift), [found]).passes(1.0)


def test_a_silent_source_is_found_by_its_name_wherever_it_is_written() -> None:
    silent = Answer("silent_source", "s", None, source=SOURCE)
    found = finding("silent_source", evidence=[{"text": f"{SOURCE}, silent for two days"}])
    assert judge(sheet(silent), [found]).passes(1.0)
    other = finding("silent_source", evidence=["urn:system:wms:dallas"])
    assert not judge(sheet(silent), [other]).passes(0.5)


def test_what_is_down_says_nothing_and_that_is_no_second_fault() -> None:
    down = Answer("tax_outage", "s", "u", source="urn:system:tax:emea", cases=CASES)
    quiet = Answer("silent_source", "s", None, source=SOURCE)
    found = [finding("service_outage", *CASES),
             finding("silent_source", evidence=["urn:system:tax:emea"]),
             finding("silent_source", *CASES, evidence=[SOURCE])]  # fmt: skip
    assert judge(sheet(down, quiet), found).passes(1.0)


def test_a_finding_of_the_right_kind_about_other_cases_is_a_false_alarm() -> None:
    changed = Answer("schema_change", "s", None, cases=CASES[:5], open=CASES[5:])
    right, wrong = finding("schema_change", *CASES), finding("schema_change", "quote:shared:x")
    result = judge(sheet(changed), [right, wrong])
    assert (result.scores[0].precision, result.scores[0].recall) == (1.0, 1.0)
    assert result.unplanted == (wrong,)


def test_every_fault_has_its_rule() -> None:
    assert set(RULES) == set(FaultKind)


def test_the_table_names_every_fault_and_every_false_alarm() -> None:
    told = sheet(dropped())
    text = table(told, judge(told, [finding("duplicate", "quote:shared:x")]))
    assert "silent_drop" in text
    assert "duplicate" in text


def test_a_sheet_is_read_as_it_was_written(tmp_path: Path) -> None:
    told = sheet(dropped())
    answers.write(told, tmp_path / "deep" / "a.json")
    assert answers.read(tmp_path / "deep" / "a.json") == told


def test_a_file_that_is_no_sheet_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(ThroughlineError, match=r"a\.json"):
        answers.read(tmp_path / "a.json")
