"""What was promised by a stage's deadline and did not come, though no failure was told.

Normal: some promises are kept late, and some wait at any moment; how many, follows from how long
the kept ones took (arrivals times the time spent beyond the limit). A promise counts as broken past
its deadline, when it has also waited longer than 99 in 100 of the kept ones, and only as far as the
source that would tell of its keeping has been heard: silence is no proof. Open exceptions, holds
and failed hand-overs are told failures; an order that stands without its quote, and fits, is a lost
link. A finding is a stage with at least three broken promises, more than chance leaves waiting.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import humanize
import numpy as np

from process_model.finding import Evidence, Finding, FindingKind, Severity, named, when
from process_model.observations.episodes import (
    CHANCE,
    Population,
    more_than_expected,
    over_represented,
)
from process_model.observations.estate import (
    Case,
    Estate,
    explained,
    milestones_of,
    moment,
    number_of,
    system_of,
)
from process_model.vocabulary import Stage

_STAGES = (
    Stage.VALIDATION, Stage.APPROVAL, Stage.ORDER, Stage.FULFILMENT, Stage.INVOICE, Stage.PAYMENT,
)  # fmt: skip
_LEAST = 3
_KEPT_ENOUGH = 20
_LONGER = 1.2
_UNPROVEN = 3.0
"""Times the time allowed, where too little history shows how late the late ones are."""
_CAUSES = ("silent_source", "service_outage", "sync_failure", "lost_correlation")
_SAID = {
    "validation": ("quote", "were not validated"),
    "approval": ("quote", "wait for their approval"),
    "order": ("accepted quote", "have no order"),
    "fulfilment": ("order", "were not delivered"),
    "invoice": ("delivered order", "have no posted invoice"),
    "payment": ("invoice", "are overdue and not paid"),
}


@dataclass(frozen=True, slots=True)
class Promise:
    """An open wait past its deadline; times in seconds since 1970."""

    instance: str
    object: str
    entered: float
    due: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """The waits of one stage as the judgement needs them; times in seconds since 1970."""

    kept: Sequence[tuple[float, float, float]]
    """(entered, completed, due)"""
    open: Sequence[tuple[Promise, float]]
    """with the moment until which an absence is known"""


def _find(estate: Estate, known: Sequence[Finding]) -> list[Finding]:
    told = {row.instance_id: row.last_told_at.timestamp()
            for row in estate.ask("finding_troubles")}  # fmt: skip
    repeated = {key for one in known if one.kind == "duplicate" for key in one.objects}
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in estate.waits:
        # of a document that was made twice nobody knows which one is served
        if row.object not in repeated or row.state == "done":
            rows[row.stage].append(row)
    found = []
    for stage in _STAGES:
        causes = [one for one in known if one.kind in _CAUSES or _may_lose(one, stage, estate)]
        stretches = explained(causes, {one.kind for one in causes})
        waiting = _waiting(stage, rows[stage], estate, told, stretches)
        broken = broken_promises(waiting)
        if stage == Stage.ORDER:
            broken = _without_lost_links(broken, estate)
        if len(broken) >= _LEAST:
            found.append(_finding(stage, broken, rows[stage], estate))
    return found


def _may_lose(finding: Finding, stage: Stage, estate: Estate) -> bool:
    """Whether a change of schema is one of a source that would tell of the stage's completion.

    What such a source tells may have been refused. A change elsewhere stops what it stops by
    failures, and those are told.
    """
    if finding.kind != "schema_change":
        return False
    regions = {case.segments["region"] for case in estate.cases.values()}
    types = milestones_of(stage)
    tellers = {system_of(s) for region in regions for s in estate.deliverers.of(types, region)}
    # the first is the one that changed, the others are where it was met
    return bool(tellers & {*finding.systems[:1]})


def _waiting(
    stage: Stage,
    rows: Sequence[Any],
    estate: Estate,
    told: Mapping[str, float],
    causes: Mapping[str, Sequence[tuple[float, float]]],
) -> Waiting:
    types = milestones_of(stage)
    until = {region: estate.deliverers.measured_until(types, region)
             for region in {case.segments["region"] for case in estate.cases.values()}}  # fmt: skip
    kept = [
        (r.entered, r.completed, r.due) for r in rows if r.state == "done" and r.due > r.entered
    ]
    still = []
    for row in rows:
        known = until.get(estate.cases[row.instance_id].segments["region"])
        if row.state != "open" or known is None or row.due <= 0:
            continue
        if told.get(row.instance_id, 0.0) >= row.entered:
            continue
        stretches = causes.get(row.instance_id, ())
        if any(row.entered <= end and begin <= row.due for begin, end in stretches):
            continue
        seen = min(known, estate.as_of).timestamp()
        still.append((Promise(row.instance_id, row.object, row.entered, row.due), seen))
    return Waiting(kept, still)


def broken_promises(waiting: Waiting) -> list[Promise]:
    """The broken ones, if they are more than chance leaves waiting; oldest first. Pure."""
    bound, expected = usual_bound(waiting)
    broken = [
        promise
        for promise, seen in waiting.open
        if seen > promise.due and (seen - promise.entered) > bound * (promise.due - promise.entered)
    ]
    if more_than_expected(len(broken), max(expected, 1e-3)) > CHANCE:
        return []
    return sorted(broken, key=lambda one: (one.due, one.object))


def usual_bound(waiting: Waiting) -> tuple[float, float]:
    """Beyond which multiple of its time allowed a promise is not just late, and how many wait so
    long at any moment all the same. Pure.

    Only promises that were given early enough to be kept late by now teach what late is: of the
    younger ones the quick are kept and the slow still open (they are censored).
    """
    if len(waiting.kept) < _KEPT_ENOUGH:
        return 1.0, 0.0
    entered, completed, due = (np.array(column) for column in zip(*waiting.kept, strict=True))
    seen = max((moment for _, moment in waiting.open), default=float(completed.max()))
    allowed = due - entered
    spent, age = (completed - entered) / allowed, (seen - entered) / allowed
    followed = 2.0
    for _ in range(4):
        old = age >= followed
        if old.sum() < _KEPT_ENOUGH:
            return max(_UNPROVEN, followed), 0.0
        bound = max(1.0, _LONGER * float(np.quantile(spent[old], 0.99)))
        if followed >= 1.5 * bound:
            break
        followed = 1.5 * bound
    watched = max(1.0, float(entered[old].max() - entered[old].min()))
    # Little's law: how many wait beyond the bound at any moment, were all kept like these
    return bound, float(np.maximum(0, (spent - bound) * allowed)[old].sum()) / watched


def _without_lost_links(broken: Sequence[Promise], estate: Estate) -> list[Promise]:
    """Leave out quotes for which an order without a quote stands that fits in all it says."""
    orphans: dict[tuple[str, Decimal | None, str], list[datetime]] = defaultdict(list)
    for case in estate.cases.values():
        if case.leader_type == "order" and case.amount is not None:
            orphans[_fits(case)].append(case.opened_at)
    kept = []
    for promise in broken:
        case = estate.cases[promise.instance]
        begin = moment(promise.entered) - timedelta(hours=1)
        fitting = [at for at in orphans.get(_fits(case), ()) if begin <= at]
        if fitting and case.amount is not None:
            orphans[_fits(case)].remove(min(fitting))
        else:
            kept.append(promise)
    return kept


def _fits(case: Case) -> tuple[str, Decimal | None, str]:
    return case.customer, case.amount, case.currency


def _finding(
    stage: Stage, broken: Sequence[Promise], rows: Sequence[Any], estate: Estate
) -> Finding:
    instances = tuple(sorted({one.instance for one in broken}))
    since = moment(min(one.due for one in broken))
    thing, lack = _SAID[stage]
    sources = {
        source
        for one in broken
        for source in estate.deliverers.of(
            milestones_of(stage), estate.cases[one.instance].segments["region"]
        )
    }
    entered = min(one.entered for one in broken)
    given = [estate.cases[row.instance_id].segments for row in rows if row.entered >= entered]
    segments = over_represented(estate.segments_of(instances), Population.of(given))
    place = ", ".join(
        [*segments.values(), *sorted({named(system_of(source)) for source in sources})]
    )
    oldest = humanize.naturaldelta(estate.as_of - moment(broken[0].due))
    return Finding(
        kind="broken_promise",
        key=(stage,),
        title=f"{{count:{thing}}} worth {{worth}} {lack} since {when(since)} ({place})",
        severity=Severity.CRITICAL,
        since=since,
        instances=instances,
        objects=tuple(sorted({one.object for one in broken})),
        segment=segments,
        systems=tuple(sorted({system_of(source) for source in sources})),
        stage=stage,
        error_type="",
        evidence=(
            Evidence("aggregate", f"the oldest is overdue by {oldest}; no failure was told", since),
            *(
                Evidence(
                    "event",
                    f"{number_of(one.object)} was due {when(moment(one.due))}",
                    moment(one.entered),
                    one.instance,
                    one.object,
                )
                for one in broken[:30]
            ),
        ),
    )


KIND = FindingKind(rank=75, find=_find)
