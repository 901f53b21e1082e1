"""Zendesk: base64 over the time as it is written, then the body.

https://developer.zendesk.com/documentation/webhooks/verifying/
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from collector.signature import (
    UNSIGNED,
    Scheme,
    SchemeConfig,
    Signed,
    as_base64,
    digests,
    present,
    require_fresh,
    require_one,
)
from process_model.errors import Unidentified

HEADER, TIME = "X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp"


def verify(_config: SchemeConfig, secrets: Sequence[bytes], request: Signed, now: datetime) -> None:
    """By any of the webhook's signing secrets."""
    given, at = present(request, HEADER), present(request, TIME)
    seconds = _seconds(at)
    wanted = digests(secrets, at.encode("utf-8", "replace") + request.body)
    require_one([as_base64(digest) for digest in wanted], [given])
    require_fresh(seconds, now)


def _seconds(text: str) -> float:
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise Unidentified(UNSIGNED, f"{TIME} is no ISO 8601 time") from error


SCHEME = Scheme(verify, systems=("zendesk",))
