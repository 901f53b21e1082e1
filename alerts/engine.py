"""The timers: every rule at its interval, the outbox, and what commands ask. The only user of
APScheduler.

Jobs live in memory; what is so and what is to be sent lies in the operational state, so a late or a
lost tick costs nothing but time. A tick that comes late runs all the same, once. Ticks that were
missed, refused or broken are counted, never silent.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from alerts.config import AlertsConfig
from alerts.delivery import Delivery
from alerts.desk import TOLD_TO, answer_asked
from alerts.evaluation import Watch
from process_model.config import ModelConfig
from process_model.errors import StoreError
from process_model.state import State
from process_model.store import Store
from process_model.telemetry import count_late_tick, measured

_log = logging.getLogger(__name__)
_SETTLING = timedelta(seconds=20)
"""What waits on the disk is stored first: a store that lags looks like sources that are silent."""
_SENDING, _ASKED = timedelta(seconds=1), timedelta(seconds=1)
_WORDS = {EVENT_JOB_MISSED: "missed", EVENT_JOB_MAX_INSTANCES: "overrun", EVENT_JOB_ERROR: "failed"}


@contextmanager
def run(
    store: Store,
    state: State,
    config: AlertsConfig,
    model: ModelConfig,
    base_url: str,
    on_fatal: Callable[[BaseException], None],
) -> Iterator[None]:
    """Watch and tell until left; what was not sent by then is sent after the next start."""
    state.set_cursor(TOLD_TO, json.dumps([one.name for one in config.channels]))
    if not config.enabled:
        yield
        return
    stop = threading.Event()
    with store.reader() as reader:
        watch = Watch(reader, state, config, model, base_url=base_url)
        delivery = Delivery(state, config)
        watch.let_go()
        scheduler = _scheduler(on_fatal)
        begin = datetime.now(UTC) + _SETTLING
        for place, name in enumerate(sorted(watch.rules)):
            first = begin + timedelta(seconds=place)
            _repeat(scheduler, f"rule {name}", watch.every(name), "rules", first,
                    partial(_look, watch, name, stop))  # fmt: skip
        _repeat(scheduler, "outbox", _SENDING, "messages", None,
                lambda: _unless(stop, lambda: delivery.send_due(stop.is_set)))  # fmt: skip
        asked = (reader, state, config, model)
        _repeat(scheduler, "questions", _ASKED, "questions", None,
                lambda: _unless(stop, lambda: answer_asked(*asked)))  # fmt: skip
        scheduler.start()
        try:
            yield
        finally:
            stop.set()
            scheduler.shutdown(wait=True)


def _look(watch: Watch, name: str, stop: threading.Event) -> None:
    if not stop.is_set():
        with measured(f"rule {name}"):
            watch.look(name)


def _unless(stop: threading.Event, work: Callable[[], object]) -> None:
    if not stop.is_set():
        work()


def _repeat(
    scheduler: Any,
    name: str,
    every: timedelta,
    executor: str,
    first: datetime | None,
    work: Callable[[], None],
) -> None:
    seconds = every.total_seconds()
    begin = first or datetime.now(UTC)
    scheduler.add_job(
        work, "interval", seconds=seconds, id=name, executor=executor, next_run_time=begin
    )


def _scheduler(on_fatal: Callable[[BaseException], None]) -> Any:
    # one thread each: looks take their turn, and a slow receiver holds no rule up
    scheduler = BackgroundScheduler(
        executors={name: ThreadPoolExecutor(1) for name in ("rules", "messages", "questions")},
        # a late tick runs all the same, and several late ones are one
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        timezone=UTC,
    )

    def told(event: Any) -> None:
        count_late_tick(event.job_id, _WORDS[event.code])
        error = getattr(event, "exception", None)
        if error is None:
            return
        if isinstance(error, StoreError) and not error.permanent:
            _log.warning("%s: %s; it is tried again", event.job_id, error)
        else:
            on_fatal(error)

    scheduler.add_listener(told, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES | EVENT_JOB_MISSED)
    return scheduler
