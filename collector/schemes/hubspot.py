"""HubSpot v3: base64 over method, address, body and time in milliseconds.

The address is the one HubSpot called, with some characters of it decoded. What reached us may name
another scheme or host, because a proxy stood in between: ``url`` says what HubSpot was told.
https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
"""

import re
from collections.abc import Sequence
from datetime import datetime

from collector.signature import (
    Scheme,
    SchemeConfig,
    Signed,
    as_base64,
    digests,
    present,
    require_fresh,
    require_one,
    seconds_of,
)

HEADER, TIME = "X-HubSpot-Signature-v3", "X-HubSpot-Request-Timestamp"
_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$",
    "%27": "'", "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
_CODES = re.compile("|".join(_DECODED), re.IGNORECASE)


class Config(SchemeConfig):
    """``[collector.signatures.hubspot]``."""

    url: str = ""
    """the address HubSpot calls, as its app's settings have it, without a query; '' = https, the
    ``Host`` header and the path"""


def verify(config: Config, secrets: Sequence[bytes], request: Signed, now: datetime) -> None:
    """By any of the app's client secrets."""
    given, at = present(request, HEADER), present(request, TIME)
    seconds = seconds_of(at, per_second=1000)
    head = (request.method + address(config, request)).encode()
    wanted = digests(secrets, head + request.body + at.encode())
    require_one([as_base64(digest) for digest in wanted], [given])
    require_fresh(seconds, now)


def address(config: Config, request: Signed) -> str:
    """The address as HubSpot signed it."""
    path, mark, query = request.target.partition("?")
    whole = (config.url or f"https://{request.host}{path}") + mark + query
    return _CODES.sub(lambda code: _DECODED[code[0].upper()], whole)


SCHEME = Scheme(verify, systems=("hubspot",), config=Config)
