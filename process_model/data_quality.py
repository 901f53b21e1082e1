"""How each source of the estate is doing: until when it told, how late, in which order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isnan

from process_model.config import ModelConfig
from process_model.coverage import Completeness, completeness
from process_model.kpi import at_now
from process_model.questions import Selection, ask
from process_model.store import Handle

_DISORDER = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """One source; times UTC-aware, spans of time in seconds."""

    source: str
    types: tuple[str, ...]
    """what it ever told of"""
    first_at: datetime
    """the hour of its first event"""
    watermark: datetime
    """its last event by its own clock"""
    last_received_at: datetime
    state: str
    """``moving``, ``silent``, or ``unknown`` while there is too little to know its rhythm"""
    silent_since: datetime | None
    """when it last told anything, if it is silent"""
    limit_seconds: float | None
    """how long it may be silent after its last event; ``None`` is unknown"""
    limit_from: str
    """``configuration``, ``week`` (its rhythm), ``gaps`` (a young source), or ''"""
    moving_share: float | None
    """the share of the period in which it kept its rhythm"""
    received: int
    """events of the period, repetitions included"""
    missing: int
    """numbers of its sequence that never came"""
    delay_p50_seconds: float | None
    delay_p95_seconds: float | None
    """from happening to being known: to the source's ``recordedtime``, else to our receipt"""
    late: int
    """events known more than fifteen minutes after they happened"""
    out_of_order: int
    """events known after a later one, in the last seven days of the period"""


def source_states(
    reader: Handle, selection: Selection, config: ModelConfig, known: Completeness | None = None
) -> list[SourceState]:
    """Every source of the dataset, the silent ones first, then by name."""
    selection = at_now(selection)
    known = known or completeness(reader, selection, config)
    end = min(selection.until, selection.as_of or selection.until)
    asked = {"dataset": selection.dataset, "until": end}
    delays = {row.source: row for row in ask(reader, "source_delays", **asked,
                                             since=selection.since)}  # fmt: skip
    begin = max(selection.since, end - _DISORDER)
    disorder = {row.source: row.out_of_order
                for row in ask(reader, "source_disorder", **asked, since=begin)}  # fmt: skip
    states = []
    for record in known.records:
        rhythm = record.rhythm
        told = delays.get(rhythm.source)
        p50, p95 = told.delays if told else (None, None)
        silent_from = rhythm.silent_from(rhythm.watermark)
        states.append(
            SourceState(
                source=rhythm.source,
                types=tuple(sorted(record.types)),
                first_at=rhythm.first,
                watermark=rhythm.watermark,
                last_received_at=record.last_received_at,
                state=_state(rhythm.learned_from, record.silent_since),
                silent_since=record.silent_since,
                limit_seconds=_seconds(rhythm.watermark, silent_from),
                limit_from=rhythm.learned_from,
                moving_share=record.moving if rhythm.learned_from else None,
                received=record.received,
                missing=record.missing,
                delay_p50_seconds=_known(p50),
                delay_p95_seconds=_known(p95),
                late=told.late if told else 0,
                out_of_order=disorder.get(rhythm.source, 0),
            )
        )
    return sorted(states, key=lambda one: (one.silent_since is None, one.source))


def _state(learned_from: str, silent_since: datetime | None) -> str:
    return "unknown" if not learned_from else "silent" if silent_since else "moving"


def _known(seconds: float | None) -> float | None:
    return None if seconds is None or isnan(seconds) else float(seconds)


def _seconds(begin: datetime, end: datetime | None) -> float | None:
    return None if end is None else (end - begin).total_seconds()
