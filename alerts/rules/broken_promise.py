"""Follow-ups that are past their deadline and did not come: which documents, one alert a stage.

What is listed is exact: a promise is here while it is broken and still open. Where the source that
would tell of its keeping is silent, nothing is known and the alert is frozen.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from pydantic import Field

from alerts.alert import Severity
from alerts.rule import Look, Reading, Rule, RuleConfig, Sight
from process_model import worklists
from process_model.coverage import completeness
from process_model.measures import needs_of
from process_model.vocabulary import Stage

_PAGE = 1_000


class Config(RuleConfig):
    """``[alerts.rules.broken_promise]``."""

    stages: tuple[Stage, ...] = (Stage.ORDER, Stage.INVOICE)
    """the stages whose promises are watched"""
    window: timedelta = timedelta(days=30)
    """promises that broke longer ago are no news"""
    grace: timedelta = Field(default=timedelta(0), ge=timedelta(0))
    """how long after the deadline it counts"""
    least: int = Field(default=1, ge=1)
    """fires from so many broken promises"""
    severity: Severity = Severity.CRITICAL
    """how soon somebody must look"""


def evaluate(look: Look) -> Sight:
    """One reading a stage."""
    config: Config = look.config
    known = completeness(look.reader, look.over(config.window), look.model)
    broken: dict[str, list[worklists.Promise]] = defaultdict(list)
    for promise in _broken(look):
        broken[promise.stage].append(promise)
    readings = []
    for stage in config.stages:
        coverage, found = known.of(needs_of(stage)), broken[str(stage)]
        title = f"{len(found):,} promised {stage}s are overdue" if len(found) != 1 else (
            f"1 promised {stage} is overdue")  # fmt: skip
        holds = len(found) >= config.least if coverage.sufficient else None
        first = min((one.due_at for one in found), default=None)
        oldest = f"the oldest was due {first:%Y-%m-%d %H:%M} UTC" if first else "none is overdue"
        readings.append(
            Reading(
                labels={"stage": str(stage)},
                holds=holds,
                title=title,
                detail=oldest if coverage.sufficient else coverage.reason,
                value=float(len(found)),
                limit=float(config.least),
                unit="objects",
                coverage=coverage.value,
                since=first,
                instances=sorted({one.instance_id for one in found}),
            )
        )
    return Sight(readings)


def _broken(look: Look) -> Iterator[worklists.Promise]:
    config: Config = look.config
    selection, after = look.over(config.window), worklists.START
    while True:
        page = worklists.promises(
            look.reader, selection, stage=[str(stage) for stage in config.stages],
            state=["broken"], limit=_PAGE, after=after,
        )  # fmt: skip
        for promise in page.rows:
            if promise.completed_at is None and promise.due_at + config.grace <= look.now:
                yield promise
        if page.last is None:
            return
        after = page.last


RULE = Rule(evaluate, Config)
