"""One alert: what was seen when it fired and what is so now, whom it touches, who was told, and the
buttons that take it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import escape
from typing import Any

import flask
from dash import Dash, dcc, html
from werkzeug.wrappers import Response

from alerts.alert import LIVE_PHASES, Alert, Phase, Seen
from alerts.book import load
from alerts.links import PATH, SECRET, Action, LinkError, follow, quieten, read_link
from dashboards import words
from dashboards.alert_words import figure, money, severity_badge, state_badge
from dashboards.components import badge, card, table
from dashboards.data import given
from dashboards.pages import Page, PageBody, notice
from dashboards.view import View
from process_model.finding import many
from process_model.state.alerting import Note, Outgoing
from process_model.store import Handle

_PATH = "/alert/"
_LASTS = {Action.ACKNOWLEDGE: timedelta(hours=24), Action.SNOOZE: timedelta(hours=4)}
_MOST_NAME = 80


def _render(_reader: Handle, view: View) -> PageBody:
    id_, state = view.path.removeprefix(_PATH), given().state
    row = None
    if state is not None:
        with state.alerts_read() as book:
            row, story, sent = book.alert(id_), book.notes(id_), book.outgoing(id_)
    if row is None:
        every = html.A("All alerts", href=view.to("/alerts"), className="button")
        said = f"There is no alert {id_}; one that never fired leaves nothing behind."
        return PageBody("No such alert", notice("This alert is not known", said, every))
    alert = load(row)
    seen = alert.then or alert.now
    body = [
        html.Header(
            [html.H1(str(seen.title)), severity_badge(alert), state_badge(alert)], className="title"
        ),
        html.P(_standing(alert, view), className="alert-standing"),
        *([_take(alert)] if alert.phase in LIVE_PHASES else []),
        html.Div([_then(alert, view), _now(alert, view)], className="alert-beside"),
        _cases(seen, view),
        _told(alert, sent, view),
        _story(story, view),
    ]
    return PageBody(f"Alert: {seen.title}", body)


def _standing(alert: Alert, view: View) -> str:
    """Is it still so? One sentence."""
    if alert.frozen_since:
        at = words.stamp(alert.frozen_since, view.zone)
        return f"It cannot be measured since {at} {view.zone}: {alert.frozen_because}."
    if alert.resolved_at:
        at = words.stamp(alert.resolved_at, view.zone)
        return f"Over since {at} {view.zone}: {alert.resolved_because}."
    if alert.phase == Phase.RECOVERING:
        return "The condition is gone, not yet for long enough to call it over."
    if alert.phase == Phase.PENDING:
        return "It holds, not yet for long enough to fire."
    quiet = alert.quiet_until and alert.quiet_until > datetime.now(UTC)
    taken = ""
    if quiet and alert.quiet_until:
        word = "Acknowledged" if alert.acknowledged_at else "Snoozed"
        taken = f" {word} by {alert.quiet_by} until {words.stamp(alert.quiet_until, view.zone)}."
    return f"It still holds, since {words.stamp(alert.since, view.zone)} {view.zone}.{taken}"


def _take(alert: Alert) -> Any:
    return html.Form(
        [
            html.Label(
                [
                    html.Span("Your name", className="mute small"),
                    dcc.Input(id="by", name="by", type="text", required=True,
                              autoComplete="name", maxLength=_MOST_NAME),
                ],
                htmlFor="by",
            ),
            html.Button("Acknowledge for 24 h", type="submit", className="button",
                        formAction=f"{_PATH}{alert.id}/{Action.ACKNOWLEDGE}"),
            html.Button("Snooze for 4 h", type="submit", className="button quiet",
                        formAction=f"{_PATH}{alert.id}/{Action.SNOOZE}"),
        ],
        method="POST", action=f"{_PATH}{alert.id}/{Action.ACKNOWLEDGE}", className="alert-take",
    )  # fmt: skip


def _then(alert: Alert, view: View) -> Any:
    if alert.then is None:
        return card("When it fires", html.P("It has not fired.", className="mute"))
    return card("When it fired", _seen(alert.then, view))


def _now(alert: Alert, view: View) -> Any:
    if alert.resolved_at:
        return card("When it was over", _seen(alert.now, view))
    return card("Now" if not alert.frozen else "When it was last measured", _seen(alert.now, view))


def _seen(seen: Seen, view: View) -> Any:
    impact = seen.impact
    facts = [
        ("At", f"{words.stamp(seen.at, view.zone)} {view.zone}"),
        ("Seen", seen.title),
        ("Value", figure(seen.value, seen.unit)),
        ("Limit", figure(seen.limit, seen.unit)),
        ("Judged by", seen.detail),
        ("Complete", "unmeasured" if seen.coverage is None else f"{seen.coverage:.0%}"),
        ("Touched", many(impact.cases, "case") if impact.cases else "no case is known"),
        ("Customers", f"{impact.customers:,}" if impact.customers else ""),
        ("At stake", money(impact.money)),
    ]
    rows = [html.Div([html.Dt(name), html.Dd(text)]) for name, text in facts if text]
    if seen.cause:
        link = html.A(str(seen.cause.title), href=view.to("/findings", id=seen.cause.finding))
        why = html.Span(f" ({seen.cause.because})", className="mute")
        rows.append(html.Div([html.Dt("Likely cause"), html.Dd([link, why])]))
    else:
        rows.append(html.Div([html.Dt("Likely cause"), html.Dd("no finding explains it")]))
    return html.Dl(rows)


def _cases(seen: Seen, view: View) -> Any:
    if not seen.impact.examples:
        return html.Div()
    rows = [
        [
            html.A(str(one.number), href=view.to(f"/case/{one.instance}"), className="mono"),
            str(one.customer), words.sentence(one.stage),
            html.Span(words.money(Decimal(one.amount), one.currency) if one.amount else "",
                      className="num"),
        ]
        for one in seen.impact.examples
    ]  # fmt: skip
    left = seen.impact.cases - len(rows)
    more = (
        [
            html.P(
                f"{len(rows)} of {seen.impact.cases:,}; the others are worth less each",
                className="mute small",
            )
        ]
        if left > 0
        else []
    )
    heads = ("Case", "Customer", "Waits in", "Amount")
    return card("The largest cases", *more, table(heads, rows, "The largest cases"))


def _told(alert: Alert, sent: Sequence[Outgoing], view: View) -> Any:
    rows = [
        [
            html.Span(words.timestamp(one.sent_at or one.created_at, view.zone), className="num"),
            str(one.channel), badge(one.state, _mark(one.state)), f"{one.attempts:,}",
            str(one.answer),
        ]
        for one in sent
    ]  # fmt: skip
    held = []
    if alert.held_because:
        said = f"{words.sentence(alert.held_because)}."
        if alert.held_by != "deduplicate":
            said = f"The next message is held back ({alert.held_by}): {alert.held_because}."
        held = [html.P(said, className="mute small")]
    if not rows:
        return card("Who was told", html.P("Nobody was told."), *held)
    heads = (f"At ({view.zone})", "Channel", "State", "Attempts", "The receiver said")
    return card("Who was told", *held, table(heads, rows, "Messages"))


def _mark(state: str) -> str:
    return {"sent": "completed", "refused": "failure"}.get(state, "waiting")


def _story(story: Sequence[Note], view: View) -> Any:
    rows = [
        [html.Span(words.timestamp(one.at, view.zone), className="num"), str(one.kind),
         html.Span(str(one.text), className="log")]
        for one in reversed(story)
    ]  # fmt: skip
    return card("Its story", table((f"At ({view.zone})", "What", "Why"), rows, "Its story"))


# --- taking an alert: from its page, or by a link in a message


def _connect(app: Dash, _reader: Handle) -> None:
    @app.server.post(f"{_PATH}<id_>/<action>")  # type: ignore[untyped-decorator]
    def take(id_: str, action: str) -> Response:
        state, by = given().state, _name()
        if state is None or action not in tuple(Action) or not by:
            return _small("Not understood", "Write your name and try again.", 400)
        now, chosen = datetime.now(UTC), Action(action)
        with state.alerts_written() as book:
            row = book.alert(id_)
            if row is None:
                return _small("Not known", "There is no such alert.", 404)
            quieten(book, load(row), chosen, by, now, now + _LASTS[chosen])
        return flask.redirect(f"{_PATH}{id_}", 303)

    @app.server.get(f"{PATH}<token>")  # type: ignore[untyped-decorator]
    def ask(token: str) -> Response:
        try:
            link = read_link(_secret(), token, datetime.now(UTC))
        except LinkError as error:
            return _small("This link does not work", str(error), 410)
        what = (
            f"{many(len(link.alert_ids), 'alert')} for {words.duration(link.lasts.total_seconds())}"
        )
        form = (
            '<form method="post"><label>Your name<input name="by" required maxlength="80" '
            f'autocomplete="name"></label><button>{link.action.capitalize()}</button></form>'
        )
        said = f"{link.action.capitalize()} {what}? Nothing has happened yet."
        return _small(f"{link.action.capitalize()}?", said, 200, form + _titles(link.alert_ids))

    @app.server.post(f"{PATH}<token>")  # type: ignore[untyped-decorator]
    def act(token: str) -> Response:
        state, by = given().state, _name()
        if state is None or not by:
            return _small("Not understood", "Write your name and try again.", 400)
        now = datetime.now(UTC)
        try:
            link = read_link(_secret(), token, now)
            found = follow(state, link, by, now)
        except LinkError as error:
            return _small("This link does not work", str(error), 410)
        live = [one for one in found if one.phase in LIVE_PHASES]
        until = f"{now + link.lasts:%Y-%m-%d %H:%M} UTC"
        said = f"{by}: not told again until {until}." if live else "It is over already."
        return _small("Done", said, 200, _titles(link.alert_ids))


def _name() -> str:
    return " ".join(flask.request.form.get("by", "").split())[:_MOST_NAME]


def _secret() -> str:
    state = given().state
    if state is None:
        raise LinkError("this program keeps no alerts")
    with state.alerts_written() as book:
        return book.secret(SECRET)


def _titles(ids: Sequence[str]) -> str:
    state = given().state
    if state is None:
        return ""
    with state.alerts_read() as book:
        found = [load(row) for id_ in ids if (row := book.alert(id_))]
    lines = "".join(
        f'<li><a href="{_PATH}{escape(one.id)}">{escape(one.now.title)}</a></li>' for one in found
    )
    return f"<ul>{lines}</ul>"


def _small(title: str, said: str, status: int, more: str = "") -> Response:
    """A page that a phone shows at once, without the frame around it."""
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">'
        f"<title>{escape(title)} · Throughline</title><style>body{{font:17px/1.5 system-ui,"
        "sans-serif;max-width:34rem;margin:0 auto;padding:24px 18px}h1{font-size:22px}"
        "label{display:block;margin-bottom:12px}input{display:block;width:100%;box-sizing:"
        "border-box;font:inherit;padding:10px;margin-top:4px}button{font:inherit;font-weight:600;"
        "width:100%;padding:13px;border:0;border-radius:8px;background:#0B6BB5;color:#fff}"
        "li{margin:8px 0}</style></head>"
        f"<body><main><h1>{escape(title)}</h1><p>{escape(said)}</p>{more}</main></body></html>"
    )
    return flask.Response(text, status, mimetype="text/html")


PAGE = Page(_PATH, "Alert", _render, connect=_connect)
