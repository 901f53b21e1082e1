"""Which traces belong to an instance, and which objects a trace is about.

A trace belongs to an instance by an event told in it, by a span that names one of its objects, or
by a span link to or from such a trace.
"""

from collections.abc import Collection, Iterable
from typing import Any

from process_model.events import ObjectRef, object_key
from process_model.questions import ask
from process_model.store import Handle
from process_model.vocabulary import SHARED

MOST = 1_000
"""No page shows more traces of one case; a contract that everything names would bring them all."""


def traces_of(
    reader: Handle, dataset: str, told_in: Iterable[str], object_keys: Collection[str]
) -> list[str]:
    """The ids of the traces: those events were told in first, in their order; ``MOST`` at most."""
    own = list(dict.fromkeys(trace_id for trace_id in told_in if trace_id))
    own += [trace_id for trace_id in _naming(reader, dataset, object_keys) if trace_id not in own]
    own = own[:MOST]
    linked = [row.other_trace_id for row in _linked(reader, own)]
    return list(dict.fromkeys([*own, *sorted(linked)]))[:MOST]


def objects_in(reader: Handle, dataset: str, trace_id: str) -> set[str]:
    """The keys of the objects that spans of the trace name, or of those linked to it."""
    trace_ids = [trace_id, *(row.other_trace_id for row in _linked(reader, [trace_id]))]
    rows = ask(reader, "objects_of_traces", trace_ids=trace_ids)
    local = _local(reader, dataset, [(r.object_type, r.object_id, r.system) for r in rows])
    return {_key(r.object_type, r.object_id, r.system, local) for r in rows}


def _naming(reader: Handle, dataset: str, object_keys: Collection[str]) -> list[str]:
    refs = [ObjectRef.of(key) for key in object_keys]
    if not refs:
        return []
    rows = ask(
        reader,
        "traces_of_objects",
        object_types=sorted({ref.type for ref in refs}),
        object_ids=sorted({ref.id for ref in refs}),
    )
    local = _local(reader, dataset, [(r.object_type, r.object_id, r.system) for r in rows])
    wanted = set(object_keys)
    named = [
        row.trace_id
        for row in rows
        if _key(row.object_type, row.object_id, row.system, local) in wanted
    ]
    return sorted(dict.fromkeys(named))


def _key(type_: str, id_: str, system: str, local: Collection[str]) -> str:
    """An id means the system's own object where it has one, else the one that all share."""
    own = object_key(type_, id_, system)
    return own if own in local else object_key(type_, id_, SHARED)


def _local(reader: Handle, dataset: str, named: Iterable[tuple[str, str, str]]) -> set[str]:
    keys = sorted({object_key(type_, id_, system) for type_, id_, system in named})
    if not keys:
        return set()
    rows = ask(reader, "known_objects", dataset=dataset, object_keys=keys)
    return {row.object_key for row in rows}


def _linked(reader: Handle, trace_ids: Collection[str]) -> list[Any]:
    return ask(reader, "linked_traces", trace_ids=list(trace_ids)) if trace_ids else []
