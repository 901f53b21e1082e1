"""What was told is told again only after a while, and as what it is: a repetition."""

from collections.abc import Sequence
from dataclasses import replace

from alerts.message import Kind
from alerts.step import Notice, Passed, Round, sorted_out


def deduplicate(notices: Sequence[Notice], round_: Round) -> Passed:
    """Hold what was told less than ``repeat`` ago."""

    def why(notice: Notice) -> str:
        told_at = notice.alert.told_at
        if notice.kind == Kind.RESOLVED or told_at is None:
            return ""
        again = told_at + round_.config.repeat
        if round_.now >= again:
            return ""
        return f"told at {told_at:%Y-%m-%d %H:%M} UTC, again from {again:%Y-%m-%d %H:%M} UTC"

    through, held = sorted_out(notices, "deduplicate", why)
    repeated = [
        replace(one, kind=Kind.REPEAT) if one.kind == Kind.FIRING and one.alert.times_told else one
        for one in through
    ]
    return repeated, held
