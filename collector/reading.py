"""What a reader is, and what it can tell: the grammar of ``collector/readers``, one format a file.

Readers run apart from the process that serves (``collector.files`` is their program), so a file
that crashes a parser ends a child and nothing else.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from process_model.errors import IntakeError
from process_model.events import ObjectRef
from process_model.plugins import discover

if TYPE_CHECKING:
    from collector.opening import Opened

DateOrder = Literal["", "day-first", "month-first", "year-first"]


class Unreadable(IntakeError):
    """A file is refused as a whole: which file, where in it, why, and what to do about it."""

    def __init__(self, why: str, remedy: str, where: str = "", file: str = "") -> None:
        """``where`` is a line, an element or a byte; ``file`` is filled in by who opened it."""
        super().__init__(why)
        self.why, self.remedy, self.where, self.file = why, remedy, where, file

    def __str__(self) -> str:
        """One sentence for a person."""
        place = ", ".join(part for part in (self.file, self.where) if part)
        return f"{place}: {self.why}; {self.remedy}" if place else f"{self.why}; {self.remedy}"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the user said about a file; empty means: guess, and show the guess."""

    case: str = ""
    """the column of the case; for object-centric logs the type that leads"""
    activity: str = ""
    time: str = ""
    start: str = ""
    resource: str = ""
    objects: dict[str, str] = {}
    """object type → the column that holds its id"""
    zone: str = ""
    """IANA name or offset for times that carry no zone; '' = UTC, and told"""
    dates: DateOrder = ""
    delimiter: str = ""
    encoding: str = ""
    header: bool | None = None
    format: str = ""
    """the name of a reader; '' = told from the content"""
    mapped: bool = False
    """a mapping will translate: rows are wanted one by one"""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a log in the log's own words."""

    activity: str
    time: datetime | None
    objects: tuple[ObjectRef, ...] = ()
    links: tuple[tuple[ObjectRef, ObjectRef, str], ...] = ()
    """from, to, and what the log calls the relation"""
    fields: dict[str, str] = {}
    id: str
    """the log's own id, else a hash of the row's content"""
    data: dict[str, Any] = {}
    """what else the log says with this event, kept as it is"""
    actor: str = ""
    sequence: str = ""
    """the event's place in the log"""
    where: str = ""
    may_lack_time: bool = False
    """the format lets the time be absent: then it is that of our receipt, and marked so"""
    time_text: str = ""
    """as it was written, for the reason of a refusal"""


class Canonical(msgspec.Struct, frozen=True, kw_only=True):
    """A canonical CloudEvents envelope that a reader made of documents, or found as it is."""

    envelope: dict[str, Any]
    where: str = ""


class Misread(msgspec.Struct, frozen=True, kw_only=True):
    """A row that is understood to be an event and cannot become one."""

    reason: str
    detail: str
    where: str = ""
    payload: str = ""
    id: str = ""


class Frames(msgspec.Struct, frozen=True, kw_only=True):
    """An OTLP request made ready for the engine."""

    signal: Literal["traces", "logs"]
    record: bytes
    rows: int


class Note(msgspec.Struct, frozen=True):
    """Something the reader did or noticed that the user must be told; said once."""

    text: str


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """How a file was understood: shown by ``--dry-run`` and kept with the dataset."""

    format: str
    columns: dict[str, str] = {}
    leading: str = ""
    """the object type whose objects are the cases; '' when the canon's growth leads"""
    notes: list[str] = []
    sample: list[dict[str, str]] = []


Item = Any  # Told | Canonical | Misread | Frames | Note | Shape | case_table.Block


@dataclass(frozen=True, slots=True)
class Reader:
    """One file format: how it is recognised, and how it is read."""

    title: str
    recognises: Callable[["Opened"], bool]
    """cheap: by name and the first bytes"""
    read: Callable[["Opened", Options], Iterator[Item]]
    """yields a ``Shape`` first; raises ``Unreadable``"""
    order: int = 50
    """who is asked first when several could say yes"""
    suffixes: Sequence[str] = field(default_factory=tuple)


@cache
def all_readers() -> dict[str, Reader]:
    """Every reader by the name of its file, in the order in which they are asked."""
    import collector.readers as package

    found = discover(package, Reader)
    return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))


def by_content(opened: "Opened", wanted: str) -> tuple[str, Reader]:
    """The reader for a file; raises ``Unreadable`` when none knows it."""
    readers = all_readers()
    if wanted:
        if wanted not in readers:
            raise Unreadable(
                f"there is no format {wanted}", f"--format is one of {', '.join(readers)}"
            )
        return wanted, readers[wanted]
    for name, reader in readers.items():
        if reader.recognises(opened):
            return name, reader
    titles: Iterable[str] = (reader.title for reader in readers.values())
    raise Unreadable(
        "the content is none of the known formats",
        f"known are {', '.join(titles)}; say --format when it is one of them",
    )
