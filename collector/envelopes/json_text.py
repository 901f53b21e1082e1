"""A value of an event as JSON text, refused where it could not be read back from the store."""

from collections.abc import Mapping

import msgspec

from process_model.errors import Untranslatable

# Deeper JSON is no business data; what reads it later must be safe from it.
DEEPEST = 64


def json_text(value: object, pointer: str) -> str:
    """The value as JSON; refuses what is no valid Unicode or nested too deep."""
    try:
        text = msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        raise Untranslatable("invalid_text", f"{pointer}: not valid Unicode", pointer) from None
    except RecursionError:
        raise _too_deep(pointer) from None
    # counted first, because walking every event would cost more than the rest of this function
    if text.count("[") + text.count("{") > DEEPEST and not _shallow(value, DEEPEST):
        raise _too_deep(pointer)
    return text


def _too_deep(pointer: str) -> Untranslatable:
    return Untranslatable(
        "nested_too_deep", f"{pointer}: at most {DEEPEST} levels of JSON are kept", pointer
    )


def _shallow(value: object, left: int) -> bool:
    if isinstance(value, Mapping):
        return left > 0 and all(_shallow(item, left - 1) for item in value.values())
    if isinstance(value, list):
        return left > 0 and all(_shallow(item, left - 1) for item in value)
    return True
