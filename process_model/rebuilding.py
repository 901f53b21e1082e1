"""Grows every instance again: in its place, or of what was known on a date into a new dataset."""

import uuid
from datetime import datetime

from process_model import own_words
from process_model.config import ModelConfig
from process_model.errors import ThroughlineError
from process_model.events import utc_text
from process_model.questions import END, ask, question
from process_model.recomputation import Progress, bury, recompute
from process_model.state import State, UndoneLink
from process_model.store import Store
from process_model.vocabulary import LIVE


class NotRebuilt(ThroughlineError):
    """The rebuild that was asked for cannot be done; says why and what can."""


def _unheard(_done: int, _all: int) -> None:
    return None


def rebuild(store: Store, state: State, config: ModelConfig, told: Progress = _unheard) -> int:
    """Grow every instance again from all events, by the same code; says how many there are."""
    datasets = [row.dataset for row in ask(store, "datasets_of_events")]
    return sum(_rebuild_one(store, state, config, dataset, told) for dataset in datasets)


def rebuild_into(
    store: Store,
    state: State,
    config: ModelConfig,
    into: str,
    *,
    as_of: datetime | None = None,
    told: Progress = _unheard,
) -> int:
    """Make the dataset ``into`` of what ``live`` knew on the date, and grow its instances.

    An event is known from the time its source recorded it, else from our receipt; a link counts as
    undone from when a person said so. Raises ``NotRebuilt`` when the dataset exists.
    """
    if not into.strip() or into == LIVE:
        raise NotRebuilt("--into wants the name of a new dataset, such as as-known-in-march")
    if into in {row.dataset for row in ask(store, "datasets_of_events")}:
        raise NotRebuilt(f"the dataset {into} exists already: choose another name")
    known_by, token = as_of or END, f"copy-{into}-{uuid.uuid4()}"
    # the copy's instances are grown here and now, not once more by who walks new segments
    state.mark_walked([token])
    parameters = {"dataset": LIVE, "into": into, "known_by": known_by}
    settings = {"insert_deduplication_token": token}
    store.execute("copy_events", question("copy_events"), parameters, settings)
    for link in state.undone_links(LIVE):
        if link.at is None or link.at <= known_by:
            state.undo_link(
                UndoneLink(into, link.from_key, link.to_key, link.kind, link.by, link.why)
            )
    if not (total := _rebuild_one(store, state, config, into, told)):
        raise NotRebuilt(f"nothing was known by {utc_text(known_by)}: no dataset was made")
    return total


def _rebuild_one(
    store: Store, state: State, config: ModelConfig, dataset: str, told: Progress
) -> int:
    if own_words.leading_type(store, dataset):
        return own_words.grow(store, state, dataset, told)
    first = state.next_number("recomputation")
    keys = {row.object_key for row in ask(store, "objects_of_dataset", dataset=dataset)}
    total = recompute(store, state, config, dataset, keys, told)
    left = ask(store, "instances_before", dataset=dataset, version=first)
    bury(store, dataset, {row.instance_id for row in left}, state.next_number("recomputation"))
    return total
