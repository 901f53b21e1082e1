"""One look of one rule: what it saw, what that changes, and who is told, in one transaction.

The store is asked before the transaction begins; what alerts there are is read within it. So a
process that dies at any moment has either changed nothing, or changed the alert and written the
message that tells of it.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from alerts.alert import LIVE_PHASES, Alert, Phase, Seen, Severity, fingerprint_of
from alerts.book import load, store
from alerts.config import RULE_FAILED, AlertsConfig, rules
from alerts.impact import cause_of, impact_of
from alerts.lifecycle import RULE_GONE, Patience, advanced, begun, ended, seen_of
from alerts.pipeline import run_steps
from alerts.rule import Look, Reading, Rule, RuleConfig, Sight
from alerts.step import Round
from process_model.config import ModelConfig
from process_model.detection import Detection
from process_model.errors import ThroughlineError
from process_model.state import AlertBook, State
from process_model.store import Handle

_log = logging.getLogger(__name__)
FAILED_FOR = timedelta(minutes=5)
"""How long a rule may fail before that is an alert itself."""


class Watch:
    """Looks at rules; one look at a time, whoever asks for it."""

    def __init__(
        self,
        reader: Handle,
        state: State,
        config: AlertsConfig,
        model: ModelConfig,
        *,
        base_url: str,
        detection: Detection | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        known: Mapping[str, Rule] | None = None,
    ) -> None:
        """``known`` are the rules, those of ``alerts/rules`` when none are given."""
        self._reader, self._state, self._config, self._model = reader, state, config, model
        self._base_url, self._clock = config.base_url or base_url, clock
        self._detection = detection or Detection(reader, model, clock)
        self.rules = {
            name: rule
            for name, rule in (rules() if known is None else known).items()
            if self._settings(name, rule).enabled
        }
        self._last: dict[str, datetime] = {}

    def _settings(self, name: str, rule: Rule) -> RuleConfig:
        return self._config.rules.get(name) or rule.config()

    def every(self, name: str) -> timedelta:
        """How often the rule is to be looked at."""
        return self._settings(name, self.rules[name]).every

    def look(self, name: str) -> None:
        """Look at the rule once and write what came of it; a rule's own failure is an alert."""
        now, rule = self._clock(), self.rules[name]
        settings = self._settings(name, rule)
        look = Look(reader=self._reader, now=now, model=self._model, config=settings)
        try:
            sight, failure = rule.evaluate(look), ""
            seen = self._seen(look, name, sight.readings)
        except Exception as exc:
            if not isinstance(exc, ThroughlineError):
                _log.exception("the rule %s failed", name)
            failure = str(exc) or type(exc).__name__
            sight, seen = Sight((), None, f"the rule cannot be looked at: {failure}"), []
        missed = self._missed(name, now, settings.every)
        patience = Patience(settings.lasting, self._config.calm)
        with self._state.alerts_written() as book:
            touched = self._moved(book, name, sight, seen, settings.severity, patience, now)
            touched += self._own_failure(book, name, failure, now)
            book.looked(name, now, failure, missed)
            self._tell(book, touched, now)

    def let_go(self) -> None:
        """End the alerts of rules that are no longer looked at, and say so."""
        now = self._clock()
        with self._state.alerts_written() as book:
            rows = [
                row for row in book.under_way() if row.rule not in self.rules
                and not (row.rule == RULE_FAILED and load(row).labels.get("rule") in self.rules)
            ]  # fmt: skip
            touched = []
            for alert in map(load, rows):
                if alert.phase == Phase.RESOLVED:
                    touched.append(alert)
                    continue
                touched += self._written(book, alert, ended(alert, now, RULE_GONE), now)
            self._tell(book, touched, now)

    def _missed(self, name: str, now: datetime, every: timedelta) -> int:
        last, self._last[name] = self._last.get(name), now
        return max(0, int((now - last) / every) - 1) if last else 0

    def _seen(self, look: Look, name: str, readings: Sequence[Reading]) -> list[Seen]:
        """What is kept of each reading; worth and cause are asked for only of what holds."""
        with self._state.alerts_read() as book:
            known = {row.fingerprint: load(row) for row in book.under_way(name)}
        seen = []
        for reading in readings:
            one = seen_of(reading, look.now)
            if reading.holds:
                before = known.get(fingerprint_of(name, reading.labels))
                cause = before.now.cause if before else None
                if self._is_news(before, look.now):
                    cause = cause_of(look, reading, self._detection)
                one = replace(one, impact=impact_of(look, reading), cause=cause)
            seen.append(one)
        return seen

    def _is_news(self, before: Alert | None, now: datetime) -> bool:
        """Whether something will be told of it, so that its cause is worth a detection."""
        if before is None or before.phase not in LIVE_PHASES or before.told_at is None:
            return True
        return now >= before.told_at + self._config.repeat

    def _moved(
        self,
        book: AlertBook,
        name: str,
        sight: Sight,
        seen: Sequence[Seen],
        severity: Severity,
        patience: Patience,
        now: datetime,
    ) -> list[Alert]:
        waiting = [load(row) for row in book.under_way(name)]
        current = {one.fingerprint: one for one in waiting if one.phase != Phase.RESOLVED}
        touched = [one for one in waiting if one.phase == Phase.RESOLVED]
        for reading, view in zip(sight.readings, seen, strict=bool(seen)):
            print_ = fingerprint_of(name, reading.labels)
            alert = current.pop(print_, None)
            if alert is not None:
                touched += self._written(book, alert, advanced(alert, reading, view, patience), now)
            elif reading.holds:
                episode = book.last_episode(print_) + 1
                fresh = begun(name, reading, view, severity, episode, patience)
                touched += self._written(book, None, fresh, now)
        for alert in current.values():
            gone = Reading(labels=alert.labels, holds=sight.rest, title=alert.now.title,
                           detail=sight.rest_because)  # fmt: skip
            after = advanced(alert, gone, seen_of(gone, now), patience)
            touched += self._written(book, alert, after, now)
        return touched

    def _own_failure(
        self, book: AlertBook, name: str, failure: str, now: datetime
    ) -> list[Alert]:  # fmt: skip
        labels = {"rule": name}
        print_ = fingerprint_of(RULE_FAILED, labels)
        known = [load(row) for row in book.under_way(RULE_FAILED) if row.fingerprint == print_]
        open_ = [one for one in known if one.phase != Phase.RESOLVED]
        reading = Reading(
            labels=labels, holds=bool(failure), title=f"The rule {name} cannot be looked at",
            detail=failure or "it is looked at again", impact=None,
        )  # fmt: skip
        seen, patience = seen_of(reading, now), Patience(FAILED_FOR, self._config.calm)
        touched = [one for one in known if one.phase == Phase.RESOLVED]
        if open_:
            after = advanced(open_[0], reading, seen, patience)
            return touched + self._written(book, open_[0], after, now)
        if failure:
            episode = book.last_episode(print_) + 1
            fresh = begun(RULE_FAILED, reading, seen, Severity.CRITICAL, episode, patience)
            return touched + self._written(book, None, fresh, now)
        return touched

    def _written(
        self, book: AlertBook, before: Alert | None, after: Alert | None, now: datetime
    ) -> list[Alert]:
        if after is None:
            assert before is not None
            book.drop(before.id)
            return []
        store(book, after)
        if after.frozen and not (before and before.frozen):
            book.note(after.id, now, "frozen", after.frozen_because)
        if before and before.frozen and not after.frozen:
            book.note(after.id, now, "measured", "it can be measured again")
        if before is None or before.phase != after.phase:
            book.note(after.id, now, str(after.phase), after.resolved_because or after.now.title)
        return [after]

    def _tell(self, book: AlertBook, touched: Sequence[Alert], now: datetime) -> None:
        others = [load(row) for row in book.under_way()]
        run_steps(touched, Round(now=now, config=self._config, book=book,
                                 base_url=self._base_url, others=others))  # fmt: skip
