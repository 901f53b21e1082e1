"""The cards of the Overview: one file each, all drawn from one ``Look``."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from dashboards.data import Given
from dashboards.view import View
from process_model.config import ModelConfig
from process_model.questions import BEGINNING, END, Bucket, Selection
from process_model.store import Handle


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the estate: what the URL selects, at one moment that every card shares."""

    view: View
    reader: Handle
    given: Given
    now: datetime

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


def look_of(reader: Handle, view: View, given: Given) -> Look:
    """A look at the moment the URL names, else at now."""
    return Look(view, reader, given, view.selection.as_of or datetime.now(UTC))
