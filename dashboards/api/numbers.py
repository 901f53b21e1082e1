"""``/stages``, ``/kpis`` and ``/kpis/<id>``: the numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from dashboards.api.answers import Missing, Money
from dashboards.api.asking import Answer, Asked
from dashboards.filters import BadFilter
from process_model.coverage import Coverage
from process_model.kpi import Kpi, KpiRow, compute, load_all
from process_model.measures import StageMeasures, needs_of, stage_measures
from process_model.vocabulary import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiAnswer:
    """One KPI as its file says it."""

    id: str
    number: str
    title: str
    unit: str
    better: str
    value: str
    formula: str
    cohort: str
    clock: str
    needs: tuple[str, ...]
    minimum: int
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiRowAnswer:
    """What a KPI comes to in one bucket and segment; durations in seconds."""

    bucket: datetime | None
    segment: str
    n: int
    numerator: float | None
    denominator: float | None
    value: float | None
    p50: float | None
    p90: float | None
    p95: float | None
    breached: int | None
    money: Money | None
    money_by_currency: list[Money]
    coverage: Coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Waits that ended in the period, and those past their limit now; seconds."""

    n: int
    p50: float | None
    p90: float | None
    p95: float | None
    kept: int
    breached: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits now: cases at their current stage, and documents on whatever branch."""

    cases: int
    cases_past_due: int
    objects: int
    objects_past_due: int
    age_p50: float | None
    age_p95: float | None
    exceptions: int
    money: Money | None
    money_by_currency: list[Money]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """Objects that should have crossed between systems in the period; a retry counts nothing."""

    objects: int
    in_time: int
    share: float | None
    coverage: Coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class StageAnswer:
    """The measures of one stage in one segment."""

    stage: str
    segment: str
    latency: Latency
    backlog: Backlog
    sync: Sync
    coverage: Coverage


def stages(asked: Asked) -> Answer:
    """Every stage, and each segment in it when the call says ``by``."""
    known = asked.known()
    found = stage_measures(asked.reader, asked.selection, asked.model, known)
    needs = {entry for stage in (Stage.ORDER, Stage.PAYMENT) for entry in needs_of(stage)}
    return Answer(data=[_stage(one) for one in found], coverage=known.of(needs))


def kpis(asked: Asked) -> Answer:
    """Every KPI that can be asked for."""
    coverage = asked.unmeasured("a list of definitions; each KPI's answer has its own coverage")
    return Answer(data=[_kpi(kpi) for kpi in load_all().values()], coverage=coverage)


def kpi(asked: Asked) -> Answer:
    """One KPI by bucket and segment; its id is its name or its number."""
    name = asked["kpi"]
    found = next((k for k in load_all().values() if name in (k.name, k.number) and name), None)
    if found is None:
        raise Missing("No such KPI", f"there is no KPI {name}; /api/v1/kpis lists them")
    known = asked.known()
    try:
        rows = compute(asked.reader, found, asked.selection, asked.model, known)
    except ValueError as exc:
        raise BadFilter(str(exc)) from exc
    return Answer(
        data=[_row(row) for row in rows],
        coverage=known.of(found.needs),
        more={"kpi": _kpi(found)},
    )


def _kpi(kpi: Kpi) -> KpiAnswer:
    same = {name: getattr(kpi, name) for name in KpiAnswer.__dataclass_fields__ if name != "id"}
    return KpiAnswer(id=kpi.name, **same)


def _row(row: KpiRow) -> KpiRowAnswer:
    mine = set(KpiRowAnswer.__dataclass_fields__) - {"money", "money_by_currency"}
    same = {name: getattr(row, name) for name in mine}
    return KpiRowAnswer(**same, money=_money(row), money_by_currency=by_currency(row.amounts))


def _stage(one: StageMeasures) -> StageAnswer:
    latency, cases = one.latency, one.cases
    return StageAnswer(
        stage=str(one.stage),
        segment=one.segment,
        latency=Latency(
            n=latency.n, p50=latency.p50, p90=latency.p90, p95=latency.p95,
            kept=int(latency.numerator or 0), breached=latency.breached or 0,
        ),
        backlog=Backlog(
            cases=cases.n, cases_past_due=cases.breached or 0,
            objects=one.objects.n, objects_past_due=one.objects.breached or 0,
            age_p50=cases.p50, age_p95=cases.p95, exceptions=one.exceptions.n,
            money=_money(cases), money_by_currency=by_currency(cases.amounts),
        ),
        sync=Sync(
            objects=one.sync.n, in_time=int(one.sync.numerator or 0), share=one.sync.value,
            coverage=one.sync.coverage,
        ),
        coverage=one.coverage,
    )  # fmt: skip


def _money(row: KpiRow) -> Money | None:
    return None if row.amount is None else Money(row.amount, row.currency)


def by_currency(amounts: Mapping[str, Decimal]) -> list[Money]:
    """The sums of a row that has no single one."""
    return [Money(amount, currency) for currency, amount in sorted(amounts.items())]
