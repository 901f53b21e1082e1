"""What one can do with the model from the command line."""

import getpass
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict

from process_model import access
from process_model.access import Role
from process_model.config import ModelConfig, StoreConfig, read
from process_model.errors import DataDirectoryInUse, ThroughlineError
from process_model.state import State
from process_model.vocabulary import LIVE

Config = Annotated[Path | None, typer.Option("--config", help="The TOML file with the settings.")]
Wait = Annotated[float, typer.Option(help="The longest to wait for the process that runs.")]
Case = Annotated[str, typer.Argument(help="Any id of the case.")]
Dataset = Annotated[str, typer.Option(help="The dataset the case is in.")]


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
    as_of: Annotated[
        datetime | None, typer.Option(help="Only what was known by then (UTC); needs --into.")
    ] = None,
    into: Annotated[str, typer.Option(help="The new dataset that the instances go to.")] = "",
    config: Config = None,
    wait_seconds: Wait = 3600,
) -> None:
    """Grow every instance again from all stored events; the program may run meanwhile."""
    if as_of and not into:
        raise typer.BadParameter("--as-of needs --into NAME: what was known then is no live data")
    known_by = as_of.replace(tzinfo=UTC).isoformat() if as_of else None
    with explaining(), errands_of(config, wait_seconds) as errand:
        print(errand("rebuild", {"into": into, "as_of": known_by}))


def links(case: Case, dataset: Dataset = LIVE, config: Config = None) -> None:
    """Show the links that hold a case together, with their evidence, and those that were undone."""
    with explaining(), errands_of(config, 60) as errand:
        found = json.loads(errand("links", {"dataset": dataset, "case": case}))
    for link in found:
        told = f"{link['from_key']} → {link['to_key']}  {link['kind']}"
        if link["undone_because"]:
            print(f"{told}  undone: {link['undone_because']}")
        else:
            print(f"{told}  {link['evidence']} by {link['basis']}  ({link['proof']})")


def undo(
    case: Case,
    one: Annotated[str, typer.Argument(help="Where the link begins: a number or a key.")],
    two: Annotated[str, typer.Argument(help="Where the link ends.")],
    why: Annotated[str, typer.Option(help="Why the link is wrong, for those who ask later.")],
    dataset: Dataset = LIVE,
    config: Config = None,
) -> None:
    """Make a wrong link count no more, and grow the cases it joined again."""
    named = {"dataset": dataset, "case": case, "from": one, "to": two}
    with explaining(), errands_of(config, 600) as errand:
        print(errand("undo", {**named, "why": why, "by": getpass.getuser()}))


def redo(
    case: Case,
    one: Annotated[str, typer.Argument(help="Where the link begins: a number or a key.")],
    two: Annotated[str, typer.Argument(help="Where the link ends.")],
    dataset: Dataset = LIVE,
    config: Config = None,
) -> None:
    """Take an undo back: the link counts again."""
    named = {"dataset": dataset, "case": case, "from": one, "to": two}
    with explaining(), errands_of(config, 600) as errand:
        print(errand("take_back", named))


def rates(
    file: Annotated[
        Path, typer.Argument(help="A CSV: currency,reporting_currency,valid_from,rate")
    ],
    config: Config = None,
) -> None:
    """Store exchange rates; from their day on, sums in the reporting currency use them."""
    from process_model.money import payload_of, read_rates

    with explaining():
        found = read_rates(file)
        with errands_of(config, 60) as errand:
            print(errand("rates", payload_of(found)))


class KeyVerb(StrEnum):
    """What to do about keys."""

    CREATE = "create"
    LIST = "list"
    REVOKE = "revoke"


