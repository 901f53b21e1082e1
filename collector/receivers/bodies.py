"""Request bodies, decompressed within a bound."""

import gzip
import io
import zlib

import zstandard
from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from process_model.errors import Undecodable

# What is asked of a sender's zstd window: more would let one request take much memory.
_WINDOW = 8 * 2**20


def body_of(request: Request, limit: int) -> bytes:
    """The body as it was meant; refuses one that is longer than ``limit`` once decompressed.

    Raises ``Undecodable`` when the bytes are not of the encoding they are sent under.
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    raw = request.get_data()
    body = raw if encoding in ("", "identity") else _inflated(raw, encoding, limit)
    if len(body) > limit:
        raise RequestEntityTooLarge(f"a request may have {limit} bytes after decompression")
    return body


def _inflated(raw: bytes, encoding: str, limit: int) -> bytes:
    """At most one byte more than the limit, so that a bomb is never unpacked."""
    try:
        if encoding == "gzip":
            return gzip.GzipFile(fileobj=io.BytesIO(raw)).read(limit + 1)
        if encoding == "zstd":
            return _unzstd(raw, limit)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise Undecodable(f"the body is not {encoding}: {error}") from error
    raise UnsupportedMediaType(f"Content-Encoding {encoding} is not understood: send gzip or zstd")


def _unzstd(raw: bytes, limit: int) -> bytes:
    decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    with decompressor.stream_reader(raw, read_across_frames=True) as reader:
        body = reader.read(limit + 1)
    # the reader takes a frame that was cut off for a short one
    if len(body) <= limit and not _is_whole(raw):
        raise EOFError("it ends inside a frame")
    return body


def _is_whole(raw: bytes) -> bool:
    """Whether the last frame is complete; called only where the whole is within the limit."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    while raw:
        frame = decompressor.decompressobj()
        frame.decompress(raw)
        if not frame.eof:
            return False
        raw = frame.unused_data
    return True
