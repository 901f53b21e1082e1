"""Answers of the HTTP doors that take events: outcomes item by item, problems in one form."""

import msgspec
from flask import Response, request

from collector.intake import Outcome
from process_model.errors import Overloaded


def outcomes(items: list[Outcome], dry_run: bool, none_status: int = 422) -> Response:
    """202 when all were accepted (200 for a dry run), 207 when some were, else ``none_status``."""
    accepted = sum(item.accepted for item in items)
    whole = 200 if dry_run else 202
    status = whole if accepted == len(items) else 207 if accepted else none_status
    body = {"accepted": accepted, "rejected": len(items) - accepted, "dry_run": dry_run}
    return as_json({**body, "events": items}, status)


def overloaded(error: Overloaded) -> Response:
    """503 and when to come back: the sender keeps its data."""
    answer = problem(503, "Come back later", str(error))
    answer.headers["Retry-After"] = str(error.retry_after_seconds)
    return answer


def problem(status: int, title: str, detail: str) -> Response:
    """RFC 9457."""
    answer = as_json({"title": title, "status": status, "detail": detail}, status)
    answer.mimetype = "application/problem+json"
    return answer


def as_json(body: object, status: int) -> Response:
    """The body as JSON."""
    return Response(msgspec.json.encode(body), status, mimetype="application/json")


def permission() -> Response:
    """The handshake of CloudEvents webhooks: a sender asks whether it may before it delivers.

    It is answered to everybody, since it allows nothing that the delivery is not asked for again.
    """
    answer = Response(status=200)
    answer.headers["Allow"] = "POST, OPTIONS"
    if origin := request.headers.get("WebHook-Request-Origin"):
        answer.headers["WebHook-Allowed-Origin"] = origin
        answer.headers["WebHook-Allowed-Rate"] = "*"
    return answer
