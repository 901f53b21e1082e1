"""What a signature scheme is: how one vendor proves that a request is its own.

A scheme is pure: it gets the request as it came, the secrets and the time, and returns or raises
``Unidentified``. It compares in constant time, and judges the age of a request only after its
signature, so that nobody learns from an answer what he could not have known.
"""

import base64
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from collector.source import known_sources
from process_model.errors import ConfigError, Unidentified
from process_model.plugins import discover

WINDOW = timedelta(minutes=5)
"""How far the time of a signed request may lie from ours, either way; the vendors' own figure."""

UNSIGNED, WRONG, TOO_OLD = "unsigned", "wrong_signature", "too_old"
"""the reasons for which a request is refused"""

_DIGITS = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it came: what a signature may cover."""

    method: str
    host: str
    """the ``Host`` header"""
    target: str
    """path and query, as they stood in the request line"""
    headers: Mapping[str, str]
    """names in lower case"""
    body: bytes
    """before any decompression"""


class SchemeConfig(BaseModel):
    """What every scheme has, in ``[collector.signatures.<system>]``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scheme: str = ""
    """which scheme it is; '' = the system's own, else ``hmac``"""
    secret: tuple[SecretStr, ...] = ()
    """what requests are signed with; several while one is replaced by another"""
    secret_file: Path | None = None
    """a file that holds them, one a line"""

    @field_validator("secret", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _has_one(self) -> "SchemeConfig":
        if not self.secret and self.secret_file is None:
            raise ValueError("write secret or secret_file: without one nothing can be checked")
        if any(not one.get_secret_value().strip() for one in self.secret):
            raise ValueError("secret is empty")
        return self


Verify = Callable[[Any, Sequence[bytes], Signed, datetime], None]
"""Takes settings, secrets, request and UTC time; raises ``Unidentified``."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to sign."""

    verify: Verify
    systems: tuple[str, ...] = ()
    """whose own way it is"""
    config: type[SchemeConfig] = SchemeConfig
    challenge: str = "Signature"
    """the scheme that a refusal names in ``WWW-Authenticate``"""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A scheme with the settings and secrets of one system."""

    name: str
    scheme: Scheme
    config: SchemeConfig
    secrets: tuple[bytes, ...] = field(repr=False)

    def verify(self, request: Signed, now: datetime) -> None:
        """Return when the request is the system's own; raises ``Unidentified``."""
        try:
            self.scheme.verify(self.config, self.secrets, request, now)
        except Unidentified as refused:
            raise Unidentified(refused.reason, str(refused), self.scheme.challenge) from None


@cache
def schemes() -> Mapping[str, Scheme]:
    """Every scheme by the name of its file."""
    import collector.schemes as package

    return discover(package, Scheme)


def built(system: str, table: Any) -> Any:
    """The settings of a system's scheme; raises ``ValueError`` naming what is wrong."""
    if isinstance(table, SchemeConfig) or not isinstance(table, Mapping):
        return table
    if system not in known_sources():
        raise ValueError(f"{system}: no such source; known are {', '.join(known_sources())}")
    name = _scheme_of(system, str(table.get("scheme", "")))
    if name not in schemes():
        raise ValueError(f"{system}: no such scheme as {name!r}; there are {', '.join(schemes())}")
    try:
        return schemes()[name].config.model_validate(table)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in (system, *first["loc"]))
        raise ValueError(f"{key}: {first['msg']}") from None


def verifier(system: str, config: SchemeConfig) -> Verifier:
    """What checks the system's requests; raises ``ConfigError`` when its file cannot be read."""
    name = _scheme_of(system, config.scheme)
    secrets = [one.get_secret_value().encode() for one in config.secret]
    if config.secret_file is not None:
        key = f"collector.signatures.{system}.secret_file"
        try:
            lines = config.secret_file.read_bytes().split(b"\n")
        except OSError as error:
            raise ConfigError(
                f"{key}: {config.secret_file} cannot be read ({error.strerror})"
            ) from error
        secrets += [line.strip() for line in lines if line.strip()]
    if not secrets:
        raise ConfigError(f"collector.signatures.{system}.secret_file: the file is empty")
    return Verifier(name, schemes()[name], config, tuple(secrets))


def _scheme_of(system: str, named: str) -> str:
    own = (name for name, scheme in schemes().items() if system in scheme.systems)
    return named or next(own, "hmac")


# --- what schemes share


def present(request: Signed, header: str) -> str:
    """The header's value; raises ``Unidentified`` when the request has none."""
    if value := request.headers.get(header.lower(), "").strip():
        return value
    raise Unidentified(UNSIGNED, f"the request has no {header} header")


def digests(secrets: Iterable[bytes], message: bytes) -> list[bytes]:
    """HMAC-SHA256 of the message by each secret (RFC 2104)."""
    return [hmac.new(secret, message, sha256).digest() for secret in secrets]


def as_base64(digest: bytes) -> str:
    """As most vendors write a digest."""
    return base64.b64encode(digest).decode()


def require_one(wanted: Iterable[str | bytes], given: Iterable[str]) -> None:
    """Raise ``Unidentified`` unless one of the given texts is one of the wanted.

    Every pair is compared, each in constant time, so that the time does not tell which one fits.
    """
    expected = [one.encode() if isinstance(one, str) else one for one in wanted]
    shown = [one.encode("utf-8", "replace") for one in given]
    fitting = [hmac.compare_digest(one, other) for one in expected for other in shown]
    if not any(fitting):
        raise Unidentified(
            WRONG,
            "the signature is none that our secret makes of this request; compare the secrets",
        )


def require_fresh(at: float, now: datetime) -> None:
    """Raise ``Unidentified`` unless the time (seconds since 1970) is within the window."""
    if abs(now.timestamp() - at) > WINDOW.total_seconds():
        minutes = int(WINDOW.total_seconds() // 60)
        raise Unidentified(
            TOO_OLD,
            f"the request was signed more than {minutes} minutes from now; look at the clocks",
        )


def seconds_of(text: str, per_second: int = 1) -> float:
    """A Unix time; raises ``Unidentified`` when the text is none."""
    if not _DIGITS.fullmatch(text):
        raise Unidentified(UNSIGNED, "the time of the signature is no Unix time")
    return int(text) / per_second
