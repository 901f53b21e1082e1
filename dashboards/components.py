"""Small pieces that pages share."""

from collections.abc import Sequence
from typing import Any

from dash import html

_PLAIN = ("", "mono", "num", "bad", "num bad")


def attributes(**named: str) -> dict[str, Any]:
    """Attributes with a hyphen in their name: ``attributes(aria_label="Pages")``."""
    return {name.replace("_", "-"): value for name, value in named.items()}


def icon(name: str) -> html.Span:
    """A picture beside a word; never alone."""
    return html.Span(className=f"icon icon-{name}", **attributes(aria_hidden="true"))


def copyable(text: str, what: str = "") -> html.Span:
    """An id that can be read, selected and copied with one press."""
    label = f"Copy {what} {text}".replace("  ", " ")
    return html.Span(
        className="copyable",
        children=[
            html.Span(str(text), className="mono"),
            html.Button(
                className="copy icon-copy", type="button", title=label,
                **attributes(data_copy=str(text), aria_label=label),
            ),
        ],
    )  # fmt: skip


def command(text: str) -> html.Div:
    """A line for a terminal, copied with one press."""
    return html.Div(
        className="command",
        children=[
            html.Pre(text),
            html.Button(type="button", className="copy icon-copy",
                        **attributes(data_copy=text, aria_label="Copy the command")),
        ],
    )  # fmt: skip


def card(title: str, *body: Any, id: str = "", kind: str = "") -> html.Section:
    """A card with its heading."""
    named: dict[str, Any] = {"id": id} if id else {}
    return html.Section(className=f"card {kind}".strip(), children=[html.H2(title), *body], **named)


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]], label: str) -> html.Div:
    """A table that scrolls sideways within itself, by keyboard as well."""
    body = [html.Tr([_cell(cell) for cell in row]) for row in rows]
    return html.Div(
        className="table",
        tabIndex=0,
        role="region",
        children=html.Table(
            [
                html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                html.Tbody(body),
            ]
        ),
        **attributes(aria_label=label),
    )


def _cell(content: Any) -> html.Td:
    """A cell; a span of one of our plain kinds lends it its class, as each element costs time."""
    plain = isinstance(content, html.Span) and getattr(content, "className", "") in _PLAIN
    if not plain:
        return html.Td(content)
    return html.Td(**{k: v for k, v in content.to_plotly_json()["props"].items() if k != "style"})


def badge(text: str, kind: str = "") -> html.Span:
    """A word that stands out."""
    return html.Span(str(text), className=f"badge {kind}".strip())
