"""OTLP over gRPC: traces and logs, the bytes handed on as they came."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import grpc
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from collector import otlp
from collector.config import CollectorConfig
from collector.identity import Guard
from collector.intake import Append
from collector.refusals import Refusals
from process_model import telemetry
from process_model.access import SPANS, Role
from process_model.errors import (
    ConfigError,
    Forbidden,
    Overloaded,
    TooFast,
    Undecodable,
    Unidentified,
)
from process_model.listening import place

DOOR = "otlp_grpc"
_SERVICES: dict[str, otlp.Signal] = {
    "opentelemetry.proto.collector.trace.v1.TraceService": "traces",
    "opentelemetry.proto.collector.logs.v1.LogsService": "logs",
}
_log = logging.getLogger(__name__)


@contextmanager
def serve(
    append: Append, refusals: Refusals, guard: Guard, config: CollectorConfig
) -> Iterator[int]:
    """Answer until left; yields the port. Leaving waits for requests that are being answered."""
    address, threads = place(config.host, config.grpc_port), config.threads
    options = [
        ("grpc.max_receive_message_length", config.body_bytes),
        ("grpc.so_reuseport", 0),
        ("grpc.http2.max_ping_strikes", 0),
    ]
    server = grpc.server(
        ThreadPoolExecutor(threads, "otlp-grpc"),
        options=options,
        maximum_concurrent_rpcs=threads * 16,
        compression=grpc.Compression.Gzip,
        interceptors=(_Asking(guard, refusals),),
    )
    for service, signal in _SERVICES.items():
        handler = grpc.unary_unary_rpc_method_handler(_export(signal, append, refusals))
        handlers = grpc.method_handlers_generic_handler(service, {"Export": handler})
        server.add_generic_rpc_handlers((handlers,))
    credentials = _credentials(config)
    try:
        bound = (
            server.add_secure_port(address, credentials)
            if credentials
            else server.add_insecure_port(address)
        )
    except RuntimeError as error:
        raise ConfigError(
            f"collector.grpc_port: {address} cannot be opened; stop what listens there, set "
            "another, or look at collector.grpc_certificate"
        ) from error
    server.start()
    try:
        yield bound
    finally:
        server.stop(grace=3).wait()


def _credentials(config: CollectorConfig) -> "grpc.ServerCredentials | None":
    """TLS as it is set, with the clients' certificates asked for when there is who made them."""
    if config.grpc_certificate is None or config.grpc_certificate_key is None:
        return None
    authorities = config.grpc_client_ca
    return grpc.ssl_server_credentials(
        [
            (
                _file("grpc_certificate_key", config.grpc_certificate_key),
                _file("grpc_certificate", config.grpc_certificate),
            )
        ],
        root_certificates=_file("grpc_client_ca", authorities) if authorities else None,
        require_client_auth=authorities is not None,
    )


def _file(key: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"collector.{key}: {path} cannot be read ({error.strerror})") from error


class _Asking(grpc.ServerInterceptor):  # type: ignore[misc,unused-ignore]
    """Asks who calls before the message is looked at."""

    def __init__(self, guard: Guard, refusals: Refusals) -> None:
        self._guard, self._refusals = guard, refusals

    def intercept_service(self, continuation: Callable[..., Any], call: Any) -> Any:
        """The door, or one that only refuses."""
        metadata = call.invocation_metadata or ()
        shown = next((str(value) for name, value in metadata if name == "authorization"), "")
        try:
            self._guard.admit(shown, Role.INGEST, SPANS)
        except Unidentified as error:
            self._refusals.unidentified(DOOR, error.reason)
            return _refusing(grpc.StatusCode.UNAUTHENTICATED, str(error))
        except Forbidden as error:
            self._refusals.forbidden(DOOR)
            return _refusing(grpc.StatusCode.PERMISSION_DENIED, str(error))
        except TooFast as error:
            self._refusals.too_fast(DOOR)
            why, seconds = str(error), error.retry_after_seconds
            code = grpc.StatusCode.RESOURCE_EXHAUSTED
            return grpc.unary_unary_rpc_method_handler(
                lambda _body, context: _come_back(context, why, seconds, code)
            )
        return continuation(call)


def _refusing(code: grpc.StatusCode, why: str) -> Any:
    return grpc.unary_unary_rpc_method_handler(lambda _body, context: context.abort(code, why))


def _export(
    signal: otlp.Signal, append: Append, refusals: Refusals
) -> Callable[[bytes, grpc.ServicerContext], bytes]:
    def export(body: bytes, context: grpc.ServicerContext) -> bytes:
        try:
            with telemetry.measured(f"take {signal}"):
                record = otlp.from_protobuf(signal, body)
                if record:
                    append(signal, otlp.frame(record))
        except Undecodable as error:
            refusals.undecodable(DOOR, body, str(error))
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except Overloaded as error:
            refusals.overloaded(DOOR)
            _come_back(context, str(error), error.retry_after_seconds)
        except Exception:
            # stock exporters drop their data on INTERNAL and UNKNOWN
            _log.exception("a request could not be answered")
            _come_back(context, "something is wrong here; keep the data and try again", 5)
        return b""  # an answer without partial_success: everything was accepted

    return export


def _come_back(
    context: grpc.ServicerContext,
    why: str,
    seconds: int,
    code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE,
) -> NoReturn:
    """Stock exporters try UNAVAILABLE again, and RESOURCE_EXHAUSTED too; RetryInfo says when."""
    status = Status(code=code.value[0], message=why)
    retry = RetryInfo()
    retry.retry_delay.seconds = seconds
    status.details.add().Pack(retry)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, why)
    raise AssertionError("abort does not return")
