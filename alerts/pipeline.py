"""From what is so to what is told: a list of steps and a loop.

Each step is one file and one function of its name. What a step holds is written down with the
reason, once for each time that the reason changes.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from alerts.alert import Alert, Phase
from alerts.book import store
from alerts.message import Kind
from alerts.step import Held, Notice, Round, Step
from alerts.steps.deduplicate import deduplicate
from alerts.steps.deliver import deliver
from alerts.steps.freeze import freeze
from alerts.steps.group import group
from alerts.steps.inhibit import inhibit
from alerts.steps.mute import mute
from alerts.steps.quiet import quiet
from alerts.steps.route import route
from alerts.steps.silence import silence

STEPS: tuple[Step, ...] = (
    freeze, quiet, silence, mute, inhibit, group, deduplicate, route, deliver,
)  # fmt: skip


def run_steps(alerts: Sequence[Alert], round_: Round) -> None:
    """Tell what is to be told of the alerts; all within the round's transaction."""
    notices = [notice for alert in alerts if (notice := notice_of(alert))]
    for step in STEPS:
        notices, held = step(notices, round_)
        for one in held:
            _write_down(one, round_)


def notice_of(alert: Alert) -> Notice | None:
    """What could be told of an alert: that it fires, or that it is over to those who were told."""
    if alert.phase == Phase.FIRING:
        return Notice(alert, Kind.FIRING)
    if alert.phase == Phase.RESOLVED and alert.times_told and not alert.told_over:
        return Notice(alert, Kind.RESOLVED)
    return None


def _write_down(held: Held, round_: Round) -> None:
    alert = held.notice.alert
    # nobody is left who could be told that it is over
    over = held.step == "route" and held.notice.kind == Kind.RESOLVED
    if (alert.held_by, alert.held_because) == (held.step, held.why) and not over:
        return
    told_over = alert.told_over or over
    store(
        round_.book,
        replace(alert, held_by=held.step, held_because=held.why, told_over=told_over),
    )
    round_.book.note(alert.id, round_.now, "held", f"{held.step}: {held.why}")
