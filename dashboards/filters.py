"""What a page or an API call is about, read from its URL; the URL is the only place it is kept."""

import re
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import unquote

from process_model.questions import BEGINNING, END, Path, Selection
from process_model.vocabulary import LIVE

PATH = ("only", "exclude", "start", "end", "follows")
"""What a URL calls the choices of cases by where their path goes; each may be repeated."""

EVENTS = "events"
"""``events=all`` takes every event for a step, not only those that bear a stage."""

_THEN = "~"
_RELATIVE = re.compile(r"now(?:-(\d{1,5})([hdw]))?")
_UNIT = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class BadFilter(ValueError):
    """A filter that cannot be understood; the text says which and how to write it."""


class Query(Protocol):
    """The query of a URL: the first value of a name, and all of them."""

    def get(self, name: str, default: str) -> str:
        """The first value, or the default."""
        ...

    def getlist(self, name: str) -> list[str]:
        """Every value."""
        ...


def selection_of(query: Query) -> Selection:
    """The selection that a URL names; raises ``BadFilter``."""
    now = datetime.now(UTC)
    since, until, as_of = (query.get(name, "") for name in ("since", "until", "as_of"))
    return Selection(
        dataset=query.get("dataset", "") or LIVE,
        since=moment(since, now) if since else BEGINNING,
        until=moment(until, now) if until else END,
        as_of=moment(as_of, now) if as_of else None,
        region=tuple(query.getlist("region")),
        business_unit=tuple(query.getlist("business_unit")),
        legal_entity=tuple(query.getlist("legal_entity")),
        product_family=tuple(query.getlist("product_family")),
        sales_channel=tuple(query.getlist("sales_channel")),
        customer_tier=tuple(query.getlist("customer_tier")),
        path=path_of(query),
    )


def path_of(query: Query) -> Path:
    """The choice of cases by where their path goes that a URL names; raises ``BadFilter``."""
    return Path(
        only=tuple(query.getlist("only")),
        exclude=tuple(query.getlist("exclude")),
        start=tuple(query.getlist("start")),
        end=tuple(query.getlist("end")),
        follows=tuple(map(pair_of, query.getlist("follows"))),
        all_events=query.get(EVENTS, "") == "all",
    )


def pair_of(text: str) -> tuple[str, str]:
    """The hand-over that a URL names: two activities, each percent-encoded (``~`` too) where it
    needs to be, since what separates the two is no part of either. Raises ``BadFilter``.
    """
    first, separator, second = text.partition(_THEN)
    if not (first and separator and second) or _THEN in second:
        raise BadFilter(
            f"follows: two activities with {_THEN} between them "
            f"(quote.sent{_THEN}quote.accepted), not {text}"
        )
    return unquote(first), unquote(second)


def moment(text: str, now: datetime) -> datetime:
    """An RFC 3339 time with its zone, ``now-7d``, or ``all``: the beginning."""
    if text == "all":
        return BEGINNING
    relative = _RELATIVE.fullmatch(text)
    if relative:
        number, unit = relative.groups()
        return now - int(number) * _UNIT[unit] if number else now
    try:
        found = datetime.fromisoformat(text)
    except ValueError as exc:
        raise BadFilter(f"not a time: {text} (write 2026-03-02T09:00:00Z or now-7d)") from exc
    if found.tzinfo is None:
        raise BadFilter(f"a time without zone: {text} (write 2026-03-02T09:00:00Z)")
    return found.astimezone(UTC)
