"""Findings: what is wrong with the estate, each with its proof, its cases and its money."""

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboards import words
from dashboards.components import badge
from dashboards.data import given
from dashboards.pages import Page, PageBody
from dashboards.view import View
from process_model.detection import Told
from process_model.finding import Evidence, worth_text
from process_model.store import Handle

_MOST_PROOFS = 6


def _render(_reader: Handle, view: View) -> PageBody:
    told = given().detection.of(view.selection)
    wanted = view.query.get("id", "")
    shown = [one for one in told if one.finding.id == wanted] if wanted else _of_kind(told, view)
    heading = html.Header(
        [
            html.H1("Findings"),
            html.Span(_summary(told), className="mute small num"),
            *([html.A("All findings", href=view.having(id="", kind=""), className="chip")]
              if wanted or view.query.get("kind", "") else []),
        ],
        className="title",
    )  # fmt: skip
    if not shown:
        return PageBody("Findings", [heading, _nothing(view, wanted)])
    cards = html.Ul(
        [html.Li(_card(view, one, whole=bool(wanted))) for one in shown], className="findings"
    )
    return PageBody("Findings", [heading, *([] if wanted else [_kinds(view, told)]), cards])


def _of_kind(told: Sequence[Told], view: View) -> list[Told]:
    kind = view.query.get("kind", "")
    return [one for one in told if not kind or one.finding.kind == kind]


def _summary(told: Sequence[Told]) -> str:
    open_ = sum(one.finding.until is None for one in told)
    return f"{open_:,} go on, {len(told) - open_:,} are over"


def _kinds(view: View, told: Sequence[Told]) -> Any:
    counts: dict[str, int] = {}
    for one in told:
        counts[one.finding.kind] = counts.get(one.finding.kind, 0) + 1
    chosen = view.query.get("kind", "")
    chips = [
        html.A(
            [words.sentence(kind), html.Span(f"{count:,}", className="count num")],
            href=view.having(kind="" if kind == chosen else kind),
            className="chip on" if kind == chosen else "chip",
        )
        for kind, count in sorted(counts.items())
    ]
    return html.Div(chips, className="chips")


def _nothing(view: View, wanted: str) -> Any:
    text = (
        "This finding is not among those of this period and selection; it may be over."
        if wanted
        else "Nothing is known to be wrong in this period and selection."
    )
    wider = html.A("Look at all time", href=view.having(id="", since="all", until=""))
    return html.Section([html.H2(text), html.P(wider)], className="card notice")


def _card(view: View, one: Told, *, whole: bool) -> Any:
    finding = one.finding
    proofs = finding.evidence if whole else finding.evidence[:_MOST_PROOFS]
    left = len(finding.evidence) - len(proofs)
    cases = html.A(
        f"See {words.counted(one.cases, 'case')}", className="button",
        href=view.to("/cases", since="all", finding=finding.id),
    )  # fmt: skip
    link = html.A("Link to this finding", className="button quiet",
                  href=view.to("/findings", id=finding.id))  # fmt: skip
    return html.Section(
        [
            html.H2(str(one.title)),
            html.Div([badge(words.sentence(finding.kind)), badge(_state(one), _mark(one))]),
            html.Dl([html.Div([html.Dt(name), html.Dd(text)]) for name, text in _facts(view, one)]),
            html.Ul([html.Li(_proof(view, proof)) for proof in proofs], className="proof"),
            *([html.P(f"and {left:,} more", className="mute small")] if left > 0 else []),
            html.Div([*[cases][: one.cases], *([] if whole else [link])], className="actions"),
        ],
        className=f"card finding {finding.severity}",
        id=finding.id,
    )  # fmt: skip


def _state(one: Told) -> str:
    return "over" if one.finding.until else "goes on"


def _mark(one: Told) -> str:
    return "withdrawn" if one.finding.until else "failure"


def _facts(view: View, one: Told) -> list[tuple[str, str]]:
    finding = one.finding
    until = words.stamp(finding.until, view.zone) if finding.until else "now"
    facts = [
        ("Since", f"{words.stamp(finding.since, view.zone)} {view.zone}"),
        ("Until", until),
        ("Cases", f"{one.cases:,}"),
        ("Customers", f"{one.customers:,}"),
        ("At stake", worth_text(one.amounts) if one.amounts else "no amount known"),
        ("Systems", ", ".join(finding.systems)),
        ("Failure", words.sentence(finding.error_type)),
        (
            "Mostly",
            ", ".join(f"{words.sentence(k).lower()} {v}" for k, v in finding.segment.items()),
        ),
    ]
    return [(name, value) for name, value in facts if value]


def _proof(view: View, proof: Evidence) -> list[Any]:
    text: list[Any] = [str(proof.text)]
    if proof.at:
        text.insert(0, html.Span(f"{words.stamp(proof.at, view.zone)} ", className="mute num"))
    if proof.instance:
        text += [" ", html.A("open the case", href=view.to(f"/case/{proof.instance}"))]
    return text


PAGE = Page("/findings", "Findings", _render, icon="alert-triangle", order=2, key="f")
