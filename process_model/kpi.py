"""What a KPI is, which there are, and what they come to: one file each in ``kpis/``.

A KPI's file selects its cases, one row an item with the columns that ``queries/kpi_rows.sql``
counts; so every KPI has buckets, segments, percentiles, money and coverage without saying so. A
file that says ``of`` is the condition of a part that several KPIs share.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from process_model.config import ModelConfig
from process_model.coverage import Completeness, Coverage, completeness
from process_model.errors import ConfigError
from process_model.money import Total, total
from process_model.questions import BEGINNING, Selection, narrowed, part, question
from process_model.reference import reference
from process_model.store import Handle
from process_model.vocabulary import SEGMENTS, Stage

BY = ("", *SEGMENTS, "stage", "age")
"""What a KPI may be split by; ``age`` for those whose cohort is ``now``."""

MOST_BUCKETS = 1_000

_KPIS, _NAME, _STANDS, _CASES = "__KPIS__", "__NAME__", "__STANDS__", "__CASES__"
_STAGE, _SEGMENT, _CONDITION = "__STAGE__", "__SEGMENT__", "__CONDITION__"
_HEADER = re.compile(r"-- (\w+): *(.*)")
_VALUES = ("median", "mean", "ratio", "weighted", "count", "amount")
_COHORTS = ("start", "end", "now")
_INSTANT = timedelta(microseconds=1)
_LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One KPI as its file says it."""

    name: str
    number: str
    """its row in the list of KPIs, ``K10``; '' when it has none"""
    title: str
    unit: str
    """``seconds``, ``share`` (0 to 1), ``cases``, ``objects`` or ``money``"""
    better: str
    """``lower`` or ``higher``"""
    value: str
    """what the value is: the median, mean or amount-weighted mean of the seconds, the share of
    hits, the count of items, or their amount"""
    formula: str
    cohort: str
    """what puts an item into the period: its start, its end, or standing there at the end of it"""
    clock: str
    needs: tuple[str, ...]
    """the event types behind it; ``a|b`` is either"""
    minimum: int
    """with fewer items the value is withheld"""
    stage: str
    ages: tuple[float, ...]
    """the edges of the age buckets in seconds"""
    cases: str
    """the statement that selects its cases"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiRow:
    """What a KPI comes to in one bucket and segment; ``None`` where it has no meaning."""

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
    amount: Decimal | None
    currency: str
    coverage: Coverage
    amounts: Mapping[str, Decimal]
    """sums per currency, when a rate is missing and ``amount`` is therefore not told"""
    stage: str = ""
    """the stage, when each was asked for"""


@cache
def load_all() -> Mapping[str, Kpi]:
    """Every KPI by its name; raises ``ConfigError`` naming the file and what it lacks."""
    folder = files("process_model") / "kpis"
    found = [_read(entry.name.removesuffix(".sql"), entry.read_text(encoding="utf-8"))
             for entry in folder.iterdir() if entry.name.endswith(".sql")]  # fmt: skip
    return {kpi.name: kpi for kpi in sorted(found, key=_place)}


def compute(
    reader: Handle,
    kpi: Kpi,
    selection: Selection,
    config: ModelConfig,
    known: Completeness | None = None,
) -> list[KpiRow]:
    """The KPI by bucket and segment; ``known`` is the selection's completeness, when it is at hand.

    Without bucket and ``by`` there is exactly one row, also of nothing. Raises ``ValueError`` for
    a period that has more than a thousand buckets.
    """
    selection = at_now(selection)
    coverage = (known or completeness(reader, selection, config)).of(kpi.needs)
    rows = ask_rows(reader, [kpi], selection, parameters_of(kpi, selection, config))
    if not rows and not selection.bucket and not selection.by:
        return [nothing(kpi, coverage)]
    return [row_of(kpi, row, coverage, config, by=selection.by) for row in rows]


def compute_each_stage(
    reader: Handle, kpi: Kpi, selection: Selection, config: ModelConfig, known: Completeness
) -> list[KpiRow]:
    """The KPI by stage, and within it by bucket and segment; ``stage`` of the rows says which."""
    selection = at_now(selection)
    coverage = known.of(kpi.needs)
    given = parameters_of(kpi, selection, config)
    rows = ask_rows(reader, [kpi], selection, given, each_stage=True)
    return [row_of(kpi, row, coverage, config, by=selection.by) for row in rows]


def at_now(selection: Selection) -> Selection:
    """The selection with its moment, so that several answers are of the same one."""
    return selection if selection.as_of else replace(selection, as_of=datetime.now(UTC))


def ask_rows(
    reader: Handle,
    kpis: Sequence[Kpi],
    selection: Selection,
    parameters: Mapping[str, Any],
    *,
    each_stage: bool = False,
    name: str = "kpi_rows",
) -> list[Any]:
    """The rows of ``kpi_rows`` or ``kpi_segments`` for all of them, in one statement.

    It says only what is asked: half of its time goes into being understood.
    """
    cases = "\nUNION ALL\n".join(
        part("kpi_cases")
        .replace(_NAME, kpi.name)
        .replace(_STANDS, str(int(kpi.cohort == "now")))
        .replace(_CASES, kpi.cases)
        for kpi in kpis
    )
    statement = (
        question(name)
        .replace(_KPIS, cases)
        .replace(f"{_SEGMENT} ", f"{part('kpi_segment') if selection.by else repr('')} ")
        .replace(_STAGE, "toString(stage)" if each_stage else "''")
    )
    told = f"{name} of {', '.join(kpi.name for kpi in kpis)}"
    return reader.query(told, narrowed(statement, selection), parameters).rows


def parameters_of(kpi: Kpi, selection: Selection, config: ModelConfig) -> dict[str, Any]:
    """What a KPI's file may use; raises ``ValueError`` for a ``by`` that it has not."""
    if selection.by not in BY:
        raise ValueError(f"by: one of {', '.join(BY[1:])}, not {selection.by}")
    if selection.by == "age" and kpi.cohort != "now":
        raise ValueError(f"by: {kpi.name} has no age, only what stands now has one")
    end = min(selection.until, selection.as_of or selection.until)
    return selection.parameters() | {
        "at": end,
        "spans": [(selection.since, end)],
        "moments": moments(selection, end),
        "last": end - _INSTANT,
        "turn": _LONG_AGO,
        "parts": ["run" if selection.bucket else "now"],
        "grain": selection.bucket or "day",
        "ages": list(kpi.ages),
        "reporting_currency": config.reporting_currency,
        "stages": [str(stage) for stage in Stage],
        "optional": [str(e.stage) for e in reference().stages if e.optional and not e.requested_by],
    }


