"""Which of many tellings of a fact counts, and in which order facts stand (contract 4); pure.

The same events in any arrival order, with any repetition, give the same answer: our own receipt is
never looked at.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from process_model.events import BusinessEvent
from process_model.reference import reference

_NEVER = datetime(1, 1, 1, tzinfo=UTC)
_UNRANKED = 10_000


def counted(events: Iterable[BusinessEvent]) -> list[BusinessEvent]:
    """The events that count, each fact once, in total order."""
    told_once = _one_version(events)
    ordered = sorted(told_once, key=total_order)
    return _one_telling(_one_attempt(ordered))


def total_order(event: BusinessEvent) -> tuple[datetime, str, int, str, str]:
    """Event time, source sequence, place in the process, source, id."""
    rank = reference().rank_of.get(event.type, _UNRANKED)
    return (event.event_time, sequence_order(event.sequence), rank, event.source, event.id)


def sequence_order(sequence: str) -> str:
    """Numbers compare as numbers, other sequences letter by letter (CloudEvents ``sequence``)."""
    return sequence.zfill(40) if sequence.isascii() and sequence.isdigit() else sequence


def _version(event: BusinessEvent) -> tuple[str, datetime, str]:
    return (sequence_order(event.sequence), event.recorded_time or _NEVER, event.content_hash)


def _one_version(events: Iterable[BusinessEvent]) -> Iterable[BusinessEvent]:
    newest: dict[tuple[str, str, str], BusinessEvent] = {}
    for event in events:
        identity = (event.dataset, event.source, event.id)
        known = newest.get(identity)
        if known is None or _version(event) > _version(known):
            newest[identity] = event
    return newest.values()


def _one_attempt(ordered: Iterable[BusinessEvent]) -> list[BusinessEvent]:
    """A retry with the same idempotency key and attempt number is the same fact."""
    seen: set[tuple[str, str, str, int]] = set()
    kept = []
    for event in ordered:
        if event.idempotency_key:
            fact = (event.type, event.subject, event.idempotency_key, event.attempt)
            if fact in seen:
                continue
            seen.add(fact)
        kept.append(event)
    return kept


def _one_telling(ordered: list[BusinessEvent]) -> list[BusinessEvent]:
    """A fact that an event tells is not counted again for the span that carried it."""
    told = {_in_trace(event) for event in ordered if event.origin == "event" and event.trace_id}
    return [event for event in ordered if event.origin == "event" or _in_trace(event) not in told]


def _in_trace(event: BusinessEvent) -> tuple[str, str, str, int]:
    return (event.type, event.subject, event.trace_id, event.attempt)
