"""Sources that have told nothing for longer than their rhythm, or their configured limit, allows.

This rule measures what makes other rules freeze, so it is never frozen itself: a source of which
too little is known to have a rhythm is unmeasured.
"""

from datetime import timedelta

from pydantic import Field

from alerts.alert import Severity
from alerts.rule import Look, Reading, Rule, RuleConfig, Sight
from process_model.behind import open_in_stages
from process_model.data_quality import SourceState, source_states
from process_model.questions import ask
from process_model.reference import reference
from process_model.vocabulary import LIVE

_WINDOW = timedelta(days=7)


class Config(RuleConfig):
    """``[alerts.rules.source_silent]``."""

    every: timedelta = Field(default=timedelta(minutes=1), ge=timedelta(seconds=1))
    """how often it is looked at"""
    lasting: timedelta = Field(default=timedelta(minutes=5), ge=timedelta(0))
    """how long it must hold before it fires: after a stop, senders need a while to come back"""
    severity: Severity = Severity.CRITICAL
    """how soon somebody must look"""


def evaluate(look: Look) -> Sight:
    """One reading a source."""
    states = source_states(look.reader, look.over(_WINDOW), look.model)
    return Sight([_reading(look, state) for state in states])


def _reading(look: Look, state: SourceState) -> Reading:
    labels = {"source": state.source}
    if state.state == "unknown":
        why = "it has told too little to know its rhythm"
        return Reading(labels=labels, holds=None, title=f"{state.source}: unknown", detail=why)
    if state.silent_since is None:
        title = f"{state.source} tells again"
        return Reading(labels=labels, holds=False, title=title, systems=(state.source,))
    quiet = (look.now - state.silent_since).total_seconds()
    told_of = set(state.types)
    stages = [str(one.stage) for one in reference().stages if one.completes & told_of]
    limit = (
        f"{state.limit_seconds / 3600:.1f} h is the longest that its rhythm allows"
        if state.limit_from != "configuration" and state.limit_seconds
        else "longer than the limit that is configured"
    )
    return Reading(
        labels=labels,
        holds=True,
        title=f"{state.source} has told nothing since {state.silent_since:%Y-%m-%d %H:%M} UTC",
        detail=f"{limit}; numbers that rest on it are incomplete, and their alerts are frozen",
        value=quiet,
        limit=state.limit_seconds,
        unit="seconds",
        since=state.silent_since,
        instances=_waiting(look, state.source, stages),
        systems=(state.source,),
    )


def _waiting(look: Look, source: str, stages: list[str]) -> list[str]:
    """The open cases, in the regions that the source tells of, that only it could move on."""
    if not stages:
        return []
    told = ask(look.reader, "finding_deliverers", dataset=LIVE, as_of=look.now)
    regions = tuple(sorted({row.region for row in told if row.source == source}))
    return open_in_stages(look.reader, look.over(_WINDOW, region=regions), stages)


RULE = Rule(evaluate, Config)
