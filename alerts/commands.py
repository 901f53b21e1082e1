"""``throughline alerts``: check what is seen, test a channel, explain an alert, silence."""

import getpass
import os
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict

from alerts.config import AlertsConfig
from process_model.commands import ask_holder, explaining
from process_model.config import ModelConfig, StoreConfig, read
from process_model.errors import ConfigError, DataDirectoryInUse


class Verb(StrEnum):
    """What to do about alerts."""

    CHECK = "check"
    TEST = "test"
    EXPLAIN = "explain"
    SILENCE = "silence"


class AlertSettings(BaseModel):
    """The part of the settings that these commands need."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: str = "data/state.db"
    """the operational state"""
    store: StoreConfig = StoreConfig()
    """the events and instances"""
    model: ModelConfig = ModelConfig()
    """the limits by which the process is judged"""
    alerts: AlertsConfig = AlertsConfig()
    """rules and channels"""


def alerts(
    verb: Annotated[Verb, typer.Argument(help="check, test, explain or silence.")],
    what: Annotated[
        str,
        typer.Argument(help="check: a rule; test: a channel; explain: an alert's id; silence: "
                       "labels such as rule=stage_latency,stage=invoice."),
    ] = "",
    since: Annotated[
        datetime | None, typer.Option(help="check: what would have fired since then (UTC).")
    ] = None,
    until: Annotated[datetime | None, typer.Option(help="check: until then; now.")] = None,
    every_minutes: Annotated[float, typer.Option(help="check: how often to look back.")] = 60,
    hours: Annotated[float, typer.Option(help="silence: for how long.")] = 4,
    why: Annotated[str, typer.Option(help="silence: the reason, for those who ask.")] = "",
    config: Annotated[
        Path | None, typer.Option("--config", help="The TOML file with the settings.")
    ] = None,
) -> None:  # fmt: skip
    """Check rules now or over the past, test a channel, explain an alert, silence some."""
    with explaining():
        settings = read(AlertSettings, config, os.environ, "THROUGHLINE_")
        if verb == Verb.CHECK:
            payload = {
                "rule": what or None,
                "since": since and since.replace(tzinfo=UTC).isoformat(),
                "until": until and until.replace(tzinfo=UTC).isoformat(),
                "every_seconds": every_minutes * 60,
            }
            print(_check(settings, payload))
        elif verb == Verb.TEST:
            print(_test(settings, what))
        elif verb == Verb.EXPLAIN:
            print(_explain(settings, what))
        else:
            print(_silence(settings, what, timedelta(hours=hours), why))


def _check(settings: AlertSettings, payload: Mapping[str, object]) -> str:
    """Done here, or by the process that holds the store."""
    from alerts.desk import CHECK, checked
    from process_model.state import open_state
    from process_model.store import open_store
    from process_model.store.migrate import migrate

    with ExitStack() as house:
        state = house.enter_context(open_state(settings.state))
        try:
            store = house.enter_context(open_store(settings.store))
        except DataDirectoryInUse:
            return ask_holder(state, 600, CHECK, payload)
        migrate(store)
        reader = house.enter_context(store.reader())
        try:
            return checked(reader, settings.alerts, settings.model, payload)
        except ValueError as wrong:
            raise ConfigError(str(wrong)) from wrong


def _test(settings: AlertSettings, name: str) -> str:
    """Send one message that says that it is a test, at once and past the outbox."""
    from alerts.alert import Severity
    from alerts.config import channels
    from alerts.message import Kind, Message

    found = {one.name: one for one in settings.alerts.channels}
    if name not in found:
        there = ", ".join(found) or "none: write one under [[alerts.channels]], see docs/alerts.md"
        raise ConfigError(f"there is no channel {name!r}; there are {there}")
    now = datetime.now(UTC)
    key = f"test:{uuid.uuid4()}"
    message = Message(
        key=key, thread=key, kind=Kind.TEST, at=now, zone=settings.alerts.zone,
        severity=Severity.INFO, title="Throughline can reach you", items=(),
        note=f"{getpass.getuser()} tested the channel {name}. Nothing is wrong.",
    )  # fmt: skip
    answer = channels()[found[name].kind].deliver(found[name], message)
    return f"{name}: {answer}"


def _explain(settings: AlertSettings, id_: str) -> str:
    """An alert's story: why it fired, who was told, what held messages back."""
    from alerts.book import load
    from process_model.state import open_state

    with open_state(settings.state) as state, state.alerts_read() as book:
        row = book.alert(id_)
        if row is None:
            known = ", ".join(one.id for one in book.alerts(limit=5)) or "none yet"
            raise ConfigError(f"there is no alert {id_!r}; the latest are {known}")
        alert, notes = load(row), book.notes(id_)
    head = [
        f"{alert.now.title}", f"{alert.rule}, {alert.severity}, {alert.phase}"
        + (f", frozen: {alert.frozen_because}" if alert.frozen else ""),
        alert.now.detail,
    ]  # fmt: skip
    story = [f"{note.at:%Y-%m-%d %H:%M:%S} UTC  {note.kind:<13} {note.text}" for note in notes]
    return "\n".join([*filter(None, head), "", *story])


def _silence(settings: AlertSettings, what: str, span: timedelta, why: str) -> str:
    """Silence the alerts that have all the labels; what still holds after it is told then."""
    from process_model.state import open_state
    from process_model.state.alerting import Silence

    labels = dict(part.partition("=")[::2] for part in what.split(",") if "=" in part)
    if not labels or not why or span <= timedelta(0):
        raise ConfigError("write which and why: throughline alerts silence rule=stage_latency,"
                          "stage=invoice --hours 4 --why 'month-end close'")  # fmt: skip
    now, by = datetime.now(UTC), getpass.getuser()
    with open_state(settings.state) as state, state.alerts_written() as book:
        book.add_silence(Silence(uuid.uuid4().hex[:12], labels, now, now + span, by, why))
    return f"silenced until {now + span:%Y-%m-%d %H:%M} UTC: {what}"


COMMANDS: dict[str, Callable[..., None]] = {"alerts": alerts}
