"""Variants: the distinct ways that cases go, each with its share, its time and its money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from process_model.config import ModelConfig
from process_model.money import Total, total
from process_model.questions import Selection, ask
from process_model.store import Handle

MOST = 10_000
"""No answer holds more variants."""

_MICROS = 1e6


@dataclass(frozen=True, slots=True)
class Variant:
    """Cases that went the same way; times in seconds from the first step to the last."""

    variant: str
    """a hash of the way: the same for the same activities in the same order"""
    activities: tuple[str, ...]
    instances: int
    share: float
    """of all chosen cases"""
    p50: float
    p90: float
    worth: Total


@dataclass(frozen=True, slots=True)
class Variants:
    """A page of the variants, the most frequent first, and how many there are in all."""

    found: Sequence[Variant]
    variants: int
    instances: int
    """cases that have a trace at all"""


def rows_of(
    reader: Handle, parameters: Mapping[str, Any], limit: int = 2**32 - 1, offset: int = 0
) -> list[Any]:
    """Rows of the question ``variants``, the most frequent first."""
    return ask(reader, "variants", **parameters, limit=limit, offset=offset)


def variants(
    reader: Handle,
    selection: Selection,
    config: ModelConfig,
    *,
    limit: int = 100,
    offset: int = 0,
) -> Variants:
    """The variants of the cases that were alive in the period."""
    parameters = selection.parameters() | {"reporting_currency": config.reporting_currency}
    rows = rows_of(reader, parameters, min(limit, MOST), offset)
    found = told(rows, config)
    return Variants(found, rows[0].variants if rows else 0, rows[0].all_instances if rows else 0)


def told(rows: Sequence[Any], config: ModelConfig) -> list[Variant]:
    """Such rows as variants."""
    return [
        Variant(
            variant=str(row.variant),
            activities=tuple(row.activities),
            instances=row.instances,
            share=row.instances / row.all_instances,
            p50=row.micros[0] / _MICROS,
            p90=row.micros[1] / _MICROS,
            worth=total(row, config.reporting_currency),
        )
        for row in rows
    ]
