"""Datasets: what each holds and where it came from; and how one goes, with all derived from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from process_model import own_words
from process_model.errors import ThroughlineError
from process_model.questions import ask, question
from process_model.state import State
from process_model.store import Handle, Store
from process_model.vocabulary import LIVE

_SYNCHRONOUS = {"mutations_sync": 2}


class DatasetRefused(ThroughlineError):
    """What was asked of a dataset is not done; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One dataset; times are UTC, ``None`` where it holds nothing, or was not imported."""

    name: str
    events: int
    instances: int
    first_event_at: datetime | None
    last_event_at: datetime | None
    files: tuple[str, ...]
    formats: tuple[str, ...]
    imported_at: datetime | None
    leading_type: str
    """the object type whose objects are the cases; '' where the canon leads"""
    is_mapped: bool
    rejected: int
    unfinished: int
    """imports that run, or were cut short: importing again completes them"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """The record of one import."""

    dataset: str
    import_id: str
    files: tuple[str, ...]
    format: str = ""
    mapping: str = ""
    leading_type: str = ""
    started_at: datetime
    finished_at: datetime | None = None
    read: int = 0
    accepted: int = 0
    stored: int = 0
    rejected: Mapping[str, int]
    notes: tuple[str, ...] = ()


def datasets(handle: Handle) -> list[Dataset]:
    """Every dataset, ``live`` first."""
    return [
        Dataset(
            name=row.dataset,
            events=row.events,
            instances=row.instances,
            first_event_at=row.first_event_at,
            last_event_at=row.last_event_at,
            files=tuple(row.files),
            formats=tuple(row.formats),
            imported_at=row.imported_at,
            leading_type=row.leading_type,
            is_mapped=bool(row.is_mapped),
            rejected=row.rejected,
            unfinished=row.unfinished,
        )
        for row in ask(handle, "datasets")
    ]


def record(store: Store, done: Import) -> None:
    """Keep the record of an import; one that is over replaces itself as it ran."""
    version = 1 if done.finished_at is None else 2
    values = {name: getattr(done, name) for name in Import.__slots__} | {"version": version}
    values |= {name: list(values[name]) for name in ("files", "notes")}
    values["rejected"] = dict(done.rejected)
    token = f"{done.import_id}-record-{version}-{datetime.now(UTC).isoformat()}"
    store.insert("imports", tuple(values), [tuple(values.values())], token=token)


def delete(store: Store, state: State, name: str) -> int:
    """Delete a dataset and everything derived from it; says how many events it had."""
    if name == LIVE:
        raise DatasetRefused(f"{LIVE} is the running estate itself; it is not deleted")
    if name not in {dataset.name for dataset in datasets(store)}:
        raise DatasetRefused(f"there is no dataset {name}; `throughline datasets` lists them")
    events = int(ask(store, "events_total", dataset=name)[0].total)
    _delete_rows(store, state, name)
    return events


def _delete_rows(store: Store, state: State, name: str) -> None:
    for table in ask(store, "tables_with_datasets"):
        parameters = {"table": table.table, "dataset": name}
        sql = question("delete_dataset_rows")
        store.execute("delete_dataset_rows", sql, parameters, _SYNCHRONOUS)
    for link in state.undone_links(name):
        state.take_back_undone(link)


def forget_import(store: Store, state: State, name: str, import_id: str) -> None:
    """Take back what one import stored: a refused file leaves nothing behind."""
    named = {"dataset": name, "import_id": import_id}
    for table in ask(store, "tables_with_datasets"):
        if table.has_segment:
            sql, parameters = question("delete_import_rows"), {**named, "table": table.table}
            store.execute("delete_import_rows", sql, parameters, _SYNCHRONOUS)
    record = question("delete_import_record")
    store.execute("delete_import_record", record, named, _SYNCHRONOUS)
    if name != LIVE and not ask(store, "events_total", dataset=name)[0].total:
        _delete_rows(store, state, name)
    elif own_words.leading_type(store, name):
        own_words.grow(store, state, name)
