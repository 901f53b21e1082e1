"""Stages in which more waits miss their limit than the error budget bears.

A wait that is still open past its limit counts as missed now, not when it ends.
"""

from pydantic import Field

from alerts.rule import Look, Rule, Sight
from alerts.seeing import BudgetConfig, over_budget
from process_model.kpi import load_all
from process_model.measures import needs_of


class Config(BudgetConfig):
    """``[alerts.rules.stage_latency]``."""

    burn: float = Field(default=2.0, ge=1)
    """fires when so many times more is missed than the objective allows: one slow approver among
    four makes it some three times in the end, and shall be told before it has come to that"""


def evaluate(look: Look) -> Sight:
    """One reading a stage."""
    return over_budget(look, load_all()["stage_latency"], "waits", needs_of)


RULE = Rule(evaluate, Config)
