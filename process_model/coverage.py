"""How complete the data behind a number is: version 1 of contract 7.

A number stands on the sources that ever delivered its event types. While such a source is silent
against its own rhythm, what it would have said is missing, and the number is worth less.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from process_model.config import ModelConfig
from process_model.questions import Selection, ask
from process_model.rhythm import LEAST_LIMIT, Rhythm
from process_model.store import Handle

_NOWHERE = timedelta(0)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """One source over a period that ended at some moment."""

    rhythm: Rhythm
    types: frozenset[str]
    """every event type it ever delivered"""
    last_received_at: datetime
    silent: timedelta
    """how long it was silent against its rhythm within the period"""
    present: timedelta
    """how much of the period lies after its first event"""
    silent_since: datetime | None
    """set while it is silent at the period's end: when it last spoke"""
    received: int
    missing: int
    """numbers of its sequence that never came"""

    @property
    def moving(self) -> float:
        """The share of the period in which it kept its rhythm."""
        return 1.0 if self.present <= _NOWHERE else max(0.0, 1 - self.silent / self.present)

    @property
    def arrived(self) -> float:
        """Received ÷ (received + known missing)."""
        return self.received / (self.received + self.missing) if self.missing else 1.0


@dataclass(frozen=True, slots=True)
class Completeness:
    """What is known of every source of a dataset over a period: read once for many numbers."""

    records: Sequence[SourceRecord]
    ends_now: bool
    floor: float

    def of(self, types: Collection[str]) -> Coverage:
        """The coverage of a number that needs each of the types; ``a|b`` needs one of the two."""
        needed = [frozenset(entry.split("|")) for entry in sorted(types)]
        told = frozenset[str]().union(*(record.types for record in self.records))
        if absent := [names for names in needed if not names & told]:
            name = " or ".join(sorted(absent[0]))
            return self._unknown("", f"no source has ever delivered {name}")
        wanted = frozenset[str]().union(*needed)
        required = [record for record in self.records if record.types & wanted]
        if not required:
            return self._unknown("", "no source has ever delivered anything")
        if new := [one.rhythm.source for one in required if not one.rhythm.learned_from]:
            return self._unknown(new[0], f"{new[0]} has told too little to know its rhythm")
        return self._weigh(required)

    def _weigh(self, required: Sequence[SourceRecord]) -> Coverage:
        quiet = [record for record in required if record.silent_since] if self.ends_now else []
        lost = sum(record.missing for record in required)
        received = sum(record.received for record in required)
        moving = sum(record.moving for record in required) / len(required)
        # a number up to now is only as complete as its sources are now
        share = min(moving, 1 - len(quiet) / len(required))
        value = share * (received / (received + lost) if lost else 1.0)
        if quiet:
            worst = min(quiet, key=lambda record: record.silent_since or record.rhythm.first)
            return Coverage(value, self.floor, worst.rhythm.source, _silence(worst))
        worst = min(required, key=lambda record: record.moving * record.arrived)
        if worst.moving * worst.arrived >= 1:
            return Coverage(value, self.floor, "", "every source kept its rhythm")
        return Coverage(value, self.floor, worst.rhythm.source, _shortfall(worst))

    def _unknown(self, source: str, reason: str) -> Coverage:
        return Coverage(None, self.floor, source, reason)


def _silence(record: SourceRecord) -> str:
    since = record.silent_since or record.rhythm.watermark
    return (
        f"{record.rhythm.source} has told nothing since {since:%Y-%m-%d %H:%M} UTC, "
        "which is longer than its rhythm allows"
    )


def _shortfall(record: SourceRecord) -> str:
    kept = f"{record.rhythm.source} kept its rhythm for {record.moving:.1%} of the period"
    return f"{kept}; {record.missing} numbered events are missing" if record.missing else kept


def coverage_of(
    reader: Handle, selection: Selection, types: Collection[str], config: ModelConfig
) -> Coverage:
    """The coverage of numbers that need the event types, in the selection's period."""
    return completeness(reader, selection, config).of(types)


def completeness(reader: Handle, selection: Selection, config: ModelConfig) -> Completeness:
    """Every source of the dataset over the selection's period; asks aggregates only."""
    as_of = selection.as_of or datetime.now(UTC)
    end = min(selection.until, as_of)
    # learned from all that is known, not only from what the period shows
    rhythms, types, received_at = _rhythms(reader, selection.dataset, as_of, config)
    silent = _silences(reader, selection, end, rhythms)
    counted = {
        row.source: (row.received, row.missing)
        for row in ask(reader, "missing_by_sequence", dataset=selection.dataset,
                       since=selection.since, until=end)
    }  # fmt: skip
    records = [
        SourceRecord(
            rhythm=rhythm,
            types=types[rhythm.source],
            last_received_at=received_at[rhythm.source],
            silent=silent[rhythm.source],
            present=end - max(selection.since, rhythm.first),
            silent_since=_silent_since(rhythm, as_of),
            received=counted.get(rhythm.source, (0, 0))[0],
            missing=counted.get(rhythm.source, (0, 0))[1],
        )
        for rhythm in rhythms
    ]
    return Completeness(records, as_of - selection.until < LEAST_LIMIT, config.coverage_floor)


def _silent_since(rhythm: Rhythm, at: datetime) -> datetime | None:
    silent_from = rhythm.silent_from(rhythm.watermark)
    return rhythm.watermark if silent_from and silent_from < at else None


def _rhythms(
    reader: Handle, dataset: str, until: datetime, config: ModelConfig
) -> tuple[list[Rhythm], dict[str, frozenset[str]], dict[str, datetime]]:
    rows = ask(reader, "source_rhythms", dataset=dataset, until=until)
    rhythms = [
        Rhythm(row.source, row.first, row.watermark, row.minutes, row.week,
               configured=config.silence_limits.get(row.source))
        for row in rows
    ]  # fmt: skip
    young = [rhythm.source for rhythm in rhythms if rhythm.learned_from == "gaps"]
    gaps: Mapping[str, float] = {}
    if young:
        found = ask(reader, "longest_gaps", dataset=dataset, until=until, sources=young)
        gaps = {row.source: row.third_longest for row in found}
    learned = [
        replace(rhythm, third_longest_gap=timedelta(seconds=gaps.get(rhythm.source, 0.0)))
        for rhythm in rhythms
    ]
    told = ask(reader, "types_of_sources", dataset=dataset, until=until)
    types = {row.source: frozenset(row.types) for row in told}
    return learned, types, {row.source: row.last_received_at for row in rows}


def _silences(
    reader: Handle, selection: Selection, end: datetime, rhythms: Sequence[Rhythm]
) -> dict[str, timedelta]:
    known = {rhythm.source: rhythm for rhythm in rhythms if rhythm.learned_from}
    silent: dict[str, timedelta] = defaultdict(timedelta)
    if not known:
        return silent
    limits = [rhythm.shortest_limit().total_seconds() for rhythm in known.values()]
    gaps = ask(reader, "source_gaps", dataset=selection.dataset, since=selection.since, until=end,
               sources=list(known), limits=limits)  # fmt: skip
    for gap in gaps:
        told, next_ = datetime.fromtimestamp(gap.told, UTC), datetime.fromtimestamp(gap.next, UTC)
        begin = known[gap.source].silent_from(told) or next_
        silent[gap.source] += max(_NOWHERE, min(next_, end) - max(begin, selection.since))
    return silent
