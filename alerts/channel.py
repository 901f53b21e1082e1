"""What a channel is: its settings, and how it takes one message. When to try again is not its
business: it delivers, or raises what went wrong and whether it can heal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from alerts.message import Message
from process_model.errors import ConfigError, ThroughlineError


class DeliveryError(ThroughlineError):
    """A message was not taken; ``permanent`` says that it never will be."""

    def __init__(self, said: str, *, permanent: bool) -> None:
        """Say what the receiver said, and whether trying again can help."""
        super().__init__(said)
        self.permanent = permanent


class ChannelConfig(BaseModel):
    """What every channel has, in ``[[alerts.channels]]``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    """what routes call it"""
    kind: str
    """which channel it is: the name of its file"""
    timeout: timedelta = Field(default=timedelta(seconds=10), gt=timedelta(0))
    """how long one attempt may take"""


@dataclass(frozen=True, slots=True)
class Channel:
    """One kind of channel. ``deliver`` returns what the receiver answered."""

    config: type[ChannelConfig]
    deliver: Callable[[Any, Message], str]


def secret_of(value: SecretStr | None, file: Path | None, what: str) -> str | None:
    """A secret from the settings or from its file; raises ``ConfigError`` for an unreadable one."""
    if file is None:
        return value.get_secret_value() if value else None
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as exc:
        raise ConfigError(f"{what}: {file} cannot be read ({exc.strerror})") from exc
