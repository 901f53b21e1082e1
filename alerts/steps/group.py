"""What one rule sees of one cause is one message."""

from collections.abc import Sequence
from dataclasses import replace

from alerts.step import Notice, Passed, Round


def group(notices: Sequence[Notice], _round: Round) -> Passed:
    """Name each notice's group; nothing is held."""
    named = []
    for notice in notices:
        cause = notice.alert.now.cause
        named.append(replace(notice, group=f"{notice.alert.rule} {cause.finding if cause else ''}"))
    return named, []
