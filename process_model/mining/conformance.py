"""How cases keep to a model: fitness, and each deviation in business words with cases and money.

Every distinct way is aligned once; what an alignment skips or inserts is a deviation. A step that
was skipped in its place and made in another is one deviation: it came too late or too early. Of a
case that is not through only what happened is judged: what may still come is not missing.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from process_model.config import ModelConfig
from process_model.lookup import InstanceDetail
from process_model.mining import reference_model
from process_model.mining.miner import Aligned, Miner, Model
from process_model.money import Total, total_of
from process_model.questions import Selection, ask
from process_model.store import Handle
from process_model.vocabulary import LIVE, Outcome

Kind = Literal["skipped", "out_of_order", "not_in_model"]


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """What was done otherwise than the model has it."""

    kind: Kind
    activity: str
    other: str = ""
    """skipped: the step that was made without it; out of order: the step that came before it and
    should have come after"""

    @property
    def text(self) -> str:
        """The deviation in business words: ``Invoice posted without fulfilment completed``."""
        name, other = (
            one.replace(".", " ").replace("_", " ") for one in (self.activity, self.other)
        )
        match self.kind:
            case "skipped" if other:
                said = f"{other} without {name}"
            case "skipped":
                said = f"{name} never happened"
            case "out_of_order" if other:
                said = f"{other} before {name}"
            case "out_of_order":
                said = f"{name} out of its turn"
            case "not_in_model":
                said = f"{name} is no step of the model here"
        return said[:1].upper() + said[1:]


@dataclass(frozen=True, slots=True)
class Deviation:
    """One rule that cases broke."""

    rule: Rule
    instances: int
    share: float
    """of all cases that were judged"""
    worth: Total
    weeks: Sequence[tuple[date, int]]
    """cases by the week they began in, every week in which any judged case began"""
    variants: Sequence[str]
    """those that have it, as ``lookup.instances_page`` takes them: a way that is through may break
    what the same way may still mend"""


@dataclass(frozen=True, slots=True)
class Conformance:
    """How the chosen cases keep to a model."""

    instances: int
    """cases that were judged"""
    fitting: int
    """cases without any deviation"""
    fitness: float | None
    """the mean over cases that are through; ``None`` when none is"""
    unjudged: int
    """cases whose alignment was not found in the time allowed"""
    deviations: Sequence[Deviation]


def conformance(
    reader: Handle,
    selection: Selection,
    config: ModelConfig,
    miner: Miner,
    model: Model | None = None,
) -> Conformance:
    """The chosen cases against the model, or against the reference process when none is given.

    Raises ``MiningError`` when the model cannot be read or the miner does not answer.
    """
    parameters = selection.parameters() | {"reporting_currency": config.reporting_currency}
    rows = ask(reader, "ways", **parameters)
    ways = [tuple(row.activities) for row in rows]
    against = ways if model else [reference_model.projected(way) for way in ways]
    aligned = miner.align(model or reference_model.model(), against)
    return _summed(rows, aligned, config)


def rules_of(aligned: Aligned, *, through: bool) -> list[Rule]:
    """The deviations of one trace, each once, in the order they happened."""
    moves = list(aligned.moves)
    if not through:
        while moves and moves[-1][0] is None:
            moves.pop()
    skipped = [(place, has) for place, (did, has) in enumerate(moves) if did is None and has]
    inserted = [(place, did) for place, (did, has) in enumerate(moves) if has is None and did]
    found: list[tuple[int, Rule]] = []
    for place, name in inserted:
        twin = next((one for one in skipped if one[1] == name), None)
        if twin is None:
            found.append((place, Rule("not_in_model", name)))
            continue
        skipped.remove(twin)
        found.append((min(place, twin[0]), _out_of_order(moves, place, twin[0], name)))
    for place, name in skipped:
        then = next((did for did, _ in moves[place:] if did), "")
        found.append((place, Rule("skipped", name, then)))
    return list(dict.fromkeys(rule for _, rule in sorted(found)))


def deviations_of(activities: Sequence[str], *, through: bool) -> list[str]:
    """How one case left the reference process, in business words; asks nobody."""
    moves = reference_model.moves(activities, through=through)
    return [rule.text for rule in rules_of(Aligned(None, moves), through=through)]


def deviations_of_case(case: InstanceDetail) -> list[str]:
    """How a whole case left the reference, then what else was unusual in it, in words."""
    if case.row.dataset != LIVE:
        return case.deviations
    done = [entry.event.type for entry in case.events if entry.event.outcome != Outcome.FAILURE]
    through = case.row.status == "completed"
    return [*deviations_of([str(type_) for type_ in done], through=through), *case.deviations]


def _out_of_order(
    moves: Sequence[tuple[str | None, str | None]], made: int, meant: int, name: str
) -> Rule:
    """``name`` was made at one place and meant at another; say which two steps are swapped."""
    between = [did for did, has in moves[min(made, meant) + 1 : max(made, meant)] if did and has]
    if made > meant:  # it came after steps that it should have come before
        return Rule("out_of_order", name, between[0] if between else "")
    # it came before steps that should have come first: those are the ones that are late
    return Rule("out_of_order", between[-1], name) if between else Rule("out_of_order", name)


def _summed(
    rows: Sequence[Any],
    aligned: Sequence[Aligned],
    config: ModelConfig,
) -> Conformance:
    judged = fitting = unjudged = through = 0
    fitness = 0.0
    breaking: dict[Rule, list[int]] = defaultdict(list)
    began: Counter[date] = Counter()
    for place, (row, one) in enumerate(zip(rows, aligned, strict=True)):
        if one.fitness is None:
            unjudged += row.instances
            continue
        judged += row.instances
        began.update(row.weeks)
        if row.through:
            through += row.instances
            fitness += one.fitness * row.instances
        rules = rules_of(one, through=bool(row.through))
        fitting += 0 if rules else row.instances
        for rule in rules:
            breaking[rule].append(place)
    deviations = [
        _deviation(rule, [rows[n] for n in places], judged, began, config)
        for rule, places in breaking.items()
    ]
    deviations.sort(key=lambda one: (-one.instances, one.rule))
    mean = fitness / through if through else None
    return Conformance(judged, fitting, mean, unjudged, deviations)


def _deviation(
    rule: Rule,
    rows: Sequence[Any],
    judged: int,
    began: Counter[date],
    config: ModelConfig,
) -> Deviation:
    weeks: Counter[date] = Counter()
    for row in rows:
        weeks.update(row.weeks)
    instances = sum(row.instances for row in rows)
    return Deviation(
        rule=rule,
        instances=instances,
        share=instances / judged,
        worth=total_of(rows, config.reporting_currency),
        weeks=[(week, weeks[week]) for week in sorted(began)],
        variants=[row.variant + ("+" if row.through else "-") for row in rows],
    )
