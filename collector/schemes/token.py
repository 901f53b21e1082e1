"""A shared token in a header: for systems whose outgoing calls can carry a header and no more.

Salesforce sets it by a named credential, SAP by a destination. Nothing of the request is covered,
so only TLS in front keeps it from being read and used again.
"""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from collector.signature import Scheme, SchemeConfig, Signed, present, require_one


class Config(SchemeConfig):
    """``scheme = "token"``."""

    header: str = Field(default="Authorization", pattern=r"^[A-Za-z0-9-]+$")
    """where the token is, after ``Bearer`` or alone"""


def verify(config: Config, secrets: Sequence[bytes], request: Signed, _now: datetime) -> None:
    """Any of the tokens."""
    value = present(request, config.header)
    kind, _, rest = value.partition(" ")
    require_one(secrets, [rest.strip() if kind.lower() == "bearer" else value])


SCHEME = Scheme(verify, systems=("salesforce", "sap"), config=Config, challenge="Bearer")
