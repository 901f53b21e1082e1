"""A signed POST of the message as JSON, to an address that was looked at before it is spoken to.

Signed as Standard Webhooks say: ``webhook-id`` is the message's key, ``webhook-timestamp`` the
moment of the attempt, ``webhook-signature`` is ``v1,`` and the base64 of HMAC-SHA256 over
``id.timestamp.body``. The host is resolved once, every address it has must be public unless private
ones are allowed, and the connection goes to the very address that was looked at. Redirects are not
followed and proxies of the environment are not used.
"""

import base64
import hmac
import http.client
import ipaddress
import socket
import ssl
import time
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import msgspec
from pydantic import SecretStr, model_validator

from alerts.channel import Channel, ChannelConfig, DeliveryError, secret_of
from alerts.message import Message, plain_text
from process_model.errors import ConfigError

_AGAIN = frozenset((408, 425, 429))
_MOST_SAID = 300
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Config(ChannelConfig):
    """``kind = "webhook"``."""

    url: str
    """where the message is posted"""
    secret: SecretStr | None = None
    """what messages are signed with; ``whsec_…`` is base64, anything else is taken as it is"""
    secret_file: Path | None = None
    """a file that holds it"""
    allow_private: bool = False
    """whether the address may be of this machine or its network"""

    @model_validator(mode="after")
    def _sound(self) -> "Config":
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ValueError("url: write https://host/path, without a name and password in it")
        if not (self.secret or self.secret_file):
            raise ValueError("secret or secret_file: messages are signed, so one is needed")
        return self


def deliver(config: Config, message: Message) -> str:
    """Post it once; raises ``DeliveryError`` unless the answer is 2xx."""
    parts = urlsplit(config.url)
    body = msgspec.json.encode({"text": plain_text(message), **_plain(message)})
    headers = signed(config, message.key, body, int(time.time()))
    address = allowed_address(parts, allow_private=config.allow_private)
    connection = _connection(parts, address, config.timeout.total_seconds())
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, headers)
        answer = connection.getresponse()
        said = answer.read(_MOST_SAID).decode(errors="replace")
    except (OSError, http.client.HTTPException) as exc:
        raise DeliveryError(
            f"{parts.hostname}: {exc or type(exc).__name__}", permanent=False
        ) from exc
    finally:
        connection.close()
    return _judged(answer.status, said)


def signed(config: Config, key: str, body: bytes, at: int) -> dict[str, str]:
    """The headers of an attempt."""
    secret = secret_of(config.secret, config.secret_file, f"alerts.channels.{config.name}") or ""
    bare = secret.removeprefix("whsec_")
    raw = base64.b64decode(bare) if bare != secret else secret.encode()
    mark = base64.b64encode(hmac.new(raw, f"{key}.{at}.".encode() + body, sha256).digest())
    return {
        "Content-Type": "application/json",
        "User-Agent": "throughline",
        "Idempotency-Key": key,
        "webhook-id": key,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{mark.decode()}",
    }


def allowed_address(parts: SplitResult, *, allow_private: bool) -> str:
    """The address to connect to; raises ``DeliveryError`` when one of the host's is not allowed."""
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise DeliveryError(f"{host} has no address: {exc}", permanent=False) from exc
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not allow_private and (inner := [one for one in addresses if not is_public(one)]):
        raise DeliveryError(
            f"{host} is {inner[0]}, an address of this machine or its network: set allow_private "
            "for this channel if that is meant",
            permanent=True,
        )
    return addresses[0]


def is_public(text: str) -> bool:
    """Whether an address belongs to the open internet, in whatever clothes it comes."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        within = address.ipv4_mapped or address.sixtofour
        if address.teredo:
            within = address.teredo[1]
        if address in _NAT64:
            within = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if within is not None:
            return is_public(str(within))
    return address.is_global and not address.is_multicast and not address.is_reserved


class _Pinned(http.client.HTTPConnection):
    """Goes to the address that was looked at; the name is for the receiver only."""

    def __init__(self, parts: SplitResult, address: str, seconds: float) -> None:
        secure = parts.scheme == "https"
        super().__init__(parts.hostname or "", parts.port or (443 if secure else 80), seconds)
        self._address, self._secure = address, secure

    def connect(self) -> None:
        """Connect, and for https hold the certificate against the name."""
        plain = socket.create_connection((self._address, self.port), self.timeout)
        self.sock: Any = plain
        if self._secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(plain, server_hostname=self.host)


def _connection(parts: SplitResult, address: str, seconds: float) -> _Pinned:
    return _Pinned(parts, address, seconds)


def _judged(status: int, said: str) -> str:
    answer = f"{status} {' '.join(said.split())}".strip()[:_MOST_SAID]
    if 200 <= status < 300:
        return answer
    if 300 <= status < 400:
        raise DeliveryError(
            f"{answer}: redirects are not followed, set the last url", permanent=True
        )
    raise DeliveryError(answer, permanent=400 <= status < 500 and status not in _AGAIN)


def _plain(message: Message) -> dict[str, Any]:
    plain = msgspec.to_builtins(message)
    if not isinstance(plain, dict):
        raise ConfigError("a message is an object")
    return plain


CHANNEL = Channel(Config, deliver)
