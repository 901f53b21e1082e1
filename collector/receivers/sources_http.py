"""Native payloads of systems of record over HTTP: ``POST /v1/sources/<system>``."""

import re
from collections.abc import Mapping

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from collector.identity import refuse_foreign
from collector.intake import CANONICAL, Intake
from collector.receivers import answers, asking
from collector.receivers.bodies import body_of
from collector.receivers.documents import documents_of
from collector.refusals import Refusals
from collector.source import INSTANCE_PATTERN, Source
from process_model.errors import Overloaded, Undecodable

DOOR = "sources_http"
_INSTANCE = re.compile(INSTANCE_PATTERN)


def create_blueprint(intake: Intake, refusals: Refusals, body_bytes: int) -> Blueprint:
    """The routes ``POST`` and ``OPTIONS /v1/sources/<system>`` and ``GET /v1/sources``."""
    routes = Blueprint("sources", __name__)

    @routes.get("/v1/sources")
    def known() -> Response:
        return answers.as_json({"sources": [_described(*it) for it in intake.sources.items()]}, 200)

    @routes.post("/v1/sources/<system>", provide_automatic_options=False)
    def take(system: str) -> Response:
        instance = request.args.get("instance", "")
        if source := intake.sources.get(system):
            if instance and not _INSTANCE.match(instance):
                return answers.problem(400, "No such instance", "letters, digits, . _ and -")
            return _taken(intake, source, system, instance, refusals, body_bytes)
        return _unknown(intake.sources)

    @routes.route("/v1/sources/<system>", methods=["OPTIONS"], provide_automatic_options=False)
    def permit(system: str) -> Response:
        """SAP Event Mesh asks so before it delivers."""
        return answers.permission() if system in intake.sources else _unknown(intake.sources)

    return routes


def _taken(
    intake: Intake,
    source: Source,
    system: str,
    instance: str,
    refusals: Refusals,
    body_bytes: int,
) -> Response:
    dry_run = request.args.get("dry_run", "") in ("1", "true")
    headers = {name.lower(): value for name, value in request.headers.items()}
    # who asks was settled before; no source may write down by what
    headers.pop("authorization", None)
    try:
        body = body_of(request, body_bytes)
        documents = documents_of(request, body)
        if len(documents) == 1 and (greeting := source.handshake(documents[0], headers)):
            return answers.as_json(greeting, 200)
        payloads = [payload for document in documents for payload in source.payloads(document)]
        if system == CANONICAL:  # these say themselves for whom they speak
            refuse_foreign(asking.grant(), payloads)
        outcomes = intake.take(
            payloads, dry_run=dry_run, system=system, instance=instance, headers=headers
        )
    except Undecodable as error:
        if not dry_run:
            refusals.undecodable(DOOR, request.get_data(), str(error))
        return answers.problem(400, "Not a payload", str(error))
    except Overloaded as error:
        refusals.overloaded(DOOR)
        return answers.overloaded(error)
    except RequestEntityTooLarge:
        refusals.too_large(DOOR)
        raise
    # What was rejected is kept, so no sender may be told to send it again: webhooks that meet a
    # 4xx retry for days and are then switched off by the vendor.
    answer = answers.outcomes(outcomes, dry_run, none_status=207)
    if source.kept_status:
        answer.status_code = source.kept_status
    return answer


def _unknown(sources: Mapping[str, Source]) -> Response:
    return answers.problem(404, "No such source", f"known are {', '.join(sources)}")


def _described(name: str, source: Source) -> dict[str, object]:
    return {
        "name": name,
        "title": source.title,
        "kind": source.kind,
        "ordering": source.ordering,
        "order_from": source.order_from,
        "retention_seconds": source.retention and source.retention.total_seconds(),
        "retention_note": source.retention_note,
        "linking": source.linking,
        "local_types": source.local_types,
        "post_to": f"/v1/sources/{name}",
    }
