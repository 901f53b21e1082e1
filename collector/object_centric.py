"""Object-centric logs, whatever form they came in: events, objects and their relations as told."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pyarrow as pa

from collector.moments import iso_layout
from collector.reading import Item, Note, Options, Shape, Told, Unreadable
from collector.tables import notes_on_times
from process_model.events import ObjectRef

_PREFIX = "ocel:type:"


@dataclass(slots=True)
class LogEvent:
    """One event as the log has it; ``related`` holds object id and qualifier."""

    id: str
    activity: str
    time: str
    related: list[tuple[str, str]] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    where: str = ""


@dataclass(slots=True)
class LogObject:
    """One object; ``attributes`` holds name, time and value, the history of each."""

    id: str
    type: str
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    related: list[tuple[str, str]] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """As an event's data keeps it."""
        said: dict[str, Any] = {"type": self.type, "id": self.id}
        if self.attributes:
            names = ("name", "time", "value")
            said["attributes"] = [
                dict(zip(names, attribute, strict=True)) for attribute in self.attributes
            ]
        return said


@dataclass(slots=True)
class ObjectLog:
    """A whole log in memory."""

    format: str
    events: list[LogEvent] = field(default_factory=list)
    objects: dict[str, LogObject] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add_object(self, one: LogObject) -> None:
        """Declare an object, or tell more of one."""
        one.type = one.type.removeprefix(_PREFIX)
        known = self.objects.setdefault(one.id, one)
        if known is not one:
            known.attributes += one.attributes
            known.related += one.related


def items_of(log: ObjectLog, options: Options) -> Iterator[Item]:
    """The log's shape, then its events in order; an object rides on the first that names it."""
    if not log.events:
        raise Unreadable("the log holds no event", "export it with its events")
    types = sorted({one.type for one in log.objects.values()})
    if options.case and options.case not in types:
        raise Unreadable(
            f"there is no object type {options.case}", f"--case is one of {', '.join(types)}"
        )
    leading = options.case or leading_of(log)
    columns = {"object types": ", ".join(types)}
    yield Shape(format=log.format, columns=columns, leading=leading, notes=log.notes)
    texts = pa.array([event.time for event in log.events], pa.string())
    times, naive = iso_layout(options.zone).read(texts)
    telling = _Telling(log)
    early = epoch = 0
    for place, (event, time) in enumerate(zip(log.events, times.to_pylist(), strict=True), 1):
        if time is not None:
            early += time.timestamp() < 0
            epoch += time.timestamp() == 0
        yield telling.told(event, time, place)
    yield from telling.closing_notes()
    yield from notes_on_times(naive, early, epoch, options)


def leading_of(log: ObjectLog) -> str:
    """The type whose cases tear the fewest events apart; of equal ones that with more objects.

    An event that names one object stands in one case; each further object repeats it in another.
    """
    worth: Counter[str] = Counter()
    for event in log.events:
        named = Counter(
            log.objects[id_].type for id_ in {one for one, _ in event.related} if id_ in log.objects
        )
        for type_, count in named.items():
            worth[type_] += 1 if count == 1 else 1 - count
    sizes = Counter(one.type for one in log.objects.values())
    if not sizes:
        raise Unreadable("the log holds no object", "a log without objects has no cases")
    return max(sizes, key=lambda type_: (worth[type_], sizes[type_], type_))


def id_list(text: str) -> list[str]:
    """A cell of object ids: a Python or JSON list, or ids with commas between; ``[]`` for none."""
    text = text.strip()
    if not text or text.lower() in ("nan", "none", "null"):
        return []
    if text.startswith("["):
        try:
            found = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            found = text.strip("[]").split(",")
        return [str(one).strip() for one in found if str(one).strip()]
    return [one.strip() for one in text.split(",") if one.strip()]


def text_of(value: object) -> str:
    """An attribute's value as text: texts as they are, all else as JSON writes it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


class _Telling:
    def __init__(self, log: ObjectLog) -> None:
        self._log = log
        self._silent = set(log.objects)
        self._unknown = 0
        self._links: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for one in log.objects.values():
            for other, qualifier in one.related:
                if other in log.objects:
                    relation = (one.id, other, qualifier)
                    self._links[one.id].append(relation)
                    self._links[other].append(relation)
        self._linked: set[tuple[str, str, str]] = set()

    def told(self, event: LogEvent, time: Any, place: int) -> Told:
        known = [(id_, q) for id_, q in event.related if id_ in self._log.objects]
        self._unknown += len(event.related) - len(known)
        fresh = [id_ for id_, _ in dict(known).items() if id_ in self._silent]
        self._silent.difference_update(fresh)
        described = [
            self._log.objects[id_].told() for id_ in fresh if self._log.objects[id_].attributes
        ]
        return Told(
            activity=event.activity,
            time=time,
            time_text=event.time,
            objects=tuple(self._ref(id_, qualifier) for id_, qualifier in known),
            links=tuple(self._new_links(fresh)),
            fields=event.fields,
            id=event.id,
            data={"objects": described} if described else {},
            sequence=str(place),
            where=event.where or f"/event/{event.id}",
        )

    def closing_notes(self) -> Iterator[Note]:
        if self._unknown:
            yield Note(
                f"{self._unknown} relations name an object that the log does not declare; "
                "they were left out"
            )
        if self._silent:
            yield Note(f"{len(self._silent)} objects are named by no event and were left out")

    def _new_links(self, fresh: Sequence[str]) -> Iterator[tuple[ObjectRef, ObjectRef, str]]:
        for id_ in fresh:
            for relation in self._links.get(id_, ()):
                if relation not in self._linked:
                    self._linked.add(relation)
                    one, two, qualifier = relation
                    yield self._ref(one, ""), self._ref(two, ""), qualifier

    def _ref(self, id_: str, qualifier: str) -> ObjectRef:
        return ObjectRef(self._log.objects[id_].type, id_, qualifier=qualifier)
