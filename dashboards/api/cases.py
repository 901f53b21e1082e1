"""``/instances``, ``/instances/<id>`` and ``/resolve/<any id>``: the cases."""

from dataclasses import dataclass
from typing import Any

from dashboards.api.answers import Missing
from dashboards.api.asking import Answer, Asked
from dashboards.filters import BadFilter
from process_model import lookup
from process_model.measures import needs_of
from process_model.mining.conformance import deviations_of_case
from process_model.vocabulary import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeInstance:
    """One case, whole: everything that is known of it."""

    row: lookup.InstanceRow
    events: list[lookup.TimelineEvent]
    objects: list[lookup.ObjectRow]
    links: list[lookup.LinkRow]
    stages: list[lookup.StageRow]
    promises: list[lookup.StageRow]
    syncs: list[lookup.SyncRow]
    exceptions: list[lookup.ExceptionRow]
    spans: list[lookup.SpanRow]
    deviations: list[str]
    siblings: list[str]
    redirected_from: str
    trace_ids: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Which cases an id leads to, and what it was taken for."""

    instances: list[str]
    matched_as: str


def instances(asked: Asked) -> Answer:
    """The cases that were alive in the period."""
    page = lookup.instances_page(
        asked.reader,
        asked.selection,
        query=asked["q"] or "",
        status=asked.many("status"),
        stage=asked.many("stage"),
        past_due=asked["past_due"],
        failed=asked["failed"],
        sort=asked["sort"] or "last_event_at",
        descending=asked["order"] != "asc",
        limit=asked.limit,
        after=_after(asked["cursor"]),
    )
    needs = {entry for stage in (Stage.ORDER, Stage.PAYMENT) for entry in needs_of(stage)}
    full = len(page.rows) == asked.limit
    return Answer(
        data=page.rows,
        coverage=asked.known().of(needs),
        next=page.last if full else None,
        more={"total": page.total},
    )


def _after(place: Any) -> tuple[str, float, str]:
    match place:
        case None:
            return "", 0.0, ""
        case [str(text), int() | float() as number, str(id_)]:
            return text, float(number), id_
    raise BadFilter("cursor: it belongs to another list")


def instance(asked: Asked) -> Answer:
    """One case, whole; an id that another document leads since is followed."""
    selection, id_ = asked.selection, asked["id"]
    detail = lookup.instance(asked.reader, selection.dataset, id_, as_of=selection.as_of)
    if detail is None:
        raise Missing("No such instance", f"{selection.dataset} has no {id_}")
    same = set(WholeInstance.__dataclass_fields__) - {"spans", "deviations"}
    whole = WholeInstance(
        **{name: getattr(detail, name) for name in same},
        spans=lookup.spans_of(asked.reader, detail.trace_ids),
        deviations=deviations_of_case(detail),
    )
    return Answer(data=whole, coverage=asked.unmeasured("not measured for a single case"))


def resolve(asked: Asked) -> Answer:
    """The cases that any id leads to, the most exact reading of the id first."""
    found = lookup.resolve(asked.reader, asked.selection.dataset, asked["any_id"])
    if not found.instances:
        raise Missing("Not found", f"no instance knows {asked['any_id']}")
    data = Resolved(instances=found.instances, matched_as=found.matched_as)
    return Answer(data=data, coverage=asked.unmeasured("an id is known or it is not"))
