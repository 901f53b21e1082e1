"""The cards of the Overview: one file each, all drawn from one ``Look``.

A card is asked for by itself, and most stand on the same answers: what the look asks, it asks once
for all of them, at one moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from dashboards import words
from dashboards.data import Given
from dashboards.fresh import Once
from dashboards.view import View
from process_model.comparison import Compared, compare
from process_model.config import ModelConfig
from process_model.coverage import Completeness, completeness
from process_model.flow import Standing, standing
from process_model.kpi import load_all
from process_model.questions import BEGINNING, END, Bucket, Selection
from process_model.store import Handle

SHOWN = (
    "acceptance_to_order", "invoice_latency", "sync_success", "exception_backlog",
    "revenue_at_risk", "days_to_pay",
)  # fmt: skip
"""The KPIs that have a tile: the four measures first, then money."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the estate: what the URL selects, at one moment that every card shares."""

    view: View
    reader: Handle
    given: Given
    now: datetime
    asked: Once
    """what the cards of this look share"""

    @property
    def model(self) -> ModelConfig:
        """The estate's own limits."""
        return self.given.model

    @property
    def selection(self) -> Selection:
        """The selection with its moment fixed, so that all cards speak of the same one."""
        return replace(self.view.selection, as_of=self.now)

    @property
    def bounded(self) -> bool:
        """Whether the period has a start, and so another one before it."""
        return self.view.selection.since != BEGINNING

    @property
    def end(self) -> datetime:
        """Where the period ends: never in the future."""
        until = self.view.selection.until
        return self.now if until == END else min(until, self.now)

    @property
    def length(self) -> timedelta:
        """How long the period is; meaningless unless ``bounded``."""
        return self.end - self.view.selection.since

    @property
    def before(self) -> Selection:
        """The period of the same length that ended where this one begins, seen from its end."""
        since = self.view.selection.since
        return replace(self.view.selection, since=since - self.length, until=since, as_of=since)

    @property
    def bucket(self) -> Bucket:
        """Buckets that give some thirty points."""
        if not self.bounded:
            return "week"
        if self.length <= timedelta(days=2):
            return "hour"
        return "day" if self.length <= timedelta(days=60) else "week"

    @property
    def period(self) -> str:
        """The period in words: ``90 d to 27 Nov 2026 05:43 UTC``."""
        end = words.stamp(self.end, self.view.zone)
        if not self.bounded:
            return f"all time to {end} {self.view.zone}"
        return f"{words.duration(self.length.total_seconds())} to {end} {self.view.zone}"

    @property
    def known(self) -> Completeness:
        """How complete the period's data are, whichever cases are chosen: asked once a minute."""
        whole = Selection(dataset=self.selection.dataset, since=self.selection.since,
                          until=self.selection.until, as_of=self.now)  # fmt: skip
        minutes = tuple(
            at.replace(second=0, microsecond=0) for at in (whole.since, whole.until, self.now)
        )
        shared = self.given.fresh.shared(("completeness", whole.dataset, minutes), 60.0)
        return shared.of("all", lambda: completeness(self.reader, whole, self.model))

    @property
    def figures(self) -> Mapping[str, Compared]:
        """The KPIs that have a tile, with the period before and their run."""
        return self.compared(SHOWN)

    @property
    def standing(self) -> Sequence[Standing]:
        """Where the cases that began in the period stand."""
        return self.asked.of("standing", lambda: standing(self.reader, self.selection, self.model))

    def compared(self, names: Sequence[str]) -> Mapping[str, Compared]:
        """Several KPIs, in that order, with the period before and their run."""
        return self.asked.of(f"kpis {' '.join(names)}", partial(self._side_by_side, names))

    def _side_by_side(self, names: Sequence[str]) -> Mapping[str, Compared]:
        known = self.known
        # two statements at a time: most of each is the engine's thinking, which takes one core
        halves = [partial(self._compared, names[start::2], known) for start in (0, 1)]
        beside = self.given.fresh.beside(halves[1]) if names[1:] else None
        found = halves[0]() | (beside.result() if beside else {})
        return {name: found[name] for name in names}

    def _compared(self, names: Sequence[str], known: Completeness) -> dict[str, Compared]:
        before = self.before if self.bounded else None
        return compare(
            self.reader, [load_all()[name] for name in names], self.selection, self.model, known,
            before=before, run=self.bucket,
        )  # fmt: skip


def look_of(reader: Handle, view: View, given: Given) -> Look:
    """A look at the moment the URL names, else at now: the one that is young, or a new one."""
    asked = given.fresh.shared(("look", view.here))
    now = asked.of("now", lambda: view.selection.as_of or datetime.now(UTC))
    return Look(view, reader, given, now, asked)
