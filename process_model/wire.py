"""Reading single values from the wire: each reader returns the value or says what is wrong where.

Every refusal is an ``Untranslatable`` with a closed reason word, a sentence with the remedy and the
JSON pointer (RFC 6901) of the member at fault.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation, localcontext

from process_model.errors import Untranslatable

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2262, 1, 1, tzinfo=UTC)  # the end of what nanoseconds in 64 bits can say
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)")
_CURRENCY = re.compile(r"[A-Z]{3}")
# what the long way below would give back unchanged, save for zeros at its end
_PLAIN_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,31})(\.[0-9]{1,6})?").fullmatch
_SCALE = Decimal("0.000001")
_LIMIT = Decimal(10) ** 32  # Decimal(38, 6): 32 digits before the point


def moment(value: object, pointer: str) -> datetime:
    """An RFC 3339 time with its zone, as UTC to the microsecond (further digits are cut)."""
    if not isinstance(value, str) or not (parts := _RFC3339.fullmatch(value.strip())):
        raise Untranslatable(
            "invalid_time",
            f"{pointer}: write the time as RFC 3339 with its zone, 2026-03-04T12:00:00Z",
            pointer,
        )
    day, clock, fraction, zone = parts.groups()
    zone = "+00:00" if zone in "Zz" else zone
    try:
        read = datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0')[:6]:0<6}{zone}")
        read = read.astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise Untranslatable("invalid_time", f"{pointer}: no such time, {wrong}", pointer) from None
    if not EARLIEST <= read < LATEST:
        raise Untranslatable(
            "time_out_of_range", f"{pointer}: only times from 1900 to 2261 are kept", pointer
        )
    return read


def decimal_text(value: object, pointer: str) -> str:
    """A finite decimal of at most 32 digits before and 6 after the point, as plain text."""
    if type(value) is str and _PLAIN_DECIMAL(value):
        return value.rstrip("0").rstrip(".") if "." in value else value
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise _no_decimal(pointer)
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise _no_decimal(pointer) from None
    if not number.is_finite() or abs(number) >= _LIMIT:
        raise _no_decimal(pointer)
    # more digits than the store keeps are refused, because rounding money in silence is a lie
    with localcontext(prec=100):
        kept = number.quantize(_SCALE)
    if number != kept:
        raise Untranslatable(
            "invalid_amount", f"{pointer}: at most 6 digits after the point are kept", pointer
        )
    return f"{kept:f}".rstrip("0").rstrip(".")


def currency(value: object, pointer: str) -> str:
    """An ISO 4217 code: three capital letters."""
    code = text(value, pointer)
    if not _CURRENCY.fullmatch(code):
        raise Untranslatable(
            "invalid_currency", f"{pointer}: write an ISO 4217 code such as EUR", pointer
        )
    return code


def text(value: object, pointer: str, longest: int = 4096) -> str:
    """A string of at most ``longest`` characters; a number is written out."""
    if type(value) is str and len(value) <= longest and value.isascii():
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise Untranslatable("wrong_type", f"{pointer}: expected a string", pointer)
    if len(value) > longest:
        raise Untranslatable("too_long", f"{pointer}: at most {longest} characters", pointer)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Untranslatable("invalid_text", f"{pointer}: not valid Unicode", pointer) from None
    return value


def whole_number(value: object, pointer: str, least: int, most: int) -> int:
    """A whole number within bounds; a string of digits will do."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Untranslatable(
            "invalid_number", f"{pointer}: expected a whole number, {least} to {most}", pointer
        )
    return value


def members(value: object, pointer: str) -> Mapping[str, object]:
    """A JSON object; an absent one is empty."""
    if value is None:
        return {}
    if type(value) is not dict and not isinstance(value, Mapping):
        raise Untranslatable("wrong_type", f"{pointer}: expected a JSON object", pointer)
    return value


def items(value: object, pointer: str, most: int = 10_000) -> list[object]:
    """A JSON array of at most ``most`` items; an absent one is empty."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Untranslatable("wrong_type", f"{pointer}: expected a JSON array", pointer)
    if len(value) > most:
        raise Untranslatable("too_long", f"{pointer}: at most {most} items", pointer)
    return value


def _no_decimal(pointer: str) -> Untranslatable:
    return Untranslatable(
        "invalid_amount", f"{pointer}: write a decimal string such as 184200.00", pointer
    )
