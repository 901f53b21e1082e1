"""Where quotes stop, and how their value flows: two drawings of the same partition of the cases."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from dash import dcc, html

from dashboards import words
from dashboards.components import attributes, card, table
from dashboards.overview import Look
from dashboards.overview.charts import CONFIG, value_flow
from process_model.flow import STEPS, Standing, Step, steps
from process_model.money import Total
from process_model.vocabulary import Stage

_PAST = {
    Stage.QUOTE: "Quoted", Stage.APPROVAL: "Approved", Stage.ACCEPTANCE: "Accepted",
    Stage.ORDER: "Ordered", Stage.FULFILMENT: "Fulfilled", Stage.INVOICE: "Invoiced",
    Stage.PAYMENT: "Paid",
}  # fmt: skip
_NOBODY = "No case began in this period."


def stops_card(look: Look) -> Any:
    """How many cases and how much value got past each stage, and how many wait or left there."""
    stand = look.standing
    found = steps(stand)
    if not any(step.passed for step in found):
        return card("Where quotes stop", html.P(_NOBODY, className="mute"))
    most = max(sum(one.instances for one in stand), 1)
    rows = [_row(look, step, most, stand) for step in found]
    return card(
        "Where quotes stop",
        html.P("Cases that began in the period, their value, and the share kept from the stage "
               "before", className="mute small"),
        html.Ol(rows, className="funnel"),
    )  # fmt: skip


def _row(look: Look, step: Step, most: int, stand: Sequence[Standing]) -> Any:
    kept = "" if step.kept is None else f" · {step.kept:.0%}".replace("%", " %")
    worth = worth_text(step.worth)
    # one sum stands in the bar; several would not fit
    said = f"{step.passed:,} · {worth}{kept}" if "+" not in worth else f"{step.passed:,}{kept}"
    sums = [html.Span(worth, className="sums")] if "+" in worth else []
    here = [one for one in stand if one.stage == step.stage]
    waiting = sum(one.instances for one in here if one.status == "open")
    late = sum(one.instances for one in here if one.late)
    left = sum(one.instances for one in here if one.status == "withdrawn")
    notes = [
        _note(look, f"{waiting:,} waiting", stage=step.stage, status="open") if waiting else None,
        _note(look, f"▲ {late:,} late", stage=step.stage, past_due="1", bad="bad")
        if late
        else None,
        html.Span(f"{left:,} given up") if left else None,
    ]
    return html.Li(
        [
            html.Span(_PAST[step.stage], className="step"),
            html.Span(
                [html.Span(style={"width": f"{step.passed / most:.2%}"}), html.Em(said)],
                className="track num",
            ),
            html.Span(
                [*sums, *(note for note in notes if note is not None)], className="notes num"
            ),
        ]
    )


def _note(look: Look, text: str, *, bad: str = "", **chosen: str) -> Any:
    return html.A(text, href=look.view.to("/cases", **chosen), className=bad)


def worth_text(parts: Iterable[Total]) -> str:
    """The sum of several sums, per currency where they cannot be added."""
    sums: dict[str, Decimal] = {}
    for part in parts:
        if part.amount is not None:
            sums[part.currency] = sums.get(part.currency, Decimal(0)) + part.amount
        for code, amount in part.amounts.items():
            sums[code] = sums.get(code, Decimal(0)) + amount
    return " + ".join(words.short_money(sums[code], code) for code in sorted(sums)) or "no amount"


def flow_card(look: Look) -> Any:
    """The same cases as a flow of value, with what waits, is late, and left."""
    stand = look.standing
    flows, leaves, counted = flows_of(stand)
    if not flows:
        return card("Value flow", html.P(_NOBODY, className="mute"))
    unit = "by value" if not counted else "by cases: the currencies have no common rate"
    figure = value_flow(flows, leaves)
    twin = table(("From", "To", "What"), [[a, b, text] for a, b, _, text in flows], "Value flow")
    return card(
        "Value flow",
        html.P(f"{unit.capitalize()}; orange is late, red left the path", className="mute small"),
        html.Div(
            dcc.Graph(figure=figure, config=CONFIG, style={"height": "300px"}),
            role="img", className="wide", tabIndex=0,  # scrolled by keys
            **attributes(aria_label=f"Value flow {unit}: {_told(flows)}"),
        ),
        html.Details([html.Summary("As a table"), twin], className="twin"),
    )  # fmt: skip


def flows_of(
    stand: Sequence[Standing],
) -> tuple[list[tuple[str, str, float, str]], dict[str, str], bool]:
    """(from, to, size, text) of every flow, the kind of each end, and whether cases are counted."""
    counted = any(one.worth.amounts for one in stand) or len(_currencies(stand)) > 1
    flows: list[tuple[str, str, float, str]] = []
    leaves: dict[str, str] = {}
    for place, stage in enumerate(STEPS):
        name = words.sentence(stage)
        past = [one for one in stand if _reaches(one, place + 1)]
        following = words.sentence(STEPS[place + 1]) if place + 1 < len(STEPS) else "Cash"
        _add(flows, name, following, past, counted)
        here = [one for one in stand if one.stage == stage]
        for kind, word, some in (
            ("waiting", "waiting", [o for o in here if o.status == "open" and not o.late]),
            ("late", "late", [o for o in here if o.late]),
            ("gone", "given up", [o for o in here if o.status == "withdrawn"]),
        ):
            end = f"{name}: {word}"
            if _add(flows, name, end, some, counted):
                leaves[end] = kind
    return flows, leaves, counted


def _reaches(one: Standing, place: int) -> bool:
    if not one.stage:
        return one.status == "completed"
    order = list(Stage)
    return place < len(STEPS) and order.index(Stage(one.stage)) >= order.index(STEPS[place])


def _add(
    flows: list[tuple[str, str, float, str]],
    begin: str,
    end: str,
    some: Sequence[Standing],
    counted: bool,
) -> bool:
    cases = sum(one.instances for one in some)
    amount = sum((one.worth.amount for one in some if one.worth.amount), Decimal(0))
    size = float(cases) if counted else float(amount)
    if size > 0:
        text = f"{words.counted(cases, 'case')}, {worth_text(one.worth for one in some)}"
        flows.append((begin, end, size, text))
    return size > 0


def _currencies(stand: Sequence[Standing]) -> set[str]:
    return {one.worth.currency for one in stand if one.worth.amount is not None}


def _told(flows: Sequence[tuple[str, str, float, str]]) -> str:
    return "; ".join(f"{begin} to {end} {text}" for begin, end, _, text in flows[:4])
