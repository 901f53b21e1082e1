"""Hours in which nothing is told; what still holds when they end is told then."""

from collections.abc import Sequence

from alerts.step import Notice, Passed, Round, sorted_out


def mute(notices: Sequence[Notice], round_: Round) -> Passed:
    """Hold what is of a severity that is muted now."""
    now = [one for one in round_.config.mutes if one.covers(round_.now)]

    def why(notice: Notice) -> str:
        for one in now:
            if notice.alert.severity in one.severities:
                return f"muted by {one.name}"
        return ""

    return sorted_out(notices, "mute", why)
