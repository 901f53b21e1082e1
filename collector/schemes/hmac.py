"""HMAC-SHA256 of the body in a header: the common scheme (GitHub's, and most in-house ones)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from collector.signature import (
    Scheme,
    SchemeConfig,
    Signed,
    as_base64,
    digests,
    present,
    require_one,
)


class Config(SchemeConfig):
    """``scheme = "hmac"``."""

    header: str = Field(default="X-Signature", pattern=r"^[A-Za-z0-9-]+$")
    """where the signature is"""
    prefix: str = ""
    """what stands before it, such as ``sha256=``"""
    encoding: Literal["hex", "base64"] = "hex"
    """how it is written"""


def verify(config: Config, secrets: Sequence[bytes], request: Signed, _now: datetime) -> None:
    """By any of the secrets."""
    given = present(request, config.header).removeprefix(config.prefix)
    wanted = digests(secrets, request.body)
    if config.encoding == "hex":
        require_one([digest.hex() for digest in wanted], [given.lower()])
    else:
        require_one([as_base64(digest) for digest in wanted], [given])


SCHEME = Scheme(verify, config=Config)
