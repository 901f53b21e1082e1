"""HTTP doors ask who sends before they look at what was sent; each refuses in its own words."""

from urllib.parse import quote

from flask import Flask, Response, g, request
from google.protobuf import duration_pb2
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from werkzeug.exceptions import RequestEntityTooLarge

from collector.identity import Guard
from collector.intake import CANONICAL
from collector.receivers import answers, otlp_http
from collector.refusals import Refusals
from collector.signature import Signed
from process_model.access import SPANS, Grant, Role
from process_model.errors import Forbidden, TooFast, Unidentified

_OPEN = frozenset(("/healthz", "/readyz"))
"""What a supervisor asks, which has no key."""

_DOORS = {"otlp": otlp_http.DOOR, "events": "events_http", "sources": "sources_http"}
# google.rpc codes, which OTLP asks for in the body of a refusal
_PERMISSION_DENIED, _RESOURCE_EXHAUSTED, _UNAUTHENTICATED = 7, 8, 16


def install(app: Flask, guard: Guard, refusals: Refusals) -> None:
    """Ask before every request of the application."""

    @app.before_request
    def ask() -> None:
        if request.path not in _OPEN and request.method != "OPTIONS":
            _ask(guard, refusals)

    @app.errorhandler(Unidentified)
    def unidentified(error: Unidentified) -> Response:
        refusals.unidentified(_door(), error.reason)
        answer = _refused(401, _UNAUTHENTICATED, "Not identified", str(error))
        answer.headers["WWW-Authenticate"] = _challenge(error)
        return answer

    @app.errorhandler(Forbidden)
    def forbidden(error: Forbidden) -> Response:
        refusals.forbidden(_door())
        return _refused(403, _PERMISSION_DENIED, "Not with this key", str(error))

    @app.errorhandler(TooFast)
    def too_fast(error: TooFast) -> Response:
        refusals.too_fast(_door())
        seconds = error.retry_after_seconds
        answer = _refused(429, _RESOURCE_EXHAUSTED, "Too fast", str(error), seconds)
        answer.headers["Retry-After"] = str(seconds)
        return answer


def grant() -> Grant | None:
    """What the key of this request allows; ``None`` when nobody was asked for one."""
    found: Grant | None = g.get("grant")
    return found


def _ask(guard: Guard, refusals: Refusals) -> None:
    system = (request.view_args or {}).get("system", "")
    if request.method == "POST" and request.blueprint == "sources" and system in guard.verifiers:
        guard.verify(system, _signed(refusals))
        return
    shown = request.headers.get("Authorization", "")
    if request.method == "POST":
        source = {"otlp": SPANS, "sources": "" if system == CANONICAL else system}
        g.grant = guard.admit(shown, Role.INGEST, source.get(request.blueprint or "", ""))
    else:
        # whoever sends may ask what became of it; counters are for those who read
        g.grant = guard.admit(shown, None if request.blueprint in _DOORS else Role.READ)


def _signed(refusals: Refusals) -> Signed:
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        refusals.too_large(_door())
        raise
    return Signed(
        method=request.method,
        host=request.headers.get("Host", ""),
        target=_target(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )


def _target() -> str:
    query = request.query_string.decode("latin-1")
    return quote(request.path) + (f"?{query}" if query else "")


def _door() -> str:
    return _DOORS.get(request.blueprint or "", "http")


def _challenge(error: Unidentified) -> str:
    """RFC 6750: a key that was shown and is none is told from a key that was not shown."""
    shown = error.challenge == "Bearer" and "Authorization" in request.headers
    return f'{error.challenge} realm="throughline"' + (', error="invalid_token"' if shown else "")


def _refused(status: int, code: int, title: str, why: str, retry_seconds: int = 0) -> Response:
    if request.blueprint != "otlp":
        return answers.problem(status, title, why)
    said = Status(code=code, message=why)
    if retry_seconds:
        retry = RetryInfo(retry_delay=duration_pb2.Duration(seconds=retry_seconds))
        said.details.add().Pack(retry)
    return otlp_http.encoded(said, status)
