"""Variants: which ways cases take, how many, how long and for how much; two beside one another."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from dash import dcc, html

from dashboards import words
from dashboards.components import attributes, icon
from dashboards.data import given
from dashboards.pages import Page, PageBody
from dashboards.process.side_by_side import side_by_side
from dashboards.process.steps import all_events, nothing
from dashboards.process.ways import Way, listed, percent, ranked
from dashboards.view import View
from process_model.mining.variants import MOST, Variants, variants
from process_model.store import Handle

_AT_ONCE = 20


def _render(reader: Handle, view: View) -> PageBody:
    asked = (reader, view.selection, given().model)
    found: Variants = given().fresh.of(
        ("variants", view.to("/variants")), partial(variants, *asked, limit=MOST)
    )
    if not found.found:
        head = html.Header([html.H1("Variants"), *all_events(view)], className="title")
        return PageBody("Variants", [head, nothing(reader, view, "/variants")])
    ways = ranked(found.found)
    path = ways[0].variant.activities
    fitting = _searched(ways, view.query.get("q", "").strip())
    shown = fitting[: _wanted(view)]
    picked = _picked(view, ways)
    head = html.Header(
        [
            html.H1("Variants"), *all_events(view),
            html.Span(_told(found, shown), className="mute small num"),
        ],
        className="title",
    )  # fmt: skip
    body = [head, _search(view, len(fitting)), *_compared(view, ways, picked)]
    if shown:
        rows = listed(view, shown, path, picked)
        body.append(html.Section([rows, *_more(view, fitting)], className="card"))
    else:
        text = f"No variant has a step that contains “{view.query.get('q', '')}”."
        all_ = html.A("Show all variants", href=view.having(q=""), className="button")
        body.append(html.Section([html.H2(text), all_], className="card notice"))
    return PageBody("Variants", body)


def _told(found: Variants, shown: Sequence[Way]) -> str:
    covered = sum(one.variant.share for one in shown)
    return (
        f"{words.counted(found.variants, 'variant')}; the {len(shown):,} shown are "
        f"{percent(min(covered, 1))} of {words.counted(found.instances, 'case')}"
    )


def _searched(ways: Sequence[Way], text: str) -> list[Way]:
    wanted = text.casefold()
    return [
        way
        for way in ways
        if not wanted
        or any(
            wanted in one.casefold() or wanted in words.activity(one).casefold()
            for one in way.variant.activities
        )
    ]


def _search(view: View, many: int) -> Any:
    field = html.Label(
        className="find", **attributes(data_param="q"),
        children=[
            icon("search"), html.Span("A step contains", className="unseen"),
            dcc.Input(type="search", value=view.query.get("q", ""), id="variants-q",
                      placeholder="A step, as credit held", autoComplete="off"),
        ],
    )  # fmt: skip
    note = f"{words.counted(many, 'variant')} with it" if view.query.get("q", "") else ""
    signs = "◆ off the happy path (variant 1) · − left out of it · ⋯ steps on it"
    key = html.Span(signs, className="mute small")
    on = view.query.get("ways", "") == "whole"
    fold = html.A(
        "Whole ways", href=view.having(ways="" if on else "whole"), role="button",
        className="chip on" if on else "chip", title="Fold no steps away",
        **attributes(aria_pressed="true" if on else "false"),
    )  # fmt: skip
    return html.Div(
        [field, fold, html.Span(note, className="mute small num"), key], className="narrowing"
    )


def _wanted(view: View) -> int:
    text = view.query.get("rows", "")
    return max(_AT_ONCE, min(int(text), 400)) if text.isdecimal() else _AT_ONCE


def _more(view: View, fitting: Sequence[Way]) -> list[Any]:
    wanted = _wanted(view)
    left = len(fitting) - wanted
    if left <= 0:
        return []
    next_ = min(left, 2 * _AT_ONCE)
    href = view.having(rows=str(wanted + next_))
    return [html.A(f"Show {next_:,} more of {left:,}", href=href, className="button quiet")]


def _picked(view: View, ways: Sequence[Way]) -> list[str]:
    known = {way.variant.variant for way in ways}
    return [one for one in view.query.getlist("pick") if one in known][:2]


def _compared(view: View, ways: Sequence[Way], picked: Sequence[str]) -> list[Any]:
    chosen = [way for way in ways if way.variant.variant in picked]
    if len(chosen) == 2:
        return [side_by_side(view, *chosen)]
    if chosen:
        return [html.P(f"Variant {chosen[0].rank:,} is chosen: choose another to compare.",
                       className="mute small", role="status")]  # fmt: skip
    return []


PAGE = Page("/variants", "Variants", _render, icon="git-branch", order=4, key="v")
