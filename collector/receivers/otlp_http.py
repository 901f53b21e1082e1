"""OTLP over HTTP: traces and logs, protobuf or JSON, gzip or zstd."""

from flask import Blueprint, Response, request
from google.protobuf import json_format
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from collector import otlp
from collector.intake import Append
from collector.receivers.bodies import body_of
from collector.refusals import Refusals
from process_model import telemetry
from process_model.errors import Overloaded, Undecodable

DOOR = "otlp_http"
PROTOBUF, JSON = "application/x-protobuf", "application/json"
_ANSWERS = {"traces": ExportTraceServiceResponse, "logs": ExportLogsServiceResponse}
# google.rpc codes, which the protocol asks for in the body of a refusal
_INVALID_ARGUMENT, _UNAVAILABLE = 3, 14


def create_blueprint(append: Append, refusals: Refusals, body_bytes: int) -> Blueprint:
    """The routes ``/v1/traces``, ``/v1/logs`` and ``/v1/metrics``."""
    routes = Blueprint("otlp", __name__)

    @routes.post("/v1/traces")
    def traces() -> Response:
        return _export("traces", append, refusals, body_bytes)

    @routes.post("/v1/logs")
    def logs() -> Response:
        return _export("logs", append, refusals, body_bytes)

    @routes.post("/v1/metrics")
    def metrics() -> Response:
        # an exporter set up for all signals must not retry for ever: the answer is polite and true
        answer = ExportMetricsServiceResponse()
        answer.partial_success.error_message = "Throughline keeps traces and logs, not metrics"
        return encoded(answer, 200)

    return routes


def _export(signal: otlp.Signal, append: Append, refusals: Refusals, body_bytes: int) -> Response:
    """All or nothing: a success never carries ``partial_success``, as the protocol wants it."""
    read = {PROTOBUF: otlp.from_protobuf, JSON: otlp.from_json}.get(request.mimetype)
    if read is None:
        return refused(415, _INVALID_ARGUMENT, f"send {PROTOBUF} or {JSON}")
    try:
        with telemetry.measured(f"take {signal}"):
            record = read(signal, body_of(request, body_bytes))
            if record:
                append(signal, otlp.frame(record))
    except Undecodable as error:
        refusals.undecodable(DOOR, request.get_data(), str(error))
        return refused(400, _INVALID_ARGUMENT, str(error))
    except Overloaded as error:
        refusals.overloaded(DOOR)
        answer = refused(503, _UNAVAILABLE, str(error))
        answer.headers["Retry-After"] = str(error.retry_after_seconds)
        return answer
    except HTTPException as error:
        if isinstance(error, RequestEntityTooLarge):
            refusals.too_large(DOOR)
        return refused(error.code or 400, _INVALID_ARGUMENT, str(error.description))
    return encoded(_ANSWERS[signal](), 200)


def refused(status: int, code: int, why: str) -> Response:
    """A refusal in the protocol's words; ``code`` is google.rpc's."""
    return encoded(Status(code=code, message=why), status)


def encoded(message: object, status: int) -> Response:
    """In the encoding of the request, as the protocol wants it."""
    if request.mimetype == JSON:
        return Response(json_format.MessageToJson(message), status, mimetype=JSON)  # type: ignore[arg-type,unused-ignore]
    return Response(message.SerializeToString(), status, mimetype=PROTOBUF)  # type: ignore[attr-defined]
