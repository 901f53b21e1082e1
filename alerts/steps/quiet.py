"""Whoever acknowledged or snoozed an alert is not told again; that it is over is told."""

from collections.abc import Sequence

from alerts.message import Kind
from alerts.step import Notice, Passed, Round, sorted_out


def quiet(notices: Sequence[Notice], round_: Round) -> Passed:
    """Hold what somebody took, as long as they said."""

    def why(notice: Notice) -> str:
        alert = notice.alert
        if notice.kind == Kind.RESOLVED or alert.quiet_until is None:
            return ""
        if alert.quiet_until <= round_.now:
            return ""
        word = "acknowledged" if alert.acknowledged_at else "snoozed"
        return f"{word} by {alert.quiet_by} until {alert.quiet_until:%Y-%m-%d %H:%M} UTC"

    return sorted_out(notices, "quiet", why)
