"""``mapping.toml``: what the words of a log mean in the canon, so that measures can be computed.

A mapping never drops in silence: an activity it does not know is rejected with its name, unless it
is listed under ``ignore``.
"""

import tomllib
from collections.abc import Mapping as Members
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from collector.reading import Options, Told
from process_model.errors import ConfigError, Untranslatable
from process_model.events import utc_text
from process_model.vocabulary import SEGMENTS, ActorKind, EventType, ObjectType


class Columns(BaseModel):
    """Which column means what, for tables; what is left out is guessed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case: str = ""
    activity: str = ""
    time: str = ""
    start: str = ""
    resource: str = ""
    objects: dict[str, str] = Field(default_factory=dict)
    """object type of the log → the column with its id"""


class Activity(BaseModel):
    """One activity's meaning, where its event type alone does not say it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: EventType
    subject: ObjectType | None = None
    """which of the event's objects the fact is about"""


class Mapping(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    """the system of record that the log comes from; its events have the source
    ``urn:system:<system>:<instance>``"""
    instance: str = Field(default="import", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    zone: str = ""
    dates: str = Field(default="", pattern="^(|day-first|month-first)$")
    columns: Columns = Columns()
    activities: dict[str, EventType | Activity]
    """activity of the log → event type"""
    ignore: tuple[str, ...] = ()
    """activities that are no business facts"""
    objects: dict[str, ObjectType]
    """object type of the log (``case`` for the cases of a case-based log) → object type"""
    values: dict[str, str] = Field(default_factory=dict)
    """member of the event (``amount``, ``currency``, a segment, ``due``) → field of the log"""
    constants: dict[str, str] = Field(default_factory=dict)
    """member of the event → one value for all"""
    human: tuple[str, ...] = ()
    """actors who are people"""
    machines: tuple[str, ...] = ()
    """actors who are systems; others stay unknown"""

    @property
    def source(self) -> str:
        """The CloudEvents source of its events."""
        return f"urn:system:{self.system}:{self.instance}"

    def options(self, given: Options) -> Options:
        """The options of the command line, with the file's where the line is silent."""
        import msgspec

        names = ("case", "activity", "time", "start", "resource")
        said = {name: getattr(given, name) or getattr(self.columns, name) for name in names}
        return msgspec.structs.replace(
            given,
            **said,
            objects=given.objects or self.columns.objects,
            zone=given.zone or self.zone,
            dates=given.dates or self.dates,
            mapped=True,
        )

    def envelope(self, told: Told) -> dict[str, Any] | None:
        """The canonical envelope of an event; ``None`` for an ignored activity.

        Raises ``Untranslatable`` for an activity or an object type that the mapping does not know.
        """
        if told.activity in self.ignore:
            return None
        meaning = self.activities.get(told.activity)
        if meaning is None:
            raise Untranslatable(
                "unmapped_activity",
                f"the mapping does not know the activity {told.activity[:200]}; add it to "
                "[activities], or to ignore",
            )
        activity = meaning if isinstance(meaning, Activity) else Activity(type=meaning)
        objects = [self._object(ref.type, ref.id, ref.qualifier) for ref in told.objects]
        subject = _subject(activity, objects)
        envelope: dict[str, Any] = {
            "specversion": "1.0",
            "id": told.id,
            "source": self.source,
            "type": f"q2c.{activity.type}.v1",
            "sequence": told.sequence,
            "data": self._data(told, objects),
        }
        if subject:
            envelope["subject"] = f"{subject['type']}/{subject['id']}"
        if told.time is not None:
            envelope["time"] = utc_text(told.time)
        elif told.time_text:
            envelope["time"] = told.time_text
        return envelope

    def _object(self, type_: str, id_: str, qualifier: str) -> dict[str, str]:
        mapped = self.objects.get(type_)
        if mapped is None:
            raise Untranslatable(
                "unmapped_object",
                f"the mapping does not know the object type {type_[:200]}; add it to [objects]",
            )
        return {"type": str(mapped), "id": id_} | ({"qualifier": qualifier} if qualifier else {})

    def _data(self, told: Told, objects: list[dict[str, str]]) -> dict[str, Any]:
        said = {member: told.fields.get(name, "") for member, name in self.values.items()}
        said = {**self.constants, **{member: value for member, value in said.items() if value}}
        segment = {name: said.pop(name) for name in SEGMENTS if name in said}
        if not said.get("amount"):
            said.pop("currency", None)
        data: dict[str, Any] = {"objects": objects, "segment": segment, "fields": told.fields}
        if told.actor:
            kind = ActorKind.UNKNOWN
            if told.actor in self.human:
                kind = ActorKind.HUMAN
            elif told.actor in self.machines:
                kind = ActorKind.SYSTEM
            data["actor"] = {"kind": str(kind), "id": told.actor}
        links = [(self._object(a.type, a.id, ""), self._object(b.type, b.id, ""))
                 for a, b, _ in told.links]  # fmt: skip
        if links:
            data["links"] = [{"from": one, "to": two} for one, two in links]
        return data | said


def read_mapping(path: Path) -> Mapping:
    """Read the file; raises ``ConfigError`` naming the key and what is wrong with it."""
    try:
        tree: Members[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return Mapping.model_validate(tree)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{path}: {key}: {first['msg']}") from wrong
    except (OSError, ValueError) as wrong:
        raise ConfigError(f"{path}: {wrong}") from wrong


def _subject(activity: Activity, objects: list[dict[str, str]]) -> dict[str, str] | None:
    wanted = activity.subject or activity.type.partition(".")[0]
    return next((ref for ref in objects if ref["type"] == wanted), next(iter(objects), None))
