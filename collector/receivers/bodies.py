"""Request bodies, decompressed within a bound."""

import gzip
import io
import zlib

import zstandard
from flask import Request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType


def body_of(request: Request, limit: int) -> bytes:
    """The body as it was meant; refuses one that is longer than ``limit`` once decompressed."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    raw = request.get_data(cache=False)
    if encoding in ("", "identity"):
        body = raw
    else:
        try:
            body = _inflated(raw, encoding, limit)
        except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
            raise BadRequest(f"the body is not {encoding}: {error}") from error
    if len(body) > limit:
        raise RequestEntityTooLarge(f"a request may have {limit} bytes after decompression")
    return body


def _inflated(raw: bytes, encoding: str, limit: int) -> bytes:
    """At most one byte more than the limit, so that a bomb is never unpacked."""
    if encoding == "gzip":
        return gzip.GzipFile(fileobj=io.BytesIO(raw)).read(limit + 1)
    if encoding == "zstd":
        decompressor = zstandard.ZstdDecompressor(max_window_size=8 * 2**20)
        with decompressor.stream_reader(raw, read_across_frames=True) as reader:
            return reader.read(limit + 1)
    raise UnsupportedMediaType(f"Content-Encoding {encoding} is not understood: send gzip or zstd")
