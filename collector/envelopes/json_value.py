"""Reading native JSON: a missing or null member is empty, one of the wrong kind is refused.

Each reader takes the parent and the member's name, so that a refusal can say where it is.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import blake2b

from process_model import wire
from process_model.errors import Untranslatable
from process_model.events import utc_text

Record = Mapping[str, object]


def record(value: object, pointer: str = "") -> Record:
    """A JSON object, refused when it is something else."""
    if not isinstance(value, Mapping):
        raise Untranslatable("wrong_type", f"{pointer or '/'}: expected a JSON object", pointer)
    return value


def part(parent: Record, name: str, pointer: str = "") -> Record:
    """The member object; an absent one is empty."""
    return wire.members(parent.get(name), f"{pointer}/{name}")


def text(parent: Record, name: str, pointer: str = "", longest: int = 4096) -> str:
    """The member as text, numbers and booleans written out; '' when it is absent."""
    value = parent.get(name)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return wire.text(value, f"{pointer}/{name}", longest).strip()


def items(parent: Record, name: str, pointer: str = "") -> list[Record]:
    """The member array of objects; OData's ``{"results": […]}`` and Stripe's ``{"data": […]}``."""
    value = parent.get(name)
    if isinstance(value, Mapping):
        value = value.get("results", value.get("data"))
    if value is None or isinstance(value, str):  # an OData link that was not expanded
        return []
    found = wire.items(value, f"{pointer}/{name}")
    return [record(item, f"{pointer}/{name}/{index}") for index, item in enumerate(found)]


def amount(parent: Record, name: str, pointer: str = "") -> str | None:
    """A decimal at the store's precision; ``None`` when it is absent or empty."""
    value = parent.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, float):
        # a binary fraction such as 0.1 + 0.2 was meant as money, not as seventeen digits
        value = f"{value:.6f}"
    return wire.decimal_text(value, f"{pointer}/{name}")


def epoch_time(value: object, per_second: int, pointer: str) -> str | None:
    """A count since 1970 as RFC 3339; ``None`` when it is absent."""
    if value is None or value == "":
        return None
    number = _number(value, pointer) / per_second
    try:
        moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(number * 1_000_000))
    except (OverflowError, ValueError) as wrong:
        raise Untranslatable("invalid_time", f"{pointer}: no such time, {wrong}", pointer) from None
    return utc_text(moment)


def _number(value: object, pointer: str) -> Decimal:
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= Decimal(10) ** 17:
        raise Untranslatable("invalid_time", f"{pointer}: expected a number since 1970", pointer)
    return number


def content_id(document: object) -> str:
    """An id for what carries none: the same content always has the same."""
    told = json.dumps(document, sort_keys=True)
    return blake2b(told.encode(), digest_size=16).hexdigest()
