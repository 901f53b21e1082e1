"""How an alert is told on pages: its state, its figures, who knows of it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from alerts.alert import Alert, Phase
from dashboards import words
from dashboards.components import badge
from dashboards.view import View

_SEVERITY = {"critical": "failure", "warning": "waiting", "info": ""}


def severity_badge(alert: Alert) -> Any:
    """How soon somebody must look."""
    return badge(alert.severity, _SEVERITY[alert.severity])


def state_badge(alert: Alert) -> Any:
    """Where the alert is; that it cannot be measured comes before everything else."""
    if alert.frozen:
        return badge("unmeasured", "withdrawn")
    kind = {Phase.FIRING: "firing", Phase.RESOLVED: "completed"}.get(alert.phase, "waiting")
    return badge(str(alert.phase), kind)


def figure(value: float | None, unit: str) -> str:
    """A number in its unit as people read it, '' for none."""
    if value is None:
        return ""
    if unit == "share":
        return f"{value:.1%}"
    return words.duration(value, coarse=True) if unit == "seconds" else f"{value:,.0f}"


def money(sums: Mapping[str, str]) -> str:
    """Sums with their currencies, '' for none."""
    return ", ".join(words.money(Decimal(amount), currency) for currency, amount in sums.items())


def short_money(sums: Mapping[str, str]) -> str:
    """The same to three figures."""
    return ", ".join(words.short_money(Decimal(a), currency) for currency, a in sums.items())


def told(alert: Alert, view: View) -> str:
    """Who was told and when, or what held it back."""
    if alert.told_at:
        return f"{', '.join(alert.told_to)} at {words.stamp(alert.told_at, view.zone)}"
    return f"nobody: {alert.held_because}" if alert.held_because else "nobody yet"
