"""What one can do with the model from the command line."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

import typer

Doors = Annotated[str, typer.Option(help="Where the doors listen.")]
Pages = Annotated[str, typer.Option(help="Where the pages are served.")]


def demo(doors: Doors = "http://127.0.0.1:4318", pages: Pages = "http://127.0.0.1:8050") -> None:
    """Send the lives of forty-one orders through the doors; starts the program when none runs."""
    with _serving(doors):
        from process_model.errors import ThroughlineError
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


COMMANDS: dict[str, Callable[..., None]] = {"demo": demo}
