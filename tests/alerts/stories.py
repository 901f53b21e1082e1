"""Alert stories on a time axis: a rule that says what it is told, a clock that is led, no store."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec

from alerts.alert import Alert, Phase
from alerts.book import load
from alerts.channel import Channel, ChannelConfig, DeliveryError
from alerts.config import AlertsConfig
from alerts.delivery import Delivery
from alerts.evaluation import Watch
from alerts.message import Message
from alerts.rule import Look, Reading, Rule, RuleConfig, Sight
from process_model.config import ModelConfig
from process_model.state import State
from tests.conftest import Clock

RULE = "watched"


class Nobody(ChannelConfig):
    """Settings of a channel that keeps what it is given."""


class NoFindings:
    """Stands where detection is asked; these stories have no store to detect anything in."""

    def of(self, _selection: object) -> list[Any]:
        return []


class NoStore:
    """Refuses every question: readings of these stories name no cases."""

    def query(self, name: str, *_rest: object) -> Any:
        raise AssertionError(f"a story without a store was asked {name}")


@dataclass
class Recording:
    """A channel that keeps its messages, and fails when it is told to."""

    taken: list[Message] = field(default_factory=list)
    failing: DeliveryError | None = None

    def deliver(self, _config: ChannelConfig, message: Message) -> str:
        if self.failing:
            raise self.failing
        self.taken.append(message)
        return "taken"


class Story:
    """Tells what a rule sees minute by minute, and keeps what people are told."""

    def __init__(
        self, state: State, clock: Clock, *, channels: Sequence[str] = ("ops",), **settings: Any
    ) -> None:
        self.state, self.clock = state, clock
        self.sees: Sight = Sight()
        self.fails: Exception | None = None
        self.channel = Recording()
        rule = settings.pop("rule", {})
        self.rule = Rule(self._evaluate, RuleConfig)
        own = AlertsConfig(**settings)
        chosen = {"lasting": timedelta(0), "every": timedelta(minutes=1)} | rule
        self.config = own.model_copy(
            update={
                "channels": tuple(Nobody(name=name, kind="recording") for name in channels),
                "rules": {RULE: RuleConfig(**chosen)},
            }
        )
        self.start()

    def start(self) -> None:
        """Begin anew, as after a restart: only the operational state is left."""
        kinds = {"recording": Channel(Nobody, self.channel.deliver)}
        self.watch = Watch(
            NoStore(), self.state, self.config, ModelConfig(),  # type: ignore[arg-type]
            base_url="https://throughline.example", detection=NoFindings(),  # type: ignore[arg-type]
            clock=self.clock, known={RULE: self.rule},
        )  # fmt: skip
        self.delivery = Delivery(self.state, self.config, self.clock, kinds)

    def _evaluate(self, _look: Look) -> Sight:
        if self.fails:
            raise self.fails
        return self.sees

    def see(self, *readings: Reading, rest: bool | None = False) -> None:
        """What the rule sees from now on."""
        self.sees = Sight(readings, rest)

    def minutes(self, count: int = 1, *, each: int = 1) -> list[Message]:
        """Let time pass, a look every ``each`` minutes; gives what people were told meanwhile."""
        before = len(self.channel.taken)
        for _ in range(0, count, each):
            self.look()
            self.clock.advance(minutes=each)
        return self.channel.taken[before:]

    def look(self) -> list[Message]:
        """One look now, and what it sends."""
        before = len(self.channel.taken)
        self.watch.look(RULE)
        self.delivery.send_due()
        return self.channel.taken[before:]

    def alerts(self) -> list[Alert]:
        """Every alert there is or was, oldest first."""
        with self.state.alerts_read() as book:
            return sorted(map(load, book.alerts()), key=lambda one: (one.first_seen_at, one.id))

    def only(self) -> Alert:
        """The one alert."""
        (alert,) = self.alerts()
        return alert

    def notes(self) -> list[str]:
        """The story of the one alert, as kinds."""
        with self.state.alerts_read() as book:
            return [note.kind for note in book.notes(self.only().id)]

    def phases(self) -> list[Phase]:
        """Where each alert is."""
        return [one.phase for one in self.alerts()]


def holds(name: str = "a", **more: Any) -> Reading:
    """The condition holds."""
    return Reading(labels={"thing": name}, holds=True, title=f"{name} is wrong", **more)


def calm(name: str = "a") -> Reading:
    """It does not hold."""
    return Reading(labels={"thing": name}, holds=False, title=f"{name} is well")


def unmeasured(name: str = "a") -> Reading:
    """Nobody knows."""
    return Reading(labels={"thing": name}, holds=None, title=name, detail="erp is silent")


def kinds(messages: Sequence[Message]) -> list[str]:
    """Why each message was sent."""
    return [str(message.kind) for message in messages]


def stored_messages(state: State) -> list[Message]:
    """What the outbox holds, sent or not."""
    with state.alerts_read() as book:
        return [msgspec.json.decode(one.message, type=Message) for one in book.outgoing()]
