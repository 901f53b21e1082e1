"""Stripe: ``Stripe-Signature: t=<seconds>,v1=<hex>[,v1=…]`` over ``<t>.<body>``.

While an endpoint's secret is replaced Stripe signs with both, so several ``v1`` may be there.
https://docs.stripe.com/webhooks/signature
"""

from collections.abc import Sequence
from datetime import datetime

from collector.signature import (
    UNSIGNED,
    Scheme,
    SchemeConfig,
    Signed,
    digests,
    present,
    require_fresh,
    require_one,
    seconds_of,
)
from process_model.errors import Unidentified

HEADER = "Stripe-Signature"


def verify(_config: SchemeConfig, secrets: Sequence[bytes], request: Signed, now: datetime) -> None:
    """Any of the ``v1`` signatures, by any of the secrets."""
    parts = [part.strip().partition("=") for part in present(request, HEADER).split(",")]
    at = next((value for name, _, value in parts if name == "t"), "")
    given = [value for name, _, value in parts if name == "v1"]
    if not at or not given:
        raise Unidentified(UNSIGNED, f"{HEADER} has no t= or no v1=")
    seconds = seconds_of(at)
    wanted = digests(secrets, at.encode() + b"." + request.body)
    require_one([digest.hex() for digest in wanted], given)
    require_fresh(seconds, now)


SCHEME = Scheme(verify, systems=("stripe",))
