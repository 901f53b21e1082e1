"""The shape of every answer (contract 9): envelope, times with Z, money with currency, problems."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from flask import Response

from process_model.events import utc_text
from process_model.questions import BEGINNING, END, Selection


def envelope(data: object, selection: Selection, *, next_: str | None = None) -> Response:
    """The data and what it is about; ``next`` is the cursor of the following page."""
    body = {
        "data": plain(data),
        "coverage": None,
        "as_of": utc_text(selection.as_of or datetime.now(UTC)),
        "period": {
            "since": None if selection.since == BEGINNING else utc_text(selection.since),
            "until": None if selection.until == END else utc_text(selection.until),
        },
        "dataset": selection.dataset,
        "next": next_,
    }
    return Response(json.dumps(body, ensure_ascii=False), mimetype="application/json")


def problem(status: int, title: str, detail: str) -> Response:
    """An RFC 9457 answer."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(json.dumps(body), status=status, mimetype="application/problem+json")


def plain(value: object) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, msgspec.Struct):
        return plain({name: getattr(value, name) for name in value.__struct_fields__})
    if is_dataclass(value) and not isinstance(value, type):
        return plain({field.name: getattr(value, field.name) for field in fields(value)})
    if isinstance(value, Mapping):
        return _members(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value


def _members(value: Mapping[Any, Any]) -> dict[str, Any]:
    members = {str(name).rstrip("_"): plain(item) for name, item in value.items()}
    if "amount" in members and "currency" in members:
        amount, currency = members["amount"], members.pop("currency")
        members["amount"] = amount and {"amount": amount, "currency": currency}
    return members
