"""Worlds written as text, one fact a line, for figures that are worked out by hand."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from process_model import instances
from process_model.config import ModelConfig, StoreConfig
from process_model.state import State, open_state
from process_model.store import Store, open_store
from process_model.store.migrate import migrate
from process_model.vocabulary import SystemKind
from tests.process_model.test_instances import accepted, put

CONFIG = ModelConfig(systems={SystemKind.ERP: "sap", SystemKind.BILLING: "billing"})
"""How the estate of the worlds is set up."""

_SYSTEMS = {
    "opportunity": "crm",
    "quote": "cpq",
    "order": "sap",
    "invoice": "billing",
    "payment": "bank",
}
GOLDEN = Path(__file__).parents[1] / "golden" / "kpis"


@contextmanager
def golden_world(dsn: str, directory: Path) -> Iterator[Store]:
    """The golden world in a store of its own, for many tests that only read it."""
    database = f"world_{uuid.uuid4().hex}"
    with open_store(StoreConfig(dsn=dsn, database=database)) as store:
        migrate(store)
        with open_state(directory / "state.db") as state:
            live(store, state, (GOLDEN / "world.txt").read_text())
        yield store
        store.execute("drop world", f"DROP DATABASE `{database}` SYNC")


def told(text: str) -> list[dict[str, object]]:
    """The facts of a world as CloudEvents."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [_event(number, *(part.strip() for part in line.split("|")))
            for number, line in enumerate(lines)]  # fmt: skip


def live(store: Store, state: State, text: str, config: ModelConfig = CONFIG) -> None:
    """Store the world and grow its instances."""
    put(store, accepted(told(text)))
    while instances.walk(store, state, config):
        pass


def _event(number: int, at: str, type_: str, subject: str, more: str) -> dict[str, object]:
    known = dict(part.split("=", 1) for part in more.split())
    data: dict[str, Any] = {"objects": []}
    if "from" in known:
        data["objects"] = [_object(known["from"])]
    if "region" in known:
        data["segment"] = {"region": known["region"]}
    if "amount" in known:
        data["amount"], data["currency"] = known["amount"].split(",")
    if "due" in known:
        data["due"] = f"{known['due']}:00Z"
    if "days" in known:
        data["terms"] = {"payment_days": int(known["days"])}
    if "exception" in known:
        data["exception"] = {"id": known["exception"], "class": "validation", "owner": "desk"}
    if "sync" in known:
        from_, to = known["sync"].split(">")
        data["sync"] = {"from": from_, "to": to, "object": _object(subject)}
    if "error" in known:
        data |= {"outcome": "failure", "error_type": known["error"]}
    source = f"urn:system:{_SYSTEMS[subject.split('/')[0]]}"
    return {
        "specversion": "1.0", "id": f"w-{number}", "source": source,
        "type": f"q2c.{type_}.v1", "subject": subject, "data": data,
        "time": datetime.fromisoformat(at).replace(tzinfo=UTC).isoformat(),
    }  # fmt: skip


def _object(text: str) -> dict[str, str]:
    type_, id_ = text.split("/")
    return {"type": type_, "id": id_}
