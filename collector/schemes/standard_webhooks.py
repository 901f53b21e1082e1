"""Standard Webhooks: base64 over ``id.time.body``, one or several in ``webhook-signature``.

Newer vendors sign so, and so does this program. https://www.standardwebhooks.com
"""

import base64
import binascii
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


def verify(_config: SchemeConfig, secrets: Sequence[bytes], request: Signed, now: datetime) -> None:
    """Any of the ``v1`` signatures, by any of the secrets."""
    id_, at = present(request, "webhook-id"), present(request, "webhook-timestamp")
    given = present(request, "webhook-signature").split(" ")
    seconds = seconds_of(at)
    message = f"{id_}.{at}.".encode("utf-8", "replace") + request.body
    wanted = digests([_raw(secret) for secret in secrets], message)
    require_one([f"v1,{as_base64(digest)}" for digest in wanted], given)
    require_fresh(seconds, now)


def _raw(secret: bytes) -> bytes:
    """A secret ``whsec_…`` is base64; anything else is taken as it is."""
    bare = secret.removeprefix(b"whsec_")
    try:
        return base64.b64decode(bare, validate=True) if bare != secret else secret
    except binascii.Error:
        return secret


SCHEME = Scheme(verify)
