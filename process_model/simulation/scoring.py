"""Compares what the product finds with what was planted, by sets of ids; reads the API only."""

import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from process_model.errors import ThroughlineError
from process_model.simulation.answers import Answer, AnswerSheet
from process_model.simulation.installation import Api
from process_model.simulation.matching import RULES, Rule

_SETTLING_SECONDS = 300.0
_SAME_ANSWERS = 3
_SOURCE = re.compile(r"urn:system:[^\s\"',;)]+")


class Finding(msgspec.Struct, frozen=True):
    """One finding as the API tells it; unknown members are kept in ``whole``."""

    kind: str
    title: str
    instances: frozenset[str]
    objects: frozenset[str]
    sources: frozenset[str]
    whole: Mapping[str, object]


class Score(msgspec.Struct, frozen=True):
    """How well one fault was found; ids are cases, customers or sources, as its rule says."""

    fault: str
    planted: frozenset[str]
    found: frozenset[str]
    right: int

    @property
    def precision(self) -> float:
        """Of what was named, the share that was planted; nothing named names nothing wrong."""
        return self.right / len(self.found) if self.found else 1.0

    @property
    def recall(self) -> float:
        """Of what was planted, the share that was named."""
        known = self.planted & self.found
        return len(known) / len(self.planted) if self.planted else 1.0


class Result(msgspec.Struct, frozen=True):
    """The whole comparison."""

    scores: tuple[Score, ...]
    unplanted: tuple[Finding, ...]
    """findings of what nobody planted: false alarms"""
    findings: int

    def passes(self, floor: float) -> bool:
        """Whether every fault was found that well, and nothing was made up."""
        good = all(min(one.precision, one.recall) >= floor for one in self.scores)
        return good and not self.unplanted


def settled_findings(pages: str) -> list[Finding]:
    """All findings, as soon as the answer no longer changes."""
    api, end = Api(pages), time.monotonic() + _SETTLING_SECONDS
    before, same = "", 0
    while True:
        rows = list(api.all("/findings"))
        text = json.dumps(rows, sort_keys=True)
        same = same + 1 if text == before else 1
        if same == _SAME_ANSWERS:
            return [finding_of(row) for row in rows]
        if time.monotonic() > end:
            raise ThroughlineError("the findings do not come to rest")
        before = text
        time.sleep(2)


def finding_of(row: Mapping[str, object]) -> Finding:
    """A row of ``/api/v1/findings``; what it does not say is empty."""
    return Finding(
        kind=str(row.get("kind", "")),
        title=str(row.get("title", "")),
        instances=_texts(row.get("instances")),
        objects=_texts(row.get("objects")),
        sources=frozenset(_SOURCE.findall(json.dumps(row))),
        whole=row,
    )


def _texts(value: object) -> frozenset[str]:
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset()


def judge(sheet: AnswerSheet, findings: Sequence[Finding]) -> Result:
    """Score every fault of the sheet, and tell what was found beside them."""
    scores, explained = [], set[int]()
    for answer in sheet.answers:
        rule = RULES[answer.fault]
        naming = [place for place, one in enumerate(findings) if _names(one, answer, rule, sheet)]
        scores.append(_score(sheet, answer, rule, [findings[place] for place in naming]))
        explained.update(naming)
    explained |= {n for n, one in enumerate(findings) if _is_symptom(one, sheet)}
    rest = tuple(one for n, one in enumerate(findings) if n not in explained)
    return Result(tuple(scores), rest, len(findings))


def _names(finding: Finding, answer: Answer, rule: Rule, sheet: AnswerSheet) -> bool:
    """Whether the finding is of the fault's kind, and does not state that it is of another."""
    if finding.kind not in rule.names:
        return False
    for member in rule.told:
        said, planted = str(finding.whole.get(member) or ""), getattr(answer, member)
        if said and planted and said != planted:
            return False
    shared = {kind for kind, other in RULES.items() if finding.kind in other.names}
    if len(shared) > 1 and not any(finding.whole.get(member) for member in rule.told):
        # the kind alone does not say which fault is meant: its cases must
        return bool(_named_ids(finding, rule, sheet) & _planted(answer, rule))
    return True


def _score(sheet: AnswerSheet, answer: Answer, rule: Rule, naming: Iterable[Finding]) -> Score:
    planted = _planted(answer, rule)
    found = frozenset().union(*(_named_ids(one, rule, sheet) for one in naming))
    neutral = frozenset(answer.open) - planted
    found -= neutral
    return Score(answer.fault, planted, found, len(found & planted))


def _planted(answer: Answer, rule: Rule) -> frozenset[str]:
    match rule.by:
        case "source":
            return frozenset({answer.source})
        case "objects":
            return frozenset(answer.objects)
        case _:
            return frozenset(answer.cases)


def _named_ids(finding: Finding, rule: Rule, sheet: AnswerSheet) -> frozenset[str]:
    match rule.by:
        case "source":
            return finding.sources
        case "objects":
            return frozenset(sheet.aliases.get(key, key) for key in finding.objects)
        case _:
            return finding.instances


def _is_symptom(finding: Finding, sheet: AnswerSheet) -> bool:
    """What planted faults cause among their own cases is right to report."""
    hit: set[str] = set()
    for answer in sheet.answers:
        if finding.kind in RULES[answer.fault].symptoms:
            hit |= {*answer.cases, *answer.open}
            if answer.source and answer.source in finding.sources:
                return True
    return bool(finding.instances) and len(finding.instances & hit) >= 0.9 * len(finding.instances)


def table(sheet: AnswerSheet, result: Result) -> str:
    """The comparison for a terminal."""
    lines = [f"{sheet.world}, as of {sheet.as_of}",
             f"{'fault':<18}{'planted':>9}{'found':>9}{'precision':>11}{'recall':>9}"]  # fmt: skip
    for one in result.scores:
        lines.append(
            f"{one.fault:<18}{len(one.planted):>9}{len(one.found):>9}"
            f"{one.precision:>11.3f}{one.recall:>9.3f}"
        )
    lines.append(f"{result.findings} findings, {len(result.unplanted)} of what was not planted")
    lines += [f"  {one.kind}: {one.title}" for one in result.unplanted[:20]]
    return "\n".join(lines)
