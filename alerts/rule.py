"""What a rule is: it looks at the estate at a moment and says of each thing whether it is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from alerts.alert import Impact, Severity
from process_model.config import ModelConfig
from process_model.vocabulary import LIVE

if TYPE_CHECKING:  # settings name these classes, and reading settings must not open the engine
    from process_model.questions import Selection
    from process_model.store import Handle


class RuleConfig(BaseModel):
    """What can be set for every rule, in ``[alerts.rules.<rule>]``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    enabled: bool = True
    """whether the rule is looked at"""
    every: timedelta = Field(default=timedelta(minutes=5), ge=timedelta(seconds=1))
    """how often it is looked at"""
    lasting: timedelta = Field(default=timedelta(0), ge=timedelta(0))
    """how long it must hold before it fires"""
    severity: Severity = Severity.WARNING
    """how soon somebody must look"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a rule may know: the store, the moment and its settings; asking changes nothing."""

    reader: "Handle"
    now: datetime
    model: ModelConfig
    config: Any
    """the rule's own ``Config``"""

    def over(self, window: timedelta, **segments: tuple[str, ...]) -> "Selection":
        """The live cases of the time before now, as they were known to stand now."""
        from process_model.questions import Selection

        given: Any = segments
        return Selection(
            dataset=LIVE, since=self.now - window, until=self.now, as_of=self.now, **given
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a rule sees of one thing: a stage, a hop, a source, a KPI of a region."""

    labels: dict[str, str]
    """what tells it from the rule's other things; never a number that moves"""
    holds: bool | None
    """whether the condition holds; ``None`` when that cannot be measured"""
    title: str
    detail: str = ""
    """a sentence; of an unmeasured reading it says why"""
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    coverage: float | None = None
    since: datetime | None = None
    """since when it holds, where the rule can say"""
    severity: Severity | None = None
    """instead of the rule's own"""
    instances: Sequence[str] = ()
    """the cases behind it"""
    impact: Impact | None = None
    """instead of what is asked about ``instances``"""
    systems: tuple[str, ...] = ()
    """what its cause may lie in"""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a rule saw; of what it did not name, ``rest`` says whether it is calm or unmeasured."""

    readings: Sequence[Reading] = ()
    rest: bool | None = False
    rest_because: str = "nothing of it is left in the data"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its settings, and how it looks. A rule knows neither alerts nor channels."""

    evaluate: Callable[[Look], Sight]
    config: type[RuleConfig] = field(default=RuleConfig)
