"""Any id a person may hold, resolved to instances: the most exact reading of it first."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from process_model.questions import ask
from process_model.store import Handle
from process_model.traces import objects_in
from process_model.vocabulary import ObjectType

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_MOST = 100


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which instances an id leads to, and what it was taken for ('' when for nothing)."""

    instances: list[str]
    matched_as: str


def resolve(reader: Handle, dataset: str, any_id: str) -> Resolution:
    """The instances any id leads to; ids of events and traces count only where no number fits."""
    wanted = any_id.strip()
    if not wanted:
        return Resolution([], "")
    by_id = _by_instance_id(reader, dataset, wanted)
    if by_id:
        return Resolution(by_id, "case id")
    rows = ask(reader, "objects_of_name", dataset=dataset, any_id=wanted)
    keys = {row.object_key for row in rows} | ({wanted} if wanted.count(":") == 2 else set())
    for taken_as, named in _readings(wanted, keys):
        if found := _holding(reader, dataset, named):
            return Resolution(found, taken_as)
    for taken_as, told in _technical(reader, dataset, wanted).items():
        if found := _holding(reader, dataset, told):
            return Resolution(found, taken_as)
    customers = _of_customers(reader, dataset, keys)
    return Resolution(customers, "customer" if customers else "")


def _by_instance_id(reader: Handle, dataset: str, wanted: str) -> list[str]:
    led = [row.new_id for row in ask(reader, "redirect", dataset=dataset, old_id=wanted)]
    living = ask(reader, "living_instances", dataset=dataset, instance_ids=[wanted, *led])
    return sorted(row.instance_id for row in living)


def _readings(wanted: str, keys: Iterable[str]) -> Iterable[tuple[str, set[str]]]:
    """The whole key first, then the number, by its types in the order of the canon."""
    yield _said(wanted), {key for key in keys if key == wanted}
    named = {key for key in keys if not key.startswith(f"{ObjectType.CUSTOMER}:")}
    if named:
        yield _said(min(named, key=_place)), named


def _place(key: str) -> tuple[int, str]:
    order = [str(type_) for type_ in ObjectType]
    type_ = _type(key)
    return (order.index(type_) if type_ in order else len(order), key)


def _type(key: str) -> str:
    return key.partition(":")[0]


def _said(key: str) -> str:
    return f"{_type(key).replace('_', ' ')} number"


def _technical(reader: Handle, dataset: str, wanted: str) -> dict[str, set[str]]:
    header = _TRACEPARENT.fullmatch(wanted.lower())
    hex_id = header[1] if header else wanted.lower()
    found: dict[str, set[str]] = {}
    ids = {"any_id": wanted, "hex_id": hex_id}
    for row in ask(reader, "objects_of_event_ids", dataset=dataset, **ids):
        found.setdefault(row.taken_as, set()).update(row.object_keys)
    if _TRACE_ID.fullmatch(hex_id):
        found.setdefault("trace id", set()).update(objects_in(reader, dataset, hex_id))
    return dict(sorted(found.items(), key=lambda entry: entry[0] != "trace id"))


def _holding(reader: Handle, dataset: str, keys: Iterable[str]) -> list[str]:
    wanted = sorted(keys)
    if not wanted:
        return []
    rows = ask(reader, "instances_of_objects", dataset=dataset, object_keys=wanted)
    return sorted({row.instance_id for row in rows})[:_MOST]


def _of_customers(reader: Handle, dataset: str, keys: Iterable[str]) -> list[str]:
    wanted = sorted(key for key in keys if key.startswith(f"{ObjectType.CUSTOMER}:"))
    if not wanted:
        return []
    rows = ask(reader, "instances_of_customers", dataset=dataset, object_keys=wanted)
    return [row.instance_id for row in rows]
