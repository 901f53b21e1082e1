"""A consequence is not told beside its cause: one message names it, with all that follows.

An alert is held when another one that was told, and is no less severe, has the same likely cause.
"""

from collections.abc import Sequence

from alerts.alert import LIVE_PHASES, Severity
from alerts.message import Kind
from alerts.step import Notice, Passed, Round, sorted_out

_RANK = {severity: place for place, severity in enumerate(Severity)}


def inhibit(notices: Sequence[Notice], round_: Round) -> Passed:
    """Hold what was never told and whose cause was."""
    told = [one for one in round_.others if one.times_told and one.phase in LIVE_PHASES]

    def why(notice: Notice) -> str:
        alert = notice.alert
        cause = alert.now.cause
        if notice.kind == Kind.RESOLVED or alert.times_told or cause is None:
            return ""
        for one in told:
            same = one.now.cause is not None and one.now.cause.finding == cause.finding
            if same and one.id != alert.id and _RANK[one.severity] <= _RANK[alert.severity]:
                return f"its cause was told in alert {one.id}: {cause.title}"
        return ""

    return sorted_out(notices, "inhibit", why)
