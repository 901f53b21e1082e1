"""What changed against the period before: findings that began, and segments whose KPI moved."""

from dataclasses import dataclass
from typing import Any

from dash import html

from dashboards import words
from dashboards.components import card
from dashboards.overview import Look
from process_model import kpi
from process_model.comparison import compare_segments
from process_model.kpi import Kpi, KpiRow

_WATCHED = ("acceptance_to_order", "invoice_latency", "sync_success")
_LEAST_CASES = 20
_LEAST_RATIO = 1.3
_LEAST_POINTS = 0.05
_MOST = 7


@dataclass(frozen=True, slots=True)
class Shift:
    """A KPI of one segment that moved against the period before."""

    kpi: Kpi
    name: str
    value: str
    now: KpiRow
    before: KpiRow

    @property
    def size(self) -> float:
        """How far it moved, comparable between KPIs: the log of a ratio, or points of a share."""
        now, before = self.now.value or 0.0, self.before.value or 0.0
        if self.kpi.unit == "share":
            return abs(now - before) / _LEAST_POINTS
        return max(now, before) / max(min(now, before), 1.0) / _LEAST_RATIO

    @property
    def worse(self) -> bool:
        """Whether it moved the wrong way."""
        rose = (self.now.value or 0.0) > (self.before.value or 0.0)
        return rose == (self.kpi.better == "lower")


def changes_card(look: Look) -> Any:
    """At most seven lines, what is new first, then the largest shifts."""
    title = "What changed"
    if not look.bounded:
        return card(title, html.P("Choose a period to compare it with the one before.",
                                  className="mute"))  # fmt: skip
    lines = [*_begun(look), *(_shift(look, one) for one in shifts(look))][:_MOST]
    span = words.duration(look.length.total_seconds())
    if not lines:
        return card(
            title, html.P(f"Nothing moved much against the {span} before.", className="mute")
        )
    return card(title, html.P(f"Against the {span} before", className="mute small"),
                html.Ul(lines, className="changes"))  # fmt: skip


def _begun(look: Look) -> list[Any]:
    since = look.view.selection.since
    told = [one for one in look.given.detection.of(look.selection) if one.finding.since >= since]
    newest = sorted(told, key=lambda one: one.finding.since, reverse=True)[:4]
    return [
        html.Li(
            [
                html.Span(words.stamp(one.finding.since, look.view.zone), className="when num"),
                html.A(str(one.title), href=look.view.to("/findings", id=one.finding.id)),
                html.Span("over" if one.finding.until else "goes on", className="mute"),
            ]
        )
        for one in newest
    ]


def shifts(look: Look) -> list[Shift]:
    """The segments whose KPI moved most; a segment with few cases in either period is left out."""
    found: list[Shift] = []
    kpis = [kpi.load_all()[name] for name in _WATCHED]
    every = compare_segments(look.reader, kpis, look.selection, look.before, look.model, look.known)
    for entry in kpis:
        for cut, (now, before) in every.get(entry.name, {}).items():
            segment, _, value = cut.partition("=")
            # what the reader looks at alone already is no change of its own
            if not getattr(look.selection, segment) and _moved(entry, now, before):
                found.append(Shift(entry, segment, value, now, before))
    return sorted(found, key=lambda one: (-one.size, one.kpi.name, one.name, one.value))


def _moved(entry: Kpi, now: KpiRow, before: KpiRow) -> bool:
    if now.value is None or before.value is None or min(now.n, before.n) < _LEAST_CASES:
        return False
    if entry.unit == "share":
        return abs(now.value - before.value) >= _LEAST_POINTS
    return max(now.value, before.value) >= _LEAST_RATIO * max(min(now.value, before.value), 1.0)


def _shift(look: Look, one: Shift) -> Any:
    def said(row: KpiRow) -> str:
        value = row.value or 0.0
        if one.kpi.unit == "share":
            return f"{value:.1%}".replace("%", " %")
        return words.duration(value)

    cut = f"{words.sentence(one.name).lower()} {one.value}"
    text = f"{one.kpi.title}, {cut}: {said(one.before)} → {said(one.now)}"
    sign = html.Span("▲ worse" if one.worse else "▼ better", className="bad" if one.worse else "ok")
    return html.Li(
        [sign, html.A(text, href=look.view.adding(one.name, one.value)),
         html.Span(words.counted(one.now.n, "case"), className="mute num")]
    )  # fmt: skip
