"""The shape of every answer (contract 9): envelope, times with Z, money with currency, problems."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec
from flask import Response

from dashboards.api.asking import Answer, cursor_of
from process_model.events import utc_text
from process_model.questions import BEGINNING, END, Selection


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency; the amount is a decimal string on the wire."""

    amount: Decimal
    currency: str


class Missing(Exception):
    """What the address names does not exist; a title and one sentence."""


def envelope(answer: Answer, selection: Selection) -> Response:
    """The data and what they are about; ``next`` is the cursor of the following page."""
    body = {
        "data": plain(answer.data),
        "coverage": plain(answer.coverage),
        "as_of": plain(selection.as_of),
        "period": {
            "since": None if selection.since == BEGINNING else utc_text(selection.since),
            "until": None if selection.until == END else utc_text(selection.until),
        },
        "dataset": selection.dataset,
        "next": None if answer.next is None else cursor_of(answer.next),
        **{name: plain(value) for name, value in answer.more.items()},
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
    if isinstance(value, Money):
        return {"amount": plain(value.amount), "currency": value.currency}
    if isinstance(value, msgspec.Struct):
        return _members({name: getattr(value, name) for name in value.__struct_fields__})
    if is_dataclass(value) and not isinstance(value, type):
        return _members({field.name: getattr(value, field.name) for field in fields(value)})
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.value if isinstance(value, Enum) else value


def _members(value: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a record: what is worth something becomes money, in one member."""
    members = {name.rstrip("_"): plain(item) for name, item in value.items()}
    if "amount" in members and "currency" in members:
        amount, currency = members["amount"], members.pop("currency")
        members["amount"] = amount and {"amount": amount, "currency": currency}
    return members
