"""Canonical CloudEvents: what already speaks the canon is only checked."""

import base64
from collections.abc import Iterable, Mapping

import msgspec

from collector.source import Ordering, Source
from process_model import wire
from process_model.errors import Untranslatable
from process_model.vocabulary import SystemKind


def translate(payload: object, _context: object) -> Iterable[Mapping[str, object]]:
    """What already speaks the canon needs no translation before it is checked."""
    if not isinstance(payload, Mapping):
        raise Untranslatable("not_an_event", "An event is a JSON object.")
    version = payload.get("specversion")
    if version != "1.0":
        reason = "missing_member" if version is None else "unknown_specversion"
        detail = '/specversion: CloudEvents 1.0 is understood; write "specversion": "1.0"'
        raise Untranslatable(reason, detail, "/specversion")
    yield _with_binary_data(payload) if "data_base64" in payload else payload


def _with_binary_data(payload: Mapping[str, object]) -> Mapping[str, object]:
    """CloudEvents may carry ``data`` as base64; it is JSON all the same."""
    text = wire.text(payload["data_base64"], "/data_base64", longest=2**24)
    try:
        return {**payload, "data": msgspec.json.decode(base64.b64decode(text, validate=True))}
    except (ValueError, RecursionError):
        raise Untranslatable(
            "wrong_type", "/data_base64: expected JSON in base64", "/data_base64"
        ) from None


SOURCE = Source(
    title="Canonical CloudEvents",
    kind=SystemKind.IPAAS,
    translate=translate,
    ordering=Ordering.CONSECUTIVE,
    order_from="The extension sequence; with sequencetype Integer a missing number is a loss.",
    retention=None,
    retention_note="The sender keeps what it sends until it has our answer.",
    linking="By subject, data.objects and data.links, as the wire contract says.",
)
