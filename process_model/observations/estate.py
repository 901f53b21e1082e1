"""What detectors look at: one estate at one moment, each question asked once and shared by all."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from process_model.config import ModelConfig
from process_model.events import ObjectRef
from process_model.finding import Finding
from process_model.observations.episodes import Population, over_represented
from process_model.questions import ask
from process_model.reference import reference
from process_model.store import Handle
from process_model.vocabulary import SEGMENTS, Stage

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Case:
    """A case as findings count it: ``amount`` in ``currency``."""

    instance_id: str
    leader_type: str
    number: str
    customer: str
    segments: Mapping[str, str]
    amount: Decimal | None
    currency: str
    status: str
    opened_at: datetime
    last_event_at: datetime


class Estate:
    """The dataset as it stands at ``as_of``; reading it never changes it."""

    def __init__(
        self, reader: Handle, config: ModelConfig, *, dataset: str, as_of: datetime
    ) -> None:
        """Nothing is asked before it is needed."""
        self.reader, self.config, self.dataset, self.as_of = reader, config, dataset, as_of
        self._computed: dict[Any, Any] = {}

    def ask(self, name: str, **parameters: Any) -> list[Any]:
        """The rows that answer a question about this dataset."""
        return ask(self.reader, name, dataset=self.dataset, **parameters)

    def once(self, compute: "Callable[[Estate], Result]") -> Result:
        """What a computation over the estate gives; asked again, it is not computed again."""
        if compute not in self._computed:
            self._computed[compute] = compute(self)
        result: Result = self._computed[compute]
        return result

    @cached_property
    def cases(self) -> dict[str, Case]:
        """Every case by its id."""
        return {
            row.instance_id: Case(
                row.instance_id, row.leader_type, row.number, row.customer,
                {name: getattr(row, name) for name in SEGMENTS},
                row.amount, row.currency, row.status, row.opened_at, row.last_event_at,
            )
            for row in self.ask("finding_cases")
        }  # fmt: skip

    @cached_property
    def waits(self) -> list[Any]:
        """Every wait: instance_id, stage, object, entered, completed, due, state, source, actor,
        rule; times in seconds since 1970, 0 for none.
        """
        milestones = {type_ for entry in reference().stages for type_ in entry.completes}
        # a case may come between two questions: it is looked at the next time
        cases = self.cases
        rows = self.ask("finding_waits", milestones=sorted(milestones), as_of=self.as_of)
        return [row for row in rows if row.instance_id in cases]

    @cached_property
    def deliverers(self) -> "Deliverers":
        """Who delivers which event types."""
        return Deliverers(self.ask("finding_deliverers", as_of=self.as_of))

    @cached_property
    def population(self) -> Population:
        """How often each segment value occurs."""
        return Population.of(case.segments for case in self.cases.values())

    def outstanding(self, instances: Iterable[str]) -> dict[str, str]:
        """The segment value that stands out among the cases, empty when none does."""
        return over_represented(self.segments_of(instances), self.population)

    def segments_of(self, instances: Iterable[str]) -> list[Mapping[str, str]]:
        """The segments of the cases that are known."""
        return [self.cases[id_].segments for id_ in instances if id_ in self.cases]

    def name_of(self, instance: str) -> str:
        """A case's number as people say it."""
        return self.cases[instance].number if instance in self.cases else instance


class Deliverers:
    """Which sources deliver an event type in a region, and how far each has told."""

    def __init__(self, rows: Iterable[Any]) -> None:
        """``rows`` carry type, region, source, events and last_event_at."""
        self.reach: dict[str, datetime] = {}
        self._events: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._types: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            self.reach[row.source] = row.last_event_at
            self._types[row.source].add(row.type)
            for region in {row.region, ""}:
                self._events[row.type, region][row.source] += row.events

    def types_of(self, source: str) -> set[str]:
        """The event types that the source ever delivered."""
        return self._types[source]

    def of(self, types: Iterable[str], region: str) -> list[str]:
        """The sources that regularly deliver one of the types in the region, else anywhere."""
        wanted = list(types)
        for place in (region, ""):
            told: Counter[str] = Counter()
            for type_ in wanted:
                told += self._events.get((type_, place), Counter())
            # one in ten: a single stray event does not make a source responsible
            regular = [source for source, n in told.items() if n * 10 >= told.total()]
            if regular:
                return sorted(regular)
        return []

    def measured_until(self, types: Iterable[str], region: str) -> datetime | None:
        """Until when an absence of the types is known to be one; ``None`` when nobody tells."""
        sources = self.of(types, region)
        return min((self.reach[source] for source in sources), default=None)


def milestones_of(stage: str) -> frozenset[str]:
    """The event types that complete a stage."""
    return reference().stage(Stage(stage)).completes


def system_of(source: str) -> str:
    """The system that a source URI names: ``urn:system:sap:emea`` is ``sap``."""
    parts = source.removeprefix("urn:").split(":")
    return parts[1] if len(parts) > 1 else source


def number_of(key: str) -> str:
    """An object's id as people say it."""
    return ObjectRef.of(key).id if key.count(":") == 2 else key


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as an aware moment."""
    return datetime.fromtimestamp(seconds, UTC)


def explained(
    known: Sequence[Finding], kinds: Iterable[str]
) -> dict[str, list[tuple[float, float]]]:
    """Per case the stretches (seconds since 1970) that findings of those kinds explain."""
    stretches: dict[str, list[tuple[float, float]]] = defaultdict(list)
    wanted = set(kinds)
    for finding in known:
        if finding.kind in wanted:
            end = finding.until.timestamp() if finding.until else float("inf")
            for instance in finding.instances:
                stretches[instance].append((finding.since.timestamp(), end))
    return stretches
