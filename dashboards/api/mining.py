"""``/process-map`` and ``/variants``: how the cases that were alive in the period really flowed."""

from dataclasses import dataclass

from dashboards.api.answers import Money
from dashboards.api.asking import Answer, Asked
from dashboards.api.numbers import by_currency
from dashboards.filters import BadFilter
from process_model.coverage import Coverage
from process_model.measures import needs_of
from process_model.mining.process_map import process_map as map_of
from process_model.mining.variants import variants as variants_of
from process_model.money import Total
from process_model.vocabulary import LIVE, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityAnswer:
    """One activity: how often it happened and in how many cases; ``money`` is those cases'."""

    name: str
    stage: str
    happened: int
    cases: int
    starts: int
    ends: int
    money: list[Money]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverAnswer:
    """One activity that directly follows another; seconds, and the money of cases that pass."""

    source: str
    target: str
    handed_over: int
    cases: int
    p50: float
    p90: float
    p95: float
    money: list[Money]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessMapAnswer:
    """The whole directly-follows graph; ``spine`` is the way that most cases go."""

    cases: int
    variants: int
    spine: tuple[str, ...]
    spine_cases: int
    activities: list[ActivityAnswer]
    hand_overs: list[HandOverAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantAnswer:
    """Cases that went the same way; seconds from the first step to the last."""

    variant: str
    activities: tuple[str, ...]
    cases: int
    share: float
    p50: float
    p90: float
    money: list[Money]


def process_map(asked: Asked) -> Answer:
    """The map of the chosen cases."""
    found = map_of(asked.reader, asked.selection, asked.model)
    data = ProcessMapAnswer(
        cases=found.instances,
        variants=len(found.ways),
        spine=tuple(found.spine),
        spine_cases=found.spine_instances,
        activities=[
            ActivityAnswer(
                name=one.name, stage=one.stage, happened=one.happened, cases=one.instances,
                starts=one.starts, ends=one.ends, money=money_of(one.worth),
            )
            for one in found.activities
        ],
        hand_overs=[
            HandOverAnswer(
                source=one.source, target=one.target, handed_over=one.handed_over,
                cases=one.instances, p50=one.p50, p90=one.p90, p95=one.p95,
                money=money_of(one.worth),
            )
            for one in found.hand_overs
        ],
    )  # fmt: skip
    return Answer(data=data, coverage=coverage_of(asked))


def variants(asked: Asked) -> Answer:
    """The variants of the chosen cases, the most frequent first."""
    offset = _offset(asked)
    found = variants_of(
        asked.reader, asked.selection, asked.model, limit=asked.limit, offset=offset
    )
    data = [
        VariantAnswer(
            variant=one.variant, activities=one.activities, cases=one.instances, share=one.share,
            p50=one.p50, p90=one.p90, money=money_of(one.worth),
        )
        for one in found.found
    ]  # fmt: skip
    seen = offset + len(data)
    return Answer(
        data=data,
        coverage=coverage_of(asked),
        next=[seen] if data and seen < found.variants else None,
        more={"total": found.variants, "cases": found.instances},
    )


def _offset(asked: Asked) -> int:
    match asked["cursor"]:
        case None:
            return 0
        case [int() as seen] if 0 <= seen < 2**32:
            return seen
    raise BadFilter("cursor: it belongs to another list")


def coverage_of(asked: Asked) -> Coverage:
    """What is known of the sources of the steps."""
    if asked.selection.dataset != LIVE:
        return asked.unmeasured("nobody knows what an imported log leaves out")
    needs = {entry for stage in (Stage.ORDER, Stage.PAYMENT) for entry in needs_of(stage)}
    return asked.known().of(needs)


def money_of(worth: Total) -> list[Money]:
    """A sum, or one a currency where a rate is missing."""
    if worth.amount is not None:
        return [Money(worth.amount, worth.currency)]
    return by_currency(worth.amounts)
