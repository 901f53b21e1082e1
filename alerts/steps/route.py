"""Which channels a notice goes to; that it is over goes to those who were told that it began."""

from collections.abc import Sequence
from dataclasses import replace

from alerts.message import Kind
from alerts.step import Held, Notice, Passed, Round

NO_CHANNEL = "no channel is configured: write one under [[alerts.channels]], see docs/alerts.md"


def route(notices: Sequence[Notice], round_: Round) -> Passed:
    """Give each notice its channels; hold those that have none, with the remedy."""
    through: list[Notice] = []
    held: list[Held] = []
    for notice in notices:
        channels = _channels(notice, round_)
        if channels:
            through.append(replace(notice, channels=channels))
        else:
            held.append(Held(notice, "route", _why(notice, round_)))
    return through, held


def _channels(notice: Notice, round_: Round) -> tuple[str, ...]:
    known = [one.name for one in round_.config.channels]
    if notice.kind == Kind.RESOLVED:
        return tuple(name for name in known if name in notice.alert.told_to)
    if not round_.config.routes:
        return tuple(known)
    alert = notice.alert
    wanted = {
        one.channel
        for one in round_.config.routes
        if one.takes(alert.rule, alert.severity, alert.labels)
    }
    return tuple(name for name in known if name in wanted)


def _why(notice: Notice, round_: Round) -> str:
    if not round_.config.channels:
        return NO_CHANNEL
    if notice.kind == Kind.RESOLVED:
        return "the channels that told of it are no longer configured"
    return "no route takes it: add one for it under [[alerts.routes]], or take all routes out"
