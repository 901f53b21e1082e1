"""XES, streamed: stretches of plain events are read in columns, all else by expat.

Expat reads every byte that is not of a plain event, so the document's structure is always checked
by a real parser; nested attributes, comments and odd quoting go to it as well. Entities and
document types are refused, nothing outside the file is ever read.
"""

import codecs
import re
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from collector.hardened_xml import hardened, refused
from collector.opening import Opened
from collector.reading import Item, Options, Reader, Shape, Unreadable
from collector.tables import CASE
from collector.xes_attributes import Gathered, keys_of_classifier
from collector.xes_tokens import plain

_CHUNK = 2 * 2**20
_END = "</event>"
_VALUED = frozenset({"string", "date", "int", "float", "boolean", "id"})
_NESTING = frozenset({"list", "container", "values"})
_DEEPEST = 64
_LARGEST_EVENT = 16 * 2**20
_SMALLEST = 16_384
"""A stretch that is not plain is halved down to this."""


def recognises(opened: Opened) -> bool:
    """A ``log`` element; OCEL in XML has one too, but names objects."""
    head = opened.head
    return b"<log" in head and b"<object-types" not in head and b"ocel:" not in head.replace(
        b"xmlns:ocel", b""
    )  # fmt: skip


def read(opened: Opened, options: Options) -> Iterator[Item]:
    """The events of all traces; events outside a trace belong to no case."""
    gathered = Gathered(options)
    yield Shape(
        format="xes",
        columns={
            "case": gathered.case_key,
            "activity": gathered.activity_key,
            "time": gathered.time_key,
            "resource": gathered.resource_key,
        },
        leading=CASE,
    )
    document = _Document(gathered)
    with opened.stream() as stream:
        for part in _chunks(stream):
            document.feed(part)
            if gathered.full():
                yield from gathered.take()
        document.close()
    yield from gathered.take()
    if not gathered.events:
        raise Unreadable("the log holds no event", "export it with its events")
    yield from gathered.closing_notes()


