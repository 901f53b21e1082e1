"""What is wrong now, in business words: the strip above everything else."""

from typing import Any

from dash import html

from dashboards import words
from dashboards.components import attributes, icon
from dashboards.overview import Look
from process_model.detection import Told
from process_model.finding import Severity

_MOST = 3


def incidents(look: Look) -> Any:
    """The findings that go on, the most urgent first; that there are none is said, too."""
    told = look.given.detection.of(look.selection)
    open_ = [one for one in told if one.finding.until is None and _matters(one)]
    over = len([one for one in told if one.finding.until is not None])
    every = html.A("All findings", href=look.view.to("/findings"))
    if not open_:
        past = (
            f" {words.counted(over, 'finding')} of this period ended by themselves." if over else ""
        )
        return html.Section(
            [icon("circle-check"), html.Span(f"Nothing is known to be wrong now.{past} "), every],
            className="strip calm",
        )  # fmt: skip
    worst = any(one.finding.severity == Severity.CRITICAL for one in open_)
    heading = words.counted(len(open_), "open incident")
    return html.Section(
        [
            html.H2([icon("alert-triangle"), heading]),
            html.Ul([_line(look, one) for one in open_[:_MOST]]),
            html.P(every) if len(open_) <= _MOST else html.P(
                [f"and {len(open_) - _MOST} more: ", every]),
        ],
        className="strip" + (" critical" if worst else ""),
        **attributes(aria_label=heading),
    )  # fmt: skip


def _matters(one: Told) -> bool:
    return one.finding.severity in (Severity.CRITICAL, Severity.WARNING)


def _line(look: Look, one: Told) -> Any:
    cases: list[Any] = [
        " ",
        html.A(f"See {words.counted(one.cases, 'case')}",
               href=look.view.to("/cases", finding=one.finding.id)),
    ]  # fmt: skip
    title = html.A(
        str(one.title), href=look.view.to("/findings", id=one.finding.id), className="what"
    )
    return html.Li([title, *(cases if one.cases else [])])
