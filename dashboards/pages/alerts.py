"""Alerts: what fires, what is over, who was told, and why the others were not."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from dash import html

from alerts.alert import Alert, Phase
from alerts.book import load
from alerts.desk import TOLD_TO
from dashboards import words
from dashboards.alert_words import severity_badge, short_money, state_badge, told
from dashboards.components import icon, table
from dashboards.data import given
from dashboards.pages import Page, PageBody
from dashboards.view import View
from process_model.state.alerting import RoundRow, Silence
from process_model.store import Handle

_MOST = 200
_OPEN = (Phase.FIRING, Phase.RECOVERING, Phase.PENDING)


def _render(_reader: Handle, view: View) -> PageBody:
    state = given().state
    if state is None:
        return PageBody("Alerts", html.P("This program keeps no alerts."))
    wanted = view.query.get("phase", "open")
    with state.alerts_read() as book:
        rows = [load(row) for row in book.alerts(limit=_MOST)]
        rounds, silences = book.rounds(), book.silences(datetime.now(UTC))
    channels = json.loads(state.cursor(TOLD_TO) or "[]")
    open_ = [one for one in rows if one.phase in _OPEN]
    over = [one for one in rows if one.phase == Phase.RESOLVED]
    shown = over if wanted == "over" else open_
    heading = html.Header(
        [html.H1("Alerts"), html.Span(_summary(open_), className="mute small num")],
        className="title",
    )
    chips = html.Div(
        [
            _chip(view, "open", "Open", len(open_), wanted),
            _chip(view, "over", "Over", len(over), wanted),
        ],
        className="chips",
    )
    body = [
        heading,
        *([] if channels else [_nobody_told()]),
        *[_silenced(one, view) for one in silences],
        chips,
        _listed(view, shown) if shown else _nothing(wanted, rounds),
        _looked(view, rounds),
    ]
    return PageBody("Alerts", body)


def _summary(open_: Sequence[Alert]) -> str:
    firing = sum(one.phase == Phase.FIRING and not one.frozen for one in open_)
    frozen = sum(one.frozen for one in open_)
    return f"{firing:,} fire" + (f", {frozen:,} cannot be measured now" if frozen else "")


def _chip(view: View, phase: str, text: str, count: int, wanted: str) -> Any:
    return html.A(
        [text, html.Span(f"{count:,}", className="count num")],
        href=view.having(phase=phase), className="chip on" if phase == wanted else "chip",
    )  # fmt: skip


def _nobody_told() -> Any:
    return html.Section(
        [
            icon("bell"),
            html.Span(
                [
                    html.B("Nobody is told: no channel is configured. "),
                    "Alerts are looked at and shown here. To send them by webhook or mail, write ",
                    html.Span("[[alerts.channels]]", className="mono"),
                    " into the settings (docs/alerts.md) and start again; ",
                    html.Span("throughline alerts test NAME", className="mono"),
                    " tries it.",
                ]
            ),
        ],
        className="strip calm",
    )


def _silenced(one: Silence, view: View) -> Any:
    labels = ", ".join(f"{name} {value}" for name, value in one.labels.items())
    until = words.stamp(one.ends_at, view.zone)
    said = f"{one.set_by} silenced {labels} until {until} {view.zone}: {one.why}"
    return html.P(said, className="mute small")


def _listed(view: View, alerts: Sequence[Alert]) -> Any:
    return html.Ul([html.Li(_line(view, one), className="card") for one in alerts],
                   className="alert-list")  # fmt: skip


def _line(view: View, one: Alert) -> list[Any]:
    seen = one.then if one.phase == Phase.RESOLVED and one.then else one.now
    impact, cause = seen.impact, seen.cause
    touched = words.counted(impact.cases, "case") if impact.cases else "no case is known"
    figures = [touched, short_money(impact.money)]
    facts: list[Any] = [
        html.Span(f"since {words.stamp(one.since, view.zone)} {view.zone}", className="num"),
        html.Span(f"told {told(one, view)}" if one.told_at else told(one, view)),
    ]
    if cause:
        link = html.A(str(cause.title), href=view.to("/findings", id=cause.finding))
        facts.append(html.Span(["likely cause: ", link]))
    return [
        html.H2(html.A(str(seen.title), href=view.to(f"/alert/{one.id}"))),
        html.Div(
            [severity_badge(one), state_badge(one),
             html.Span(words.sentence(one.rule), className="mute small")], className="alert-marks",
        ),
        html.Div([html.Span(text) for text in figures if text], className="alert-figures num"),
        html.Div(facts, className="alert-facts mute small"),
        *([html.Div(f"unmeasured: {one.frozen_because}", className="alert-facts small")]
          if one.frozen else []),
    ]  # fmt: skip


def _nothing(wanted: str, rounds: dict[str, RoundRow]) -> Any:
    if wanted == "over":
        return html.Section([html.H2("No alert is over yet.")], className="card notice")
    text = "Nothing fires." if rounds else "The rules have not been looked at yet."
    return html.Section([html.H2(text)], className="card notice")


def _looked(view: View, rounds: dict[str, RoundRow]) -> Any:
    rows = [
        [
            words.sentence(one.rule), html.Span(words.timestamp(one.evaluated_at, view.zone),
                                                className="num"),
            html.Span(f"failed: {one.failure}", className="bad") if one.failure else "looked at",
            html.Span(f"{one.missed:,}", className="num"),
        ]
        for one in rounds.values()
    ]  # fmt: skip
    if not rows:
        return html.Div()
    heads = ("Rule", f"Last looked at ({view.zone})", "Outcome", "Looks missed")
    return html.Details(
        [html.Summary("When each rule was looked at"), table(heads, rows, "Rules")],
        className="card alert-rounds",
    )


PAGE = Page("/alerts", "Alerts", _render, icon="bell", order=5, key="a")
