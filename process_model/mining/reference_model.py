"""The reference process as a model to hold cases against, generated from its TOML.

Its language is milestones: a stage is reached when its first completing event happens, and stages
are reached in the reference's order. Optional stages may be passed over, but one that was asked for
must be completed. The opportunity is context (contract 3): sales closes its record when it likes.
"""

from collections.abc import Iterable, Mapping
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
