"""The front door: settings, commands, wiring and signals; the only file that knows every room."""

import gc
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict

from alerts.config import AlertsConfig
from collector.config import CollectorConfig
from dashboards.config import DashboardsConfig
from process_model.config import ModelConfig, StoreConfig, read
from process_model.errors import ConfigError, DataDirectoryInUse, ThroughlineError
from process_model.listening import place, refuse_public, refuse_taken

PREFIX = "THROUGHLINE_"
STOP_SECONDS = 10.0

# A supervisor needs no more: 0 was asked to stop, 1 broke, 2 cannot start as it is set up.
BROKE, CANNOT_START = 1, 2

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="""Follows every quote until it is cash.

- `throughline serve` opens the doors and the pages; nothing has to be set up before.
- `throughline demo` sends an estate's life through those doors; then open http://127.0.0.1:8050.
- OpenTelemetry senders need no setting: they find 127.0.0.1:4317 and :4318 by themselves.
- Business events go to http://127.0.0.1:4318/v1/events; `?dry_run=1` only checks them.

Settings: a TOML file (`--config`), and over it variables such as
`THROUGHLINE_COLLECTOR__HTTP_PORT=4320`; `throughline check-config` prints what is in force.
""",
)
Config = Annotated[Path | None, typer.Option("--config", help="The TOML file with the settings.")]


class Settings(BaseModel):
    """Everything that can be set; an empty file is a working embedded installation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: str = "data/state.db"
    """the operational state: a file's path, or a database URL"""
    store: StoreConfig = StoreConfig()
    """the events, spans and instances"""
    model: ModelConfig = ModelConfig()
    """the limits by which the process is judged"""
    collector: CollectorConfig = CollectorConfig()
    """the doors and the spool"""
    alerts: AlertsConfig = AlertsConfig()
    """what is watched, and who is told"""
    dashboards: DashboardsConfig = DashboardsConfig()
    """the pages and the API"""


def load(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read the file, then the environment over it; raises ``ConfigError`` naming key and remedy."""
    settings = read(Settings, path, environment, PREFIX)
    refuse_public("collector.host", settings.collector.host, settings.collector.asks_for_keys)
    refuse_public("dashboards.host", settings.dashboards.host)
    return settings


@app.command()
def serve(config: Config = None) -> None:
    """Open the doors and the pages, and go on until SIGTERM or Ctrl-C."""
    with _explaining():
        settings = load(config, os.environ)
        fault = _serve(settings)
        if fault is not None:
            print(f"throughline stopped: {fault}", file=sys.stderr)
            raise typer.Exit(BROKE)


def _serve(settings: Settings) -> BaseException | None:
    from collector import pipeline

    for key, host, port in (
        ("collector.grpc_port", settings.collector.host, settings.collector.grpc_port),
        ("dashboards.port", settings.dashboards.host, settings.dashboards.port),
    ):
        refuse_taken(key, host, port)
    wish = threading.Event()
    faults: list[BaseException] = []

    def on_fatal(exc: BaseException) -> None:
        faults.append(exc)
        wish.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: wish.set())
    # The doors come first, for they need the disk alone and a stock sender gives up after seconds;
    # what carries to the store is left first, and closes them before it drains.
    with ExitStack() as house:
        opened = pipeline.open_doors(settings.collector, settings.model, on_fatal, settings.state)
        doors = house.enter_context(opened)
        from alerts.engine import run as run_alerts
        from collector import import_desk
        from dashboards.app import serve as serve_pages
        from process_model import instances
        from process_model.state import open_state
        from process_model.store import open_store
        from process_model.store.migrate import migrate as bring_up_to_date

        store = house.enter_context(open_store(settings.store))
        bring_up_to_date(store)
        state = house.enter_context(open_state(settings.state))
        house.enter_context(instances.run(store, state, settings.model, on_fatal=on_fatal))
        house.enter_context(import_desk.run(store, state, settings.model, on_fatal))
        rooms = (store, state, settings.dashboards, settings.model)
        address = f"http://{place(settings.collector.host, doors.http_port)}"
        pages = house.enter_context(serve_pages(*rooms, doors.health, on_fatal, address))
        own = f"http://{place(settings.dashboards.host, pages.port)}"
        house.enter_context(run_alerts(*rooms[:2], settings.alerts, settings.model, own, on_fatal))
        house.enter_context(doors.carried_to(store, state))
        print(
            f"throughline listens: {address} (events, OTLP/HTTP), "
            f"{place(settings.collector.host, doors.grpc_port)} (OTLP/gRPC), {own} (pages, API)",
            flush=True,
        )
        # what start-up made lives as long as the program: no collection need look at it again
        gc.collect()
        gc.freeze()
        wish.wait()
        _end_anyway()
    return faults[0] if faults else None


def _end_anyway() -> None:
    """Whatever hangs while stopping: what was accepted is on disk, so leaving loses nothing."""

    def leave() -> None:
        print("throughline did not stop in time and leaves; nothing is lost", file=sys.stderr)
        os._exit(BROKE)

    timer = threading.Timer(STOP_SECONDS - 0.5, leave)
    timer.daemon = True
    timer.start()


@app.command()
def migrate(
    config: Config = None,
    dry_run: Annotated[bool, typer.Option(help="Only tell what would be applied.")] = False,
) -> None:
    """Bring the store's tables to this program's version."""
    from process_model.store import open_store
    from process_model.store.migrate import migrate as bring_up_to_date

    with _explaining(), open_store(load(config, os.environ).store) as store:
        done = bring_up_to_date(store, dry_run=dry_run)
        for migration in done:
            print(f"{'would apply' if dry_run else 'applied'} {migration.id}")
        print(f"{len(done)} migrations {'missing' if dry_run else 'applied'}")


@app.command("check-config")
def check_config(config: Config = None) -> None:
    """Print the settings that are in force, without passwords."""
    with _explaining():
        text = load(config, os.environ).model_dump_json(indent=2)
        print(re.sub(r"(://[^:/@\s\"]*):[^@/\s\"]+@", r"\1:***@", text))


@contextmanager
def _explaining() -> Iterator[None]:
    """A refusal is one sentence on stderr, never a traceback."""
    try:
        yield
    except ThroughlineError as exc:
        print(f"throughline: {exc}", file=sys.stderr)
        early = isinstance(exc, ConfigError | DataDirectoryInUse)
        raise typer.Exit(CANNOT_START if early else BROKE) from exc


def main() -> None:
    """Run the command that was asked for, those of the rooms included."""
    for room in ("process_model", "process_model.simulation", "collector", "alerts", "dashboards"):
        if find_spec(f"{room}.commands"):
            for name, command in import_module(f"{room}.commands").COMMANDS.items():
                app.command(name)(command)
    app()


if __name__ == "__main__":
    main()
