"""One KPI: what it says and how it moved, how it is counted, where it differs, and whose it is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dash import dcc, html

from dashboards import words
from dashboards.components import attributes, badge, card, table
from dashboards.data import given
from dashboards.figures import (
    change_of,
    change_text,
    coverage_text,
    is_worse,
    value_text,
)
from dashboards.filters import BadFilter
from dashboards.overview import Look, look_of
from dashboards.overview.charts import CONFIG, run_of
from dashboards.pages import Page, PageBody, notice
from dashboards.view import View
from process_model import behind, kpi
from process_model.comparison import Compared
from process_model.kpi import Kpi, KpiRow
from process_model.store import Handle

_PATH = "/kpi/"
_MOST_CASES = 20
_COHORTS = {
    "start": "what began in the period", "end": "what ended in the period",
    "now": "what stands at the end of the period",
}  # fmt: skip


def _render(reader: Handle, view: View) -> PageBody:
    name = view.path.removeprefix(_PATH)
    entry = next((one for one in kpi.load_all().values() if name in (one.name, one.number)), None)
    if entry is None:
        every = html.A("All KPIs", href=view.to("/kpis"), className="button")
        return PageBody("No such KPI", notice("This KPI is not known", name, every))
    look = look_of(reader, view, given())
    found = look.compared((entry.name,))[entry.name]
    heading = html.Header(
        [
            html.H1(str(entry.title)),
            *([badge(entry.number)] if entry.number else []),
            html.Span(look.period, className="mute small num"),
            html.A("All KPIs", href=view.to("/kpis"), className="chip"),
        ],
        className="title",
    )  # fmt: skip
    body = [
        heading,
        html.Div([_now(look, found), _counted(look, found)], className="alert-beside"),
        _run(look, found),
        _split(look, entry),
        _cases(look, entry),
    ]
    return PageBody(str(entry.title), body)


def _facts(facts: Sequence[tuple[str, Any]]) -> Any:
    return html.Dl([html.Div([html.Dt(name), html.Dd(told)]) for name, told in facts if told])


def _now(look: Look, found: Compared) -> Any:
    entry, row = found.kpi, found.now
    timed = row.p50 is not None
    facts = [
        ("Value", html.Strong(value_text(entry, row), className="num")),
        ("Before", value_text(entry, found.before) if found.before else ""),
        ("Change", _change(look, found)),
        ("Median", words.duration(row.p50) if timed and row.p50 is not None else ""),
        ("90 % within", words.duration(row.p90) if timed and row.p90 is not None else ""),
        ("95 % within", words.duration(row.p95) if timed and row.p95 is not None else ""),
        ("Counted", f"{row.n:,}"),
        ("Missed", "" if row.breached is None else f"{row.breached:,} missed their limit"),
        ("Complete", html.Span(coverage_text(row))),
        ("Because", str(row.coverage.reason)),
    ]
    kind = "" if row.coverage.sufficient else "grey"
    return card("What it says", _facts(facts), kind=kind)


def _change(look: Look, found: Compared) -> Any:
    change = change_of(found)
    if not look.bounded or change is None:
        return ""
    span = words.duration(look.length.total_seconds())
    if not change:
        return f"about as in the {span} before"
    said = html.Span(change_text(found, change), className="bad" if is_worse(found) else "ok")
    return html.Span([said, f" than the {span} before"])


def _counted(look: Look, found: Compared) -> Any:
    entry = found.kpi
    least = f"with fewer than {entry.minimum:,} it is withheld" if entry.minimum > 1 else ""
    api = look.view.having().partition("?")[2]
    source = f"/api/v1/kpis/{entry.name}" + (f"?{api}" if api else "")
    facts = [
        ("Formula", str(entry.formula)),
        ("Counts", f"{_COHORTS[entry.cohort]}{f', by {entry.clock}' if entry.clock else ''}"),
        ("Better", f"when it is {entry.better}"),
        ("Least", least),
        ("Stands on", ", ".join(need.replace("|", " or ") for need in entry.needs)),
        ("As data", html.A(source, href=source, className="mono")),
    ]
    return card("How it is counted", _facts(facts))


def _run(look: Look, found: Compared) -> Any:
    title = "How it moved"
    if sum(row.value is not None for row in found.run) < 2:
        return card(title, html.P("There are too few buckets with a value to draw.",
                                  className="mute"))  # fmt: skip
    rows = [
        [words.stamp(row.bucket, look.view.zone), value_text(found.kpi, row), f"{row.n:,}",
         "" if row.breached is None else f"{row.breached:,}"]
        for row in found.run if row.bucket and row.n
    ]  # fmt: skip
    heads = (look.bucket.capitalize(), "Value", "Counted", "Missed")
    return card(
        title,
        html.P(f"By {look.bucket}", className="mute small"),
        html.Div(
            dcc.Graph(figure=run_of(found.kpi.unit, found.run), config=CONFIG,
                      style={"height": "240px"}),
            role="img", className="plot",
            **attributes(aria_label=f"{found.kpi.title} by {look.bucket}"),
        ),
        html.Details([html.Summary("As a table"), table(heads, rows, title)], className="twin"),
    )  # fmt: skip


def _split(look: Look, entry: Kpi) -> Any:
    choices = [by for by in kpi.BY[1:] if by != "age" or (entry.cohort == "now" and entry.ages)]
    by = look.view.query.get("by", "") or choices[0]
    if by not in choices:
        raise BadFilter(f"by: one of {', '.join(choices)}, not {by}")
    chips = [
        html.A(words.sentence(one), href=look.view.having(by=one),
               className="chip on" if one == by else "chip")
        for one in choices
    ]  # fmt: skip
    selection = replace(look.selection, by=by)
    found = look.asked.of(
        f"{entry.name} by {by}",
        lambda: kpi.compute(look.reader, entry, selection, look.model, look.known),
    )
    heads = (words.sentence(by), "Value", "95 % within", "Counted", "Missed")
    rows = [_part(look, entry, by, row) for row in found]
    shown = table(heads, rows, f"By {by}") if rows else html.P("Nothing counted.", className="mute")
    return card("Where it differs", html.Div(chips, className="chips"), shown)


def _part(look: Look, entry: Kpi, by: str, row: KpiRow) -> list[Any]:
    known = str(row.segment) or "not known"
    name: Any = known
    if row.segment and by not in ("age", "stage"):
        name = html.A(known, href=look.view.adding(by, row.segment))
    elif row.segment and by == "stage":
        name = words.sentence(row.segment)
    return [
        name, html.Span(value_text(entry, row), className="num"),
        html.Span("" if row.p95 is None else words.duration(row.p95), className="num"),
        html.Span(f"{row.n:,}", className="num"),
        html.Span("" if row.breached is None else f"{row.breached:,}", className="num"),
    ]  # fmt: skip


def _cases(look: Look, entry: Kpi) -> Any:
    """Some of what counts against us: misses of a share, the slow of a duration, what waits."""
    title = "Cases behind it"
    limit = look.compared((entry.name,))[entry.name].now.p95 or 0.0
    found = look.asked.of(
        f"cases behind {entry.name}",
        lambda: behind.worth_of(
            look.reader, look.selection.dataset,
            behind.cases_behind(look.reader, entry, look.selection, look.model, beyond=limit),
            look.model,
        ),
    )  # fmt: skip
    if not found.cases:
        return card(title, html.P("No case counts against it.", className="mute"))
    rows = [
        [
            html.A(str(one.number), href=look.view.to(f"/case/{one.instance_id}"),
                   className="mono"),
            str(words.number(one.customer)), words.sentence(one.stage),
            html.Span(words.money(one.amount, one.currency), className="num"),
        ]
        for one in found.cases[:_MOST_CASES]
    ]  # fmt: skip
    sums = " + ".join(words.short_money(sum_, code) for code, sum_ in found.money.items())
    said = (
        f"{words.counted(len(found.cases), 'case')} of "
        f"{words.counted(found.customers, 'customer')}"
        f"{f', {sums} together' if sums else ''}: missed, slower than nineteen of twenty, or "
        "waiting; the largest first"
    )
    return card(title, html.P(said, className="mute small"),
                table(("Case", "Customer", "Waits in", "Amount"), rows, title))  # fmt: skip


PAGE = Page(_PATH, "KPI", _render)
