"""``/sources``, ``/datasets`` and ``/findings``: how the estate itself is doing."""

from dataclasses import dataclass
from datetime import datetime

from dashboards.api.answers import Money
from dashboards.api.asking import Answer, Asked
from dashboards.api.numbers import by_currency
from process_model.data_quality import source_states
from process_model.datasets import datasets as all_datasets
from process_model.detection import Detection
from process_model.finding import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingAnswer:
    """One thing that is wrong with the estate, with proof; ``money`` is what is at stake."""

    id: str
    kind: str
    title: str
    severity: str
    since: datetime
    until: datetime | None
    cases: int
    customers: int
    money: list[Money]
    stage: str
    error_type: str
    systems: tuple[str, ...]
    segment: dict[str, str]
    instances: tuple[str, ...]
    objects: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def sources(asked: Asked) -> Answer:
    """Every source of the dataset, the silent ones first."""
    known = asked.known()
    states = source_states(asked.reader, asked.selection, asked.model, known)
    types = {type_ for state in states for type_ in state.types}
    return Answer(data=states, coverage=known.of(types))


def datasets(asked: Asked) -> Answer:
    """Every dataset with what it holds."""
    coverage = asked.unmeasured("a dataset holds what was sent or imported into it")
    return Answer(data=all_datasets(asked.reader), coverage=coverage)


def findings(asked: Asked) -> Answer:
    """What is wrong in the period, the most urgent first."""
    detection = asked.detection or Detection(asked.reader, asked.model)
    wanted = asked.many("kind")
    rows = [
        FindingAnswer(
            id=told.finding.id,
            kind=told.finding.kind,
            title=told.title,
            severity=str(told.finding.severity),
            since=told.finding.since,
            until=told.finding.until,
            cases=told.cases,
            customers=told.customers,
            money=by_currency(told.amounts),
            stage=told.finding.stage,
            error_type=told.finding.error_type,
            systems=told.finding.systems,
            segment=dict(told.finding.segment),
            instances=told.finding.instances,
            objects=told.finding.objects,
            evidence=told.finding.evidence,
        )
        for told in detection.of(asked.selection)
        if not wanted or told.finding.kind in wanted
    ]
    types = ("quote.accepted", "order.created", "invoice.posted", "payment.applied")
    return Answer(data=rows, coverage=asked.known().of(types))
