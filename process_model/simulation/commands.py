"""``throughline demo`` and ``throughline score``."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from process_model.errors import ThroughlineError

Doors = Annotated[str, typer.Option(help="Where the doors listen.")]
Pages = Annotated[str, typer.Option(help="Where the pages are served.")]
Seed = Annotated[int, typer.Option(help="Which world: the same seed tells the same story.")]
Profile = Annotated[str, typer.Option(help="standard, quiet, or the name of a single fault.")]
Months = Annotated[float, typer.Option(min=0.5, max=12, help="How much of the past is told.")]
Cases = Annotated[int, typer.Option(min=20, max=50_000, help="How many cases have begun by today.")]
Answers = Annotated[
    Path | None,
    typer.Option(help="Where the answer sheet is kept (answers/<profile>-<seed>.json)."),
]


def demo(
    doors: Doors = "http://127.0.0.1:4318",
    pages: Pages = "http://127.0.0.1:8050",
    seed: Seed = 2026,
    profile: Profile = "standard",
    months: Months = 6,
    cases: Cases = 5_200,
    answers: Answers = None,
    trickle: Annotated[
        bool, typer.Option(help="Go on in real time when all is sent, until Ctrl-C.")
    ] = True,
) -> None:
    """Send months of a quote-to-cash estate through the doors; starts the program if none runs."""
    from process_model.simulation import demo as play
    from process_model.simulation.installation import serving

    _known(profile)
    sheet = answers or Path("answers") / f"{profile}-{seed}.json"
    request = play.Request(doors, pages, seed, profile, months, cases, sheet)
    with _explaining(), serving(doors, pages) as started:
        # beside a program that somebody else started here, the same settings lead to its state
        if started or Path(os.environ.get("THROUGHLINE_STATE", "data/state.db")).exists():
            _store_rates()
        now = play.wall_clock()
        world = play.world_of(request, play.day_of(now))
        play.send_world(request, world, now)
        print(f"look at it: {pages}   what was planted: {sheet}", flush=True)
        if trickle:
            print("it goes on in real time; Ctrl-C ends it", flush=True)
            play.go_on(request, world, now)
        elif started:
            print("Ctrl-C ends it", flush=True)
            play.wait_for_ever()


def score(
    doors: Doors = "",
    pages: Pages = "",
    seed: Annotated[int, typer.Option(help="Which world; left out, one nobody has seen.")] = -1,
    profile: Profile = "standard",
    months: Months = 3,
    cases: Cases = 2_600,
    answers: Answers = None,
    send: Annotated[
        bool, typer.Option(help="Send a world first; else it is there already.")
    ] = True,
    floor: Annotated[
        float, typer.Option(min=0, max=1, help="The least precision and recall.")
    ] = 0.9,
) -> None:
    """Compare what the product finds, asked over its API alone, with what was planted.

    Without addresses it starts a program of its own in a directory that is thrown away.
    """
    from process_model.simulation import demo as play
    from process_model.simulation import scoring
    from process_model.simulation.answers import read
    from process_model.simulation.installation import free_address, serving

    _known(profile)
    with _explaining(), ExitStack() as house:
        if not pages:
            directory = Path(house.enter_context(tempfile.TemporaryDirectory("-throughline")))
            doors, pages = free_address(), free_address()
            house.enter_context(serving(doors, pages, directory))
        if send:
            sheet = answers or Path(house.enter_context(tempfile.TemporaryDirectory())) / "a.json"
            chosen = seed if seed >= 0 else secrets.randbelow(10**6)
            # fresh names every time: nobody can know an id from an earlier run
            request = play.Request(doors or "http://127.0.0.1:4318", pages, chosen, profile,
                                   months, cases, sheet, secrets.token_hex(8))  # fmt: skip
            now = play.wall_clock()
            told = play.send_world(request, play.world_of(request, play.day_of(now)), now)
        elif answers:
            told = read(answers)
        else:
            raise ThroughlineError("--no-send needs the sheet of what is there: --answers FILE")
        result = scoring.judge(told, scoring.settled_findings(pages))
        print(scoring.table(told, result))
        if not result.passes(floor):
            raise typer.Exit(1)


def _store_rates() -> None:
    """The estate's exchange rates, by the command that an operator would use."""
    from process_model.simulation.pricing import rates_file

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rates.csv"
        path.write_text(rates_file(date(2000, 1, 1)))
        command = [sys.executable, "-m", "throughline", "rates", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        print((done.stdout or done.stderr).strip(), flush=True)


def _known(profile: str) -> None:
    from process_model.simulation.faults import PROFILES

    if profile not in PROFILES:
        raise typer.BadParameter(f"one of {', '.join(PROFILES)}", param_hint="--profile")


@contextmanager
def _explaining() -> Iterator[None]:
    """A refusal is one sentence on stderr, and Ctrl-C is how one leaves; so is being terminated."""
    # or a program that was started for the command would outlive it
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        print()
    except ThroughlineError as refused:
        print(f"throughline: {refused}", file=sys.stderr)
        raise typer.Exit(1) from refused


COMMANDS: dict[str, Callable[..., None]] = {"demo": demo, "score": score}
