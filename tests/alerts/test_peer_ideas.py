"""What Debian's Alertmanager was seen to do, asked of ours with real receivers and a real restart.

That a kill repeats at most one message is held by ``test_kills``, that flapping gives at most two
by ``test_stories``.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.config import AlertsConfig
from alerts.delivery import Delivery
from alerts.evaluation import Watch
from alerts.rule import Look, Reading, Rule, RuleConfig, Sight
from process_model.config import ModelConfig
from process_model.state import open_state
from tests.alerts.receivers import Hook, PostOffice, hook, post_office
from tests.alerts.stories import NoFindings, NoStore
from tests.conftest import Clock


class Installation:
    """Rule, state on the disk, outbox and channels; it can be stopped and started again."""

    def __init__(self, path: Path, clock: Clock, receiver: Hook, office: PostOffice) -> None:
        self.path, self.clock, self.holds = path, clock, True
        self.receiver, self.office = receiver, office
        self.config = AlertsConfig.model_validate({
            "channels": [
                {"name": "hook", "kind": "webhook", "url": receiver.url, "secret": "s",
                 "allow_private": True},
                {"name": "mail", "kind": "email", "host": "127.0.0.1", "port": office.port,
                 "security": "none", "sender": "t@example.com", "recipients": ["d@example.com"]},
            ]
        })  # fmt: skip
        self._house = ExitStack()

    def start(self) -> None:
        """As after a stop: what is known is what lies on the disk."""
        state = self._house.enter_context(open_state(self.path))
        no_store: Any = NoStore()
        nothing: Any = NoFindings()
        self.watch = Watch(
            no_store, state, self.config, ModelConfig(), base_url="http://127.0.0.1:1",
            detection=nothing, clock=self.clock, known={"thing": Rule(self._sight, RuleConfig)},
        )  # fmt: skip
        self.watch.let_go()
        self.delivery = Delivery(state, self.config, self.clock)

    def stop(self) -> None:
        """An orderly end."""
        self._house.close()

    def _sight(self, _look: Look) -> Sight:
        return Sight([Reading(labels={"thing": "a"}, holds=self.holds, title="a is wrong")])

    def looks(self, number: int, minutes: int = 1) -> None:
        """Look so often, and send what is due."""
        for _ in range(number):
            self.watch.look("thing")
            self.delivery.send_due()
            self.clock.advance(minutes=minutes)

    @property
    def told(self) -> tuple[list[str], list[str]]:
        """What was taken by webhook and by mail, by the ends of their keys."""
        letters = [str(one["X-Throughline-Key"]) for one in self.office.letters]
        return _ends(self.receiver.taken), _ends(letters)


def _ends(keys: list[str]) -> list[str]:
    return [key.rpartition(":")[2] for key in keys]


@contextmanager
def installed(directory: Path, clock: Clock) -> Iterator[Installation]:
    with hook() as receiver, post_office() as office:
        made = Installation(directory / "state.db", clock, receiver, office)
        made.start()
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture
def ours(tmp_path: Path, clock: Clock) -> Iterator[Installation]:
    with installed(tmp_path, clock) as made:
        yield made


def test_the_same_five_times_is_one_notification(ours: Installation) -> None:
    ours.looks(5)
    assert ours.told == (["firing"], ["firing"])


def test_an_orderly_restart_tells_nothing_anew(ours: Installation) -> None:
    ours.looks(2)
    ours.stop()
    ours.start()
    ours.looks(5)
    assert ours.told == (["firing"], ["firing"])


def test_what_was_not_sent_before_a_stop_is_sent_once_after_it(ours: Installation) -> None:
    ours.receiver.answers = [(503, {})]
    ours.looks(1)
    assert ours.told == ([], ["firing"])
    ours.stop()
    ours.clock.advance(minutes=1)
    ours.start()
    ours.looks(5)
    assert ours.told == (["firing"], ["firing"])


def test_three_refusals_are_tried_again_and_then_it_is_delivered_once(ours: Installation) -> None:
    ours.receiver.answers = [(500, {})] * 3
    ours.looks(10)
    assert ours.receiver.answers == []
    # one receiver that is down holds nobody else up
    assert ours.told == (["firing"], ["firing"])


def test_that_it_is_over_is_told_once_also_over_a_restart(ours: Installation) -> None:
    ours.looks(2)
    ours.holds = False
    ours.receiver.answers = [(500, {})]
    ours.looks(20)
    ours.stop()
    ours.start()
    ours.looks(60, minutes=10)
    assert ours.told == (["firing", "resolved"], ["firing", "resolved"])
    assert ours.config.repeat < timedelta(minutes=600)
