"""Grows again what objects are held together with, and replaces their instances in the store.

A component is grown from all its stored events, so the outcome does not depend on how they arrived;
writing is a replacement, so doing it again changes nothing.
"""

import gc
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from process_model.components import Component, component_of, parts
from process_model.config import ModelConfig
from process_model.conversations import Undone, spoken_of
from process_model.correlation import grow
from process_model.instance_row import rows_of
from process_model.questions import ask
from process_model.state import State
from process_model.store import Store
from process_model.stored import StoredFact, facts_by_hash
from process_model.winners import counted

encode_lines = msgspec.json.Encoder().encode_lines

Progress = Callable[[int, int], None]
"""hears how much is done, and of how much"""

# bounds the memory of one recomputation: some twenty thousand events
_KEYS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Work:
    """What one recomputation is about."""

    dataset: str
    undone: Undone
    version: int


def recompute(
    store: Store,
    state: State,
    config: ModelConfig,
    dataset: str,
    keys: Iterable[str],
    told: Progress = lambda _done, _all: None,
) -> int:
    """Grow what is held together with the objects again; says how many instances that gave.

    Instances that are no more are tombstoned, and their ids lead on to who has their documents.
    ``told`` hears how many of the keys are done.
    """
    undone = frozenset((u.from_key, u.to_key, u.kind) for u in state.undone_links(dataset))
    ordered, covered, total = sorted(keys), set[str](), 0
    for start in range(0, len(ordered), _KEYS_AT_ONCE):
        part = [key for key in ordered[start : start + _KEYS_AT_ONCE] if key not in covered]
        version = state.next_number("recomputation")
        with _collecting_later():
            objects, count = _regrow(store, config, Work(dataset, undone, version), part)
        covered |= objects
        total += count
        told(min(start + _KEYS_AT_ONCE, len(ordered)), len(ordered))
    return total


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Hold the search for cycles off: a third of growing went into walking what has none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _regrow(
    store: Store, config: ModelConfig, work: Work, keys: Iterable[str]
) -> tuple[frozenset[str], int]:
    """Replace the instances of whole components; the objects they reach, and how many they are."""
    component, before = _with_former(store, work, keys)
    if not component.objects:
        return frozenset(), 0
    versions = _events(store, work.dataset, component.objects)
    links = (work.undone, component.span_links, component.crowded)
    spoken = spoken_of(versions, *links)
    told = counted(versions)
    # an instance of which no fact is known (a number that others only cite) is none yet
    grown = [one for one in grow(told, work.undone, spoken) if one.events]
    hashes = {(event.source, event.id): event.event_hash for event in versions}
    rows = rows_of(work.dataset, grown, hashes, config)
    leads = {key: one.instance_id for one in reversed(grown) for key in one.own}
    gone = before - rows.keys()
    _redirect(store, work, gone, leads)
    _write(store, rows.values(), work.version)
    bury(store, work.dataset, gone, work.version)
    return component.objects, len(rows)


def _with_former(store: Store, work: Work, keys: Iterable[str]) -> tuple[Component, set[str]]:
    """The component, made whole by what its instances held until now, and the ids of those."""
    component = component_of(store, work.dataset, keys, work.undone)
    before: set[str] = set()
    fresh: Collection[str] = component.objects
    while fresh:
        held: set[str] = set()
        for part in parts(fresh):
            for row in ask(store, "instances_of_objects", dataset=work.dataset, object_keys=part):
                before.add(row.instance_id)
                held.update(row.object_keys)
        lost = held - component.objects
        if not lost:
            break
        wider = component_of(store, work.dataset, component.objects | lost, work.undone)
        fresh, component = wider.objects - component.objects, wider
    return component, before


def _events(store: Store, dataset: str, keys: Iterable[str]) -> list[StoredFact]:
    hashes: set[int] = set()
    for part in parts(keys):
        rows = ask(store, "events_of_objects", dataset=dataset, object_keys=part)
        hashes.update(row.event_hash for row in rows)
    return facts_by_hash(store, dataset, sorted(hashes))


def _redirect(store: Store, work: Work, gone: Iterable[str], leads: Mapping[str, str]) -> None:
    rows = [(work.dataset, old, leads[old], work.version) for old in sorted(gone) if old in leads]
    columns = ("dataset", "old_id", "new_id", "version")
    store.insert("instance_redirects", columns, rows, token=f"redirects-{uuid.uuid4()}")


def _write(store: Store, rows: Iterable[Mapping[str, object]], version: int) -> None:
    lines = encode_lines([{**row, "version": version, "deleted": 0} for row in rows])
    store.insert_lines("instances", lines, token=f"instances-{uuid.uuid4()}")


def bury(store: Store, dataset: str, gone: Iterable[str], version: int) -> None:
    """Make instances be no more, at a number that no row of theirs has reached."""
    columns = ("dataset", "instance_id", "version", "deleted")
    rows = [(dataset, id_, version, 1) for id_ in sorted(gone)]
    store.insert("instances", columns, rows, token=f"tombstones-{uuid.uuid4()}")
