"""``/conformance`` and ``/model``: the cases against a model, and the model that they make."""

from dataclasses import dataclass
from datetime import date

from dashboards.api.answers import Money
from dashboards.api.asking import Answer, Asked
from dashboards.api.mining import coverage_of, money_of
from dashboards.filters import BadFilter
from process_model.mining.conformance import conformance as conformance_of
from process_model.mining.models import REFERENCE, model_of
from process_model.mining.variants import MOST
from process_model.mining.variants import variants as variants_of


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekAnswer:
    """Cases that deviate, by the Monday of the week they began in."""

    week: str
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationAnswer:
    """One thing that was done otherwise; ``other`` is the step it is told by."""

    text: str
    kind: str
    activity: str
    other: str
    cases: int
    share: float
    money: list[Money]
    weeks: list[WeekAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConformanceAnswer:
    """How the chosen cases keep to a model; ``fitness`` is the mean over those that are through."""

    model: str
    cases: int
    fitting: int
    fitness: float | None
    unjudged: int
    deviations: list[DeviationAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredAnswer:
    """A discovered model: a process tree in pm4py's notation, and a BPMN 2.0 file's text."""

    cases: int
    variants: int
    tree: str
    bpmn: str


def conformance(asked: Asked) -> Answer:
    """The chosen cases against the reference process or a model of the user's own."""
    name = asked["model"] or REFERENCE
    model = model_of(asked.model, name)
    found = conformance_of(asked.reader, asked.selection, asked.model, asked.miner, model)
    deviations = [
        DeviationAnswer(
            text=one.rule.text, kind=one.rule.kind, activity=one.rule.activity,
            other=one.rule.other, cases=one.instances, share=one.share,
            money=money_of(one.worth), weeks=[_week(*week) for week in one.weeks],
        )
        for one in found.deviations
    ]  # fmt: skip
    data = ConformanceAnswer(
        model=name, cases=found.instances, fitting=found.fitting, fitness=found.fitness,
        unjudged=found.unjudged, deviations=deviations,
    )  # fmt: skip
    return Answer(data=data, coverage=coverage_of(asked))


def discovered(asked: Asked) -> Answer:
    """The inductive model (IMf) of the chosen cases, from their distinct variants."""
    noise = 20 if asked["noise"] is None else int(asked["noise"])
    if not 0 <= noise <= 99:
        raise BadFilter("noise: a number from 0 to 99")
    found = variants_of(asked.reader, asked.selection, asked.model, limit=MOST)
    ways = [(one.activities, one.instances) for one in found.found]
    told = asked.miner.discover(ways, noise / 100) if ways else None
    data = DiscoveredAnswer(
        cases=sum(count for _, count in ways), variants=len(ways),
        tree=told.tree if told else "", bpmn=told.bpmn if told else "",
    )  # fmt: skip
    return Answer(data=data, coverage=coverage_of(asked))


def _week(week: date, cases: int) -> WeekAnswer:
    return WeekAnswer(week=week.isoformat(), cases=cases)
