"""OTLP over gRPC: traces and logs, the bytes handed on as they came."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc

from collector import otlp
from collector.intake import Append
from process_model.errors import ConfigError, Overloaded, Undecodable

_SERVICES: dict[str, otlp.Signal] = {
    "opentelemetry.proto.collector.trace.v1.TraceService": "traces",
    "opentelemetry.proto.collector.logs.v1.LogsService": "logs",
}


@contextmanager
def serve(append: Append, host: str, port: int, *, threads: int, body_bytes: int) -> Iterator[int]:
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
        handler = grpc.unary_unary_rpc_method_handler(_export(signal, append))
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
        server.stop(grace=5).wait()


def _export(signal: otlp.Signal, append: Append) -> Callable[[bytes, grpc.ServicerContext], bytes]:
    def export(body: bytes, context: grpc.ServicerContext) -> bytes:
        try:
            record = otlp.from_protobuf(signal, body)
            if record:
                append(signal, otlp.frame(record))
        except Undecodable as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except Overloaded as error:
            # stock exporters try again on UNAVAILABLE
            context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
        return b""

    return export
