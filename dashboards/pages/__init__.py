"""Which page a URL shows."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from dash import html
from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri

from dashboards.filters import BadFilter
from process_model.errors import StoreError
from process_model.store import Handle


@dataclass(frozen=True, slots=True)
class PageBody:
    """A page's title and what stands on it."""

    title: str
    body: Any


def page_of(reader: Handle, href: str) -> PageBody:
    """The page of a URL; what goes wrong is a page, too, that says so."""
    from dashboards.pages import case, cases, go

    parts = urlsplit(iri_to_uri(href))
    query = _query(parts.query)
    try:
        if parts.path in ("/", "/cases"):
            return PageBody("Cases", cases.body(reader, query))
        if parts.path.startswith("/case/"):
            return PageBody(*case.page(reader, unquote(parts.path.removeprefix("/case/")), query))
        if parts.path == "/choose":
            return PageBody("Which one?", go.choice(reader, query))
    except BadFilter as error:
        return PageBody("Bad link", notice("This link cannot be understood", str(error)))
    except StoreError as error:
        return PageBody("No answer", notice("The store gave no answer", str(error)))
    return PageBody("Not found", notice("There is no such page", parts.path))


def notice(title: str, detail: str) -> Any:
    """What stands in the place of a page that cannot be shown."""
    return html.Section(
        className="card notice", children=[html.H1(title), html.P(detail, className="mute")]
    )


def _query(text: str) -> MultiDict[str, str]:
    from urllib.parse import parse_qsl

    return MultiDict(parse_qsl(text, keep_blank_values=True))
