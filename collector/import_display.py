"""What an import shows in a terminal: the guess, how far it is, what came of it."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import humanize
import msgspec
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from collector.files import Understood
from collector.imports import Summary, Watched


class Display:
    """A bar on a terminal, plain lines elsewhere."""

    def __init__(self, total_bytes: int) -> None:
        """``total_bytes`` is the size of the files as they lie on disk."""
        self._total = total_bytes
        self._console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}"), BarColumn(), DownloadColumn(),
            TextColumn("{task.fields[events]}"), TimeRemainingColumn(),
        )  # fmt: skip
        quiet = not self._console.is_terminal
        self._bar = Progress(*columns, console=self._console, transient=True, disable=quiet)
        self._task = self._bar.add_task("reading", total=total_bytes, events="")

    def watched(self) -> Watched:
        """The callbacks of a running import."""
        return Watched(understood=_show, progress=self._far, growing=self._growing)

    def print_summary(self, summary: Summary) -> None:
        """Read, accepted, rejected by reason, seconds and rate."""
        done = summary.done
        rate = done.read / summary.seconds if summary.seconds else 0.0
        known = done.accepted - summary.stored
        print(f"dataset    {summary.dataset}")
        print(f"read       {done.read:,}")
        print(f"accepted   {done.accepted:,}" + (f"  ({known:,} were known)" if known else ""))
        print(f"rejected   {sum(done.rejected.values()):,}")
        for reason, count in sorted(done.rejected.items()):
            print(f"  {reason}  {count:,}")
        if done.ignored:
            print(f"ignored    {done.ignored:,} (the mapping says so)")
        print(f"seconds    {summary.seconds:.1f}  ({rate:,.0f} events a second)")
        for note in done.notes:
            print(f"note       {note}")

    def _far(self, bytes_: int, read: int) -> None:
        self._bar.update(self._task, completed=min(bytes_, self._total), events=f"{read:,} events")

    def _growing(self, done: int, total: int) -> None:
        self._bar.update(self._task, description="growing cases", completed=done, total=total)

    def __enter__(self) -> Self:
        """Show the bar."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        self._bar.stop()


def print_shapes(found: Sequence[Understood], dataset: str) -> None:
    """The guess of each file with its first rows, for ``--dry-run``."""
    for understood in found:
        _show(understood)
        for row in understood.shape.sample:
            print("  " + " | ".join(f"{name}={value}" for name, value in row.items()))
        for note in understood.shape.notes:
            print(f"  note: {note}")
    print(f"would be dataset {dataset}; nothing was stored")


def print_datasets(answer: str) -> None:
    """The list of datasets, from the errand's answer."""
    rows: list[Mapping[str, Any]] = msgspec.json.decode(answer)
    for row in rows:
        period = f"{_day(row['first_event_at'])} – {_day(row['last_event_at'])}"
        print(f"{row['name']}: {row['events']:,} events, {row['instances']:,} cases, {period}")
        if row["files"]:
            how = "by a mapping" if row["is_mapped"] else "in its own words"
            if not row["is_mapped"] and not row["leading_type"]:
                how = "in the words of the canon"
            files = humanize.natural_list(row["files"][:5])
            print(f"  imported {_day(row['imported_at'])} from {files}, {how}")
        if row["unfinished"]:
            print(
                f"  {row['unfinished']} import runs or was cut short; importing again completes it"
            )
        if row["rejected"]:
            print(f"  {row['rejected']:,} rows were rejected")
    if not rows:
        print("there is no dataset yet; `throughline import FILE` makes one")


def _show(understood: Understood) -> None:
    shape = understood.shape
    columns = ", ".join(f"{meaning}: {name}" for meaning, name in shape.columns.items())
    leading = f"; cases are {shape.leading}" if shape.leading else ""
    print(f"{understood.file}: {shape.format}{'; ' if columns else ''}{columns}{leading}")


def _day(text: str | None) -> str:
    return text[:10] if text else "–"
