"""What one can do with files from the command line."""

import os
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import BaseModel, ConfigDict

from collector.config import CollectorConfig
from process_model.config import ModelConfig, StoreConfig, read
from process_model.errors import ConfigError, DataDirectoryInUse, ThroughlineError
from process_model.vocabulary import LIVE

if TYPE_CHECKING:
    from collector.files import Order
    from collector.landing import Landing

Config = Annotated[Path | None, typer.Option("--config", help="The TOML file with the settings.")]


class ImportSettings(BaseModel):
    """The part of the settings that importing needs."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: str = "data/state.db"
    """the operational state"""
    store: StoreConfig = StoreConfig()
    """the events and instances"""
    model: ModelConfig = ModelConfig()
    """the limits by which the process is judged"""
    collector: CollectorConfig = CollectorConfig()
    """where the spool lies"""


def import_(
    files: Annotated[list[Path], typer.Argument(help="Logs, folders or archives of tables.")],
    dataset: Annotated[
        str, typer.Option(help="The dataset; named after the file if left out.")
    ] = "",
    into: Annotated[str, typer.Option(help="live: into the running estate; wants --map.")] = "",
    map_: Annotated[Path | None, typer.Option("--map", help="A mapping.toml.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Only show how the files are understood.")] = False,
    case: Annotated[str, typer.Option(help="Column of the case, or the leading type.")] = "",
    activity: Annotated[str, typer.Option(help="Column of the activity.")] = "",
    time: Annotated[str, typer.Option(help="Column of the time.")] = "",
    start: Annotated[str, typer.Option(help="Column of the start.")] = "",
    resource: Annotated[str, typer.Option(help="Column of who did it.")] = "",
    objects: Annotated[
        list[str] | None, typer.Option("--object", help="TYPE=COLUMN, an object beside the case.")
    ] = None,
    zone: Annotated[str, typer.Option(help="Zone of times without one; UTC if left out.")] = "",
    dates: Annotated[str, typer.Option(help="day-first or month-first.")] = "",
    delimiter: Annotated[str, typer.Option(help="What separates the columns.")] = "",
    encoding: Annotated[str, typer.Option(help="How the text is encoded.")] = "",
    header: Annotated[
        bool | None, typer.Option(help="Whether the first line names columns.")
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="The format; else by content.")] = "",
    config: Config = None,
) -> None:
    """Import event logs: into a dataset of their own, or by a mapping into the running estate."""
    from collector.files import Order
    from collector.imports import dataset_name
    from collector.reading import Options

    with _explaining():
        settings = read(ImportSettings, config, os.environ, "THROUGHLINE_")
        if dates not in ("", "day-first", "month-first"):
            raise ConfigError("--dates is day-first or month-first")
        missing = [str(file) for file in files if not file.exists()]
        if missing:
            raise ConfigError(f"there is no {', '.join(missing)}")
        name = _dataset(dataset, into, map_, dataset_name(files[0]))
        options = Options(
            case=case, activity=activity, time=time, start=start, resource=resource,
            objects=_pairs(objects or []), zone=zone, dates=dates,  # type: ignore[arg-type]
            delimiter=delimiter, encoding=encoding, header=header, format=format_,
        )  # fmt: skip
        id_ = str(uuid.uuid4())
        folder = settings.collector.spool_directory.absolute() / "imports" / id_
        order = Order(
            files=[str(file.absolute()) for file in files], folder=str(folder), dataset=name,
            source=f"urn:import:{name}", options=options,
            mapping=str(map_.absolute()) if map_ else "", only_shape=dry_run,
        )  # fmt: skip
        _run(settings, order, id_, dry_run=dry_run)


def _dataset(dataset: str, into: str, map_: Path | None, named: str) -> str:
    if into and dataset:
        raise ConfigError("say --dataset or --into, not both")
    if into not in ("", LIVE):
        raise ConfigError("--into is live; a dataset of another name is --dataset")
    if into and map_ is None:
        raise ConfigError("--into live wants --map mapping.toml: what the log's words mean")
    if dataset == LIVE:
        raise ConfigError("the running estate is --into live, with --map mapping.toml")
    return into or dataset or named


def _pairs(objects: list[str]) -> dict[str, str]:
    pairs = dict(text.partition("=")[::2] for text in objects)
    if not all(pairs.values()):
        raise ConfigError("--object is TYPE=COLUMN, such as --object item=Item")
    return pairs


def _run(settings: ImportSettings, order: "Order", id_: str, *, dry_run: bool) -> None:
    from collector.import_display import Display, print_shapes
    from collector.imports import read_shapes, run_import

    if dry_run:
        print_shapes(read_shapes(order), order.dataset)
        return
    folder = Path(order.folder)
    folder.mkdir(parents=True)
    try:
        size = sum(_size(Path(file)) for file in order.files)
        with Display(size) as display, _landing(settings, order, id_) as landing:
            summary = run_import(order, landing, display.watched())
        display.print_summary(summary)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _landing(settings: ImportSettings, order: "Order", id_: str) -> Iterator["Landing"]:
    """The store in this process, or the process that holds it."""
    from collector.import_desk import Desk
    from collector.landing import Here
    from process_model.datasets import Import
    from process_model.state import open_state
    from process_model.store import open_store
    from process_model.store.migrate import migrate

    record = Import(
        dataset=order.dataset,
        import_id=id_,
        files=tuple(Path(file).name for file in order.files),
        mapping=Path(order.mapping).read_text(encoding="utf-8") if order.mapping else "",
        started_at=datetime.now(UTC),
        rejected={},
    )
    with ExitStack() as house:
        state = house.enter_context(open_state(settings.state))
        try:
            store = house.enter_context(open_store(settings.store))
        except DataDirectoryInUse:
            yield Desk(state, Path(order.folder), record)
            return
        migrate(store)
        # beside a server another process may be walking; two at once could replace new by old
        yield Here(store, state, settings.model, record, walks=store.embedded)


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size


def datasets(
    delete: Annotated[str, typer.Option(help="Delete this dataset and all derived from it.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before deleting.")] = False,
    config: Config = None,
) -> None:
    """List the datasets, or delete one; the program may run meanwhile."""
    from collector.import_display import print_datasets
    from process_model.commands import errands_of

    with _explaining():
        if delete and not yes:
            typer.confirm(f"Delete dataset {delete} with all its events and cases?", abort=True)
        with errands_of(config, 600) as errand:
            if delete:
                print(errand("delete_dataset", {"dataset": delete}))
            else:
                print_datasets(errand("datasets", {}))


@contextmanager
def _explaining() -> Iterator[None]:
    """A refusal is one sentence on stderr, never a traceback."""
    try:
        yield
    except ThroughlineError as refused:
        print(f"throughline: {refused}", file=sys.stderr)
        early = isinstance(refused, ConfigError)
        raise typer.Exit(2 if early else 1) from refused


COMMANDS: dict[str, Callable[..., None]] = {"import": import_, "datasets": datasets}
