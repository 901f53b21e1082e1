"""What rules share: the error budget of limits, and the cases behind a number."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from pydantic import Field

from alerts.rule import Look, Reading, RuleConfig, Sight
from process_model.behind import cases_behind
from process_model.coverage import completeness
from process_model.kpi import Kpi, KpiRow, compute_each_stage, load_all
from process_model.questions import Selection
from process_model.vocabulary import Stage

MOST_ITEMS = 5_000
"""Of more items than this the worst are looked up; figures of the KPI itself count all of them."""


class BudgetConfig(RuleConfig):
    """Settings of the rules that watch an error budget by stage."""

    stages: tuple[Stage, ...] = tuple(Stage)
    """the stages that are watched"""
    objective: float | None = Field(default=None, gt=0, lt=1)
    """the share that must be kept; when left out, the model's ``objectives`` and ``objective``"""
    burn: float = Field(default=3.0, ge=1)
    """fires when so many times more is missed than the objective allows"""
    window: timedelta = timedelta(days=7)
    """over so long"""
    recent: timedelta = timedelta(days=1)
    """and still over so long, so that what has ended does not fire; with too little in it the
    longer time decides alone"""
    least: int = Field(default=10, ge=1)
    """with fewer to judge nothing is said"""


def over_budget(
    look: Look, kpi: Kpi, things: str, needs: Callable[[Stage], Collection[str]]
) -> Sight:  # fmt: skip
    """Each stage whose missed share, long and recently, is ``burn`` times what is allowed.

    ``needs`` names the event types on which a stage's figure rests: a source that is silent
    freezes the stages it tells of, and no other.
    """
    config: BudgetConfig = look.config
    objective = config.objective or look.model.objectives.get(kpi.name, look.model.objective)
    allowed = min(1.0, (1 - objective) * config.burn)
    long, short = look.over(config.window), look.over(config.recent)
    known = completeness(look.reader, long, look.model)
    rows = {row.stage: row for row in compute_each_stage(look.reader, kpi, long, look.model, known)}
    lately = {
        row.stage: row for row in compute_each_stage(look.reader, kpi, short, look.model, known)
    }
    readings = [
        _reading(
            look,
            kpi,
            stage,
            replace(rows[stage], coverage=known.of(needs(stage))),
            lately.get(stage),
            (allowed, objective),
            things,
        )
        for stage in config.stages
        if stage in rows
    ]
    coverage = known.of(kpi.needs)
    return Sight(readings, False if coverage.sufficient else None, coverage.reason)


def _reading(
    look: Look,
    kpi: Kpi,
    stage: str,
    row: KpiRow,
    recent: KpiRow | None,
    limits: tuple[float, float],
    things: str,
) -> Reading:
    allowed, objective = limits
    config: BudgetConfig = look.config
    missed = _missed(row)
    labels, coverage = {"stage": str(stage)}, row.coverage
    share = f"{missed:.1%} of {row.n:,} {things} of {_days(config.window)}"
    title = f"{str(stage).capitalize()}: {share} missed their limit"
    said = f"{1 - objective:.1%} may; it fires from {allowed:.1%}"
    common = {
        "labels": labels, "title": title, "value": missed, "limit": allowed, "unit": "share",
        "coverage": coverage.value,
    }  # fmt: skip
    if not coverage.sufficient:
        return Reading(holds=None, detail=coverage.reason, **common)  # type: ignore[arg-type]
    if row.n < config.least:
        holds = None if row.breached else False
        few = f"only {row.n} {things} to judge by, {config.least} are needed"
        return Reading(holds=holds, detail=few, **common)  # type: ignore[arg-type]
    still = recent is None or recent.n < config.least or _missed(recent) >= allowed
    if missed < allowed or not still:
        return Reading(holds=False, detail=said, **common)  # type: ignore[arg-type]
    instances = instances_of(look, kpi, look.over(config.window), stage=str(stage))
    return Reading(holds=True, detail=said, instances=instances, **common)  # type: ignore[arg-type]


def _missed(row: KpiRow) -> float:
    return 1 - (row.numerator or 0.0) / row.n if row.n else 0.0


def instances_of(
    look: Look,
    kpi: Kpi,
    selection: Selection,
    *,
    stage: str = "",
    segment: tuple[str, str] = ("", ""),
    beyond: float = 0.0,
) -> Sequence[str]:
    """The cases that hold what a KPI counts against us."""
    return cases_behind(
        look.reader, kpi, selection, look.model,
        stage=stage, segment=segment, beyond=beyond, limit=MOST_ITEMS,
    )  # fmt: skip


def kpi_named(name: str) -> Kpi | None:
    """The KPI of that name or number."""
    return next(
        (kpi for kpi in load_all().values() if name and name in (kpi.name, kpi.number)), None
    )


def _days(window: timedelta) -> str:
    hours = window / timedelta(hours=1)
    if hours % 24 == 0:
        return f"{hours / 24:g} day" + ("" if hours == 24 else "s")
    return f"{hours:g} hour" + ("" if hours == 1 else "s")
