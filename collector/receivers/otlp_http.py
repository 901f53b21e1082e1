"""OTLP over HTTP: traces and logs, protobuf or JSON, gzip or zstd."""

from flask import Blueprint, Response, request
from google.protobuf import json_format
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector import otlp
from collector.intake import Append
from collector.receivers.bodies import body_of
from process_model.errors import Overloaded, Undecodable

PROTOBUF, JSON = "application/x-protobuf", "application/json"
_ANSWERS = {"traces": ExportTraceServiceResponse, "logs": ExportLogsServiceResponse}


def create_blueprint(append: Append, body_bytes: int) -> Blueprint:
    """The routes ``/v1/traces``, ``/v1/logs`` and ``/v1/metrics``."""
    routes = Blueprint("otlp", __name__)

    @routes.post("/v1/traces")
    def traces() -> Response:
        return _export("traces", append, body_bytes)

    @routes.post("/v1/logs")
    def logs() -> Response:
        return _export("logs", append, body_bytes)

    @routes.post("/v1/metrics")
    def metrics() -> Response:
        # an exporter set up for all signals must not retry for ever: the answer is polite and true
        answer = ExportMetricsServiceResponse()
        answer.partial_success.error_message = "Throughline keeps traces and logs, not metrics"
        return _answer(answer, 200)

    return routes


def _export(signal: otlp.Signal, append: Append, body_bytes: int) -> Response:
    read = {PROTOBUF: otlp.from_protobuf, JSON: otlp.from_json}.get(request.mimetype)
    if read is None:
        return _answer(Status(code=3, message=f"send {PROTOBUF} or {JSON}"), 415)
    try:
        record = read(signal, body_of(request, body_bytes))
        if record:
            append(signal, otlp.frame(record))
    except Undecodable as error:
        return _answer(Status(code=3, message=str(error)), 400)
    except Overloaded as error:
        answer = _answer(Status(code=14, message=str(error)), 503)
        answer.headers["Retry-After"] = str(error.retry_after_seconds)
        return answer
    return _answer(_ANSWERS[signal](), 200)


def _answer(message: object, status: int) -> Response:
    """In the encoding of the request, as the protocol wants it."""
    if request.mimetype == JSON:
        return Response(json_format.MessageToJson(message), status, mimetype=JSON)  # type: ignore[arg-type,unused-ignore]
    return Response(message.SerializeToString(), status, mimetype=PROTOBUF)  # type: ignore[attr-defined]
