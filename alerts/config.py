"""What can be set about alerts: rules, channels, routes, quiet hours."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationError,
    field_validator,
    model_validator,
)

from alerts.alert import Severity
from alerts.channel import Channel, ChannelConfig
from alerts.rule import Rule, RuleConfig
from process_model.plugins import discover

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Route(BaseModel):
    """Which alerts go to a channel, in ``[[alerts.routes]]``; what is left out matches all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: str
    """the channel's name"""
    rules: tuple[str, ...] = ()
    """only alerts of these rules"""
    severities: tuple[Severity, ...] = ()
    """only alerts of these severities"""
    labels: dict[str, str] = Field(default_factory=dict)
    """only alerts with these labels: ``labels = {stage = "invoice"}``"""

    def takes(self, rule: str, severity: Severity, labels: Mapping[str, str]) -> bool:
        """Whether an alert goes this way."""
        return (
            (not self.rules or rule in self.rules)
            and (not self.severities or severity in self.severities)
            and all(labels.get(name) == value for name, value in self.labels.items())
        )


class Mute(BaseModel):
    """Hours in which nothing is told, in ``[[alerts.mutes]]``; what still holds is told after."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """what the held alert says of it"""
    days: tuple[str, ...] = _DAYS
    """``mon`` to ``sun``: the days on which it begins"""
    begin: time = time(0)
    """its begin, by the clock of the zone"""
    end: time = time(0)
    """its end, which is outside; not after the begin means on the next day"""
    zone: str = "UTC"
    """an IANA time zone"""
    severities: tuple[Severity, ...] = (Severity.WARNING, Severity.INFO)
    """only these are muted"""

    @model_validator(mode="after")
    def _sound(self) -> "Mute":
        if unknown := sorted(set(self.days) - set(_DAYS)):
            raise ValueError(f"{self.name}: {unknown[0]} is none of {', '.join(_DAYS)}")
        try:
            ZoneInfo(self.zone)
        except (ValueError, OSError, KeyError) as exc:
            raise ValueError(f"{self.name}: no time zone is named {self.zone}") from exc
        return self

    def covers(self, at: datetime) -> bool:
        """Whether the moment lies in it."""
        local = at.astimezone(ZoneInfo(self.zone))
        clock = local.time().replace(tzinfo=None)
        today = _DAYS[local.weekday()] in self.days
        if self.begin < self.end:
            return today and self.begin <= clock < self.end
        yesterday = _DAYS[local.weekday() - 1] in self.days
        return (today and clock >= self.begin) or (yesterday and clock < self.end)


class AlertsConfig(BaseModel):
    """What is watched, who is told, and when it is told again; works as it is, telling nobody."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    """whether rules are looked at and messages are sent"""
    base_url: str = Field(default="", pattern=r"^(https?://[^/\s]+)?$")
    """where people reach the pages, for the links in messages: ``https://throughline.example``;
    '' is the pages' own address"""
    zone: str = "UTC"
    """the IANA time zone that messages are written in"""
    repeat: timedelta = Field(default=timedelta(hours=4), ge=timedelta(minutes=1))
    """how long after a message the same alert is told again while it holds and nobody took it"""
    calm: timedelta = Field(default=timedelta(minutes=15), ge=timedelta(0))
    """how long the condition must be gone before the alert is over, so that it does not flap"""
    acknowledged_for: timedelta = Field(default=timedelta(hours=24), ge=timedelta(minutes=1))
    """how long an acknowledged alert is not told again"""
    snoozed_for: timedelta = Field(default=timedelta(hours=4), ge=timedelta(minutes=1))
    """the same for one that was snoozed"""
    links_last: timedelta = Field(default=timedelta(days=7), ge=timedelta(minutes=1))
    """how long the links in a message can be followed; each works once"""
    rules: dict[str, SerializeAsAny[RuleConfig]] = Field(default_factory=dict)
    """one table a rule, ``[alerts.rules.stage_latency]``; see docs/alerts.md"""
    channels: tuple[SerializeAsAny[ChannelConfig], ...] = ()
    """who is told, ``[[alerts.channels]]``; see docs/alerts.md"""
    routes: tuple[Route, ...] = ()
    """which alerts go to which channel, ``[[alerts.routes]]``; without one, all go to all"""
    mutes: tuple[Mute, ...] = ()
    """hours in which nothing is told, ``[[alerts.mutes]]``"""

    @field_validator("rules", mode="before")
    @classmethod
    def _of_its_rule(cls, tables: Any) -> Any:
        if not isinstance(tables, dict):
            return tables
        return {name: _built(rules(), name, table, "rule") for name, table in tables.items()}

    @field_validator("channels", mode="before")
    @classmethod
    def _of_its_kind(cls, tables: Any) -> Any:
        if not isinstance(tables, list | tuple):
            return tables
        built = []
        for table in tables:
            kind = table.get("kind", "") if isinstance(table, dict) else ""
            built.append(_built(channels(), kind, table, "channel"))
        return tuple(built)

    @model_validator(mode="after")
    def _agreeing(self) -> "AlertsConfig":
        try:
            ZoneInfo(self.zone)
        except (ValueError, OSError, KeyError) as exc:
            raise ValueError(f"zone: no time zone is named {self.zone}") from exc
        names = [one.name for one in self.channels]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"channels: two are named {twice[0]}")
        for route in self.routes:
            if route.channel not in names:
                raise ValueError(
                    f"routes: there is no channel {route.channel}; there are {', '.join(names)}"
                )
            if unknown := sorted(set(route.rules) - set(rules()) - {RULE_FAILED}):
                raise ValueError(f"routes: there is no rule {unknown[0]}")
        return self

    def rule(self, name: str) -> RuleConfig:
        """A rule's settings, its defaults when nothing is set."""
        return self.rules.get(name) or rules()[name].config()


RULE_FAILED = "rule_failed"
"""The rule's name of alerts that the engine raises of a rule that cannot be looked at."""


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by the name of its file."""
    import alerts.rules as package

    return discover(package, Rule)


@cache
def channels() -> Mapping[str, Channel]:
    """Every kind of channel by the name of its file."""
    import alerts.channels as package

    return discover(package, Channel)


def _built(known: Mapping[str, Rule | Channel], name: str, table: Any, what: str) -> Any:
    if not isinstance(table, dict):
        return table
    if name not in known:
        raise ValueError(f"there is no {what} {name!r}; there are {', '.join(known)}")
    try:
        return known[name].config.model_validate(table)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{name}: {key}: {first['msg']}") from exc
