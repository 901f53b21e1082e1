"""What a step is: it takes notices, lets some through, and says of each other one why not.

A notice is what could be told of an alert now. Every look of a rule makes them anew from what
is so, so that one that was held yesterday is told as soon as nothing holds it any more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.alert import Alert
from alerts.config import AlertsConfig
from alerts.message import Kind
from process_model.state.alerting import AlertBook


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that could be told of one alert."""

    alert: Alert
    kind: Kind
    group: str = ""
    """notices of one group, kind and channel are one message"""
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A notice that is not told, and why."""

    notice: Notice
    step: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What steps may know: the moment, the settings, and the book within its one transaction."""

    now: datetime
    config: AlertsConfig
    book: AlertBook
    base_url: str
    others: Sequence[Alert]
    """every alert of which something can still come, of whatever rule"""


Passed = tuple[list[Notice], list[Held]]
Step = Callable[[Sequence[Notice], Round], Passed]


def sorted_out(notices: Sequence[Notice], step: str, why: Callable[[Notice], str]) -> Passed:
    """Hold the notices for which there is a reason, let the others through."""
    through: list[Notice] = []
    held: list[Held] = []
    for notice in notices:
        reason = why(notice)
        if reason:
            held.append(Held(notice, step, reason))
        else:
            through.append(notice)
    return through, held
