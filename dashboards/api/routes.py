"""The table of the routes of ``/api/v1``: blueprint, OpenAPI and documents are made from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alerts.alert import Phase
from dashboards.api import alerts, cases, conforming, estate, lists, mining, numbers
from dashboards.api.asking import DATASET, PAGING, PATH, PERIOD, SEGMENT, Answer, Asked, Parameter
from process_model import data_quality, datasets, worklists
from process_model.kpi import BY
from process_model.lookup import SORTS, InstanceRow
from process_model.vocabulary import SEGMENTS, Stage

_WHOLE = (*DATASET, *PERIOD, *SEGMENT, *PATH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route: where it is, what may be asked, who answers, and what one of the data is."""

    path: str
    """below ``/api/v1``; ``{name}`` is a part that varies and may hold slashes"""
    summary: str
    answer: Callable[[Asked], Answer]
    item: type[Any]
    parameters: tuple[Parameter, ...]
    many: bool = True
    """whether the data are a list of items"""
    more: tuple[tuple[str, type[Any]], ...] = ()
    """members that the envelope has besides"""

    @property
    def variable(self) -> str:
        """The name of the part of the path that varies, '' when none does."""
        return self.path.partition("{")[2].rstrip("}")


_STAGE = Parameter(
    name="stage", many=True, choices=tuple(map(str, Stage)), meaning="only these stages"
)

ROUTES = (
    Route(
        path="/stages",
        summary="Latency, backlog, synchronization and money of every stage",
        answer=numbers.stages,
        item=numbers.StageAnswer,
        parameters=(*_WHOLE, Parameter(name="by", choices=SEGMENTS, meaning="split by a segment")),
    ),
    Route(
        path="/kpis",
        summary="The KPIs there are, with their formulas",
        answer=numbers.kpis,
        item=numbers.KpiAnswer,
        parameters=DATASET,
    ),
    Route(
        path="/kpis/{kpi}",
        summary="One KPI, by its name or number, over time and by segment",
        answer=numbers.kpi,
        item=numbers.KpiRowAnswer,
        parameters=(
            *_WHOLE,
            Parameter(
                name="bucket", choices=("", "hour", "day", "week", "month"), meaning="split by time"
            ),
            Parameter(name="by", choices=BY, meaning="split by a segment, the stage or the age"),
        ),
        more=(("kpi", numbers.KpiAnswer),),
    ),
    Route(
        path="/instances",
        summary="The cases that were alive in the period",
        answer=cases.instances,
        item=InstanceRow,
        parameters=(
            *_WHOLE,
            Parameter(name="q", meaning="looks into numbers, customers and objects"),
            Parameter(
                name="status", many=True, choices=("open", "completed", "withdrawn"),
                meaning="only these",
            ),
            _STAGE,
            Parameter(name="past_due", kind="flag", meaning="past the deadline of their stage"),
            Parameter(name="failed", kind="flag", meaning="something in them failed"),
            Parameter(name="sort", choices=SORTS, meaning="`last_event_at` when left out"),
            Parameter(name="order", choices=("asc", "desc"), meaning="`desc` when left out"),
            *PAGING,
        ),
        more=(("total", int),),
    ),
    Route(
        path="/instances/{id}",
        summary="One case, whole: events, objects, links with evidence, promises and spans",
        answer=cases.instance,
        item=cases.WholeInstance,
        parameters=DATASET,
        many=False,
    ),
    Route(
        path="/resolve/{any_id}",
        summary="The cases that a number, key, trace id, event id or correlation id leads to",
        answer=cases.resolve,
        item=cases.Resolved,
        parameters=DATASET,
        many=False,
    ),
    Route(
        path="/process-map",
        summary="Activities and the hand-overs between them: how often, how long, for how much",
        answer=mining.process_map,
        item=mining.ProcessMapAnswer,
        parameters=_WHOLE,
        many=False,
    ),
    Route(
        path="/variants",
        summary="The distinct ways that cases went, the most frequent first",
        answer=mining.variants,
        item=mining.VariantAnswer,
        parameters=(*_WHOLE, *PAGING),
        more=(("total", int), ("cases", int)),
    ),
    Route(
        path="/conformance",
        summary="How the cases keep to a model: fitness, and each deviation with cases and money",
        answer=conforming.conformance,
        item=conforming.ConformanceAnswer,
        parameters=(
            *_WHOLE,
            Parameter(name="model", meaning="`reference` when left out, else of `[model.models]`"),
        ),
        many=False,
    ),
    Route(
        path="/model",
        summary="A model discovered from the cases by the inductive miner, as tree and BPMN",
        answer=conforming.discovered,
        item=conforming.DiscoveredAnswer,
        parameters=(
            *_WHOLE,
            Parameter(
                name="noise", kind="number",
                meaning="percent of behaviour that may be left out, 0 to 99; 20 when left out",
            ),
        ),
        many=False,
    ),
    Route(
        path="/promises",
        summary="Deadlines that lie in the period, and what became of each",
        answer=lists.promises,
        item=worklists.Promise,
        parameters=(
            *_WHOLE,
            _STAGE,
            Parameter(
                name="state", many=True, choices=worklists.PROMISE_STATES,
                meaning="`open` has time, `due` within a day, `broken` was missed, `kept`",
            ),
            *PAGING,
        ),
    ),
    Route(
        path="/exceptions",
        summary="Work that left automation, raised in the period",
        answer=lists.exceptions,
        item=worklists.ExceptionItem,
        parameters=(
            *_WHOLE,
            _STAGE,
            Parameter(
                name="state", many=True, choices=worklists.EXCEPTION_STATES, meaning="only these"
            ),
            Parameter(name="class", many=True, meaning="only exceptions of this class"),
            Parameter(name="owner", many=True, meaning="only those that this owner has"),
            *PAGING,
        ),
    ),
    Route(
        path="/rejected",
        summary="Input that could not become an event, kept whole",
        answer=lists.rejected,
        item=worklists.RejectedItem,
        parameters=(
            *DATASET,
            *PERIOD,
            Parameter(name="reason", many=True, meaning="only rejected for this reason"),
            Parameter(name="source", many=True, meaning="only from this source"),
            *PAGING,
        ),
    ),
    Route(
        path="/sources",
        summary="Every source: watermark, silence, gaps, delay, order",
        answer=estate.sources,
        item=data_quality.SourceState,
        parameters=(*DATASET, *PERIOD),
    ),
    Route(
        path="/datasets",
        summary="The datasets there are",
        answer=estate.datasets,
        item=datasets.Dataset,
        parameters=(),
    ),
    Route(
        path="/findings",
        summary="What is wrong in the period, with evidence, cases and money",
        answer=estate.findings,
        item=estate.FindingAnswer,
        parameters=(
            *_WHOLE, Parameter(name="kind", many=True, meaning="only findings of this kind"),
        ),
    ),
    Route(
        path="/alerts",
        summary="What fires, what is over, who was told, and what held a message back",
        answer=alerts.alerts,
        item=alerts.AlertAnswer,
        parameters=(
            Parameter(
                name="phase", many=True, choices=tuple(map(str, Phase)), meaning="only these"
            ),
            Parameter(name="rule", many=True, meaning="only alerts of this rule"),
            *PAGING,
        ),
    ),
    Route(
        path="/alerts/{id}",
        summary="One alert, whole: seen when it fired and now, its story, its messages",
        answer=alerts.alert,
        item=alerts.WholeAlert,
        parameters=(),
        many=False,
    ),
)  # fmt: skip
"""Every route that answers with the envelope."""
