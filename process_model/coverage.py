"""How complete the data behind a number is: version 1 of contract 7.

A number stands on the sources that ever delivered its event types. While such a source is silent
for longer than it ever is, what it would have said is missing, and the number is worth less.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from process_model.config import ModelConfig
from process_model.questions import Selection, ask
from process_model.store import Handle

_LEAST_LIMIT = timedelta(minutes=15)
_LEAST_MINUTES = 20
_SLACK = 1.25


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of complete data in [0, 1]; ``None`` is unknown and never taken for complete."""

    value: float | None
    floor: float
    limited_by: str
    """the source that costs most, '' when none does"""
    reason: str
    """one sentence for a person"""

    @property
    def sufficient(self) -> bool:
        """Whether the number may be shown as it is and alerts may act on it."""
        return self.value is not None and self.value >= self.floor


@dataclass(frozen=True, slots=True)
class SourceRhythm:
    """How a source moved up to the end of the period, as the store knows it."""

    source: str
    first: datetime
    minutes: int
    """distinct minutes in which something happened"""
    third_longest_gap: timedelta


def silence_limit(rhythm: SourceRhythm, config: ModelConfig) -> timedelta | None:
    """How long the source may be silent: as configured, else as learned, else unknown."""
    if rhythm.source in config.silence_limits:
        return config.silence_limits[rhythm.source]
    if rhythm.minutes < _LEAST_MINUTES:
        return None
    # the third longest: one or two real outages must not teach that outages are normal
    return max(_LEAST_LIMIT, rhythm.third_longest_gap * _SLACK)


def coverage_of(
    reader: Handle, selection: Selection, types: Collection[str], config: ModelConfig
) -> Coverage:
    """The coverage of numbers that stand on events of the types, in the selection's period."""
    end = min(selection.until, selection.as_of or datetime.now(UTC))
    wanted = {"dataset": selection.dataset, "types": sorted(types), "until": end}
    rhythms = [SourceRhythm(r.source, r.first, r.minutes, timedelta(seconds=r.third_longest_gap))
               for r in ask(reader, "source_rhythms", **wanted)]  # fmt: skip
    if not rhythms:
        return _unknown(config, "", "no source has ever delivered the events behind this number")
    limits = {rhythm.source: silence_limit(rhythm, config) for rhythm in rhythms}
    if new := sorted(source for source, limit in limits.items() if limit is None):
        return _unknown(config, new[0], f"{new[0]} has told too little to know its rhythm")
    known = {source: limit for source, limit in limits.items() if limit is not None}
    silent = _silent_seconds(reader, selection, end, known)
    begins = {rhythm.source: max(selection.since, rhythm.first) for rhythm in rhythms}
    shares = {source: _share(silent[source], end - begins[source]) for source in known}
    missing = ask(
        reader, "missing_by_sequence", **wanted, since=selection.since, sources=sorted(known)
    )
    received = {row.source: row.received for row in missing}
    return _weigh(shares, received, {row.source: row.missing for row in missing}, config)


def _share(silent_seconds: float, period: timedelta) -> float:
    seconds = period.total_seconds()
    return 1.0 if seconds <= 0 else max(0.0, 1 - silent_seconds / seconds)


def _silent_seconds(
    reader: Handle, selection: Selection, end: datetime, limits: Mapping[str, timedelta]
) -> dict[str, float]:
    sources = sorted(limits)
    rows = ask(
        reader,
        "silent_seconds",
        dataset=selection.dataset,
        since=selection.since,
        until=end,
        sources=sources,
        limits=[limits[source].total_seconds() for source in sources],
    )
    return dict.fromkeys(sources, 0.0) | {row.source: row.seconds for row in rows}


def _weigh(
    shares: Mapping[str, float],
    received: Mapping[str, int],
    missing: Mapping[str, int],
    config: ModelConfig,
) -> Coverage:
    told, lost = sum(received.values()), sum(missing.values())
    moving = sum(shares.values()) / len(shares)
    value = moving * (told / (told + lost) if told + lost else 1.0)
    by_loss = {s: shares[s] * received.get(s, 1) / max(1, received.get(s, 1) + missing.get(s, 0))
               for s in shares}  # fmt: skip
    worst = min(sorted(shares), key=lambda source: by_loss[source])
    if by_loss[worst] >= 1:
        return Coverage(value, config.coverage_floor, "", "every source kept its rhythm")
    lacks = f", {missing[worst]} numbered events are missing" if missing.get(worst) else ""
    reason = f"{worst} kept its rhythm for {shares[worst]:.0%} of the period{lacks}"
    return Coverage(value, config.coverage_floor, worst, reason)


def _unknown(config: ModelConfig, source: str, reason: str) -> Coverage:
    return Coverage(None, config.coverage_floor, source, reason)
