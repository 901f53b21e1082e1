"""Every HTTP route of the collector, and the server that answers for them."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
from flask import Flask, Response
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from collector import threads
from collector.config import CollectorConfig
from collector.receivers import asking, events_http, otlp_http, sources_http
from process_model import serving, telemetry

if TYPE_CHECKING:
    from collector.pipeline import Pipeline

_log = logging.getLogger(__name__)


def create_doors(pipeline: "Pipeline", body_bytes: int) -> Flask:
    """The application; a body over ``body_bytes`` is refused before it is read."""
    app = Flask("collector")
    app.config["MAX_CONTENT_LENGTH"] = body_bytes
    intake, refusals = pipeline.intake, pipeline.refusals
    asking.install(app, pipeline.guard, refusals)
    app.register_blueprint(otlp_http.create_blueprint(pipeline.append, refusals, body_bytes))
    app.register_blueprint(
        events_http.create_blueprint(intake, pipeline.receipt, refusals, body_bytes)
    )
    app.register_blueprint(sources_http.create_blueprint(intake, refusals, body_bytes))
    _route_health(app, pipeline)
    _answer_trouble(app)
    return app


def _route_health(app: Flask, pipeline: "Pipeline") -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @app.get("/readyz")
    def readyz() -> Response:
        reasons = pipeline.health()
        text = "\n".join(reasons or ["ready"]) + "\n"
        return Response(text, 503 if reasons else 200, mimetype="text/plain")

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(telemetry.exposition(), content_type=telemetry.METRICS_TYPE)


def _answer_trouble(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        problem = {"title": error.name, "status": error.code, "detail": error.description}
        body = msgspec.json.encode(problem)
        return Response(body, error.code, content_type="application/problem+json")

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        # stock exporters drop their data on 500 and come back on 503
        _log.error("a request could not be answered", exc_info=error)
        answer = refused(ServiceUnavailable("something is wrong here; keep the data and try again"))
        answer.headers["Retry-After"] = "5"
        return answer


@contextmanager
def serve(pipeline: "Pipeline", config: CollectorConfig, fatal: threads.Fatal) -> Iterator[int]:
    """Answer until left; yields the port. Leaving waits for requests that are being answered."""
    options = {
        "threads": config.threads,
        # what is a little over the limit is read, so that its sender gets to see the answer
        "max_request_body_size": 4 * config.body_bytes,
    }
    doors = create_doors(pipeline, config.body_bytes)
    name, host, port = "collector.http_port", config.host, config.http_port
    with serving.serve(doors, name, host, port, on_fatal=fatal, **options) as bound:
        yield bound
