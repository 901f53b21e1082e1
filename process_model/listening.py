"""Addresses to listen on: refused with one sentence before anything is opened."""

import ipaddress
import socket

from process_model.errors import ConfigError


def place(host: str, port: int) -> str:
    """Host and port as URLs and gRPC write them: an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def refuse_public(key: str, host: str, by_keys: bool | None = None) -> None:
    """Raise ``ConfigError`` when others could reach the address and nobody is asked who he is.

    ``by_keys`` says whether keys are asked for; ``None`` where that cannot be set.
    """
    try:
        private = ipaddress.ip_address(host).is_loopback
    except ValueError:
        private = host == "localhost"
    if not private and not by_keys:
        keys = "" if by_keys is None else 'set collector.identity = "keys", or '
        raise ConfigError(
            f"{key} = {host} would open it to others without asking who they are: {keys}"
            "use 127.0.0.1 and put a proxy that checks who asks in front"
        )


def refuse_taken(key: str, host: str, port: int) -> None:
    """Raise ``ConfigError`` when the port is in use; what opens late is asked for early."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise ConfigError(
                f"{key}: {host}:{port} cannot be opened ({exc.strerror}); "
                "stop what listens there or set another"
            ) from exc
