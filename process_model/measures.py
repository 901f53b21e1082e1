"""The measures that everything serves, by stage and segment: latency, backlog, sync, money."""

from dataclasses import dataclass, replace
from itertools import takewhile

from process_model.config import ModelConfig
from process_model.coverage import Completeness, Coverage, completeness
from process_model.kpi import KpiRow, at_now, compute_each_stage, load_all, nothing
from process_model.questions import Selection
from process_model.reference import reference
from process_model.store import Handle
from process_model.vocabulary import Stage

_KPIS = ("stage_latency", "case_backlog", "stage_backlog", "sync_success", "exception_backlog")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageMeasures:
    """One stage in one segment; each part is a KPI's row, with ``n`` 0 where nothing is known."""

    stage: Stage
    segment: str
    latency: KpiRow
    """waits that ended in the period; ``breached`` holds those still open past their limit too"""
    cases: KpiRow
    """open cases at their current stage now, each once; ``breached`` are past its limit"""
    objects: KpiRow
    """documents that wait in the stage now, on whatever branch"""
    sync: KpiRow
    """objects that should have crossed between systems in the period"""
    exceptions: KpiRow
    """exceptions open now"""
    coverage: Coverage
    """of the stage's own events: what begins it and what completes it"""


def stage_measures(
    reader: Handle, selection: Selection, config: ModelConfig, known: Completeness | None = None
) -> list[StageMeasures]:
    """All stages in process order, and each segment of ``selection.by`` seen in a stage.

    Raises ``ValueError`` for a ``by`` that is no segment. Buckets do not apply.
    """
    if selection.by in ("stage", "age"):
        raise ValueError(f"by: stages are split by a segment, not by {selection.by}")
    selection = replace(at_now(selection), bucket="")
    known = known or completeness(reader, selection, config)
    kpis = load_all()
    found: dict[tuple[str, str, str], KpiRow] = {}
    for name in _KPIS:
        for row in compute_each_stage(reader, kpis[name], selection, config, known):
            found[name, row.stage, row.segment] = row
    places = {(stage, segment) for _, stage, segment in found}
    if not selection.by:
        places |= {(str(stage), "") for stage in Stage}
    return [
        _measures(stage, segment, found, known)
        for stage in Stage
        for segment in sorted(s for name, s in places if name == stage)
    ]


def needs_of(stage: Stage) -> tuple[str, ...]:
    """The event types that begin and complete the stage, each entry an ``a|b`` of alternatives."""
    before = takewhile(lambda entry: entry.stage != stage, reference().stages)
    mandatory = [entry for entry in before if not entry.optional]
    entries = [*mandatory[-1:], reference().stage(stage)]
    return tuple("|".join(sorted(entry.completes)) for entry in entries)


def _measures(
    stage: Stage, segment: str, found: dict[tuple[str, str, str], KpiRow], known: Completeness
) -> StageMeasures:
    kpis, coverage = load_all(), known.of(needs_of(stage))
    rows = {
        name: found.get((name, stage, segment)) or nothing(kpis[name], known.of(kpis[name].needs))
        for name in _KPIS
    }
    return StageMeasures(
        stage=stage,
        segment=segment,
        latency=replace(rows["stage_latency"], coverage=coverage),
        cases=replace(rows["case_backlog"], coverage=coverage),
        objects=replace(rows["stage_backlog"], coverage=coverage),
        sync=rows["sync_success"],
        exceptions=rows["exception_backlog"],
        coverage=coverage,
    )
