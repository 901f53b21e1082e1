"""OTLP over gRPC: traces and logs, the bytes handed on as they came."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NoReturn

import grpc
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from collector import otlp
from collector.intake import Append
from collector.refusals import Refusals
from process_model import telemetry
from process_model.errors import ConfigError, Overloaded, Undecodable

DOOR = "otlp_grpc"
_SERVICES: dict[str, otlp.Signal] = {
    "opentelemetry.proto.collector.trace.v1.TraceService": "traces",
    "opentelemetry.proto.collector.logs.v1.LogsService": "logs",
}
_log = logging.getLogger(__name__)


@contextmanager
def serve(
    append: Append, refusals: Refusals, host: str, port: int, *, threads: int, body_bytes: int
) -> Iterator[int]:
    """Answer until left; yields the port. Leaving waits for requests that are being answered."""
    options = [
        ("grpc.max_receive_message_length", body_bytes),
        ("grpc.so_reuseport", 0),
        ("grpc.http2.max_ping_strikes", 0),
    ]
    server = grpc.server(
        ThreadPoolExecutor(threads, "otlp-grpc"),
        options=options,
        maximum_concurrent_rpcs=threads * 16,
        compression=grpc.Compression.Gzip,
    )
    for service, signal in _SERVICES.items():
        handler = grpc.unary_unary_rpc_method_handler(_export(signal, append, refusals))
        handlers = grpc.method_handlers_generic_handler(service, {"Export": handler})
        server.add_generic_rpc_handlers((handlers,))
    try:
        bound = server.add_insecure_port(f"{host}:{port}")
    except RuntimeError as error:
        raise ConfigError(
            f"collector.grpc_port: {host}:{port} is in use; stop what listens there or set another"
        ) from error
    server.start()
    try:
        yield bound
    finally:
        server.stop(grace=3).wait()


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


def _come_back(context: grpc.ServicerContext, why: str, seconds: int) -> NoReturn:
    """UNAVAILABLE is tried again by stock exporters; RetryInfo says when."""
    status = Status(code=grpc.StatusCode.UNAVAILABLE.value[0], message=why)
    retry = RetryInfo()
    retry.retry_delay.seconds = seconds
    status.details.add().Pack(retry)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNAVAILABLE, why)
    raise AssertionError("abort does not return")
