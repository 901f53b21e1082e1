"""Keeps the instances true: what new events touch is grown again, whole components at a time.

A component is what links hold together. It is grown from all its stored events, so the outcome does
not depend on how they arrived; writing is a replacement, so doing it again changes nothing.
"""

import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from process_model.config import ModelConfig
from process_model.correlation import APART, grow
from process_model.errors import StoreError
from process_model.instance_row import rows_of
from process_model.questions import ask
from process_model.state import State
from process_model.store import Store
from process_model.stored import events_by_hash
from process_model.telemetry import measured
from process_model.winners import counted

REBUILD = "rebuild"
"""The kind of request row by which another process asks the one that holds the store."""

_CURSOR = "instances"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Inserts overlap: a segment that was recorded earlier may become visible later.
_OVERLAP = timedelta(minutes=5)
_PAUSE_SECONDS = 0.5
_SEGMENTS_AT_ONCE = 50
_KEYS_AT_ONCE = 1_000


@contextmanager
def run(
    store: Store,
    state: State,
    config: ModelConfig,
    on_fatal: Callable[[BaseException], None] | None = None,
) -> Iterator[None]:
    """Keep the instances true in a thread until left; what is not done then is done next time."""
    stop = threading.Event()
    work = (store, state, config, stop, on_fatal)
    thread = threading.Thread(target=_keep_current, args=work, name="instances")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _keep_current(
    store: Store,
    state: State,
    config: ModelConfig,
    stop: threading.Event,
    on_fatal: Callable[[BaseException], None] | None,
) -> None:
    try:
        while not stop.is_set():
            try:
                worked = walk(store, state, config) + answer_rebuilds(store, state, config)
            except StoreError as exc:
                if exc.permanent:
                    raise
                worked = 0
            if not worked:
                stop.wait(_PAUSE_SECONDS)
    except Exception as exc:
        if on_fatal is None:
            raise
        on_fatal(exc)


def walk(store: Store, state: State, config: ModelConfig) -> int:
    """Work the next new segments of events into the instances; says how many there were."""
    since = state.cursor(_CURSOR)
    begin = datetime.fromisoformat(since) - _OVERLAP if since else _EPOCH
    stored = ask(store, "segments_since", since=begin)
    known = state.walked(row.segment for row in stored)
    fresh = [row for row in stored if row.segment not in known][:_SEGMENTS_AT_ONCE]
    if not fresh:
        return 0
    segments = [row.segment for row in fresh]
    with measured("recompute"):
        touched: dict[str, set[str]] = defaultdict(set)
        for row in ask(store, "objects_of_segments", segments=segments):
            touched[row.dataset].add(row.object_key)
        for dataset, keys in sorted(touched.items()):
            recompute(store, state, config, dataset, keys)
    state.mark_walked(segments)
    state.set_cursor(_CURSOR, fresh[-1].stored_at.isoformat())
    return len(fresh)


def rebuild(store: Store, state: State, config: ModelConfig) -> int:
    """Grow every instance again from all events, by the same code; says how many there are."""
    total = 0
    for row in ask(store, "datasets_of_events"):
        keys = {entry.object_key for entry in ask(store, "objects_of_dataset", dataset=row.dataset)}
        total += recompute(store, state, config, row.dataset, keys)
    return total


def answer_rebuilds(store: Store, state: State, config: ModelConfig) -> int:
    """Rebuild once for all that asked by a request row; says how many did.

    Runs in the thread that walks: two recomputations at once could replace new rows by old.
    """
    asked = state.requests(REBUILD)
    if asked:
        total = rebuild(store, state, config)
        for request in asked:
            state.answer_request(request.id, f"{total} instances rebuilt")
    return len(asked)


def recompute(
    store: Store, state: State, config: ModelConfig, dataset: str, keys: Iterable[str]
) -> int:
    """Grow the components of the objects and replace their instances; says how many there are."""
    component = _component(store, dataset, keys)
    if not component:
        return 0
    stored = events_by_hash(store, dataset, _hashes(store, dataset, component))
    undone = frozenset((u.from_key, u.to_key, u.kind) for u in state.undone_links(dataset))
    # an instance of which no fact is known (a number that others only cite) is none yet
    grown = [one for one in grow(counted(e for _, e in stored), undone) if one.events]
    hashes = {(event.source, event.id): hash_ for hash_, event in stored}
    rows = rows_of(dataset, grown, hashes, config)
    before = _instances_of(store, dataset, component)
    version = state.next_number("recomputation")
    leads = {key: one.instance_id for one in reversed(grown) for key in one.own}
    _redirect(store, dataset, before - rows.keys(), leads, version)
    gone = [_tombstone(dataset, id_) for id_ in sorted(before - rows.keys())]
    _write(store, [*rows.values(), *gone], {*before} - rows.keys(), version)
    return len(rows)


def _component(store: Store, dataset: str, keys: Iterable[str]) -> set[str]:
    """The objects and all that links hold together with them; parties and rules hold nothing."""
    component: set[str] = set()
    waiting = {key for key in keys if key.partition(":")[0] not in APART}
    while waiting:
        component |= waiting
        found: set[str] = set()
        for part in _parts(waiting):
            rows = ask(store, "neighbours", dataset=dataset, object_keys=part)
            found |= {row.other_key for row in rows}
        waiting = {key for key in found - component if key.partition(":")[0] not in APART}
    return component


def _hashes(store: Store, dataset: str, keys: Iterable[str]) -> list[int]:
    hashes: set[int] = set()
    for part in _parts(keys):
        rows = ask(store, "events_of_objects", dataset=dataset, object_keys=part)
        hashes |= {row.event_hash for row in rows}
    return sorted(hashes)


def _instances_of(store: Store, dataset: str, keys: Iterable[str]) -> set[str]:
    ids: set[str] = set()
    for part in _parts(keys):
        rows = ask(store, "instances_of_objects", dataset=dataset, object_keys=part)
        ids |= {row.instance_id for row in rows}
    return ids


def _parts(keys: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), _KEYS_AT_ONCE):
        yield ordered[start : start + _KEYS_AT_ONCE]


def _tombstone(dataset: str, instance_id: str) -> dict[str, object]:
    return {"dataset": dataset, "instance_id": instance_id}


def _redirect(
    store: Store, dataset: str, gone: Iterable[str], leads: dict[str, str], version: int
) -> None:
    rows = [(dataset, old, leads[old], version) for old in sorted(gone) if old in leads]
    columns = ("dataset", "old_id", "new_id", "version")
    store.insert("instance_redirects", columns, rows, token=f"redirects-{uuid.uuid4()}")


def _write(store: Store, rows: list[dict[str, object]], gone: set[str], version: int) -> None:
    living = [row for row in rows if row["instance_id"] not in gone]
    if living:
        columns = [*living[0], "version", "deleted"]
        body = [[*row.values(), version, 0] for row in living]
        store.insert("instances", columns, body, token=f"instances-{uuid.uuid4()}")
    if gone:
        columns = ["dataset", "instance_id", "version", "deleted"]
        dead = [row for row in rows if row["instance_id"] in gone]
        body = [[*row.values(), version, 1] for row in dead]
        store.insert("instances", columns, body, token=f"tombstones-{uuid.uuid4()}")
