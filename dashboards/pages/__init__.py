"""The pages: one file each, found by itself; and which of them a URL shows.

A page is a module of this package that holds one ``Page``. It needs no other line anywhere: it
stands in the navigation when it has an ``order``, and the keys ``g`` and its ``key`` lead to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from dash import Dash, html

from dashboards.components import attributes
from dashboards.filters import BadFilter
from dashboards.view import View, view_of
from process_model import plugins
from process_model.errors import StoreError
from process_model.mining.miner import MiningError
from process_model.store import Handle


@dataclass(frozen=True, slots=True)
class PageBody:
    """A page's title and what stands on it."""

    title: str
    body: Any


@dataclass(frozen=True, slots=True)
class Page:
    """One page; ``render`` asks the store and answers with what stands on it."""

    path: str
    """``/cases``; with a slash at its end it takes whatever follows, as ``/case/`` does"""
    title: str
    render: Callable[[Handle, View], PageBody]
    icon: str = ""
    """of ``web/icons.txt``"""
    order: int = 0
    """its place in the navigation; 0 = not there"""
    key: str = ""
    """``g`` and this key go there"""
    connect: Callable[[Dash, Handle], None] | None = None
    """adds the page's own callbacks and routes, once"""

    def shows(self, path: str) -> bool:
        """Whether the path is this page's."""
        takes_more = self.path.endswith("/") and self.path != "/"
        return path.startswith(self.path) if takes_more else path == self.path


@cache
def pages() -> tuple[Page, ...]:
    """Every page, those of the navigation first and in its order."""
    import dashboards.pages as package

    found = plugins.discover(package, Page).values()
    return tuple(sorted(found, key=lambda page: (page.order == 0, page.order, page.path)))


def page_of(reader: Handle, href: str) -> PageBody:
    """The page of a URL; what goes wrong is a page, too, that says so."""
    try:
        view = view_of(href)
        path = pages()[0].path if view.path == "/" else view.path
        for page in pages():
            if page.shows(path):
                return page.render(reader, view)
    except BadFilter as error:
        return PageBody("Bad link", notice("This link cannot be understood", str(error)))
    except (StoreError, MiningError) as error:
        again = html.A("Try again", href=href, className="button", **attributes(data_reload="1"))
        return PageBody("No answer", notice("There is no answer", str(error), again))
    home = html.A("All cases", href=view.to("/cases"), className="button")
    return PageBody("Not found", notice("There is no such page", view.path, home))


def notice(title: str, detail: str, *more: Any) -> Any:
    """What stands in the place of a page that cannot be shown."""
    return html.Section(
        className="card notice", children=[html.H1(title), html.P(detail, className="mute"), *more]
    )
