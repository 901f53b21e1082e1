"""Events of a log in its own words: activity and object types are free, the type stays unsaid."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b

import msgspec
import orjson

from collector.reading import Told
from process_model import wire
from process_model.errors import Untranslatable
from process_model.events import BusinessEvent, Link, utc_text
from process_model.vocabulary import Evidence, LinkKind


def event_of(told: Told, *, dataset: str, source: str, received_at: datetime) -> BusinessEvent:
    """The event as it is stored; ``Untranslatable`` when it says neither what nor when."""
    if not told.activity:
        raise Untranslatable("missing_activity", f"{told.where} names no activity")
    receipt = told.may_lack_time and not told.time_text
    time = received_at if receipt else told.time
    if time is None:
        word = "invalid_time" if told.time_text else "missing_time"
        said = f"a time that is none: {told.time_text[:80]}" if told.time_text else "no time"
        raise Untranslatable(word, f"{told.where} has {said}")
    for ref in told.objects:
        wire.text(ref.id, told.where, longest=512)
    keys = list(dict.fromkeys(ref.key for ref in told.objects))
    named = {ref.key: ref for ref in reversed(told.objects)}
    data = orjson.dumps(told.data).decode()
    return BusinessEvent(
        dataset=dataset,
        source=source,
        id=wire.text(told.id, told.where),
        activity=wire.text(told.activity, told.where, longest=512),
        subject=keys[0] if keys else "",
        event_time=time,
        event_time_from="received" if receipt else "time",
        received_at=received_at,
        sequence=told.sequence,
        object_keys=tuple(keys),
        object_types=tuple(named[key].type for key in keys),
        object_qualifiers=tuple(named[key].qualifier for key in keys),
        links=tuple(
            Link(one.key, two.key, LinkKind.FLOW, Evidence.DECLARED, word or "log")
            for one, two, word in told.links
        ),
        actor_id=told.actor,
        fields=told.fields,
        data=data,
        origin="import",
        content_hash=_content_hash(told, keys, data),
    )


def _content_hash(told: Told, keys: Sequence[str], data: str) -> str:
    at = utc_text(told.time) if told.time else ""
    fields: Mapping[str, str] = dict(sorted(told.fields.items()))
    links = [(one.key, two.key, word) for one, two, word in told.links]
    said = [told.activity, at, sorted(keys), fields, links, data]
    return blake2b(msgspec.json.encode(said), digest_size=16).hexdigest()
