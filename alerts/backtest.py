"""What would have fired in the past: the same rules and the same life, on a clock that is led.

Each look asks the store as of its moment, so what was open then counts as open. What was learned
later of an earlier time is known to it, so it is a dry run of the rules and not of what was known.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.alert import Alert, Phase, fingerprint_of
from alerts.config import AlertsConfig
from alerts.impact import impact_of
from alerts.lifecycle import Patience, advanced, begun, seen_of
from alerts.rule import Look, Reading, Rule
from process_model.config import ModelConfig
from process_model.store import Handle

MOST_LOOKS = 2_000


@dataclass(frozen=True, slots=True)
class Happened:
    """A change that somebody would have been told of."""

    at: datetime
    rule: str
    phase: Phase
    frozen: bool
    title: str
    labels: Mapping[str, str]
    instances: tuple[str, ...]
    """the cases behind it, as far as the rule names them"""
    cases: int
    money: Mapping[str, str]


def replayed(
    reader: Handle,
    config: AlertsConfig,
    model: ModelConfig,
    known: Mapping[str, Rule],
    since: datetime,
    until: datetime,
    every: timedelta,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Iterator[Happened]:
    """Every alert that would have fired, been over or been frozen, in the order of time.

    Raises ``ValueError`` when the looks would be more than two thousand a rule.
    """
    looks = int((until - since) / every) + 1
    if looks > MOST_LOOKS:
        raise ValueError(
            f"{looks} looks are too many: at most {MOST_LOOKS}; "
            "name a later --since or longer --every-minutes"
        )
    alive: dict[str, dict[str, Alert]] = {name: {} for name in known}
    for number in range(looks):
        now = since + number * every
        for name, rule in known.items():
            yield from _looked(reader, config, model, name, rule, now, alive[name])
        progress(number + 1, looks)


def _looked(
    reader: Handle,
    config: AlertsConfig,
    model: ModelConfig,
    name: str,
    rule: Rule,
    now: datetime,
    alive: dict[str, Alert],
) -> Iterator[Happened]:
    settings = config.rules.get(name) or rule.config()
    if not settings.enabled:
        return
    look = Look(reader=reader, now=now, model=model, config=settings)
    patience = Patience(settings.lasting, config.calm)
    sight = rule.evaluate(look)
    named = {fingerprint_of(name, one.labels): one for one in sight.readings}
    for print_, alert in list(alive.items()):
        if print_ not in named:
            named[print_] = Reading(labels=alert.labels, holds=sight.rest, title=alert.now.title,
                                    detail=sight.rest_because)  # fmt: skip
    for print_, reading in named.items():
        before, seen = alive.get(print_), seen_of(reading, now)
        after: Alert | None
        if before is None:
            if not reading.holds:
                continue
            after = begun(name, reading, seen, settings.severity, 1, patience)
        else:
            after = advanced(before, reading, seen, patience)
        if after is None or after.phase == Phase.RESOLVED:
            alive.pop(print_, None)
        else:
            alive[print_] = after
        if after is not None and _news(before, after):
            impact = impact_of(look, reading)
            yield Happened(now, name, after.phase, after.frozen, reading.title, reading.labels,
                           tuple(reading.instances), impact.cases, impact.money)  # fmt: skip


def _news(before: Alert | None, after: Alert) -> bool:
    """Whether somebody would have been told: of its firing, its end, or that it froze."""
    if after.frozen and not (before and before.frozen):
        return after.phase in (Phase.FIRING, Phase.RECOVERING)
    fired = after.phase == Phase.FIRING and (before is None or before.phase == Phase.PENDING)
    return fired or after.phase == Phase.RESOLVED
