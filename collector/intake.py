"""What becomes of each payload at the door: translated and on disk, or rejected with its reason."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType

import msgspec

from collector.envelopes import canonical
from collector.source import (
    DEFAULT_INSTANCE,
    Context,
    Refused,
    Source,
    SourceConfig,
    Told,
    configured,
    known_sources,
)
from process_model import telemetry
from process_model.errors import Undecodable, Untranslatable
from process_model.events import BusinessEvent, Rejected

Append = Callable[[str, bytes], None]
"""Takes a kind and a record; returns when the record is on disk, else raises ``Overloaded``."""

CANONICAL = "cloudevents"
"""The source whose payloads are canonical events already."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one event of a request, by the place of its payload in it."""

    index: int
    accepted: bool
    source: str = ""
    id: str = ""
    type: str = ""
    """the event type that came of it"""
    pointer: str = ""
    reason: str = ""
    detail: str = ""


_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Intake:
    """Translates payloads and hands the events to the spool."""

    append: Append
    local_types: Mapping[str, Sequence[str]]
    settings: Mapping[str, SourceConfig] = field(default_factory=lambda: configured({}))
    sources: Mapping[str, Source] = field(default_factory=known_sources)

    def take(
        self,
        documents: Sequence[object],
        *,
        dry_run: bool = False,
        system: str = CANONICAL,
        instance: str = "",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> list[Outcome]:
        """Every event's outcome; unless it is a dry run, all of them are on disk on return.

        A payload may tell several facts, or none; each outcome names the place of its payload.
        """
        with telemetry.traced("take events", system=system, payloads=len(documents)):
            return self._take(documents, dry_run, system, instance, headers)

    def _take(
        self,
        documents: Sequence[object],
        dry_run: bool,
        system: str,
        instance: str,
        headers: Mapping[str, str],
    ) -> list[Outcome]:
        received_at = datetime.now(UTC)
        settings = self.settings[system]
        context = Context(system, instance or settings.instance, settings, headers)
        judged = [
            (index, item)
            for index, document in enumerate(documents)
            for item in self._judged(document, context, received_at)
        ]
        if not dry_run:
            self._keep("events", [item for _, item in judged if isinstance(item, BusinessEvent)])
            self._keep("rejected", [item for _, item in judged if isinstance(item, Rejected)])
        return [_outcome(index, item) for index, item in judged]

    def _judged(
        self, document: object, context: Context[SourceConfig], received_at: datetime
    ) -> Iterator[BusinessEvent | Rejected]:
        for told in self._told(document, context):
            if isinstance(told, Refused):
                yield _rejected(told, document, context, received_at)
                continue
            try:
                yield self._event(told, context, received_at)
            except Untranslatable as wrong:
                refused = Refused(wrong.reason, wrong.detail, wrong.pointer, _text(told, "id"))
                refused = replace(refused, type=_text(told, "type"))
                source = _text(told, "source")
                yield _rejected(refused, document, context, received_at, source)

    def _told(self, document: object, context: Context[SourceConfig]) -> Iterator[Told]:
        """What the source says of a payload; one that tells nothing at all is refused as well."""
        silent = True
        try:
            for told in self.sources[context.system].translate(document, context):
                silent = False
                yield told
        except Untranslatable as wrong:
            silent = False
            yield Refused(wrong.reason, wrong.detail, wrong.pointer)
        if silent:
            yield Refused("no_fact", "Nothing in this payload tells of quote-to-cash.")

    def _event(
        self, envelope: Mapping[str, object], context: Context[SourceConfig], received_at: datetime
    ) -> BusinessEvent:
        if context.system == CANONICAL:
            return canonical.translate(
                envelope, received_at=received_at, local_types=self.local_types
            )
        return canonical.translate(
            envelope,
            received_at=received_at,
            local_types={context.system: self._local(context)},
            namespace=namespace_of(context.system, _text(envelope, "source")),
        )

    def _local(self, context: Context[SourceConfig]) -> Sequence[str]:
        if context.config.local_types is not None:
            return context.config.local_types
        declared = self.sources[context.system].local_types
        return [*declared, *self.local_types.get(context.system, ())]

    def _keep(self, kind: str, items: Sequence[BusinessEvent | Rejected]) -> None:
        if items:
            self.append(kind, _ENCODER.encode_lines(items))
        for item in items:
            if isinstance(item, Rejected):
                telemetry.count_rejected(item.reason)


def namespace_of(system: str, uri: str) -> str:
    """Where the local ids of one installation are known: two of one system never share them."""
    instance = uri.removeprefix(f"urn:system:{system}").removeprefix(":")
    return f"{system}.{instance}" if instance not in ("", DEFAULT_INSTANCE) else system


def _rejected(
    refused: Refused,
    document: object,
    context: Context[SourceConfig],
    received_at: datetime,
    source: str = "",
) -> Rejected:
    named = document if isinstance(document, Mapping) and context.system == CANONICAL else {}
    return Rejected(
        source=source or _text(named, "source") or context.uri,
        id=refused.id or _text(named, "id"),
        type=refused.type or _text(named, "type"),
        door="events_http" if context.system == CANONICAL else "sources_http",
        pointer=refused.pointer,
        reason=refused.reason,
        detail=refused.detail,
        payload=_whole(document),
        received_at=received_at,
    )


def _whole(document: object) -> str:
    """The payload as JSON in ASCII, which keeps even a lone surrogate as it came."""
    try:
        return json.dumps(document)
    except RecursionError as error:
        raise Undecodable("the body is nested too deep to be read") from error


def _outcome(index: int, item: BusinessEvent | Rejected) -> Outcome:
    if isinstance(item, BusinessEvent):
        return Outcome(index=index, accepted=True, source=item.source, id=item.id, type=item.type)
    return Outcome(
        index=index,
        accepted=False,
        source=item.source,
        id=item.id,
        type=item.type,
        pointer=item.pointer,
        reason=item.reason,
        detail=item.detail,
    )


def _text(envelope: Mapping[str, object], name: str) -> str:
    value = envelope.get(name)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
