"""What the list of cases asks for, read from the URL in one place for page, grid and export."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboards import words
from dashboards.data import given
from dashboards.filters import BadFilter
from dashboards.process import conforming
from dashboards.view import View
from process_model import facets, lookup
from process_model.facets import Choice
from process_model.lookup import InstanceRow, Page
from process_model.questions import Selection
from process_model.store import Handle
from process_model.vocabulary import Stage

DEFAULT_SORT = "-last_event_at"

# an empty set of ids would mean all: no instance has this one
_NONE = ("-",)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of cases: everything but which part of it."""

    view: View
    query: str
    status: tuple[str, ...]
    stage: tuple[str, ...]
    past_due: bool | None
    failed: bool | None
    error_type: str
    finding: str
    """the id of a finding whose cases are listed, '' for all"""
    variant: tuple[str, ...]
    """the variants whose cases are listed, empty = all"""
    deviation: str
    """the deviation whose cases are listed, as its page names it, '' for all"""
    sort: str
    descending: bool

    def page(self, reader: Handle, limit: int, offset: int = 0, sort: str = "") -> Page:
        """A part of the list; ``sort`` (``-amount`` is descending) goes before the URL's."""
        column, descending = sort_of(sort) if sort else (self.sort, self.descending)
        return lookup.instances_page(
            reader, self.view.selection, sort=column, descending=descending,
            limit=limit, offset=offset, **self._chosen(reader),
        )  # fmt: skip

    def choices(self, reader: Handle) -> list[Choice]:
        """What the list can be narrowed by."""
        return facets.choices(reader, self.view.selection, **self._chosen(reader))

    def every(self, reader: Handle, block: int = 2_000) -> Iterator[InstanceRow]:
        """All rows by number, each once, in blocks; what moves meanwhile may be missed."""
        seen: set[str] = set()
        offset = 0
        while rows := self.page(reader, block, offset, "number").rows:
            for row in rows:
                if row.instance_id not in seen:
                    seen.add(row.instance_id)
                    yield row
            offset += len(rows)

    def _chosen(self, reader: Handle) -> dict[str, Any]:
        return {
            "query": self.query, "status": self.status, "stage": self.stage,
            "past_due": self.past_due, "failed": self.failed, "error_type": self.error_type,
            "ids": _cases_of(self.finding, self.view) if self.finding else (),
            "variant": self._variants(reader),
        }  # fmt: skip

    def _variants(self, reader: Handle) -> tuple[str, ...]:
        if not self.deviation:
            return self.variant
        found = conforming.variants_with(reader, self.view, given(), self.deviation)
        chosen = tuple(one for one in found if not self.variant or one[:-1] in self.variant)
        return chosen or _NONE


def listing_of(view: View) -> Listing:
    """The list that a URL names; raises ``BadFilter``."""
    query = view.query
    sort, descending = sort_of(query.get("sort", "") or DEFAULT_SORT)
    return Listing(
        view=view,
        query=query.get("q", "").strip(),
        status=tuple(query.getlist("status")),
        stage=tuple(query.getlist("stage")),
        past_due=True if query.get("past_due", "") else None,
        failed=True if query.get("failed", "") else None,
        error_type=query.get("error_type", ""),
        finding=query.get("finding", ""),
        variant=tuple(query.getlist("variant")),
        deviation=query.get(conforming.NAME, ""),
        sort=sort,
        descending=descending,
    )


def _cases_of(finding: str, view: View) -> Sequence[str]:
    everywhere = Selection(dataset=view.selection.dataset, as_of=view.selection.as_of)
    for one in given().detection.of(everywhere):
        if one.finding.id == finding:
            return one.finding.instances or _NONE
    return _NONE


def sort_of(text: str) -> tuple[str, bool]:
    """Column and direction; raises ``BadFilter`` for a column that cannot be sorted by."""
    column = text.removeprefix("-")
    if column not in lookup.SORTS:
        raise BadFilter(f"cannot sort by {column} (one of {', '.join(lookup.SORTS)})")
    return column, text.startswith("-")


def shown(row: InstanceRow, view: View, now: datetime) -> dict[str, Any]:
    """A row as the grid shows it: words only, and the address of the case."""
    zone = view.zone
    return {
        "instance_id": row.instance_id,
        "href": view.to(f"/case/{row.instance_id}"),
        "number": str(row.number),
        "customer": words.number(row.customer),
        "region": str(row.region),
        "stage_since": words.sentence(row.stage) if row.stage else "–",
        "waits": words.between(row.stage_since, now) if row.stage and row.stage_since else "",
        "status": words.sentence(row.status),
        "status_kind": row.status if row.status in ("open", "completed", "withdrawn") else "",
        "failed": row.has_failure,
        "amount": words.money(row.amount, row.currency),
        "stage_due": due(row, now),
        "late": row.past_due,
        "opened_at": words.stamp(row.opened_at, zone),
        "last_event_at": words.stamp(row.last_event_at, zone),
    }


def due(row: InstanceRow, now: datetime) -> str:
    """How late, or how long there still is; '' when nothing is due."""
    if row.stage_due is None:
        return ""
    if row.past_due:
        return f"▲ {words.between(row.stage_due, now)} late"
    return f"in {words.between(now, row.stage_due)}"


def place(stage: str) -> int:
    """Where a stage stands in the process; names that are not stages come last."""
    order = [str(one) for one in Stage]
    return order.index(stage) if stage in order else len(order)