def keys(
    verb: Annotated[KeyVerb, typer.Argument(help="create, list or revoke.")],
    key: Annotated[str, typer.Argument(metavar="NAME", help="What the key is called.")] = "",
    name: Annotated[str, typer.Option(help="The same, as an option.")] = "",
    source: Annotated[
        list[str] | None,
        typer.Option(help="Whom it may speak for: a system such as salesforce, or otlp for traces "
                     "and logs; everyone if left out. May be said several times."),
    ] = None,
    role: Annotated[
        Role, typer.Option(help="ingest: send, and ask what became of it. read: ask. admin: both.")
    ] = Role.INGEST,
    rate: Annotated[
        str, typer.Option(help="The most requests a second, such as 50/s; any if left out.")
    ] = "",
    config: Config = None,
) -> None:  # fmt: skip
    """Create keys for senders, list them, revoke them; a running program knows within seconds."""
    from process_model.state import open_state

    with explaining():
        settings = read(ModelSettings, config, os.environ, "THROUGHLINE_")
        with open_state(settings.state) as state:
            print(_keys(state, verb, name or key, tuple(source or ()), role, _per_second(rate)))
        if verb == KeyVerb.CREATE:
            print("This is the only time it is shown: only its hash is kept.", file=sys.stderr)


def _keys(
    state: State, verb: KeyVerb, name: str, sources: tuple[str, ...], role: Role, rate: float | None
) -> str:
    if verb == KeyVerb.LIST:
        return _keys_told(state)
    if not name:
        raise ThroughlineError(f"say which: throughline keys {verb} NAME")
    if verb == KeyVerb.CREATE:
        return access.create(state, name, role, sources, rate, getpass.getuser())
    access.revoke(state, name, getpass.getuser())
    return f"revoked {name}: within seconds nothing is taken with it any more"


def _per_second(rate: str) -> float | None:
    if not rate:
        return None
    try:
        number = float(rate.removesuffix("/s"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ThroughlineError(f"--rate {rate}: a number of requests a second, such as 50/s")
    return number


def _keys_told(state: State) -> str:
    with state.keys() as book:
        rows = book.all()
    if not rows:
        return "there is no key yet; `throughline keys create NAME` makes one"
    table = [("name", "key", "role", "speaks for", "rate", "created", "last used", "state")]
    table += [
        (
            row.name, f"tl_{row.id}_…", row.role, ", ".join(row.sources) or "everyone",
            "any" if row.rate is None else f"{row.rate:g}/s",
            f"{_minute(row.created_at)} by {row.created_by}",
            _minute(row.last_used_at) if row.last_used_at else "never",
            "active" if row.revoked_at is None
            else f"revoked {_minute(row.revoked_at)} by {row.revoked_by}",
        )
        for row in rows
    ]  # fmt: skip
    widths = [max(len(line[at]) for line in table) for at in range(len(table[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    )


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


@contextmanager
def explaining() -> Iterator[None]:
    """A refusal is one sentence on stderr, never a traceback."""
    try:
        yield
    except ThroughlineError as refused:
        print(f"throughline: {refused}", file=sys.stderr)
        raise typer.Exit(1) from refused


@contextmanager
def errands_of(config: Path | None, wait_seconds: float) -> Iterator[Callable[..., str]]:
    """Work is done here, or by the process that holds the store; shows how far it is."""
    from process_model.errands import run_errand
    from process_model.state import open_state
    from process_model.store import open_store
    from process_model.store.migrate import migrate

    settings = read(ModelSettings, config, os.environ, "THROUGHLINE_")
    with ExitStack() as house:
        state = house.enter_context(open_state(settings.state))
        try:
            store = house.enter_context(open_store(settings.store))
        except DataDirectoryInUse:
            yield partial(ask_holder, state, wait_seconds)
            return
        migrate(store)
        bar = house.enter_context(_progress())
        work = (store, state, settings.model)
        yield lambda kind, payload: run_errand(*work, kind, payload, bar)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, silence elsewhere."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("growing instances", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def ask_holder(state: State, wait_seconds: float, kind: str, payload: Mapping[str, object]) -> str:
    """Ask the process that holds the store and wait for its answer."""
    id_ = state.request(kind, dict(payload))
    end = time.monotonic() + wait_seconds
    while time.monotonic() < end:
        for outcome in ("done", "failed"):
            for request in state.requests(kind, outcome):
                if request.id != id_:
                    continue
                if outcome == "failed":
                    raise ThroughlineError(request.answer)
                return request.answer
        time.sleep(0.2)
    raise ThroughlineError(f"the running throughline has not answered in {wait_seconds:g} s")


COMMANDS: dict[str, Callable[..., None]] = {
    "rebuild": rebuild,
    "links": links,
    "undo": undo,
    "redo": redo,
    "rates": rates,
    "keys": keys,
}
