"""Work that people ask for and that replaces instances: done here, or asked of who holds the store.

One process holds the embedded store. A command that finds it held leaves a request row in the
operational state; the thread that keeps the instances answers it between two walks.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from process_model import datasets, own_words
from process_model.config import ModelConfig
from process_model.errors import StoreUnavailable, ThroughlineError
from process_model.money import rates_of, store_rates
from process_model.rebuilding import rebuild, rebuild_into
from process_model.recomputation import Progress
from process_model.state import Request, State, UndoneLink
from process_model.store import Store
from process_model.undoing import find_link, links_of_case, take_back, undo

REBUILD, LINKS, UNDO, TAKE_BACK, RATES = "rebuild", "links", "undo", "take_back", "rates"
GROW, DATASETS, DELETE_DATASET = "grow", "datasets", "delete_dataset"
"""the kinds of errand"""

Payload = Mapping[str, Any]


def _unheard(_done: int, _all: int) -> None:
    return None


def run_errand(
    store: Store,
    state: State,
    config: ModelConfig,
    kind: str,
    payload: Payload,
    told: Progress = _unheard,
) -> str:
    """Do what is asked and say what came of it; raises ``ThroughlineError`` with the reason not."""
    return _ERRANDS[kind](store, state, config, payload, told)


def answer_errands(store: Store, state: State, config: ModelConfig) -> int:
    """Do all that was asked by request rows; says how many there were.

    Equal rebuilds are done once for all that asked.
    """
    asked = [request for kind in _ERRANDS for request in state.requests(kind)]
    done: dict[tuple[str, str], tuple[str, bool]] = {}
    for request in asked:
        errand = (request.kind, str(sorted(request.payload.items())))
        if errand not in done:
            done[errand] = _attempted(store, state, config, request)
        answer, failed = done[errand]
        state.answer_request(request.id, answer, failed=failed)
    return len(asked)


def _attempted(
    store: Store, state: State, config: ModelConfig, request: Request
) -> tuple[str, bool]:
    try:
        return run_errand(store, state, config, request.kind, request.payload), False
    except StoreUnavailable:
        raise  # the row stays open: it is answered when the store is back
    except ThroughlineError as refused:
        return str(refused), True


def _rebuild(
    store: Store, state: State, config: ModelConfig, payload: Payload, told: Progress
) -> str:
    into, as_of = payload.get("into", ""), payload.get("as_of")
    if not into:
        return _rebuilt(rebuild(store, state, config, told))
    known_by = datetime.fromisoformat(as_of) if as_of else None
    total = rebuild_into(store, state, config, into, as_of=known_by, told=told)
    return f"{_rebuilt(total)} into the dataset {into}"


def _rebuilt(total: int) -> str:
    return "1 instance rebuilt" if total == 1 else f"{total} instances rebuilt"


def _links(
    store: Store, state: State, _config: ModelConfig, payload: Payload, _told: Progress
) -> str:
    found = links_of_case(store, state, payload["dataset"], payload["case"])
    return orjson.dumps([asdict(link) for link in found]).decode()


def _undo(
    store: Store, state: State, config: ModelConfig, payload: Payload, _told: Progress
) -> str:
    link = _named(store, state, payload, undone=False)
    total = undo(store, state, config, link)
    return f"undone: {link.from_key} → {link.to_key}; {_grown(total)}"


def _take_back(
    store: Store, state: State, config: ModelConfig, payload: Payload, _told: Progress
) -> str:
    link = _named(store, state, payload, undone=True)
    total = take_back(store, state, config, link)
    return f"counts again: {link.from_key} → {link.to_key}; {_grown(total)}"


def _rates(
    store: Store, _state: State, _config: ModelConfig, payload: Payload, _told: Progress
) -> str:
    return store_rates(store, rates_of(payload["rates"]))


def _grow(
    store: Store, state: State, _config: ModelConfig, payload: Payload, told: Progress
) -> str:
    return f"{own_words.grow(store, state, payload['dataset'], told)} cases"


def _datasets(
    store: Store, _state: State, _config: ModelConfig, _payload: Payload, _told: Progress
) -> str:
    return orjson.dumps([asdict(found) for found in datasets.datasets(store)]).decode()


def _delete_dataset(
    store: Store, state: State, _config: ModelConfig, payload: Payload, _told: Progress
) -> str:
    events = datasets.delete(store, state, payload["dataset"])
    return f"dataset {payload['dataset']} is deleted, with its {events} events"


def _named(store: Store, state: State, payload: Payload, *, undone: bool) -> UndoneLink:
    dataset = payload["dataset"]
    links = links_of_case(store, state, dataset, payload["case"])
    link = find_link(links, payload["from"], payload["to"], undone=undone)
    by, why = payload.get("by", ""), payload.get("why", "")
    return UndoneLink(dataset, link.from_key, link.to_key, link.kind, by, why)


def _grown(total: int) -> str:
    return "1 case was grown again" if total == 1 else f"{total} cases were grown again"


_ERRANDS: dict[str, Callable[[Store, State, ModelConfig, Payload, Progress], str]] = {
    REBUILD: _rebuild,
    LINKS: _links,
    UNDO: _undo,
    TAKE_BACK: _take_back,
    RATES: _rates,
    GROW: _grow,
    DATASETS: _datasets,
    DELETE_DATASET: _delete_dataset,
}
