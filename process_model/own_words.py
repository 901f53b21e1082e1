"""Instances of datasets in their own words: free activities and object types, without stages.

A case-based log has one object type, ``case``; of an object-centric log one type leads and every
object of it is an instance, so an event of several stands in each of them and is marked shared.
"""

from process_model.questions import ask, question
from process_model.recomputation import Progress
from process_model.state import State
from process_model.store import Handle, Store

# bounds the memory of one growth
_EVENTS_AT_ONCE = 500_000


def _unheard(_done: int, _all: int) -> None:
    return None


def leading_type(store: Handle, dataset: str) -> str:
    """The object type whose objects are the cases of a dataset; '' where the canon leads."""
    found = ask(store, "leading_type", dataset=dataset)
    return str(found[0].leading_type) if found else ""


def grow(store: Store, state: State, dataset: str, told: Progress = _unheard) -> int:
    """Grow every instance of the dataset again from all its events; says how many there are."""
    leading = leading_type(store, dataset)
    version = state.next_number("recomputation")
    events = ask(store, "events_total", dataset=dataset)[0].total
    parts = max(1, -(-events // _EVENTS_AT_ONCE))
    named = {"dataset": dataset, "version": version}
    for part in range(parts):
        parameters = {**named, "leading": leading, "parts": parts, "part": part}
        sql, settings = question("grow_own_words"), _tokened(f"grown-{version}-{part}")
        store.execute("grow_own_words", sql, parameters, settings)
        told(part + 1, parts)
    store.execute("bury_before", question("bury_before"), named, _tokened(f"buried-{version}"))
    return int(ask(store, "instances_count", dataset=dataset)[0].total)


def _tokened(token: str) -> dict[str, str | int]:
    # every instance is written once: there is nothing to bring together while inserting
    return {"insert_deduplication_token": token, "optimize_on_insert": 0}
