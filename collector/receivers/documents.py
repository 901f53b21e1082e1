"""The JSON documents of a request: one, an array, one a line, or a CloudEvent in binary mode."""

import json
import math
from urllib.parse import unquote

import msgspec
from flask import Request

from process_model.errors import Undecodable

LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-seq")


def documents_of(request: Request, body: bytes) -> list[object]:
    """Every document of the body; an array stays one document. Raises ``Undecodable``."""
    if "Ce-Specversion" in request.headers:
        return [binary(request, body)]
    if request.mimetype in LINES:
        lines = [line.strip(b"\x1e \t\r") for line in body.split(b"\n")]
        return [decoded(line) for line in lines if line]
    return [decoded(body)]


def binary(request: Request, body: bytes) -> dict[str, object]:
    """Attributes are headers (percent-encoded where they must be), the body is ``data``."""
    envelope: dict[str, object] = {
        name[3:].lower(): unquote(value)
        for name, value in request.headers.items()
        if name.lower().startswith("ce-")
    }
    if body:
        envelope["data"] = decoded(body)
    return envelope


def decoded(body: bytes) -> object:
    """The body as JSON, strictly; raises ``Undecodable``."""
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return _decoded_leniently(body)


def _decoded_leniently(body: bytes) -> object:
    """What is JSON but cannot be kept (a lone surrogate) is understood, so it can be rejected."""
    try:
        return json.loads(body, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise Undecodable(f"the body is not JSON: {error}") from error


def _refuse_constant(text: str) -> object:
    raise ValueError(f"{text} is not JSON")


def _finite(text: str) -> float:
    if math.isinf(number := float(text)):
        raise ValueError(f"{text[:40]} is larger than any number kept here")
    return number
