"""The reference quote-to-cash process: stages in order, limits, where each event belongs."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from process_model.vocabulary import EventType, Stage

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class StageReference:
    """What the reference says of one stage; ``limit`` is wall-clock time."""

    stage: Stage
    object_type: str
    optional: bool
    limit: timedelta
    completes: frozenset[str]
    requested_by: frozenset[str]
    handover: tuple[str, str] | None
    """the kinds of system between which a completed stage promises to cross"""


@dataclass(frozen=True, slots=True)
class Reference:
    """The whole reference process."""

    stages: tuple[StageReference, ...]
    stage_of: Mapping[str, Stage]
    """event type → the stage it places an instance in; types without a stage are not in it"""
    rank_of: Mapping[str, int]
    """event type → its place in the process, the tie-break between facts of one moment"""
    by_stage: Mapping[Stage, StageReference]

    def stage(self, stage: Stage) -> StageReference:
        """What is said of one stage."""
        return self.by_stage[stage]


@cache
def reference() -> Reference:
    """The shipped reference (``reference/quote_to_cash.toml``), read once."""
    text = files("process_model").joinpath("reference/quote_to_cash.toml").read_text("utf-8")
    given = tomllib.loads(text)
    stages = tuple(
        StageReference(
            stage=Stage(entry["name"]),
            object_type=entry["object"],
            optional=entry.get("optional", False),
            limit=duration(entry["limit"]),
            completes=frozenset(entry["completes"]),
            requested_by=frozenset(entry.get("requested_by", ())),
            handover=tuple(entry["handover"]) if "handover" in entry else None,
        )
        for entry in given["stages"]
    )
    stage_of = {event: Stage(name) for name, events in given["events"].items() for event in events}
    order = [event for name in Stage for event in EventType if stage_of.get(event) == name]
    rank_of: dict[str, int] = {event: rank for rank, event in enumerate(order)}
    by_stage = {entry.stage: entry for entry in stages}
    return Reference(
        stages, MappingProxyType(stage_of), MappingProxyType(rank_of), MappingProxyType(by_stage)
    )


def duration(text: str) -> timedelta:
    """``4h``, ``90m``, ``30d`` as a duration; ``ValueError`` for anything else."""
    parts = re.fullmatch(r"(\d+)([smhd])", text)
    if not parts:
        raise ValueError(f"{text!r} is no duration; write 30s, 90m, 4h or 14d")
    return timedelta(**{_UNITS[parts[2]]: int(parts[1])})
