"""What a source is: the adapter of one system of record, found by the name of its file.

A source turns one native payload into canonical envelopes, or says why it is none. It is pure: no
clock, no network, no memory. Validation is not its business; every envelope goes through the same
canonical translation as an event that was sent to ``/v1/events``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from process_model.errors import ConfigError
from process_model.plugins import discover
from process_model.vocabulary import ObjectType, SystemKind

DEFAULT_INSTANCE = "default"
INSTANCE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

NO_FACT = "no_fact"
"""The reason of what was understood and tells nothing of quote-to-cash; kept all the same."""
GAP = "gap"
"""The reason of a notice that the source could not tell all: something is missing."""


class Ordering(StrEnum):
    """What a source's own order is good for."""

    CONSECUTIVE = "consecutive"
    """numbers without holes: a missing one is a loss"""
    INCREASING = "increasing"
    """orders what happened; holes mean nothing (Salesforce commit numbers and replay ids)"""
    NONE = "none"
    """only the time orders, and events of one second have no order of their own"""


class SourceConfig(BaseModel):
    """What can be set for every source, in ``[collector.sources.<name>]``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instance: str = Field(default=DEFAULT_INSTANCE, pattern=INSTANCE_PATTERN)
    """which installation of the system speaks; ``?instance=`` at the door says otherwise"""
    local_types: tuple[ObjectType, ...] | None = None
    """object types whose ids only this installation knows; instead of what the source declares"""


Config = TypeVar("Config", bound=SourceConfig)


@dataclass(frozen=True, slots=True)
class Context(Generic[Config]):
    """What a translation may know beside the payload."""

    system: str
    instance: str
    config: Config
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """of the request that brought the payload, names in lower case"""

    @property
    def uri(self) -> str:
        """The CloudEvents ``source`` of this installation."""
        return f"urn:system:{self.system}:{self.instance}"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a payload, or a part of it, is no event."""

    reason: str
    detail: str
    """one sentence for a person, with the remedy"""
    pointer: str = ""
    id: str = ""
    """what the fact would have been known by"""
    type: str = ""
    """the source's own word for it"""


Told = Mapping[str, object] | Refused
"""A canonical envelope, or why there is none."""

Translate = Callable[[object, Context[Any]], Iterable[Told]]
"""May raise ``Untranslatable`` for a payload that is not what it says it is."""


def one_or_many(document: object) -> list[object]:
    """The payloads of a request: an array is a batch, anything else is one."""
    return document if isinstance(document, list) else [document]


def no_handshake(_document: object, _headers: Mapping[str, str]) -> Mapping[str, object] | None:
    """For systems that ask nothing before they send."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One system of record: how its payloads are read, and what may be expected of it."""

    title: str
    """its name as people say it"""
    kind: SystemKind
    translate: Translate
    ordering: Ordering
    order_from: str
    """where its order comes from, one sentence"""
    retention: timedelta | None
    """how long the system can tell an event again; ``None`` = it cannot, or sets no limit"""
    retention_note: str
    """what to do before that time is over, one sentence"""
    linking: str
    """how its documents name one another, one sentence"""
    local_types: tuple[ObjectType, ...] = ()
    """object types whose ids other systems do not cite"""
    config: type[SourceConfig] = SourceConfig
    payloads: Callable[[object], list[object]] = one_or_many
    """the single payloads of a request's decoded body"""
    handshake: Callable[[object, Mapping[str, str]], Mapping[str, object] | None] = no_handshake
    """the answer to a request that only asks whether we are there; ``None`` for all others"""
    kept_status: int = 0
    """the one status that the system takes for success, where it is not any of the 2xx"""


@cache
def known_sources() -> Mapping[str, Source]:
    """Every source by its name."""
    import collector.sources

    return discover(collector.sources, Source)


def configured(tables: Mapping[str, Any]) -> dict[str, SourceConfig]:
    """The settings of every source; raises ``ConfigError`` naming table, key and remedy."""
    sources = known_sources()
    for name in tables:
        if name not in sources:
            raise ConfigError(
                f"collector.sources.{name}: no such source; known are {', '.join(sources)}"
            )
    return {name: _settings(name, source, tables.get(name, {})) for name, source in sources.items()}


def _settings(name: str, source: Source, table: object) -> SourceConfig:
    try:
        return source.config.model_validate(table)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in ("collector.sources", name, *first["loc"]))
        raise ConfigError(f"{key}: {first['msg']}") from wrong
