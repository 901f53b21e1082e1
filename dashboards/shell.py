"""What surrounds every page: navigation, the box that takes any id, the theme switch."""

from pathlib import Path
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboards.components import attributes, icon
from dashboards.theme import MANTINE

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

_PAGES = (("/cases", "Cases", "list-details"),)


def layout() -> Any:
    """The frame; the page itself is put into ``page`` when the URL is known."""
    return dmc.MantineProvider(
        theme=MANTINE,
        defaultColorScheme="auto",
        children=[
            html.A("Skip to content", href="#main", className="skip"),
            dcc.Location(id="url", refresh="callback-nav"),
            dcc.Store(id="title"),
            dmc.AppShell(
                header={"height": 52},
                navbar={"width": 200, "breakpoint": "sm", "collapsed": {"mobile": True}},
                padding="md",
                children=[
                    _header(),
                    dmc.AppShellNavbar(
                        html.Nav(
                            [_entry(*page) for page in _PAGES], **attributes(aria_label="Pages")
                        ),
                        p="xs",
                    ),
                    dmc.AppShellMain(
                        html.Div(id="page", className="page", children=_waiting()),
                        id="main",
                        tabIndex=-1,
                    ),
                ],
            ),
        ],
    )


def _header() -> Any:
    return dmc.AppShellHeader(
        html.Div(
            className="header",
            children=[
                dcc.Link("Throughline", href="/cases", className="brand"),
                html.Div(
                    className="omni",
                    children=[
                        icon("search"),
                        dcc.Input(
                            id="omni",
                            type="search",
                            placeholder="Any id: quote, order, invoice, trace …",
                            autoComplete="off",
                        ),
                        html.Kbd("/"),
                    ],
                ),
                dmc.ColorSchemeToggle(
                    lightIcon=html.Span("☀"),
                    darkIcon=html.Span("☾"),
                    **attributes(aria_label="Dark or light"),
                ),
            ],
        )
    )


def _navigation() -> Any:
    entries = [_entry(*page) for page in _PAGES]
    return html.Nav(entries, **attributes(aria_label="Pages"))


def _entry(href: str, label: str, picture: str) -> Any:
    return dmc.NavLink(label=label, href=href, active="partial", leftSection=icon(picture))


def _waiting() -> Any:
    return html.Div(
        className="waiting",
        children=[dmc.Skeleton(height=28, width=260), dmc.Skeleton(height=420, mt="md")],
    )
