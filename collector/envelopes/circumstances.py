"""What ``data`` may say beside its objects: who, how it went, how often, by which rule, until when.

One reader a member, called only where the member is there: most events carry few of them, and a
door reads ten thousand events a second.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from collector.envelopes.json_text import json_text
from process_model import wire
from process_model.errors import Untranslatable
from process_model.vocabulary import SEGMENTS, ActorKind, ErrorType, Outcome

Columns = dict[str, Any]


def columns_of(data: Mapping[str, object]) -> Columns:
    """The columns of ``BusinessEvent`` the members fill; what is not said keeps its default."""
    found = _money(data)
    for name, value in data.items():
        if value is not None and value != "" and (read := _READERS.get(name)):
            found |= read(value)
    return found


def _money(data: Mapping[str, object]) -> Columns:
    amount, code = data.get("amount"), data.get("currency")
    if amount is not None and code is None:
        raise Untranslatable(
            "missing_member", "/data/currency: an amount needs its currency", "/data/currency"
        )
    found: Columns = {}
    if amount is not None:
        found["amount"] = wire.decimal_text(amount, "/data/amount")
    if code is not None:
        found["currency"] = wire.currency(code, "/data/currency")
    return found


def _segment(value: object) -> Columns:
    return _words(value, "/data/segment", {name: name for name in SEGMENTS})


def _actor(value: object) -> Columns:
    found = _words(value, "/data/actor", {"id": "actor_id"})
    kind = wire.members(value, "/data/actor").get("kind")
    if kind is not None and kind != "":
        found["actor_kind"] = _one_of(kind, ActorKind, "/data/actor/kind")
    return found


def _exception(value: object) -> Columns:
    columns = {name: f"exception_{name}" for name in ("id", "class", "owner")}
    return _words(value, "/data/exception", columns)


def _rule(value: object) -> Columns:
    return _words(value, "/data/rule", {name: f"rule_{name}" for name in ("kind", "id", "version")})


def _terms(value: object) -> Columns:
    pointer = "/data/terms/payment_days"
    days = wire.members(value, "/data/terms").get("payment_days")
    return {} if days is None else {"payment_days": wire.whole_number(days, pointer, 0, 36_500)}


def _fields(value: object) -> Columns:
    return {
        "fields": {
            wire.text(name, "/data/fields"): item
            if isinstance(item, str)
            else json_text(item, "/data/fields")
            for name, item in wire.members(value, "/data/fields").items()
        }
    }


_READERS: Mapping[str, Callable[[Any], Columns]] = {
    "segment": _segment,
    "actor": _actor,
    "exception": _exception,
    "rule": _rule,
    "terms": _terms,
    "fields": _fields,
    "outcome": lambda value: {"outcome": _one_of(value, Outcome, "/data/outcome")},
    "error_type": lambda value: {"error_type": _one_of(value, ErrorType, "/data/error_type")},
    "attempt": lambda value: {"attempt": wire.whole_number(value, "/data/attempt", 0, 1_000_000)},
    "due": lambda value: {"due": wire.moment(value, "/data/due")},
    "idempotency_key": lambda value: {
        "idempotency_key": wire.text(value, "/data/idempotency_key") if value else ""
    },
}


def _words(value: object, pointer: str, columns: Mapping[str, str]) -> Columns:
    """The texts of an object's members, by column; an empty one is not said."""
    given = wire.members(value, pointer)
    return {
        column: wire.text(word, f"{pointer}/{name}")
        for name, column in columns.items()
        if (word := given.get(name))
    }


def _one_of(value: object, choices: type[StrEnum], pointer: str) -> str:
    word = wire.text(value, pointer)
    if word not in _known(choices):
        raise Untranslatable("unknown_value", f"{pointer}: one of {', '.join(choices)}", pointer)
    return word


@cache
def _known(choices: type[StrEnum]) -> frozenset[str]:
    return frozenset(choice.value for choice in choices)
