"""Which cases are mined: those of a selection whose path goes, avoids, begins or ends somewhere."""

from dataclasses import dataclass
from typing import Any

from process_model.questions import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A choice of cases by the activities of their trace; empty = all."""

    only: tuple[str, ...] = ()
    """activities that every case must have, all of them"""
    exclude: tuple[str, ...] = ()
    """activities that no case may have"""
    start: tuple[str, ...] = ()
    """the first activity is one of these"""
    end: tuple[str, ...] = ()
    """the last activity is one of these"""
    all_events: bool = False
    """every event is a step; else only those that bear a stage (contract 3)"""

    def parameters(self) -> dict[str, Any]:
        """The query parameters that every question of this package uses beside the selection's."""
        return {
            "only": list(self.only),
            "exclude": list(self.exclude),
            "start": list(self.start),
            "end": list(self.end),
            "all_events": int(self.all_events),
        }


ALL = Path()
"""Every case, by the events that bear a stage."""


def chosen(selection: Selection, path: Path, reporting_currency: str) -> dict[str, Any]:
    """The parameters of a question about the cases that were alive in the selection's period."""
    own = {"reporting_currency": reporting_currency}
    return selection.parameters() | path.parameters() | own
