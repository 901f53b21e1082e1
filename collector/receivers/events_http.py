"""Business events over HTTP: CloudEvents 1.0, single, structured, as a batch, or binary."""

from collections.abc import Callable

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from collector.identity import refuse_foreign
from collector.intake import Intake
from collector.receivers import answers, asking
from collector.receivers.bodies import body_of
from collector.receivers.documents import binary, decoded
from collector.refusals import Refusals
from collector.schema import event_schema
from process_model.errors import Overloaded, Undecodable

DOOR = "events_http"
BATCH = "application/cloudevents-batch+json"
STRUCTURED = ("application/cloudevents+json", "application/json")

Receipt = Callable[[str, str], str]
"""What became of the event with this source and id: spooled, stored, rejected or unknown."""


def create_blueprint(
    intake: Intake, receipt: Receipt, refusals: Refusals, body_bytes: int
) -> Blueprint:
    """The routes ``POST /v1/events``, ``GET /v1/events/receipt`` and ``GET /v1/events/schema``."""
    routes = Blueprint("events", __name__)

    @routes.post("/v1/events", provide_automatic_options=False)
    def take() -> Response:
        dry_run = request.args.get("dry_run", "") in ("1", "true")
        try:
            documents = _documents(body_of(request, body_bytes))
            refuse_foreign(asking.grant(), documents)
            return answers.outcomes(intake.take(documents, dry_run=dry_run), dry_run)
        except Undecodable as error:
            if not dry_run:
                refusals.undecodable(DOOR, request.get_data(), str(error))
            return answers.problem(400, "Not an event", str(error))
        except Overloaded as error:
            refusals.overloaded(DOOR)
            return answers.overloaded(error)
        except RequestEntityTooLarge:
            refusals.too_large(DOOR)
            raise

    @routes.route("/v1/events", methods=["OPTIONS"], provide_automatic_options=False)
    def permit() -> Response:
        return answers.permission()

    @routes.get("/v1/events/receipt")
    def state_of() -> Response:
        source, id_ = request.args.get("source", ""), request.args.get("id", "")
        if not source or not id_:
            return answers.problem(400, "Incomplete", "name the event by ?source= and &id=")
        refuse_foreign(asking.grant(), [{"source": source}])
        return answers.as_json({"source": source, "id": id_, "state": receipt(source, id_)}, 200)

    @routes.get("/v1/events/schema")
    def schema() -> Response:
        return answers.as_json(event_schema(), 200)

    return routes


def _documents(body: bytes) -> list[object]:
    if "Ce-Specversion" in request.headers:
        return [binary(request, body)]
    if request.mimetype == BATCH:
        batch = decoded(body)
        if not isinstance(batch, list):
            raise Undecodable("a batch is a JSON array of events")
        return batch
    if request.mimetype in STRUCTURED:
        document = decoded(body)
        return document if isinstance(document, list) else [document]
    raise Undecodable(
        f"Content-Type {request.mimetype or '(none)'}: send {STRUCTURED[0]} or {BATCH}"
    )
