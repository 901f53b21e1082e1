"""Stripe events off the wire: the event around its object, and amounts in minor units."""

from collections.abc import Mapping
from dataclasses import dataclass

from collector.envelopes import json_value, minor_units
from collector.envelopes.json_value import Record
from process_model.errors import Untranslatable


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """One event: what happened to which object."""

    id: str
    type: str
    created: str | None
    """RFC 3339, whole seconds: events of one second have no order among them"""
    object: Record
    previous: Record
    """the members that an update changed, as they were before"""
    by_itself: bool
    """whether no API request caused it"""
    document: Record

    @property
    def object_id(self) -> str:
        """The object's id; '' where Stripe gives none (an invoice that is only upcoming)."""
        return json_value.text(self.object, "id", _OBJECT, 512)

    def id_of(self, name: str) -> str:
        """The id of another object, written out or expanded."""
        return id_in(self.object, name)

    def money(self, name: str) -> tuple[str | None, str]:
        """A member amount as a decimal, and its currency."""
        code = json_value.text(self.object, "currency", _OBJECT).upper()
        value = self.object.get(name)
        return minor_units.decimal(value, code, f"{_OBJECT}/{name}"), code


_OBJECT = "/data/object"


def read(document: object) -> StripeEvent:
    """The event of a payload; raises ``Untranslatable`` when it is none."""
    event = json_value.record(document)
    id_, type_ = json_value.text(event, "id", "", 255), json_value.text(event, "type", "", 255)
    if not id_ or not type_ or "data" not in event:
        raise Untranslatable(
            "not_an_event",
            "A Stripe event has id, type and data; send events, not the objects of the API.",
        )
    data = json_value.part(event, "data")
    request = event.get("request")
    caused = request.get("id") if isinstance(request, Mapping) else request
    return StripeEvent(
        id=id_,
        type=type_,
        created=json_value.epoch_time(event.get("created"), 1, "/created"),
        object=json_value.part(data, "object", "/data"),
        previous=json_value.part(data, "previous_attributes", "/data"),
        by_itself="request" in event and not caused,
        document=event,
    )


def id_in(parent: Record, name: str, pointer: str = _OBJECT) -> str:
    """The id a member refers to: the text itself, or the ``id`` of the expanded object."""
    value = parent.get(name)
    if isinstance(value, Mapping):
        return json_value.text(value, "id", f"{pointer}/{name}", 512)
    return json_value.text(parent, name, pointer, 512)
