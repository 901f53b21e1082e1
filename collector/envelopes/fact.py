"""A fact as a source tells it, before it becomes a canonical envelope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from process_model.vocabulary import EventType, LinkKind, ObjectType


class Thing(NamedTuple):
    """A document or party by the id this source knows."""

    type: str
    id: str
    qualifier: str = ""
    system: str | None = None
    """whose id it is; ``None`` leaves it to the rules for local ids, '' says shared"""

    def reference(self) -> dict[str, object]:
        """As ``data.objects`` names it."""
        given: dict[str, object] = {"type": str(self.type), "id": self.id}
        if self.qualifier:
            given["qualifier"] = self.qualifier
        if self.system is not None:
            given["system"] = self.system
        return given


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What happened to ``subject``; members that are empty are left out of the envelope."""

    type: EventType
    id: str
    subject: Thing
    time: str | None = None
    """RFC 3339; ``None`` = the payload does not say"""
    recorded_time: str | None = None
    sequence: str = ""
    correlation_id: str = ""
    objects: Sequence[Thing] = ()
    """what else it touches: a predecessor among them declares the link"""
    same: Sequence[Thing] = ()
    """other names of the subject"""
    shares: Mapping[Thing, object] = field(default_factory=dict)
    """predecessor → the part of a shared document that is its own"""
    amount: object = None
    currency: str = ""
    actor: Mapping[str, str] = field(default_factory=dict)
    outcome: str = ""
    error_type: str = ""
    attempt: int | None = None
    idempotency_key: str = ""
    exception: Mapping[str, str] = field(default_factory=dict)
    due: str | None = None
    payment_days: int | None = None
    segment: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    lines: Sequence[Mapping[str, object]] = ()
    raw: object = None

    def envelope(self, source: str) -> dict[str, object]:
        """The canonical CloudEvent, its ``data`` in the words of the contract."""
        envelope: dict[str, object] = {
            "specversion": "1.0",
            "id": self.id,
            "source": source,
            "type": f"q2c.{self.type}.v1",
            "subject": f"{self.subject.type}/{self.subject.id}",
            "time": self.time,
            "recordedtime": self.recorded_time,
            "sequence": self.sequence,
            "correlationid": self.correlation_id,
        }
        kept = {name: value for name, value in envelope.items() if value not in (None, "")}
        return {**kept, "data": self._data()}

    def _data(self) -> dict[str, object]:
        has_money = self.amount is not None and bool(self.currency)
        data: dict[str, object] = {
            "objects": [thing.reference() for thing in self.objects],
            "links": self._links(),
            "segment": self.segment,
            "amount": self.amount if has_money else None,
            "currency": self.currency if has_money else "",
            "actor": self.actor,
            "outcome": self.outcome,
            "error_type": self.error_type,
            "attempt": self.attempt,
            "idempotency_key": self.idempotency_key,
            "exception": self.exception,
            "due": self.due,
            "terms": {} if self.payment_days is None else {"payment_days": self.payment_days},
            "fields": self.fields,
            "lines": list(self.lines),
            "raw": self.raw,
        }
        return {name: value for name, value in data.items() if value not in (None, "", [], {})}

    def _links(self) -> list[dict[str, object]]:
        own = self.subject.reference()
        same: list[dict[str, object]] = [
            {"from": own, "to": thing.reference(), "kind": str(LinkKind.SAME)}
            for thing in self.same
            if thing.id != self.subject.id
        ]
        return same + [
            {"from": thing.reference(), "to": own, "kind": str(LinkKind.FLOW), "amount": amount}
            for thing, amount in self.shares.items()
        ]


def customer(id_: str) -> list[Thing]:
    """The party a document is for, where it is named."""
    return [Thing(ObjectType.CUSTOMER, id_)] if id_ else []
