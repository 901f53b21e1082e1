"""Stores events as the writer does, in any order and number of segments, and reads instances."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from collector.envelopes.canonical import translate
from process_model import instances
from process_model.config import ModelConfig
from process_model.events import BusinessEvent
from process_model.state import State
from process_model.store import Store

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_SKIPPED = {"links"}


def accepted(
    envelopes: Iterable[dict[str, object]], local_types: Mapping[str, Sequence[str]] | None = None
) -> list[BusinessEvent]:
    """The events as the door would make them."""
    return [
        translate(envelope, received_at=START, local_types=local_types) for envelope in envelopes
    ]


def put(store: Store, events: Sequence[BusinessEvent]) -> None:
    """Store the events as one segment."""
    names = [name for name in BusinessEvent.__struct_fields__ if name not in _SKIPPED]
    link_names = ("from_key", "to_key", "kind", "evidence", "basis", "amount")
    rows: list[list[Any]] = []
    for event in events:
        plain = [getattr(event, name) for name in names]
        amount = names.index("amount")
        plain[amount] = None if event.amount is None else Decimal(event.amount)
        links = [[getattr(link, name) for link in event.links] for name in link_names]
        links[5] = [None if a is None else Decimal(a) for a in links[5]]
        rows.append([list(v) if isinstance(v, tuple) else v for v in plain] + links)
    columns = names + [f"links.{name}" for name in link_names]
    store.insert("business_events", columns, rows, token=str(uuid.uuid4()))


def whole_rows(store: Store) -> dict[str, dict[str, Any]]:
    """All instances of ``live`` with everything but the number of the recomputation."""
    return {name: row for (in_, name), row in rows_of_datasets(store).items() if in_ == "live"}


def rows_of_datasets(store: Store) -> dict[tuple[str, str], dict[str, Any]]:
    """All instances of all datasets, by dataset and id."""
    rows = store.query("all", "SELECT * EXCEPT version FROM instances FINAL").dicts()
    return {(row["dataset"], row["instance_id"]): row for row in rows}


def walk_all(store: Store, state: State, config: ModelConfig) -> None:
    """Work everything that is stored into the instances."""
    while instances.walk(store, state, config):
        pass
