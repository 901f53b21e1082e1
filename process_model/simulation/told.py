"""One fact of the world before it is on the wire, and its envelope: a CloudEvent as docs say."""

from hashlib import blake2b
from typing import cast

import msgspec

from process_model.simulation.hours import utc

_BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Told(msgspec.Struct, frozen=True, order=False):
    """What a source tells: when, of what, and in which conversation."""

    at: int
    """when it happened, milliseconds since 1970"""
    recorded: int
    """when its source knew"""
    source: str
    type: str
    subject: str
    data: dict[str, object]
    unit: str
    """which life it belongs to; with ``place`` its identity"""
    place: int
    correlation: str = ""
    hop: str = ""
    """the action of the systems it happened in: one trace; '' when none is traced"""

    @property
    def objects(self) -> list[dict[str, str]]:
        """What it names beside its subject."""
        return cast(list[dict[str, str]], self.data.get("objects", []))

    @property
    def system(self) -> str:
        """The system that tells it."""
        return self.source.split(":")[2]


def digest(salt: str, *names: object, size: int = 16) -> str:
    """Lower-case hex that looks drawn at random and is the same every time."""
    text = "/".join((salt, *map(str, names)))
    return blake2b(text.encode(), digest_size=size).hexdigest()


def event_id(salt: str, told: Told) -> str:
    """An id as the system itself would give it."""
    drawn = digest(salt, told.unit, told.place)
    match told.system:
        case "stripe":
            return "evt_" + base62(drawn, 24)
        case "sap":
            return drawn.upper()
        case _:
            return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-a{drawn[17:20]}-{drawn[20:]}"


def base62(hexadecimal: str, length: int) -> str:
    """The digits of another alphabet, at most as many as asked for."""
    number, text = int(hexadecimal, 16), ""
    while number and len(text) < length:
        number, place = divmod(number, 62)
        text += _BASE62[place]
    return text


def trace_id(salt: str, told: Told) -> str:
    """The trace the fact happened in, 32 hex digits."""
    return digest(salt, told.unit, "trace", told.hop)


def span_id(salt: str, told: Told) -> str:
    """The span that did it, 16 hex digits."""
    return digest(salt, told.unit, told.place, "span", size=8)


def envelope(salt: str, told: Told, sequence: int | None, *, traced: bool) -> dict[str, object]:
    """The CloudEvent; ``sequence`` only where the source numbers its events."""
    event: dict[str, object] = {
        "specversion": "1.0",
        "id": event_id(salt, told),
        "source": told.source,
        "type": f"q2c.{told.type}.v1",
        "subject": told.subject,
        "time": utc(told.at),
        "recordedtime": utc(told.recorded),
        "datacontenttype": "application/json",
    }
    if sequence is not None:
        event["sequence"], event["sequencetype"] = str(sequence), "Integer"
    if told.correlation:
        event["correlationid"] = told.correlation
    if traced and told.hop:
        event["traceparent"] = f"00-{trace_id(salt, told)}-{span_id(salt, told)}-01"
    event["data"] = told.data
    return event