def moments(selection: Selection, end: datetime) -> list[datetime]:
    """When to look at what stands: at the end, and at the end of each earlier bucket."""
    if not selection.bucket:
        return [end - _INSTANT]
    looks, edge = [end - _INSTANT], _floor(end - _INSTANT, selection.bucket)
    # a period without a start has no first bucket to look at
    first = selection.since if selection.since != BEGINNING else end - timedelta(days=90)
    while edge > first:
        looks.append(edge - _INSTANT)
        edge = _floor(edge - _INSTANT, selection.bucket)
        if len(looks) > MOST_BUCKETS:
            raise ValueError(f"bucket: the period has more than {MOST_BUCKETS} of them")
    return looks[::-1]


def buckets(looks: Sequence[datetime], bucket: str) -> list[datetime]:
    """The bucket in which each of the moments lies."""
    return [_floor(look, bucket) for look in looks]


def _floor(at: datetime, bucket: str) -> datetime:
    hour = at.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    if bucket == "week":
        return day - timedelta(days=day.weekday())
    return {"hour": hour, "day": day, "month": day.replace(day=1)}[bucket]


def row_of(kpi: Kpi, row: Any, coverage: Coverage, config: ModelConfig, by: str = "") -> KpiRow:
    """A row of ``kpi_rows`` as what it means for the KPI."""
    money = total(row, config.reporting_currency)
    told = row.n >= kpi.minimum
    p50, p90, p95 = row.quantiles if row.timed and told else (None, None, None)
    numerator, denominator = _fraction(kpi, row, money)
    return KpiRow(
        bucket=row.bucket if row.part == "run" else None,
        segment=_age(kpi, int(row.segment)) if by == "age" else row.segment,
        n=row.n,
        numerator=numerator,
        denominator=denominator,
        value=_value(kpi, row, money, numerator, denominator) if told else None,
        p50=p50,
        p90=p90,
        p95=p95,
        breached=row.breaches,
        amount=money.amount,
        currency=money.currency,
        coverage=coverage,
        amounts=money.amounts,
        stage=row.stage_of,
    )