class _Document:
    """Feeds expat, except for stretches of events that are plain."""

    def __init__(self, gathered: Gathered) -> None:
        self._log = gathered
        self._parser = hardened()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._path: list[str] = []
        self._names: list[str] = []
        self._attributes: dict[str, str] = {}
        self._trace: dict[str, str] = {}
        self._trace_begun = False
        self._rest = ""
        self._stretches = True

    def feed(self, text: str) -> None:
        self._rest += text
        cut = self._rest.rfind(_END) + len(_END) if _END in self._rest else 0
        if not self._stretches:
            cut = len(self._rest)
        elif len(self._rest) - cut > _LARGEST_EVENT:
            raise Unreadable(
                f"an event is larger than {_LARGEST_EVENT} characters", "split or repair the log",
                self._where(),
            )  # fmt: skip
        whole, self._rest = self._rest[:cut], self._rest[cut:]
        self._take(whole)

    def close(self) -> None:
        self._parse(self._rest, final=True)

    def _take(self, stretch: str) -> None:
        """A stretch that ends where an event does: as a whole, by halves, or by expat."""
        if not stretch:
            return
        if not self._stretches:
            self._parse(stretch)
            return
        if self._path == ["log", "trace"]:
            if (found := plain(stretch)) and self._log.add_plain(found):
                opened = "</trace><trace>" if found.trace[-1] else ""
                self._parse("\n" * found.lines + opened)
                self._trace_begun = True
                return
            if len(stretch) > _SMALLEST and (middle := self._middle(stretch)):
                self._take(stretch[:middle])
                self._take(stretch[middle:])
                return
            head, rest = stretch, ""
        else:
            end = stretch.index(_END) + len(_END)
            head, rest = stretch[:end], stretch[end:]
        self._parse(head)
        # what looks like events may stand in a comment or a literal section: then expat reads all
        self._stretches = _is_balanced(head)
        self._take(rest)

    def _middle(self, stretch: str) -> int:
        found = stretch.find(_END, len(stretch) // 2)
        end = found + len(_END)
        return end if found >= 0 and end < len(stretch) else 0

    def _parse(self, text: str, *, final: bool = False) -> None:
        try:
            self._parser.Parse(text.encode(), final)
        except expat.ExpatError as wrong:
            raise refused(wrong) from wrong

    def _start(self, name: str, given: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        within = self._path[-1] if self._path else ""
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise Unreadable(f"nested deeper than {_DEEPEST}", "no XES needs that", self._where())
        if len(self._path) == 1 and name != "log":
            raise Unreadable(f"the root is {name}, not log", "this is no XES file", self._where())
        if name == "trace":
            self._trace, self._trace_begun = {}, False
        elif name == "event":
            self._begin_event(within)
        elif name in _VALUED or name in _NESTING:
            self._attribute(name, given)
        else:
            self._declaration(name, given)

    def _begin_event(self, within: str) -> None:
        if within == "trace":
            self._begin_trace()
        elif within == "log":
            self._log.leave_traces()
        self._attributes = {}

    def _begin_trace(self) -> None:
        if not self._trace_begun:
            self._log.begin_trace(self._trace)
            self._trace_begun = True

    def _attribute(self, name: str, given: dict[str, str]) -> None:
        key = given.get("key", "")
        if name == "values":
            self._names.append("")
            return
        if not key:
            raise Unreadable(f"<{name}> has no key", "every attribute has one", self._where())
        if name in _VALUED and "value" not in given:
            raise Unreadable(f"<{name}> {key} has no value", "give it one", self._where())
        self._names.append(key)
        owner = next((p for p in reversed(self._path[:-1]) if p in ("event", "trace", "log")), "")
        if "global" in self._path or owner == "log" or "value" not in given:
            return
        full = "/".join(name for name in self._names if name)
        kept = self._attributes if owner == "event" else self._trace
        kept.setdefault(full, given["value"])

    def _declaration(self, name: str, given: dict[str, str]) -> None:
        needed = {"extension": ("name", "prefix", "uri"), "classifier": ("name", "keys")}
        missing = [key for key in needed.get(name, ()) if not given.get(key)]
        if missing:
            raise Unreadable(
                f"<{name}> lacks {' and '.join(missing)}", "repair the declaration", self._where()
            )
        if name == "classifier" and not given["keys"].strip():
            raise Unreadable("<classifier> names no key", "name one", self._where())
        if name == "classifier" and given.get("scope", "event") == "event":
            self._log.classifier = self._log.classifier or keys_of_classifier(given["keys"])

    def _end(self, name: str) -> None:
        name = self._path.pop()
        if name in _VALUED or name in _NESTING:
            self._names.pop()
        elif name == "event":
            self._log.add(self._attributes)
        elif name == "trace":
            self._begin_trace()

    def _where(self) -> str:
        return f"line {self._parser.CurrentLineNumber}"


def _is_balanced(text: str) -> bool:
    if "<!" not in text and "<?" not in text:
        return True
    return text.count("<!--") == text.count("-->") and "<![" not in text


def _chunks(stream: IO[bytes]) -> Iterator[str]:
    """The text in pieces, decoded as the file declares it."""
    head = stream.read(_CHUNK)
    declared = re.match(rb'(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding=["\']([A-Za-z0-9._-]+)', head)
    encoding = declared[1].decode() if declared else "utf-8"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError as wrong:
        raise Unreadable(
            f"no encoding {encoding} is known", "save it as UTF-8", "line 1"
        ) from wrong
    first = True
    while head or first:
        try:
            text = decoder.decode(head, final=not head)
        except UnicodeDecodeError as wrong:
            raise Unreadable(
                f"the text is not {encoding} ({wrong.reason})", "save it as UTF-8"
            ) from wrong
        if first:
            # what is fed to expat is UTF-8 from here on, whatever the file declares
            text = re.sub(r'^(\ufeff?\s*<\?xml[^>]*?)\s+encoding=["\'][^"\']*["\']', r"\1", text)
            text = text.removeprefix("\ufeff")
            first = False
        yield text
        if not head:
            return
        head = stream.read(_CHUNK)


READER = Reader("XES", recognises, read, order=30, suffixes=(".xes",))
