"""Compares what the product finds with what was planted, by sets of ids; reads the API only."""

import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from process_model.errors import ThroughlineError
from process_model.simulation.answers import Answer, AnswerSheet
from process_model.simulation.installation import Api, Silent, Unknown
from process_model.simulation.matching import RULES

_SETTLING_SECONDS = 300.0
_SAME_ANSWERS = 3
_ABOUT_SOURCES = frozenset().union(*(r.names for r in RULES.values() if r.by == "source"))
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
        try:
            rows = list(api.all("/findings"))
        except Unknown:
            raise
        except Silent:
            if time.monotonic() > end:
                raise
            time.sleep(2)
            continue
        # what stands in the rows counts, and not that an age grew by a second meanwhile
        text = json.dumps([sorted(finding_of(row).instances) for row in rows])
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
    naming: dict[str, list[Finding]] = {answer.fault: [] for answer in sheet.answers}
    rest = []
    for finding in findings:
        meant = _meant(finding, sheet)
        if meant is None:
            rest.append(finding)
        elif finding.kind in RULES[meant.fault].names:
            naming[meant.fault].append(finding)
        elif not _is_symptom(finding, sheet):
            rest.append(finding)
    scores = [_score(sheet, answer, naming[answer.fault]) for answer in sheet.answers]
    return Result(tuple(scores), tuple(rest), len(findings))


def _meant(finding: Finding, sheet: AnswerSheet) -> Answer | None:
    """The planted fault that the finding speaks of: of those that fit, the one it shares most with.

    A finding that shares no id with any of them speaks of nothing that was planted.
    """
    shared = {a.fault: _shared(finding, a, sheet) for a in sheet.answers if _fits(finding, a)}
    naming = {f: n for f, n in shared.items() if finding.kind in RULES[f].names}
    most = max(naming.values(), default=0)
    # a finding that mostly shows the cases of a fault it can name, names it
    choice = naming if most and 2 * most >= len(finding.instances) else shared
    best = max(choice, key=lambda fault: choice[fault], default=None)
    if best is None or not choice[best]:
        return None
    return next(answer for answer in sheet.answers if answer.fault == best)


def _shared(finding: Finding, answer: Answer, sheet: AnswerSheet) -> int:
    """How many ids: of sources when the finding is about a source, whatever cases that touches."""
    if finding.kind in _ABOUT_SOURCES:
        return int(answer.source in finding.sources)
    return len(_named(finding, answer, sheet) & (_planted(answer) | {*answer.open}))


def _fits(finding: Finding, answer: Answer) -> bool:
    """Whether the kind may come of the fault, and the finding does not state another."""
    rule = RULES[answer.fault]
    if finding.kind not in rule.names:
        return finding.kind in rule.symptoms
    for member in rule.told:
        said, planted = str(finding.whole.get(member) or ""), getattr(answer, member)
        if said and planted and said != planted:
            return False
    return True


def _score(sheet: AnswerSheet, answer: Answer, naming: Iterable[Finding]) -> Score:
    planted, found = _planted(answer), frozenset[str]()
    for finding in naming:
        found |= _named(finding, answer, sheet)
    found -= frozenset(answer.open) - planted
    return Score(answer.fault, planted, found, len(found & planted))


def _planted(answer: Answer) -> frozenset[str]:
    match RULES[answer.fault].by:
        case "source":
            return frozenset({answer.source})
        case "objects":
            return frozenset(answer.objects)
        case _:
            return frozenset(answer.cases)


def _named(finding: Finding, answer: Answer, sheet: AnswerSheet) -> frozenset[str]:
    match RULES[answer.fault].by:
        case "source":
            return finding.sources
        case "objects":
            return frozenset(sheet.aliases.get(key, key) for key in finding.objects)
        case _:
            return finding.instances


def _is_symptom(finding: Finding, sheet: AnswerSheet) -> bool:
    """What planted faults cause among their own cases is right to report."""
    if finding.kind in _ABOUT_SOURCES:
        return any(answer.source in finding.sources for answer in sheet.answers)
    hit: set[str] = set()
    for answer in sheet.answers:
        if finding.kind in RULES[answer.fault].symptoms:
            hit |= {*answer.cases, *answer.open}
    return len(finding.instances & hit) >= 0.9 * len(finding.instances) > 0


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
