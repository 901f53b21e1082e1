"""``/promises``, ``/exceptions`` and ``/rejected``: what waits for somebody, page by page."""

from datetime import datetime

from dashboards.api.asking import Answer, Asked
from dashboards.filters import BadFilter
from process_model import worklists
from process_model.measures import needs_of
from process_model.vocabulary import Stage


def promises(asked: Asked) -> Answer:
    """Promises whose deadline lies in the period."""
    found = worklists.promises(
        asked.reader,
        asked.selection,
        stage=asked.many("stage"),
        state=asked.many("state"),
        limit=asked.limit,
        after=_after(asked),
    )
    stages = [Stage(name) for name in asked.many("stage")] or [Stage.ORDER, Stage.PAYMENT]
    needs = {entry for stage in stages for entry in needs_of(stage)}
    return Answer(data=found.rows, coverage=asked.known().of(needs), next=found.last)


def exceptions(asked: Asked) -> Answer:
    """Exceptions raised in the period."""
    found = worklists.exceptions(
        asked.reader,
        asked.selection,
        stage=asked.many("stage"),
        state=asked.many("state"),
        class_=asked.many("class"),
        owner=asked.many("owner"),
        limit=asked.limit,
        after=_after(asked),
    )
    return Answer(data=found.rows, coverage=asked.known().of(["exception.raised"]), next=found.last)


def rejected(asked: Asked) -> Answer:
    """Rejected input received in the period."""
    found = worklists.rejected(
        asked.reader,
        asked.selection,
        reason=asked.many("reason"),
        source=asked.many("source"),
        limit=asked.limit,
        after=_after(asked),
    )
    coverage = asked.unmeasured("nobody knows what never arrived")
    return Answer(data=found.rows, coverage=coverage, next=found.last)


def _after(asked: Asked) -> worklists.Place:
    match asked["cursor"]:
        case None:
            return worklists.START
        case [str(at), str(key)]:
            try:
                return datetime.fromisoformat(at), key
            except ValueError:
                pass
    raise BadFilter("cursor: it belongs to another list")
