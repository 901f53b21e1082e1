"""A process that looks at rules and tells: started, killed and started again by ``test_kills``.

Its rule toggles things by a counter in the operational state's own table, so that after a kill it
goes on where it was; everything else is the real thing: state, watch, outbox, channels, sockets.
"""

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.config import AlertsConfig
from alerts.delivery import Delivery
from alerts.evaluation import Watch
from alerts.rule import Look, Reading, Rule, RuleConfig, Sight
from process_model.config import ModelConfig
from process_model.state import State, open_state
from tests.alerts.stories import NoFindings, NoStore

THINGS = 6
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Telling:
    """One rule over some things, each of which turns wrong and well in its own rhythm."""

    def __init__(self, state: State, config: AlertsConfig) -> None:
        self.state, self.round = state, int(state.cursor("round") or 0)
        known = {"toggling": Rule(self._evaluate, RuleConfig)}
        no_store: Any = NoStore()
        nothing: Any = NoFindings()
        self.watch = Watch(
            no_store, state, config, ModelConfig(), base_url="http://127.0.0.1:1",
            detection=nothing, clock=self.now, known=known,
        )  # fmt: skip
        # messages are sent on the real clock, as a restart finds them
        self.delivery = Delivery(state, config)

    def now(self) -> datetime:
        return START + timedelta(minutes=self.round)

    def _evaluate(self, _look: Look) -> Sight:
        return Sight([
            Reading(labels={"thing": str(number)}, title=f"thing {number}",
                    holds=(self.round // (number + 1)) % 2 == 0)
            for number in range(THINGS)
        ])  # fmt: skip

    def work(self, rounds: int) -> None:
        while self.round < rounds:
            self.watch.look("toggling")
            self.delivery.send_due()
            self.round += 1
            self.state.set_cursor("round", str(self.round))
        while True:
            self.delivery.send_due()
            with self.state.alerts_read() as book:
                if not book.outgoing(state="waiting"):
                    break
        print("done", flush=True)


def main() -> None:
    path, hook_url, mail_port, rounds = sys.argv[1:5]
    config = AlertsConfig.model_validate({
        "calm": 0,
        "channels": [
            {"name": "hook", "kind": "webhook", "url": hook_url, "secret": "s",
             "allow_private": True},
            {"name": "mail", "kind": "email", "host": "127.0.0.1", "port": int(mail_port),
             "security": "none", "sender": "t@example.com", "recipients": ["d@example.com"]},
        ],
    })  # fmt: skip
    with open_state(path) as state:
        Telling(state, config).work(int(rounds))


if __name__ == "__main__":
    main()
