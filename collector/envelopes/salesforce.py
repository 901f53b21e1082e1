"""Salesforce events off the wire: change data capture and platform events in all their wrappings.

Pub/Sub clients write ``{"replayId", "payload"}`` or the payload alone, CometD wraps it in ``data``,
an event relay in ``detail``. All of them come out as one of two records.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collector.envelopes.json_value import Record, part, record, text
from process_model import wire
from process_model.errors import Untranslatable

HEADER = "ChangeEventHeader"
_DEEPEST_WRAPPING = 6
_BITMAP = re.compile(r"(?:(\d{1,4})-)?0x([0-9A-Fa-f]+)")


@dataclass(frozen=True, slots=True)
class Change:
    """A change data capture event: what became of one or several records of an entity."""

    entity: str
    record_ids: tuple[str, ...]
    change_type: str
    origin: str
    transaction_key: str
    sequence_number: int
    commit_number: int
    commit_timestamp: object
    user: str
    header: Record
    changed: frozenset[str] | None
    """names of the fields that changed; ``None`` = the event names none, so all that have values"""
    fields: Record

    def has_changed(self, name: str) -> bool:
        """Whether the field was set by this change, and not only sent along."""
        if self.changed is None:
            return self.fields.get(name) is not None
        return name in self.changed


@dataclass(frozen=True, slots=True)
class PlatformEvent:
    """A platform event: whatever the estate itself defined."""

    name: str
    """API name, ``Order_Accepted__e``; '' when neither channel nor envelope says"""
    id: str
    fields: Record


def read(document: object) -> Change | PlatformEvent:
    """What a payload carries; raises ``Untranslatable`` for anything else."""
    payload, wrappings = _unwrapped(record(document))
    if HEADER in payload:
        return _change(payload)
    channel = next((name for wrap in wrappings if (name := _channel(wrap))), "")
    id_ = next((found for wrap in wrappings if (found := _event_id(wrap))), "")
    if not channel and "CreatedById" not in payload:
        raise Untranslatable(
            "not_an_event",
            "Neither a ChangeEventHeader nor a platform event: send change data capture or "
            "platform events as Pub/Sub or CometD gives them.",
        )
    return PlatformEvent(channel, id_, payload)


def _unwrapped(document: Record) -> tuple[Record, list[Record]]:
    wrappings, inner = [], document
    for _ in range(_DEEPEST_WRAPPING):
        if HEADER in inner:
            break
        names = ("data", "payload", "detail")
        following = next((inner[n] for n in names if isinstance(inner.get(n), Mapping)), None)
        event = inner.get("event")
        if following is None and isinstance(event, Mapping) and "payload" in event:
            following = event
        if following is None:
            break
        wrappings.append(inner)
        inner = record(following)
    return inner, wrappings


def _channel(wrapping: Record) -> str:
    for name in ("channel", "topic", "topicName", "detail-type"):
        if last := text(wrapping, name).rstrip("/").rpartition("/")[2]:
            return last
    return ""


def _event_id(wrapping: Record) -> str:
    event = part(wrapping, "event") if isinstance(wrapping.get("event"), Mapping) else {}
    for place in (event, wrapping):
        for name in ("EventUuid", "id", "replayId", "replay_id"):
            if found := text(place, name):
                return found
    return ""


def _change(payload: Record) -> Change:
    header = part(payload, HEADER)
    pointer = f"/{HEADER}"
    given = wire.items(header.get("recordIds"), f"{pointer}/recordIds", most=100_000)
    ids = tuple(
        dict.fromkeys(wire.text(one, f"{pointer}/recordIds/{n}", 64) for n, one in enumerate(given))
    )
    most = 2**63
    return Change(
        entity=text(header, "entityName", pointer),
        record_ids=ids,
        change_type=text(header, "changeType", pointer),
        origin=text(header, "changeOrigin", pointer),
        transaction_key=text(header, "transactionKey", pointer),
        sequence_number=wire.whole_number(
            header.get("sequenceNumber", 0), f"{pointer}/sequenceNumber", 0, most
        ),
        commit_number=wire.whole_number(
            header.get("commitNumber", 0), f"{pointer}/commitNumber", 0, most
        ),
        commit_timestamp=header.get("commitTimestamp"),
        user=text(header, "commitUser", pointer),
        header=header,
        changed=_changed(header, payload),
        fields={name: value for name, value in payload.items() if name != HEADER},
    )


def _changed(header: Record, payload: Record) -> frozenset[str] | None:
    pointer = f"/{HEADER}/changedFields"
    given = wire.items(header.get("changedFields"), pointer)
    if not given:
        return None
    names: set[str] = set()
    # unchanged fields are null; where a relay left the nulls out, places mean nothing
    schema = list(payload) if None in payload.values() else []
    for index, value in enumerate(given):
        word = wire.text(value, f"{pointer}/{index}")
        found = names_of_bitmap(word, schema)
        if found is None:  # a bitmap that this payload's members cannot explain
            return None
        names.update(found)
    return frozenset(names)


def names_of_bitmap(word: str, schema: Sequence[str]) -> list[str] | None:
    """The fields that a Pub/Sub bitmap stands for, by the order of the schema's fields.

    ``0x24`` names the fields of bits 2 and 5, ``7-0x3`` parts of the compound field at place 7.
    A plain name stands for itself. ``None`` when the payload has fewer members than the schema.
    """
    parts = _BITMAP.fullmatch(word)
    if parts is None:
        return [word.partition(".")[0]]
    if parts[1]:
        place = int(parts[1])
        return [schema[place]] if place < len(schema) else None
    bits = int(parts[2], 16)
    if bits.bit_length() > len(schema):
        return None
    return [name for place, name in enumerate(schema) if bits >> place & 1]
