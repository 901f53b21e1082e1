"""The cards of a case's page: one file each, all drawn from one ``Case``."""

from dataclasses import dataclass
from datetime import datetime

from dashboards.view import View
from process_model.lookup import InstanceDetail, LogRow, SpanRow


@dataclass(frozen=True, slots=True)
class Case:
    """What a case's page knows when its cards are drawn."""

    view: View
    detail: InstanceDetail
    spans: list[SpanRow]
    logs: list[LogRow]
    now: datetime
    """what counts as now: ``as_of`` when the URL names one"""

    @property
    def zone(self) -> str:
        """The zone that times are written in."""
        return self.view.zone

    @property
    def until(self) -> datetime:
        """Where the case ends as far as is known: now while it is open."""
        row = self.detail.row
        return max(self.now, row.last_event_at) if row.status == "open" else row.last_event_at
