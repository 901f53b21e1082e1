"""What surrounds every page: navigation, the box that takes any id, help, the theme switch."""

from pathlib import Path
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboards.components import attributes, icon
from dashboards.pages import Page, pages
from dashboards.theme import MANTINE
from dashboards.view import View

ASSETS = Path(__file__).parent / "assets"

# The scheme is set before anything is painted, so that a dark page never flashes white.
INDEX = """<!DOCTYPE html>
<html lang="en"><head>
<script>(function(){var s;try{s=localStorage.getItem('mantine-color-scheme-value')}catch(e){}
if(s!=='dark'&&s!=='light')s=matchMedia('(prefers-color-scheme: dark)').matches?'dark':'light';
document.documentElement.setAttribute('data-mantine-color-scheme',s)})()</script>
{%metas%}<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{%title%}</title><link rel="icon" href="data:,">{%css%}</head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body></html>"""

KEYS = (
    ("/", "go to the box for any id"),
    ("Enter", "in the box: open what has this id"),
    ("t", "switch between dark and light"),
    ("[ and ]", "the case before or after this one in the list you came from"),
    ("?", "this help"),
    ("Esc", "close what is open"),
)
"""What the keys do, beside the ones that lead to pages."""


def layout() -> Any:
    """The frame; bar, navigation and page are put into it when the URL is known."""
    return dmc.MantineProvider(
        theme=MANTINE,
        defaultColorScheme="auto",
        children=[
            html.A("Skip to content", href="#main", className="skip"),
            dcc.Location(id="url", refresh="callback-nav"),
            dcc.Store(id="title"),
            dcc.Interval(id="tick", interval=15_000),
            html.Div(id="said", className="toast", role="status", **attributes(aria_live="polite")),
            html.Div(id="tip", className="tip", role="tooltip", hidden=True),
            _help(),
            dmc.AppShell(
                id="frame",
                header={"height": 52},
                navbar={"width": 208, "breakpoint": "sm", "collapsed": {"mobile": True}},
                children=[
                    _header(),
                    dmc.AppShellNavbar(html.Nav(id="nav", **attributes(aria_label="Pages"))),
                    dmc.AppShellMain(
                        [
                            html.Div(id="bar", className="bar", role="group",
                                     **attributes(aria_label="Context")),
                            html.Div(id="page", className="page", children=_waiting()),
                        ],
                        id="main",
                        tabIndex=-1,
                    ),
                ],
            ),
        ],
    )  # fmt: skip


def navigation(view: View) -> list[Any]:
    """The pages that there are; each link carries the context on."""
    return [_entry(page, view) for page in pages() if page.order]


def _entry(page: Page, view: View) -> Any:
    on = _is_at(page.path, view.path)
    current = {"aria_current": "page"} if on else {}
    return html.A(
        [icon(page.icon), page.title], href=view.to(page.path), className="on" if on else "",
        **attributes(data_key=page.key, **current),
    )  # fmt: skip


def _is_at(path: str, here: str) -> bool:
    first = pages()[0].path
    return (
        here == path or (here == "/" and path == first) or (path, here[:6]) == ("/cases", "/case/")
    )


def _header() -> Any:
    burger = dmc.Burger(id="burger", size="sm", hiddenFrom="sm", **attributes(aria_label="Pages"))
    box = dcc.Input(
        id="omni", type="search", placeholder="Any id: quote, order, invoice, trace …",
        autoComplete="off",
    )  # fmt: skip
    return dmc.AppShellHeader(
        html.Div(
            className="header",
            children=[
                burger,
                html.A("Throughline", href="/", className="brand"),
                html.Label(
                    className="omni", htmlFor="omni",
                    children=[
                        icon("search"), html.Span("Find any id", className="unseen"), box,
                        html.Kbd("/"),
                    ],
                ),
                html.Button(
                    icon("help"), id="help-open", type="button", className="tool",
                    title="Keys and help (?)", **attributes(aria_label="Keys and help"),
                ),
                dmc.ColorSchemeToggle(
                    id="scheme", lightIcon=icon("sun"), darkIcon=icon("moon"), variant="subtle",
                    **attributes(aria_label="Dark or light"),
                ),
            ],
        )
    )  # fmt: skip


def _help() -> Any:
    leading = [(f"g {page.key}", page.title) for page in pages() if page.key and page.order]
    rows = [html.Tr([html.Td(html.Kbd(key)), html.Td(text)]) for key, text in (*KEYS, *leading)]
    close = html.Button("Close", id="help-close", type="button", className="button")
    return html.Dialog(
        id="help",
        className="dialog",
        children=[html.H2("Keys"), html.Table(html.Tbody(rows)), close],
        **attributes(aria_label="Keys and help"),
    )


def _waiting() -> Any:
    return html.Div(
        className="waiting",
        children=[dmc.Skeleton(height=28, width=260), dmc.Skeleton(height=420, mt="md")],
        role="status",
        **attributes(aria_label="Loading"),
    )
