"""Any KPI above or below a limit, by configuration alone: a new KPI needs no code here."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, model_validator

from alerts.alert import Impact, Severity
from alerts.rule import Look, Reading, Rule, RuleConfig, Sight
from alerts.seeing import instances_of, kpi_named
from process_model.kpi import BY, Kpi, KpiRow, compute
from process_model.vocabulary import SEGMENTS

_UNITS = {"seconds": 3_600.0}


class Threshold(BaseModel):
    """One limit, ``[[alerts.rules.kpi_threshold.thresholds]]``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    """what people call it; it stays the same alert while the name stays"""
    kpi: str
    """the KPI's name or number"""
    above: float | None = None
    """fires above this, in the KPI's unit (seconds, a share from 0 to 1, a count, money)"""
    below: float | None = None
    """fires below this"""
    window: timedelta = timedelta(days=7)
    """over so long before now"""
    by: str = ""
    """one alert for each value of a segment, or for each stage"""
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """only cases of these segments: ``where = {region = ["EMEA"]}``"""
    least: int = Field(default=5, ge=1)
    """with fewer items nothing is said"""
    severity: Severity | None = None
    """instead of the rule's own"""

    @model_validator(mode="after")
    def _sound(self) -> "Threshold":
        if (self.above is None) == (self.below is None):
            raise ValueError(f"{self.name}: write either above or below")
        if kpi_named(self.kpi) is None:
            raise ValueError(f"{self.name}: there is no KPI {self.kpi}; /api/v1/kpis lists them")
        if self.by not in BY or self.by == "age":
            raise ValueError(f"{self.name}: by is one of {', '.join((*SEGMENTS, 'stage'))}")
        if unknown := sorted(set(self.where) - set(SEGMENTS)):
            raise ValueError(
                f"{self.name}: where knows no {unknown[0]}, only {', '.join(SEGMENTS)}"
            )
        return self


class Config(RuleConfig):
    """``[alerts.rules.kpi_threshold]``."""

    thresholds: tuple[Threshold, ...] = ()
    """the limits; each KPI may have several"""

    @model_validator(mode="after")
    def _named_once(self) -> "Config":
        names = [one.name for one in self.thresholds]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two thresholds are named {twice[0]}")
        return self


def evaluate(look: Look) -> Sight:
    """One reading a threshold, and a segment's value of it."""
    readings: list[Reading] = []
    unknown = ""
    for threshold in look.config.thresholds:
        kpi = kpi_named(threshold.kpi)
        assert kpi is not None
        selection = look.over(threshold.window, **threshold.where)
        split = type(selection)(
            **{name: getattr(selection, name) for name in selection.__slots__}
            | {"by": threshold.by}
        )
        rows = compute(look.reader, kpi, split, look.model)
        readings += [_reading(look, threshold, kpi, row) for row in rows]
        if rows and not rows[0].coverage.sufficient:
            unknown = rows[0].coverage.reason
    return Sight(readings, None if unknown else False, unknown or "no case of it is left")


def _reading(look: Look, threshold: Threshold, kpi: Kpi, row: KpiRow) -> Reading:
    labels = {"threshold": threshold.name, "kpi": kpi.name}
    if threshold.by:
        labels[threshold.by] = row.segment
    limit, word = (
        (threshold.above, "above") if threshold.above is not None else (threshold.below, "below")
    )
    assert limit is not None
    value = _figure(row.value, kpi.unit) if row.value is not None else "unmeasured"
    where = (
        f" ({threshold.by.replace('_', ' ')} {row.segment or 'unknown'})" if threshold.by else ""
    )
    common = {
        "labels": labels, "value": row.value, "limit": limit, "unit": kpi.unit,
        "coverage": row.coverage.value, "severity": threshold.severity,
        "title": f"{threshold.name}{where}: {kpi.title} is {value}",
    }  # fmt: skip
    fires = f"it fires {word} {_figure(limit, kpi.unit)}; {kpi.formula}"
    if not row.coverage.sufficient:
        return Reading(holds=None, detail=row.coverage.reason, **common)  # type: ignore[arg-type]
    counted = kpi.value in ("count", "amount")
    if row.value is None or (row.n < threshold.least and not counted):
        few = f"only {row.n} to judge by, {max(threshold.least, kpi.minimum)} are needed"
        return Reading(holds=None, detail=few, **common)  # type: ignore[arg-type]
    holds = row.value > limit if threshold.above is not None else row.value < limit
    if not holds:
        return Reading(holds=False, detail=fires, **common)  # type: ignore[arg-type]
    found = instances_of(
        look, kpi, look.over(threshold.window, **threshold.where),
        segment=(threshold.by, row.segment), beyond=limit if threshold.above is not None else 0.0,
    )  # fmt: skip
    # what a KPI counts is not always a case (an open exception is none): then its own figures stand
    own = None if found else Impact(row.breached or row.n, 0, _money(row))
    return Reading(holds=True, detail=fires, instances=found, impact=own, **common)  # type: ignore[arg-type]


def _money(row: KpiRow) -> dict[str, str]:
    if row.amount is not None:
        return {row.currency: str(row.amount)}
    return {currency: str(amount) for currency, amount in row.amounts.items()}


def _figure(value: float, unit: str) -> str:
    if unit == "share":
        return f"{value:.1%}"
    if unit == "seconds":
        hours = value / _UNITS["seconds"]
        return f"{hours / 24:.1f} d" if hours >= 48 else f"{hours:.1f} h"
    return f"{value:,.0f}"


RULE = Rule(evaluate, Config)
