"""The reference process as a model to hold cases against, generated from its TOML.

Its language is milestones: a stage is reached when its first completing event happens, and stages
are reached in the reference's order. Optional stages may be passed over, but one that was asked for
must be completed. The opportunity is context (contract 3): sales closes its record when it likes.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cache

from process_model.mining.miner import Model
from process_model.reference import StageReference, reference
from process_model.vocabulary import Stage


def _stages() -> list[StageReference]:
    return [entry for entry in reference().stages if entry.stage != Stage.OPPORTUNITY]


def _one(events: Iterable[str]) -> str:
    """The event that stands for all that mean the same: the first by name."""
    return min(map(str, events))


def tree() -> str:
    """The process tree in pm4py's notation."""
    return f"->( {', '.join(map(_step, _stages()))} )"


def _step(entry: StageReference) -> str:
    step = f"'{_one(entry.completes)}'"
    if entry.requested_by:
        step = f"->( '{_one(entry.requested_by)}', {step} )"
    return f"X( {step}, tau )" if entry.optional else step


def model() -> Model:
    """The model that the miner holds traces against."""
    return Model(tree=tree())


@cache
def _stands_for() -> Mapping[str, str]:
    told: dict[str, str] = {}
    for entry in _stages():
        for events in (entry.completes, entry.requested_by):
            told |= {str(event): _one(events) for event in events}
    return told


def projected(activities: Iterable[str]) -> tuple[str, ...]:
    """A trace in the model's language: each milestone where it is first reached."""
    known = _stands_for()
    return tuple(dict.fromkeys(known[name] for name in activities if name in known))


Move = tuple[str | None, str | None]
"""What happened and what the model has; ``None`` where one side does not move."""


def moves(activities: Iterable[str], *, through: bool) -> list[Move]:
    """An optimal alignment of one trace with the reference, without asking the miner.

    The reference is a sequence, so what fits is a part of the trace that is in its order.
    Of a case that is not ``through`` nothing is missing at the end.
    """
    trace = projected(activities)
    due = _mandatory(set(trace))
    kept = _longest_in_order(trace, due)
    if not through:
        last = max((_rank()[name] for name in kept), default=-1)
        due = [name for name in due if _rank()[name] <= last]
    missing = [name for name in due if name not in kept]
    told: list[Move] = []
    for name in trace:
        if name in kept:
            told += [(None, one) for one in missing if _rank()[one] < _rank()[name]]
            missing = [one for one in missing if _rank()[one] > _rank()[name]]
        told.append((name, name if name in kept else None))
    return [*told, *((None, one) for one in missing)]


@cache
def _rank() -> Mapping[str, int]:
    steps: list[str] = []
    for entry in _stages():
        steps += [_one(entry.requested_by)] if entry.requested_by else []
        steps.append(_one(entry.completes))
    return {name: place for place, name in enumerate(steps)}


def _mandatory(seen: set[str]) -> list[str]:
    """The milestones that a case with these must have, in order."""
    due: list[str] = []
    for entry in _stages():
        steps = [_one(entry.requested_by)] if entry.requested_by else []
        steps.append(_one(entry.completes))
        # a request and what completes it belong together
        asked_for = bool(entry.requested_by) and bool(seen & set(steps))
        due += steps if asked_for else [] if entry.optional else steps[-1:]
    return due


def _longest_in_order(trace: tuple[str, ...], due: Collection[str]) -> list[str]:
    """The part of the trace in the reference's order that costs least to complete to the whole.

    To leave out a milestone that is due costs two moves, any other one.
    """
    rank = _rank()
    best: list[tuple[int, list[str]]] = []
    for name in trace:
        before = [one for one in best if rank[one[1][-1]] < rank[name]]
        worth, kept = max(before, key=lambda one: one[0], default=(0, []))
        best.append((worth + (2 if name in due else 1), [*kept, name]))
    return max(best, key=lambda one: one[0], default=(0, []))[1]
