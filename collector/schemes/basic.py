"""A name and a password in ``Authorization: Basic`` (RFC 7617); the secret is ``name:password``.

Chargebee signs nothing and sends these. Nothing of the request is covered, so only TLS in front
keeps it from being read and used again.
"""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime

from collector.signature import UNSIGNED, Scheme, SchemeConfig, Signed, present, require_one
from process_model.errors import Unidentified


def verify(
    _config: SchemeConfig, secrets: Sequence[bytes], request: Signed, _now: datetime
) -> None:
    """Any of the pairs."""
    kind, _, pair = present(request, "Authorization").partition(" ")
    try:
        given = base64.b64decode(pair.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError) as error:
        raise Unidentified(UNSIGNED, "the Authorization header is not Basic") from error
    if kind.lower() != "basic":
        raise Unidentified(UNSIGNED, "the Authorization header is not Basic")
    require_one(secrets, [given])


SCHEME = Scheme(verify, systems=("chargebee",), challenge="Basic")