def _fraction(kpi: Kpi, row: Any, money: Total) -> tuple[float | None, float | None]:
    if kpi.value == "weighted":
        return (row.weighted_seconds, float(money.amount)) if money.amount else (None, None)
    if kpi.value == "mean":
        return row.total_seconds, float(row.timed)
    return (None, None) if row.hits is None else (float(row.hits), float(row.n))


def _value(
    kpi: Kpi, row: Any, money: Total, numerator: float | None, denominator: float | None
) -> float | None:
    if kpi.value == "count":
        return float(row.n)
    if kpi.value == "amount":
        return None if money.amount is None else float(money.amount)
    if kpi.value == "median":
        return float(row.quantiles[0]) if row.timed else None
    return numerator / denominator if numerator is not None and denominator else None


def nothing(kpi: Kpi, coverage: Coverage) -> KpiRow:
    """The row of a KPI that found no item."""
    counted = kpi.value in ("count", "amount")
    return KpiRow(
        bucket=None, segment="", n=0, numerator=None, denominator=None,
        value=0.0 if counted else None, p50=None, p90=None, p95=None, breached=None, amount=None,
        currency="", coverage=coverage, amounts={},
    )  # fmt: skip


def _age(kpi: Kpi, place: int) -> str:
    """``under 1 d``, ``1 d to 7 d``, ``over 7 d``."""
    names = [_span(edge) for edge in kpi.ages]
    if not names:
        return ""
    if place == 0:
        return f"under {names[0]}"
    return f"over {names[-1]}" if place == len(names) else f"{names[place - 1]} to {names[place]}"


def _span(seconds: float) -> str:
    return f"{seconds / 86_400:g} d" if seconds >= 86_400 else f"{seconds / 3_600:g} h"


def _read(name: str, text: str) -> Kpi:
    lines = [found for line in text.splitlines() if (found := _HEADER.match(line))]
    head = {str(found[1]): str(found[2]) for found in lines}
    for needed in ("title", "unit", "better", "value", "formula", "cohort", "needs"):
        if not head.get(needed):
            raise ConfigError(f"kpis/{name}.sql has no line '-- {needed}:'")
    cohort, _, clock = head["cohort"].partition(", ")
    if cohort not in _COHORTS or head["value"] not in _VALUES:
        raise ConfigError(f"kpis/{name}.sql: cohort is one of {_COHORTS}, value of {_VALUES}")
    cases = "\n".join(line for line in text.splitlines() if not _HEADER.match(line))
    if head.get("of"):
        cases = part(head["of"]).replace(_CONDITION, cases)
    ages = re.findall(r"(\d+)([hd])", head.get("ages", ""))
    return Kpi(
        name=name,
        number=head.get("number", ""),
        title=head["title"],
        unit=head["unit"],
        better=head["better"],
        value=head["value"],
        formula=head["formula"],
        cohort=cohort,
        clock=clock,
        needs=tuple(part.strip() for part in head["needs"].split(",")),
        minimum=int(head.get("minimum", "0")),
        stage=head.get("stage", ""),
        ages=tuple(int(number) * (3_600.0 if unit == "h" else 86_400.0) for number, unit in ages),
        cases=cases,
    )


def _place(kpi: Kpi) -> tuple[int, str]:
    return (int(kpi.number[1:]) if kpi.number else 1_000, kpi.name)
