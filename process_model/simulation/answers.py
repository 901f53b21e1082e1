"""The answer sheet: what was planted where, by the ids under which it can be found; kept as JSON.

It lies outside the data directory, and nothing but the score reads it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from process_model.errors import ThroughlineError
from process_model.simulation.faults import Fault, FaultKind, Plan
from process_model.simulation.hours import utc


class Harm(msgspec.Struct, frozen=True):
    """One thing a fault did to one case (or customer)."""

    kind: FaultKind
    case: str
    """the instance's id, '' when no case is hurt"""
    objects: tuple[str, ...]
    """keys of the documents (or customers) at fault"""
    begun: int
    certain: int
    """from when on it can be seen by whoever looks"""
    amount: int = 0
    currency: str = ""


class Answer(msgspec.Struct, frozen=True):
    """One planted fault as the sheet tells it."""

    fault: str
    since: str
    until: str | None
    """``None`` when it goes on"""
    segment: Mapping[str, str] = {}
    system: str = ""
    source: str = ""
    error_type: str = ""
    hop: tuple[str, str] = ("", "")
    place: str = ""
    cases: tuple[str, ...] = ()
    """instance ids that must be found"""
    objects: tuple[str, ...] = ()
    """keys of documents or customers that must be found"""
    open: tuple[str, ...] = ()
    """instance ids hit so lately or lightly that to name and to miss them are both right"""
    amount: Mapping[str, str] = {}
    """what the cases are worth, by currency"""


class AnswerSheet(msgspec.Struct, frozen=True):
    """Everything that is true of a world and cannot be asked of its events."""

    world: str
    """its seed and profile in words"""
    anchor: str
    """the day everything is counted back from"""
    as_of: str
    salt: str = ""
    answers: tuple[Answer, ...] = ()
    instances: int = 0
    documents: Mapping[str, tuple[str, ...]] = {}
    """instance id → the keys of its documents of the flow"""
    aliases: Mapping[str, str] = {}
    """other keys of one thing → the key that the sheet uses"""


def answer(fault: Fault, harms: Iterable[Harm], now: int, money: Mapping[str, str]) -> Answer:
    """The fault with what it has done by ``now``."""
    sure: dict[str, None] = {}
    unsure: dict[str, None] = {}
    objects: dict[str, None] = {}
    for harm in harms:
        if harm.certain <= now:
            sure[harm.case] = None
            objects.update(dict.fromkeys(harm.objects))
        elif harm.begun <= now:
            unsure[harm.case] = None
    return Answer(
        fault=fault.kind,
        since=utc(fault.since),
        until=utc(fault.until) if fault.until <= now else None,
        segment=dict(fault.cuts),
        system=fault.system,
        source=fault.source,
        error_type=fault.error_type,
        hop=fault.hop,
        place=fault.place,
        cases=tuple(sorted(case for case in sure if case)),
        objects=tuple(sorted(objects)),
        open=tuple(sorted(case for case in unsure if case and case not in sure)),
        amount=money,
    )


def by_fault(plan: Plan, harms: Iterable[Harm]) -> list[tuple[Fault, list[Harm]]]:
    """The harms of each planted fault, those that did none included."""
    done: dict[FaultKind, list[Harm]] = defaultdict(list)
    for harm in harms:
        done[harm.kind].append(harm)
    return [(fault, done[kind]) for kind, fault in plan.items()]


def write(sheet: AnswerSheet, path: Path) -> None:
    """Put the sheet on disk, readable, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(sheet), indent=1))
    beside.replace(path)


def read(path: Path) -> AnswerSheet:
    """The sheet of a file; ``ThroughlineError`` says what is wrong with it."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=AnswerSheet)
    except (OSError, msgspec.MsgspecError) as wrong:
        raise ThroughlineError(f"{path} is no answer sheet: {wrong}") from wrong
