"""Stages whose objects do not cross between systems in time, retries counted as nothing."""

from datetime import timedelta

from alerts.alert import Severity
from alerts.rule import Look, Rule, Sight
from alerts.seeing import BudgetConfig, over_budget
from process_model.kpi import load_all


class Config(BudgetConfig):
    """``[alerts.rules.sync_success]``."""

    severity: Severity = Severity.CRITICAL
    """how soon somebody must look"""
    window: timedelta = timedelta(days=1)
    """over so long"""
    recent: timedelta = timedelta(hours=6)
    """and still over so long; not shorter than the limits of the hand-overs, for what is within its
    limit is not judged yet"""


def evaluate(look: Look) -> Sight:
    """One reading a stage."""
    kpi = load_all()["sync_success"]
    return over_budget(look, kpi, "hand-overs", lambda _stage: kpi.needs)


RULE = Rule(evaluate, Config)
