"""Keeps the instances true: what new events and span links touch is grown again.

One thread does all that replaces instances, the work that others ask for included: two at once
could replace new rows by old.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from process_model.config import ModelConfig
from process_model.errands import answer_errands
from process_model.errors import StoreError
from process_model.questions import ask
from process_model.recomputation import recompute
from process_model.state import State
from process_model.store import Store
from process_model.telemetry import measured

_CURSOR = "instances"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Inserts overlap: a segment that was recorded earlier may become visible later.
_OVERLAP = timedelta(minutes=5)
_PAUSE_SECONDS = 0.5
_SEGMENTS_AT_ONCE = 50


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
                worked = walk(store, state, config) + answer_errands(store, state, config)
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
    """Work the next new segments of events and span links in; says how many there were."""
    since = state.cursor(_CURSOR)
    begin = datetime.fromisoformat(since) - _OVERLAP if since else _EPOCH
    stored = ask(store, "segments_since", since=begin)
    known = state.walked(row.segment for row in stored)
    fresh = [row for row in stored if row.segment not in known][:_SEGMENTS_AT_ONCE]
    if not fresh:
        return 0
    with measured("recompute"):
        for dataset, keys in sorted(_touched(store, fresh).items()):
            recompute(store, state, config, dataset, keys)
    state.mark_walked(row.segment for row in fresh)
    state.set_cursor(_CURSOR, fresh[-1].stored_at.isoformat())
    return len(fresh)


def _touched(store: Store, fresh: Iterable[Any]) -> dict[str, set[str]]:
    """Per dataset the keys that the segments speak of."""
    touched: dict[str, set[str]] = defaultdict(set)
    of_kind: dict[str, list[str]] = defaultdict(list)
    for row in fresh:
        of_kind[row.kind].append(row.segment)
    if events := of_kind["events"]:
        for row in ask(store, "objects_of_segments", segments=events):
            touched[row.dataset].add(row.object_key)
    if links := of_kind["span links"]:
        for row in ask(store, "conversations_of_segments", segments=links):
            touched[row.dataset].add(row.conversation)
    return touched
