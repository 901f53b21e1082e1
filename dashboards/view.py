"""What a URL shows: its path, its query read once, and links that carry the context on."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri

from dashboards.filters import EVENTS, PATH, BadFilter, selection_of
from process_model.questions import Selection
from process_model.vocabulary import SEGMENTS

CONTEXT = ("since", "until", "as_of", "tz", "dataset", *SEGMENTS, *PATH, EVENTS)
"""The names that every link carries on; all others belong to one page."""


@dataclass(frozen=True, slots=True)
class View:
    """A URL, understood."""

    path: str
    """as it stands in the URL: the ids of cases are URL-safe and are not decoded"""
    query: MultiDict[str, str]
    selection: Selection
    zone: str
    """IANA name of the time zone that every time is written in"""

    @property
    def here(self) -> str:
        """The URL itself, without its host."""
        return _url(self.path, list(self.query.items(multi=True)))

    def to(self, path: str, **own: str) -> str:
        """Another page under the same context, with parameters of its own."""
        carried = [(k, v) for k, v in self.query.items(multi=True) if k in CONTEXT]
        return _url(path, carried + [(name, value) for name, value in own.items() if value])

    def having(self, **changes: str) -> str:
        """This URL with the names set anew; '' takes a name away."""
        kept = [(k, v) for k, v in self.query.items(multi=True) if k not in changes]
        return _url(self.path, kept + [(name, value) for name, value in changes.items() if value])

    def adding(self, name: str, value: str) -> str:
        """This URL with one more value of a name."""
        return _url(self.path, [*self.query.items(multi=True), (name, value)])

    def dropping(self, name: str, value: str) -> str:
        """This URL without one value of a name."""
        kept = [pair for pair in self.query.items(multi=True) if pair != (name, value)]
        return _url(self.path, kept)

    def narrowed(self) -> bool:
        """Whether the period, a segment or a path leaves something out."""
        names = ("since", "until", *SEGMENTS, *PATH)
        return any(self.query.get(name, "") not in ("", "all") for name in names)


def view_of(href: str) -> View:
    """Read a URL; raises ``BadFilter`` when it says something that cannot be understood."""
    parts = urlsplit(iri_to_uri(href))
    query = MultiDict(parse_qsl(parts.query))
    return View(parts.path, query, selection_of(query), zone_of(query.get("tz", "")))


def zone_of(name: str) -> str:
    """The zone of that name, UTC for ''; raises ``BadFilter`` for a name nobody knows."""
    try:
        return ZoneInfo(name).key if name else "UTC"
    except (ValueError, OSError, KeyError) as exc:  # a folder, a way out of the zones, nothing
        raise BadFilter(f"no time zone is named {name} (write Europe/Berlin or UTC)") from exc


def _url(path: str, pairs: list[tuple[str, str]]) -> str:
    return f"{iri_to_uri(path)}?{urlencode(pairs)}" if pairs else iri_to_uri(path)
