"""Nothing is told of what cannot be measured: neither that it goes on, nor that it is over."""

from collections.abc import Sequence

from alerts.step import Notice, Passed, Round, sorted_out


def freeze(notices: Sequence[Notice], _round: Round) -> Passed:
    """Hold what is frozen."""

    def why(notice: Notice) -> str:
        alert = notice.alert
        if alert.frozen_since is None:
            return ""
        return f"unmeasured since {alert.frozen_since:%Y-%m-%d %H:%M} UTC: {alert.frozen_because}"

    return sorted_out(notices, "freeze", why)
