"""What becomes of each event at the door: translated and on disk, or rejected with its reason."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from collector.sources import cloudevents
from process_model.errors import Untranslatable
from process_model.events import BusinessEvent, Rejected

Append = Callable[[str, bytes], None]
"""Takes a kind and a record; returns when the record is on disk, else raises ``Overloaded``."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one event of a request, by its place in it."""

    index: int
    accepted: bool
    source: str = ""
    id: str = ""
    pointer: str = ""
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """Translates events and hands them to the spool."""

    append: Append
    local_types: Mapping[str, Sequence[str]]

    def take(self, documents: Sequence[object], *, dry_run: bool = False) -> list[Outcome]:
        """Every event's outcome; unless it is a dry run, all of them are on disk on return."""
        received_at = datetime.now(UTC)
        judged = [self._judge(document, received_at) for document in documents]
        if not dry_run:
            self._keep("events", [item for item in judged if isinstance(item, BusinessEvent)])
            self._keep("rejected", [item for item in judged if isinstance(item, Rejected)])
        return [_outcome(index, item) for index, item in enumerate(judged)]

    def _judge(self, document: object, received_at: datetime) -> BusinessEvent | Rejected:
        envelope: Mapping[str, object] = document if isinstance(document, Mapping) else {}
        try:
            if not isinstance(document, Mapping):
                raise Untranslatable("not_an_event", "An event is a JSON object.")
            return cloudevents.translate(
                envelope, received_at=received_at, local_types=self.local_types
            )
        except Untranslatable as refused:
            return Rejected(
                source=_text(envelope, "source"),
                id=_text(envelope, "id"),
                type=_text(envelope, "type"),
                door="events_http",
                pointer=refused.pointer,
                reason=refused.reason,
                detail=refused.detail,
                payload=json.dumps(document),  # ASCII: keeps even a lone surrogate as it came
                received_at=received_at,
            )

    def _keep(self, kind: str, items: Sequence[BusinessEvent | Rejected]) -> None:
        if items:
            self.append(kind, b"".join(msgspec.json.encode(item) + b"\n" for item in items))


def _outcome(index: int, item: BusinessEvent | Rejected) -> Outcome:
    if isinstance(item, BusinessEvent):
        return Outcome(index=index, accepted=True, source=item.source, id=item.id)
    return Outcome(
        index=index,
        accepted=False,
        source=item.source,
        id=item.id,
        pointer=item.pointer,
        reason=item.reason,
        detail=item.detail,
    )


def _text(envelope: Mapping[str, object], name: str) -> str:
    value = envelope.get(name)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
