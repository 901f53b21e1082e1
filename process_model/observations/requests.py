"""Whom a request for a decision waits for, and when it was decided; pure but for asking.

The case tells the waits of the quotes that count. A quote that was refused and revised waited as
well, a refusal ends a wait like a consent, and a wait that still goes on has nobody who decided:
whom it was asked of stands in a field of the request. Which field that is, is learned: the one that
names who then decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from process_model.observations.estate import Estate
from process_model.reference import reference
from process_model.vocabulary import Stage

_REFUSALS = frozenset({"approval.denied", "quote.rejected"})
_NAMES, _LEAST = 0.8, 20


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait at a stage; times in seconds since 1970, 0 for none."""

    instance_id: str
    stage: str
    object: str
    entered: float
    completed: float
    due: float
    state: str
    source: str
    actor: str
    """who was asked, where that is told, else who decided"""
    rule: str


@dataclass(frozen=True, slots=True)
class Request:
    """A request until its decision; times in seconds since 1970, 0 for none."""

    instance_id: str
    object: str
    entered: float
    due: float
    decided: float
    source: str
    actor: str
    rule: str
    fields: Mapping[str, str]
    """what all requests say that wait for this decision"""


def asked_waits(estate: Estate) -> list[Wait]:
    """Every wait of the estate, with whom it waits for, those of replaced quotes included."""
    asking = reference().stage(Stage.APPROVAL).requested_by
    deciding = reference().stage(Stage.APPROVAL).completes | _REFUSALS
    rows = estate.ask("finding_requests", types=sorted({*asking, *deciding}), as_of=estate.as_of)
    limit = estate.config.limits.get(Stage.APPROVAL, reference().stage(Stage.APPROVAL).limit)
    waits = [
        Wait(row.instance_id, row.stage, row.object, row.entered, row.completed, row.due, row.state,
             row.source, row.actor, row.rule)
        for row in estate.waits
    ]  # fmt: skip
    known = (row for row in rows if row.instance_id in estate.cases)
    found = requests(known, asking, deciding)
    return with_requests(waits, found, limit.total_seconds())


def requests(rows: Iterable[Any], asking: Iterable[str], deciding: Iterable[str]) -> list[Request]:
    """Each request with its decision; rows in the order of time. Pure."""
    asks, decides = frozenset(asking), frozenset(deciding)
    open_: dict[tuple[str, str], Request] = {}
    found: list[Request] = []
    for row in rows:
        key = (row.instance_id, row.object)
        before = open_.get(key)
        if row.type in asks and before:
            # asked of several, or told twice: only what all of them say is sure
            same = {n: v for n, v in row.fields.items() if before.fields.get(n, v) == v}
            known = before.fields if not row.fields else same
            open_[key] = replace(before, fields=known, due=before.due or row.due_at)
        elif row.type in asks:
            open_[key] = Request(*key, row.at, row.due_at, 0.0, row.source, "", "", row.fields)
        elif row.type in decides and before:
            found.append(replace(open_.pop(key), decided=row.at, source=row.source,
                                 actor=row.actor, rule=row.rule))  # fmt: skip
    return found + list(open_.values())


def naming_field(found: Sequence[Request]) -> str:
    """The field of the requests that names who then decides, '' when none does. Pure."""
    said: dict[str, int] = defaultdict(int)
    right: dict[str, int] = defaultdict(int)
    for one in found:
        if one.decided and one.actor:
            for name, value in one.fields.items():
                said[name] += 1
                right[name] += value == one.actor
    fit = [name for name, n in right.items() if n >= max(_LEAST, _NAMES * said[name])]
    return max(sorted(fit), key=lambda name: right[name], default="")


def with_requests(waits: Sequence[Wait], found: Sequence[Request], limit: float) -> list[Wait]:
    """The waits, completed by what the requests tell; ``limit`` in seconds. Pure.

    A request is the wait of its case that began at the same moment; without one it is a wait of its
    own once it is decided: a request whose quote was replaced before waits no more.
    """
    name = naming_field(found)
    by_begin = {(one.instance_id, round(one.entered, 3)): one for one in found}
    told = []
    for wait in waits:
        mine = wait.stage == Stage.APPROVAL
        request = by_begin.pop((wait.instance_id, round(wait.entered, 3)), None) if mine else None
        told.append(_completed(wait, request, name) if request else wait)
    for one in by_begin.values():
        if one.decided:
            told.append(
                Wait(one.instance_id, Stage.APPROVAL, one.object, one.entered, one.decided,
                     one.due or one.entered + limit, "done", one.source,
                     one.fields.get(name, "") or one.actor, one.rule)
            )  # fmt: skip
    return told


def _completed(wait: Wait, request: Request, name: str) -> Wait:
    actor = request.fields.get(name, "") or wait.actor or request.actor
    if wait.state == "done" or not request.decided:
        return replace(wait, actor=actor)
    return replace(wait, actor=actor, state="done", completed=request.decided,
                   source=request.source, rule=request.rule)  # fmt: skip
