"""OCEL in XML: 2.0 with attributes of elements, 1.0 with keys and values as XES has them."""

from collections.abc import Iterator
from xml.parsers import expat

from collector.hardened_xml import hardened, refused
from collector.object_centric import LogEvent, LogObject, ObjectLog, items_of
from collector.opening import Opened
from collector.reading import Item, Options, Reader, Unreadable

_CHUNK = 2**20
_DEEPEST = 32


def recognises(opened: Opened) -> bool:
    """A ``log`` that has object types, or keys of OCEL 1.0."""
    head = opened.head
    if b"<log" not in head:
        return False
    named = opened.name.lower().endswith((".xmlocel", ".ocel.xml"))
    return named or b"<object-types" in head or b'"ocel:' in head


def read(opened: Opened, options: Options) -> Iterator[Item]:
    """The whole log, parsed as it streams in."""
    document = _Document()
    with opened.stream() as stream:
        while piece := stream.read(_CHUNK):
            document.feed(piece)
        document.feed(b"", final=True)
    yield from items_of(document.log, options)


class _Document:
    def __init__(self) -> None:
        self.log = ObjectLog("ocel 2.0 xml")
        self._parser = hardened(encoding=None)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._path: list[str] = []
        self._lists: list[str] = []
        self._event: LogEvent | None = None
        self._object: LogObject | None = None
        self._attribute: dict[str, str] = {}
        self._text: list[str] = []

    def feed(self, piece: bytes, *, final: bool = False) -> None:
        try:
            self._parser.Parse(piece, final)
        except expat.ExpatError as wrong:
            raise refused(wrong) from wrong

    def _start(self, name: str, given: dict[str, str]) -> None:
        within = self._path[-1] if self._path else ""
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise Unreadable(f"nested deeper than {_DEEPEST}", "no OCEL needs that", self._where())
        if name == "event" and within == "events":
            self._event = LogEvent(
                given.get("id", ""), given.get("type", ""), given.get("time", ""),
                where=self._where(),
            )  # fmt: skip
        elif name == "object" and within == "objects" and self._event is None:
            if self._object is None:
                self._object = LogObject(given.get("id", ""), given.get("type", ""))
            else:
                self._relate(given)
        elif name in ("relationship", "relobj", "object"):
            self._relate(given)
        elif name == "attribute":
            self._attribute, self._text = given, []
        elif name == "list":
            self._lists.append(given.get("key", ""))
        elif "key" in given:
            self._keyed(given["key"], given.get("value", ""))

    def _relate(self, given: dict[str, str]) -> None:
        owner = self._event or self._object
        other = given.get("object-id", "")
        if owner is not None and other:
            owner.related.append((other, given.get("qualifier", "")))

    def _keyed(self, key: str, value: str) -> None:
        """OCEL 1.0: everything is a key with a value, lists say of what."""
        within = self._lists[-1] if self._lists else ""
        if self._event is not None:
            self.log.format = "ocel 1.0 xml"
            if within == "omap":
                self._event.related.append((value, ""))
            elif within == "vmap":
                self._event.fields[key] = value
            elif key in ("id", "activity"):
                setattr(self._event, key, value)
            elif key == "timestamp":
                self._event.time = value
        elif self._object is not None:
            if within == "ovmap":
                self._object.attributes.append((key, "", value))
            elif key in ("id", "type"):
                setattr(self._object, key, value)

    def _characters(self, text: str) -> None:
        if self._path[-1] == "attribute":
            self._text.append(text)

    def _end(self, name: str) -> None:
        self._path.pop()
        within = self._path[-1] if self._path else ""
        if name == "event" and within == "events" and self._event is not None:
            self._named(self._event.id, "event")
            self.log.events.append(self._event)
            self._event = None
        elif name == "object" and within == "objects" and self._path.count("objects") == 1:
            if self._event is None and self._object is not None:
                self._named(self._object.id, "object")
                self._named(self._object.type, "object's type")
                self.log.add_object(self._object)
                self._object = None
        elif name == "attribute":
            self._attributed()
        elif name == "list":
            self._lists.pop()

    def _attributed(self) -> None:
        name, text = self._attribute.get("name", ""), "".join(self._text).strip()
        if self._event is not None:
            self._event.fields[name] = text or self._attribute.get("value", "")
        elif self._object is not None:
            time = self._attribute.get("time", "")
            self._object.attributes.append((name, time, text or self._attribute.get("value", "")))

    def _named(self, text: str, what: str) -> None:
        if not text:
            raise Unreadable(f"an {what} has no id", "repair or export again", self._where())

    def _where(self) -> str:
        return f"line {self._parser.CurrentLineNumber}"


READER = Reader("OCEL XML", recognises, read, order=25, suffixes=(".xmlocel", ".xml"))
