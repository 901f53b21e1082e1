"""Two variants side by side: which steps only one of them has, and what they cost each."""

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboards import words
from dashboards.components import card, table
from dashboards.overview.stops import worth_text
from dashboards.process.aligned import aligned
from dashboards.process.ways import Way, cases_of, on_map, percent
from dashboards.view import View


def side_by_side(view: View, one: Way, two: Way) -> Any:
    """The card that compares the two; what only one has stands in its column alone."""
    a, b = one.variant.activities, two.variant.activities
    pairs = aligned(a, b)
    shared = sum(None not in pair for pair in pairs)
    heads = ("", _name(one), _name(two), "Difference")
    return card(
        f"{_name(one)} beside {_name(two).lower()}",
        html.P(
            f"{words.counted(shared, 'step')} in common, {len(pairs) - shared:,} in one alone.",
            className="mute small",
        ),
        html.Div(
            [
                table(heads, _figures(view, one, two), "Figures of both"),
                html.Ol(
                    [_step(a, b, *pair) for pair in pairs],
                    className="pairs",
                ),
            ],
            className="beside-one-another",
        ),
    )  # fmt: skip


def _name(way: Way) -> str:
    return f"Variant {way.rank:,}"


def _figures(view: View, one: Way, two: Way) -> list[list[Any]]:
    a, b = one.variant, two.variant
    return [
        ["Cases", html.A(f"{a.instances:,}", href=cases_of(view, a)),
         html.A(f"{b.instances:,}", href=cases_of(view, b)),
         _signed(b.instances - a.instances, f"{abs(b.instances - a.instances):,}")],
        ["Share", percent(a.share), percent(b.share),
         _signed(b.share - a.share, f"{abs(b.share - a.share) * 100:.1f} points")],
        ["Median", words.duration(a.p50), words.duration(b.p50), _longer(a.p50, b.p50)],
        ["p90", words.duration(a.p90), words.duration(b.p90), _longer(a.p90, b.p90)],
        ["Money", worth_text([a.worth]), worth_text([b.worth]), ""],
        ["Steps", str(len(a.activities)), str(len(b.activities)),
         _signed(len(b.activities) - len(a.activities),
                 str(abs(len(b.activities) - len(a.activities))))],
        ["", html.A("On the map", href=on_map(view, one)),
         html.A("On the map", href=on_map(view, two)), ""],
    ]  # fmt: skip


def _signed(change: float, size: str) -> str:
    return f"{'▲' if change > 0 else '▼'} {size}" if change else "the same"


def _longer(before: float, after: float) -> str:
    if before == after:
        return "the same"
    word = "longer" if after > before else "shorter"
    return f"{'▲' if after > before else '▼'} {words.duration(abs(after - before))} {word}"


def _step(one: Sequence[str], two: Sequence[str], i: int | None, j: int | None) -> Any:
    if i is not None and j is not None:
        return html.Li(words.activity(one[i]), className="both")
    alone = words.activity(one[i] if i is not None else two[j or 0])
    where = "first" if i is not None else "second"
    return html.Li([alone, html.Span(f" (in the {where} alone)", className="unseen")],
                   className=where)  # fmt: skip
