"""SAP S/4HANA off the wire: CloudEvents of the business event handler, and OData's habits.

Names are those of the released OData services. OData of version 2 writes times as
``/Date(1772442000000)/`` and wraps lists in ``results``; numbers may come with leading zeros.
"""

import re
from dataclasses import dataclass

from collector.envelopes import json_value
from collector.envelopes.json_value import Record
from process_model.errors import Untranslatable

_TYPE = re.compile(r"(?:.*[./])?sap[./]s4[./]beh[./](\w+)[./]v\d+[./](\w+)[./](\w+)[./]v\d+")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class BusinessObjectEvent:
    """One event: which business object, what became of it, and what the event carries of it."""

    id: str
    object: str
    """``SalesOrder``"""
    verb: str
    """``Created``"""
    type: str
    """the CloudEvent's own type"""
    system: str
    """the end of the CloudEvent's source: client or tenant"""
    source: str
    time: str
    data: Record


def read(document: object) -> BusinessObjectEvent:
    """The event of a payload; raises ``Untranslatable`` when it is none."""
    event = json_value.record(document)
    type_ = json_value.text(event, "type", "", 512)
    id_ = json_value.text(event, "id", "", 255)
    named = _TYPE.fullmatch(type_)
    if not id_ or named is None:
        raise Untranslatable(
            "not_an_event",
            "/type: expected a CloudEvent of S/4HANA, sap.s4.beh.<object>.v1.<Object>.<Verb>.v1",
            "/type",
        )
    source = json_value.text(event, "source", "", 512)
    return BusinessObjectEvent(
        id=id_,
        object=named[2],
        verb=named[3],
        type=type_,
        system=_UNSAFE.sub("-", source.rstrip("/").rpartition("/")[2]).strip("-._"),
        source=source,
        time=json_value.text(event, "time", "", 64),
        data=json_value.part(event, "data"),
    )


def number(parent: Record, name: str, pointer: str = "/data") -> str:
    """A document number without the leading zeros that SAP shows to machines and not to people."""
    given = json_value.text(parent, name, pointer, 512)
    return (given.lstrip("0") or "0") if given.isascii() and given.isdigit() else given


def rows(parent: Record, *names: str) -> list[Record]:
    """The items of a document, under whichever of the names they come."""
    for name in names:
        if found := json_value.items(parent, name, "/data"):
            return found
    return []
