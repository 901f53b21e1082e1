"""What people silenced, with their name and reason, is told when the silence has ended."""

from collections.abc import Sequence

from alerts.step import Notice, Passed, Round, sorted_out


def silence(notices: Sequence[Notice], round_: Round) -> Passed:
    """Hold what a silence covers."""
    known = round_.book.silences(round_.now) if notices else []

    def why(notice: Notice) -> str:
        labels = {**notice.alert.labels, "rule": notice.alert.rule}
        for one in known:
            if one.covers(labels, round_.now):
                until = f"{one.ends_at:%Y-%m-%d %H:%M} UTC"
                return f"silenced by {one.set_by} until {until}: {one.why}"
        return ""

    return sorted_out(notices, "silence", why)
