"""The OpenAPI 3.1 document, written from the table of routes and the types of what they answer."""

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from inspect import getdoc
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from dashboards.api.answers import Money
from dashboards.api.asking import Parameter
from dashboards.api.routes import ROUTES, Route
from process_model.coverage import Coverage

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
_KINDS: Mapping[str, dict[str, Any]] = {
    "number": {"type": "integer", "minimum": 0},
    "flag": {"type": "boolean"},
}


def document() -> dict[str, Any]:
    """The whole document; the schemas' names are the names of our types."""
    schemas: dict[str, Any] = {}
    paths = {f"/api/v1{route.path}": {"get": _operation(route, schemas)} for route in ROUTES}
    schemas["Problem"] = {
        "type": "object",
        "description": "RFC 9457",
        "properties": {name: {"type": "string"} for name in ("type", "title", "detail")}
        | {"status": {"type": "integer"}},
        "required": ["type", "title", "status", "detail"],
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Throughline", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    parameters = [_parameter(one) for one in route.parameters]
    if route.variable:
        parameters.insert(0, {
            "name": route.variable, "in": "path", "required": True, "schema": {"type": "string"},
        })  # fmt: skip
    problems = {"application/problem+json": {"schema": _ref("Problem")}}
    return {
        "summary": route.summary,
        "operationId": "get" + route.path.replace("{", "").replace("}", "").replace("/", "_"),
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "the answer",
                "content": {"application/json": {"schema": envelope_of(route, schemas)}},
            },
            "400": {"description": "a parameter that is wrong", "content": problems},
            "404": {"description": "what does not exist", "content": problems},
        },
    }


def _parameter(one: Parameter) -> dict[str, Any]:
    schema = dict(_KINDS.get(one.kind, {"type": "string"}))
    if one.choices:
        schema["enum"] = list(one.choices)
    if one.many:
        schema = {"type": "array", "items": schema}
    return {"name": one.name, "in": "query", "description": one.meaning, "schema": schema}


def envelope_of(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    """The schema of a route's answer; the types it needs are added to ``schemas``."""
    item = schema_of(route.item, schemas)
    time = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}
    members: dict[str, Any] = {
        "data": {"type": "array", "items": item} if route.many else item,
        "coverage": schema_of(Coverage, schemas),
        "as_of": {"type": "string", "format": "date-time"},
        "period": {
            "type": "object", "properties": {"since": time, "until": time},
            "required": ["since", "until"], "additionalProperties": False,
        },
        "dataset": {"type": "string"},
        "next": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    } | {name: schema_of(kind, schemas) for name, kind in route.more}  # fmt: skip
    return _object(members)


def schema_of(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of a type as ``answers.plain`` writes it."""
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    if kind is datetime:
        return {"type": "string", "format": "date-time"}
    if kind is Decimal:
        return {"type": "string"}
    if kind is Any or kind is object:
        return {}
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(part, schemas) for part in parts]}
    if origin is Literal:
        return {"type": "string", "enum": list(parts)}
    if origin in (list, tuple, Sequence, set, frozenset):
        return {"type": "array", "items": schema_of(parts[0], schemas)}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": schema_of(parts[1], schemas)}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"type": "string", "enum": [str(member.value) for member in kind]}
    return _record(kind, schemas)


def _record(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in schemas:
        schemas[name] = {}  # a type may hold itself
        hints = get_type_hints(kind)
        if is_dataclass(kind):
            names = [field.name for field in fields(kind)]
        elif issubclass(kind, msgspec.Struct):
            names = list(kind.__struct_fields__)
        else:
            raise TypeError(f"{kind} is no record")
        members = {one.rstrip("_"): schema_of(hints[one], schemas) for one in names}
        if kind is not Money and "amount" in members and "currency" in members:
            del members["currency"]
            members["amount"] = {"anyOf": [schema_of(Money, schemas), {"type": "null"}]}
        text = (getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ")
        schemas[name] = _object(members) | {"description": text}
    return _ref(name)


def _object(members: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(members),
        "required": list(members),
        "additionalProperties": False,
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
