"""The list of variants: each way that cases take, as a row of chevrons with its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from dash import html

from dashboards import words
from dashboards.components import attributes, icon
from dashboards.overview.stops import worth_text
from dashboards.process.aligned import judged
from dashboards.theme import stage_hue
from dashboards.view import View
from process_model.mining.variants import Variant
from process_model.reference import reference


@dataclass(frozen=True, slots=True)
class Way:
    """A variant and its place among all of the selection."""

    variant: Variant
    rank: int
    """from 1, by the number of cases"""
    cumulative: float
    """the share of this one and of all before it"""


def ranked(found: Sequence[Variant]) -> list[Way]:
    """The variants with their ranks; ``found`` begins with the most frequent one."""
    ways: list[Way] = []
    sum_ = 0.0
    for rank, one in enumerate(found, 1):
        sum_ += one.share
        ways.append(Way(one, rank, min(sum_, 1.0)))
    return ways


_FOLDED = 3
"""So many steps in a row that keep to the happy path are folded into one."""


def listed(view: View, ways: Sequence[Way], path: Sequence[str], picked: Sequence[str]) -> Any:
    """The rows; steps that leave ``path``, the happy path, are marked by colour, sign and word."""
    most = max((way.variant.instances for way in ways), default=1)
    return html.Ol([_row(view, way, path, picked, most) for way in ways], className="ways")


def _row(view: View, way: Way, path: Sequence[str], picked: Sequence[str], most: int) -> Any:
    one, on = way.variant, way.variant.variant in picked
    links = [html.A("Map", href=on_map(view, way)), html.A("Cases", href=cases_of(view, one))]
    spoken = html.Span(f"Compare variant {way.rank}", className="unseen")
    pick = html.A(
        [*([icon("check")] if on else []), spoken],
        href=_picking(view, one.variant, picked), role="button",
        className="chooser on" if on else "chooser", title="Compare",
        **attributes(aria_pressed="true" if on else "false"),
    )  # fmt: skip
    return html.Li(
        [
            pick,
            html.Span(f"{way.rank:,}", className="rank mute num"),
            _share(way, most),
            _two(words.duration(one.p50), f"p90 {words.duration(one.p90)}"),
            _two(worth_text([one.worth]), f"together {percent(way.cumulative)}"),
            chevrons(
                one.activities,
                path,
                f"Variant {way.rank}",
                whole=way.rank == 1 or view.query.get("ways", "") == "whole",
            ),
            html.Span(links, className="to"),
        ],
        className="way on" if on else "way",
    )


def on_map(view: View, way: Way) -> str:
    """The whole map with this way lit."""
    return view.to("/process", way=way.variant.variant, rank=str(way.rank), activities="100",
                   paths="60")  # fmt: skip


def cases_of(view: View, one: Variant) -> str:
    """The cases that went this way."""
    return view.to("/cases", variant=one.variant)


def _picking(view: View, id_: str, picked: Sequence[str]) -> str:
    """Two are compared: one is added or let go, a third takes the place of the second."""
    if id_ in picked:
        return view.dropping("pick", id_)
    kept = view.dropping("pick", picked[1]) if len(picked) > 1 else view.here
    return f"{kept}{'&' if '?' in kept else '?'}pick={id_}"


def _share(way: Way, most: int) -> Any:
    one = way.variant
    gauge = html.Span(html.Span(style={"width": f"{one.instances / most:.1%}"}), className="gauge")
    told = html.Small(words.counted(one.instances, "case"), className="mute")
    return html.Span([html.B(percent(one.share)), told, gauge], className="stacked num")


def _two(above: str, below: str) -> Any:
    return html.Span([html.Span(above), html.Small(below, className="mute")],
                     className="stacked num")  # fmt: skip


def chevrons(steps: Sequence[str], path: Sequence[str], name: str, *, whole: bool) -> Any:
    """The steps in a row that scrolls within itself; ``whole`` folds nothing away."""
    told = judged(steps, path)
    shown: list[Any] = []
    for piece in pieces([kind != "on" for _, kind in told], whole=whole):
        some = [told[place] for place in piece]
        shown.append(_folded([step for step, _ in some]) if len(some) > 1 else _one(*some[0]))
    few = sum(kind != "on" for _, kind in told)
    note = f", leaves the happy path {words.counted(few, 'time')}" if few else ""
    return html.Div(
        shown, className="chevrons", role="list", tabIndex=0,
        **attributes(aria_label=f"{name}: {words.counted(len(steps), 'step')}{note}"),
    )  # fmt: skip


def _one(step: str, kind: str) -> Any:
    said = words.activity(step)
    if kind == "on":
        stage = str(reference().stage_of.get(step, ""))
        return html.Span(said, className=stage_hue(stage), role="listitem")
    sign, spoken = ("◆", "off the happy path") if kind == "off" else ("−", "left out")
    return html.Span(f"{sign} {said}", className=kind, role="listitem",
                     **attributes(aria_label=f"{said}, {spoken}"))  # fmt: skip


def pieces(left: Sequence[bool], *, whole: bool) -> list[range]:
    """What stands in one chevron each: single steps, and stretches that keep to the happy path.

    The first and the last step of such a stretch stay to be seen; only what is between is folded.
    """
    found: list[range] = []
    start = 0
    for leaves, group in groupby(left):
        end = start + len(list(group))
        if leaves or whole or end - start < _FOLDED + 2:
            found += [range(place, place + 1) for place in range(start, end)]
        else:
            found += [range(start, start + 1), range(start + 1, end - 1), range(end - 1, end)]
        start = end
    return found


def _folded(steps: Sequence[str]) -> Any:
    said = [words.activity(step) for step in steps]
    text = f"{len(said)} steps as on the happy path: {', '.join(said)}"
    return html.Span(f"⋯ {len(said)}", className="hue-7", role="listitem", title=text,
                     **attributes(aria_label=text))  # fmt: skip


def percent(share: float) -> str:
    """A share with one decimal: ``14.3 %``."""
    return f"{share:.1%}".replace("%", " %")
