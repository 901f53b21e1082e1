"""DocuSign Connect: ``X-DocuSign-Signature-1`` to ``-n``, base64 over the body, one a key.

Any of them may be ours. The time is not signed, so there is no window; a message that is sent again
is known by its id and changes nothing.
https://developers.docusign.com/platform/webhooks/connect/validate
"""

import re
from collections.abc import Sequence
from datetime import datetime

from collector.signature import (
    UNSIGNED,
    Scheme,
    SchemeConfig,
    Signed,
    as_base64,
    digests,
    require_one,
)
from process_model.errors import Unidentified

_HEADER = re.compile(r"x-docusign-signature-[0-9]{1,3}")


def verify(
    _config: SchemeConfig, secrets: Sequence[bytes], request: Signed, _now: datetime
) -> None:
    """Any of the signatures, by any of the keys."""
    given = [value.strip() for name, value in request.headers.items() if _HEADER.fullmatch(name)]
    if not given:
        raise Unidentified(
            UNSIGNED,
            "the request has no X-DocuSign-Signature-1 header: include HMAC signatures in Connect",
        )
    require_one([as_base64(digest) for digest in digests(secrets, request.body)], given)


SCHEME = Scheme(verify, systems=("docusign",))
