"""Events read back from the store as the records they were accepted as."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from process_model.events import BusinessEvent, Link
from process_model.questions import ask, question
from process_model.store import Handle, Store

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


class StoredFact(BusinessEvent, frozen=True, kw_only=True):
    """An event as growth needs it, without payload and free fields, by the hash it is stored by."""

    event_hash: int


_facts = msgspec.json.Decoder(StoredFact)


def facts_by_hash(store: Store, dataset: str, hashes: Sequence[int]) -> list[StoredFact]:
    """Every stored version of the events."""
    found: list[StoredFact] = []
    sql = question("facts_by_hash")
    for start in range(0, len(hashes), _AT_ONCE):
        part = {"dataset": dataset, "hashes": list(hashes[start : start + _AT_ONCE])}
        found += _facts.decode_lines(store.lines("facts_by_hash", sql, part))
    return found


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
