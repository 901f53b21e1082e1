"""What a list of instances can be narrowed by, and how much of the estate is known at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from process_model.questions import Selection, ask
from process_model.store import Handle


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a list can be narrowed to, and how many instances it would leave."""

    name: str
    """``status``, ``stage``, ``past_due``, ``failed``, or a segment"""
    value: str
    instances: int


@dataclass(frozen=True, slots=True)
class Extent:
    """How many instances a dataset has, and from when to when they lived (``None``: none did)."""

    instances: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest event by its source's clock, and when the door last took one; ``None``: never."""

    happened: datetime | None
    received: datetime | None


def choices(
    reader: Handle,
    selection: Selection,
    *,
    query: str = "",
    status: Sequence[str] = (),
    stage: Sequence[str] = (),
    past_due: bool | None = None,
    failed: bool | None = None,
    error_type: str = "",
    ids: Sequence[str] = (),
    variant: Sequence[str] = (),
) -> list[Choice]:
    """The choices of ``lookup.instances_page``, each counted under all the others."""
    chosen = selection.parameters() | {
        "query": query,
        "status": list(status),
        "stage": list(stage),
        "past_due": -1 if past_due is None else int(past_due),
        "failed": -1 if failed is None else int(failed),
        "error_type": error_type,
        "ids": list(ids),
        "variant": list(variant),
    }
    return [Choice(*row) for row in ask(reader, "facets", **chosen)]


def segment_values(reader: Handle, dataset: str) -> list[Choice]:
    """The values of every segment, at most forty each, those of most instances first."""
    return [Choice(*row) for row in ask(reader, "segment_values", dataset=dataset)]


def datasets(reader: Handle) -> list[str]:
    """The datasets that have events, by name."""
    return [str(row.dataset) for row in ask(reader, "datasets_of_events")]


def extent(reader: Handle, dataset: str) -> Extent:
    """How far the dataset reaches."""
    (row,) = ask(reader, "span_of_data", dataset=dataset)
    return Extent(row.instances, row.first, row.last) if row.instances else Extent(0, None, None)


def newest(reader: Handle, dataset: str) -> Newest:
    """How fresh the dataset is."""
    (row,) = ask(reader, "newest_event", dataset=dataset)
    return Newest(row.happened, row.received) if row.minutes else Newest(None, None)


def instances_with_error(
    reader: Handle, dataset: str, error_type: str, since: datetime, until: datetime
) -> int:
    """In how many instances something failed that way in the period."""
    period = {"since": since, "until": until}
    rows = ask(reader, "instances_with_error", dataset=dataset, error_type=error_type, **period)
    return int(rows[0].instances)
