"""Events read back from the store as the records they were accepted as."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

from process_model.events import BusinessEvent, Link
from process_model.questions import ask
from process_model.store import Handle

_AT_ONCE = 5_000
_LINK_COLUMNS = ("from_key", "to_key", "kind", "evidence", "basis", "amount")


def events_by_hash(
    handle: Handle, dataset: str, hashes: Sequence[int]
) -> list[tuple[int, BusinessEvent]]:
    """Every stored version of the events, each with its hash."""
    found: list[tuple[int, BusinessEvent]] = []
    for start in range(0, len(hashes), _AT_ONCE):
        part = list(hashes[start : start + _AT_ONCE])
        rows = ask(handle, "events_by_hash", dataset=dataset, hashes=part)
        found += ((row.event_hash, _event(row._asdict())) for row in rows)
    return found


def facts_by_hash(
    handle: Handle, dataset: str, hashes: Sequence[int]
) -> list[tuple[int, BusinessEvent]]:
    """Every stored version of the events, each with its hash, without payload and free fields."""
    found: list[tuple[int, BusinessEvent]] = []
    for start in range(0, len(hashes), _AT_ONCE):
        part = list(hashes[start : start + _AT_ONCE])
        rows = ask(handle, "facts_by_hash", dataset=dataset, hashes=part)
        found += ((row.event_hash, _fact(row)) for row in rows)
    return found


_PLAIN = (
    "dataset", "source", "id", "type", "activity", "subject", "event_time", "recorded_time",
    "received_at", "sequence", "trace_id", "region", "business_unit", "legal_entity",
    "product_family", "sales_channel", "customer_tier", "amount", "currency", "outcome",
    "error_type", "attempt", "idempotency_key", "sync_from", "sync_to", "sync_object",
    "exception_id", "exception_class", "exception_owner", "due", "payment_days", "origin",
    "content_hash",
)  # fmt: skip
_plain = attrgetter(*_PLAIN)
_linked = attrgetter(*(f"link_{name}" for name in _LINK_COLUMNS))


def _fact(row: Any) -> BusinessEvent:
    given = dict(zip(_PLAIN, _plain(row), strict=True))
    links = tuple(map(Link, *_linked(row)))
    return BusinessEvent(**given, object_keys=tuple(row.object_keys), links=links)


def _event(row: dict[str, Any]) -> BusinessEvent:
    del row["event_hash"]
    row["links"] = tuple(_links(row))
    for name in ("object_keys", "object_types", "object_qualifiers"):
        row[name] = tuple(row[name])
    row["amount"] = plain(row["amount"])
    return BusinessEvent(**row)


def _links(row: dict[str, Any]) -> Iterator[Link]:
    columns = [row.pop(f"link_{name}") for name in _LINK_COLUMNS]
    for from_key, to_key, kind, evidence, basis, amount in zip(*columns, strict=True):
        yield Link(from_key, to_key, kind, evidence, basis, plain(amount))


def plain(amount: Any) -> str | None:
    """A decimal as the text it came in as: no trailing noughts, no exponent."""
    if amount is None:
        return None
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
