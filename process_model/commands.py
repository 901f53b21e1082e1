"""What one can do with the model from the command line."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import typer
from pydantic import BaseModel, ConfigDict

from process_model.config import ModelConfig, StoreConfig, read
from process_model.errors import DataDirectoryInUse, ThroughlineError
from process_model.state import State

Doors = Annotated[str, typer.Option(help="Where the doors listen.")]
Pages = Annotated[str, typer.Option(help="Where the pages are served.")]

Config = Annotated[Path | None, typer.Option("--config", help="The TOML file with the settings.")]


class ModelSettings(BaseModel):
    """The part of the settings that the model's own commands need."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: str = "data/state.db"
    """the operational state"""
    store: StoreConfig = StoreConfig()
    """the events and instances"""
    model: ModelConfig = ModelConfig()
    """the limits by which the process is judged"""


def rebuild(
    config: Config = None,
    wait_seconds: Annotated[float, typer.Option(help="The longest to wait for another.")] = 3600,
) -> None:
    """Grow every instance again from all stored events; the program may run meanwhile."""
    from process_model.state import open_state

    try:
        settings = read(ModelSettings, config, os.environ, "THROUGHLINE_")
        with open_state(settings.state) as state:
            print(_rebuilt(settings, state, wait_seconds))
    except ThroughlineError as refused:
        print(f"throughline: {refused}", file=sys.stderr)
        raise typer.Exit(1) from refused


def _rebuilt(settings: ModelSettings, state: State, wait_seconds: float) -> str:
    from process_model import instances
    from process_model.store import open_store
    from process_model.store.migrate import migrate

    try:
        with open_store(settings.store) as store:
            migrate(store)
            return f"{instances.rebuild(store, state, settings.model)} instances rebuilt"
    except DataDirectoryInUse:
        return _asked(state, instances.REBUILD, wait_seconds)


def _asked(state: State, kind: str, wait_seconds: float) -> str:
    """Ask the process that holds the store and wait for its answer."""
    id_ = state.request(kind, {})
    end = time.monotonic() + wait_seconds
    while time.monotonic() < end:
        for request in state.requests(kind, "done"):
            if request.id == id_:
                return request.answer
        time.sleep(0.2)
    raise ThroughlineError(f"the running throughline has not answered in {wait_seconds:g} s")


def demo(doors: Doors = "http://127.0.0.1:4318", pages: Pages = "http://127.0.0.1:8050") -> None:
    """Send the lives of forty-one orders through the doors; starts the program when none runs."""
    with _serving(doors):
        from process_model.simulation import send, story

        now = datetime.now(UTC).replace(microsecond=0)
        start = now - timedelta(days=9)
        life = story.one_orders_life(start)
        try:
            events = send.send_events(doors, [*life, *story.forty_orders(now)])
            accepted_at = start + timedelta(hours=30)
            traces = send.send_traces(doors, accepted_at, "Q-1001-R1", "SO-1001")
        except ThroughlineError as refused:
            print(f"throughline: {refused}", file=sys.stderr)
            raise typer.Exit(1) from refused
        print(f"sent {events} events of 41 orders, and {len(traces)} traces of order SO-1001")
        named = urlencode({"source": life[-1]["source"], "id": life[-1]["id"]})
        print(f"what became of the last: curl '{doors}/v1/events/receipt?{named}'")
        if _answers(pages):
            print(f"look at the order: {pages}/go/SO-1001")


@contextmanager
def _serving(doors: str) -> Iterator[None]:
    """Use the program that runs; else run one until Ctrl-C, which it is told too."""
    if _answers(doors):
        yield
        return
    program = subprocess.Popen([sys.executable, "-m", "throughline", "serve"])
    try:
        while not _answers(doors):
            if program.poll() is not None:
                raise typer.Exit(program.returncode)
            time.sleep(0.1)
        yield
        print("Ctrl-C ends it", flush=True)
        program.wait()
    except KeyboardInterrupt:
        pass
    finally:
        program.terminate()
        program.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5):
            return True
    except OSError:
        return False


COMMANDS: dict[str, Callable[..., None]] = {"demo": demo, "rebuild": rebuild}
