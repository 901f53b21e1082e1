"""Business events over HTTP: CloudEvents 1.0, single, structured, as a batch, or binary."""

import json
from collections.abc import Callable
from urllib.parse import unquote

import msgspec
from flask import Blueprint, Response, request

from collector.intake import Intake, Outcome
from collector.receivers.bodies import body_of
from collector.schema import event_schema
from process_model.errors import Overloaded, Undecodable

BATCH = "application/cloudevents-batch+json"
STRUCTURED = ("application/cloudevents+json", "application/json")

Receipt = Callable[[str, str], str]
"""What became of the event with this source and id: spooled, stored, rejected or unknown."""


def create_blueprint(intake: Intake, receipt: Receipt, body_bytes: int) -> Blueprint:
    """The routes ``POST /v1/events``, ``GET /v1/events/receipt`` and ``GET /v1/events/schema``."""
    routes = Blueprint("events", __name__)

    @routes.post("/v1/events")
    def take() -> Response:
        dry_run = request.args.get("dry_run", "") in ("1", "true")
        try:
            documents = _documents(body_of(request, body_bytes))
            return _answer(intake.take(documents, dry_run=dry_run), dry_run)
        except Undecodable as error:
            return _problem(400, "Not an event", str(error))
        except Overloaded as error:
            answer = _problem(503, "Come back later", str(error))
            answer.headers["Retry-After"] = str(error.retry_after_seconds)
            return answer

    @routes.get("/v1/events/receipt")
    def state_of() -> Response:
        source, id_ = request.args.get("source", ""), request.args.get("id", "")
        if not source or not id_:
            return _problem(400, "Incomplete", "name the event by ?source= and &id=")
        return _json({"source": source, "id": id_, "state": receipt(source, id_)}, 200)

    @routes.get("/v1/events/schema")
    def schema() -> Response:
        return _json(event_schema(), 200)

    return routes


def _documents(body: bytes) -> list[object]:
    if "Ce-Specversion" in request.headers:
        return [_binary(body)]
    if request.mimetype == BATCH:
        batch = _decoded(body)
        if not isinstance(batch, list):
            raise Undecodable("a batch is a JSON array of events")
        return batch
    if request.mimetype in STRUCTURED:
        document = _decoded(body)
        return document if isinstance(document, list) else [document]
    raise Undecodable(
        f"Content-Type {request.mimetype or '(none)'}: send {STRUCTURED[0]} or {BATCH}"
    )


def _binary(body: bytes) -> dict[str, object]:
    """Attributes are headers (percent-encoded where they must be), the body is ``data``."""
    envelope: dict[str, object] = {
        name[3:].lower(): unquote(value)
        for name, value in request.headers.items()
        if name.lower().startswith("ce-")
    }
    if body:
        envelope["data"] = _decoded(body)
    return envelope


def _decoded(body: bytes) -> object:
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Undecodable(f"the body is not JSON: {error}") from error


def _refuse_constant(text: str) -> object:
    raise ValueError(f"{text} is not JSON")


def _answer(outcomes: list[Outcome], dry_run: bool) -> Response:
    """202 when all were accepted (200 for a dry run), 207 when some were, 422 when none was."""
    accepted = sum(outcome.accepted for outcome in outcomes)
    whole = 200 if dry_run else 202
    status = whole if accepted == len(outcomes) else 207 if accepted else 422
    body = {"accepted": accepted, "rejected": len(outcomes) - accepted, "dry_run": dry_run}
    return _json({**body, "events": outcomes}, status)


def _problem(status: int, title: str, detail: str) -> Response:
    answer = _json({"title": title, "status": status, "detail": detail}, status)
    answer.mimetype = "application/problem+json"
    return answer


def _json(body: object, status: int) -> Response:
    return Response(msgspec.json.encode(body), status, mimetype="application/json")
