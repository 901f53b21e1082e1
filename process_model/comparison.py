"""Several KPIs over a period, beside the period before, along it and by segment: asked at once.

What a page shows of a KPI comes from the same cases; asking for each figure by itself would read
them, and have the engine understand the statement, once more for each.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from process_model.config import ModelConfig
from process_model.coverage import Completeness
from process_model.kpi import (
    Kpi,
    KpiRow,
    ask_rows,
    buckets,
    moments,
    nothing,
    parameters_of,
    row_of,
)
from process_model.questions import Bucket, Selection
from process_model.store import Handle


@dataclass(frozen=True, slots=True)
class Compared:
    """One KPI: each row is what ``kpi.compute`` says of the same selection."""

    kpi: Kpi
    now: KpiRow
    before: KpiRow | None
    """the period before; ``None`` when there is none to compare with"""
    run: Sequence[KpiRow]
    """the period in buckets, those too in which there was nothing"""


def compare(
    reader: Handle,
    kpis: Sequence[Kpi],
    selection: Selection,
    config: ModelConfig,
    known: Completeness,
    *,
    before: Selection | None,
    run: Bucket,
) -> dict[str, Compared]:
    """The KPIs by name, from one statement. ``selection`` names its moment (``as_of``).

    ``before`` is a period that ends where ``selection`` begins; of it only values are told, their
    coverage is that of the selection.
    """
    given = _parameters(kpis, replace(selection, bucket=run), before, config)
    given["parts"] = ["now", "before", "run"]
    found: dict[tuple[str, str], list[KpiRow]] = defaultdict(list)
    known_as = {kpi.name: kpi for kpi in kpis}
    for row in ask_rows(reader, kpis, selection, given):
        kpi = known_as[row.kpi]
        found[row.kpi, row.part].append(row_of(kpi, row, known.of(kpi.needs), config))

    def run_of(kpi: Kpi) -> list[KpiRow]:
        told = {row.bucket: row for row in found[kpi.name, "run"] if row.bucket}
        empty = nothing(kpi, known.of(kpi.needs))
        begins = told.keys() | set(buckets(given["moments"][int(before is not None) :], run))
        return [told.get(begin) or replace(empty, bucket=begin) for begin in sorted(begins)]

    def one(kpi: Kpi, part: str) -> KpiRow:
        return (found[kpi.name, part] or [nothing(kpi, known.of(kpi.needs))])[0]

    return {
        kpi.name: Compared(
            kpi=kpi,
            now=one(kpi, "now"),
            before=one(kpi, "before") if before else None,
            run=run_of(kpi),
        )
        for kpi in kpis
    }


def compare_segments(
    reader: Handle,
    kpis: Sequence[Kpi],
    selection: Selection,
    before: Selection,
    config: ModelConfig,
    known: Completeness,
) -> dict[str, Mapping[str, tuple[KpiRow, KpiRow]]]:
    """Each KPI by every value of all six segments, ``region=EMEA``: (now, before) where both exist.

    An item stands in every value that its cases have. Money is not told. Raises ``ValueError`` for
    a KPI whose cohort is ``now``: what stands is of a moment, not of a period.
    """
    if standing := [kpi.name for kpi in kpis if kpi.cohort == "now"]:
        raise ValueError(f"{', '.join(standing)} cannot be compared by segment: it stands")
    found: dict[str, dict[str, dict[str, KpiRow]]] = defaultdict(lambda: defaultdict(dict))
    known_as = {kpi.name: kpi for kpi in kpis}
    given = _parameters(kpis, selection, before, config)
    for row in ask_rows(reader, kpis, selection, given, name="kpi_segments"):
        kpi = known_as[row.kpi]
        found[row.kpi][row.segment][row.part] = row_of(kpi, row, known.of(kpi.needs), config)
    return {
        name: {
            segment: (parts["now"], parts["before"])
            for segment, parts in segments.items()
            if len(parts) > 1
        }
        for name, segments in found.items()
    }


def _parameters(
    kpis: Sequence[Kpi], selection: Selection, before: Selection | None, config: ModelConfig
) -> dict[str, Any]:
    """Those of one KPI fit all: they differ in ages only, by which nothing is split here."""
    given = parameters_of(kpis[0], selection, config)
    if before:
        earlier = parameters_of(kpis[0], before, config)
        given["turn"] = selection.since
        given["since"] = before.since
        given["spans"] = earlier["spans"] + given["spans"]
        given["moments"] = moments(before, earlier["at"]) + given["moments"]
    return given
