"""Systems that disagree about a customer: its tax id, legal name, address, currency, terms.

Normal: case, spaces, punctuation and accents differ; a change needs some days to reach every system
(``convergence``); a system that never tells of changes cannot be said to hold the old value; a
field in which most customers differ is each system's own. Drift is a value that one system changed
and another, which had told the former value, repeated unchanged after the time to converge, or
has still not followed though it usually follows changes of this field, or of all its fields.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from process_model.config import ModelConfig
from process_model.finding import Evidence, Finding, FindingKind, Severity, many, named, when
from process_model.observations.estate import Case, Estate, number_of

_OWN_SHARE = 0.5
_FOLLOWS = 0.5
_LEAST_CUSTOMERS = 4


@dataclass(frozen=True, slots=True)
class Telling:
    """One value of a field of a customer that a system told, from the first time to the last."""

    customer: str
    system: str
    field: str
    value: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Drift:
    """Two systems that hold different values since the later one told its own."""

    customer: str
    field: str
    changed: Telling
    kept: Telling
    proven: bool
    """whether the other system told its value again after the time to converge"""


def _find(estate: Estate, known: Sequence[Finding]) -> list[Finding]:
    same = _Same((row.object_key, row.other_key) for row in estate.ask("finding_same_customers"))
    tellings = [
        Telling(same.of(row.customer), row.system, row.field, row.value, row.first_at, row.last_at)
        for row in estate.ask("finding_fields", as_of=estate.as_of)
    ]
    groups: dict[tuple[str, str, str], list[Drift]] = defaultdict(list)
    for drift in drifts(tellings, estate.config, estate.as_of):
        pair = sorted((drift.changed.system, drift.kept.system))
        groups[drift.field, pair[0], pair[1]].append(drift)
    by_customer: dict[str, list[Case]] = defaultdict(list)
    for case in estate.cases.values():
        if case.customer:
            by_customer[same.of(case.customer)].append(case)
    return [_finding(key, found, by_customer) for key, found in sorted(groups.items())]


class _Same:
    """Which customer keys name one customer."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._parent: dict[str, str] = {}
        for pair in pairs:
            one, two = sorted(self.of(key) for key in pair)
            if one != two:
                self._parent[two] = one

    def of(self, key: str) -> str:
        while key in self._parent:
            key = self._parent[key]
        return key


def plain(value: str) -> str:
    """A value without what is only formatting: case, accents, spaces, punctuation."""
    folded = unicodedata.normalize("NFKD", value.casefold().replace("ß", "ss"))
    return "".join(letter for letter in folded if letter.isalnum())


def drifts(tellings: Iterable[Telling], config: ModelConfig, as_of: datetime) -> list[Drift]:
    """Every drift that stands. Pure."""
    held: dict[tuple[str, str], dict[str, list[Telling]]] = defaultdict(lambda: defaultdict(list))
    for one in tellings:
        held[one.customer, one.field][one.system].append(one)
    apart: dict[str, list[Drift]] = defaultdict(list)
    compared: dict[str, int] = defaultdict(int)
    followed: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for (_, field), by_system in sorted(held.items()):
        if len(by_system) < 2:
            continue
        compared[field] += 1
        found = _apart(by_system, config, as_of)
        apart[field] += found
        lagging = {(drift.kept.system) for drift in found if not drift.proven}
        for system, values in by_system.items():
            if _changes(values):
                followed[field, system][0] += 1
            elif system in lagging:
                followed[field, system][1] += 1
    drifting = []
    for field, found in apart.items():
        customers = len({drift.customer for drift in found})
        if compared[field] >= _LEAST_CUSTOMERS and customers > _OWN_SHARE * compared[field]:
            continue
        drifting += [
            d
            for d in found
            if d.proven
            or _usually(*followed[field, d.kept.system])
            or _usually(*_of_all_fields(followed, d.kept.system))
        ]
    return drifting


def _of_all_fields(
    followed: Mapping[tuple[str, str], Sequence[int]], system: str
) -> tuple[int, int]:
    """How often a system followed a change of any field: some hardly ever change anywhere."""
    mine = [counts for (_, of), counts in followed.items() if of == system]
    return sum(did for did, _ in mine), sum(did_not for _, did_not in mine)


def _changes(values: Sequence[Telling]) -> bool:
    return len({plain(one.value) for one in values}) > 1


def _usually(did: int, did_not: int) -> bool:
    return did >= 2 and did / (did + did_not) >= _FOLLOWS


def _apart(
    by_system: Mapping[str, Sequence[Telling]], config: ModelConfig, as_of: datetime
) -> list[Drift]:
    """The system that changed last against each that still holds another value."""
    latest = {s: max(v, key=lambda one: (one.last_at, one.value)) for s, v in by_system.items()}
    begun = {s: _begun(latest[s], by_system[s]) for s in latest}
    newest = max(latest, key=lambda system: (begun[system], system))
    changed, since = latest[newest], begun[newest]
    found = []
    for system, kept in sorted(latest.items()):
        if system == newest or plain(kept.value) == plain(changed.value):
            continue
        limit = since + config.convergence
        if as_of > limit:
            moved = Telling(changed.customer, newest, changed.field, changed.value, since,
                            changed.last_at)  # fmt: skip
            found.append(Drift(changed.customer, changed.field, moved, kept, kept.last_at > limit))
    return found


def _begun(latest: Telling, values: Sequence[Telling]) -> datetime:
    """Since when a system tells this value, however written."""
    return min(one.first_at for one in values if plain(one.value) == plain(latest.value))


def _finding(
    key: tuple[str, str, str], found: Sequence[Drift], by_customer: Mapping[str, Sequence[Case]]
) -> Finding:
    field, one, two = key
    ordered = sorted(found, key=lambda drift: (drift.changed.first_at, drift.customer))
    since = ordered[0].changed.first_at
    instances = [
        case.instance_id
        for drift in ordered
        for case in by_customer[drift.customer]
        if case.status == "open" or case.last_event_at >= drift.changed.first_at
    ]
    return Finding(
        kind="master_drift",
        key=key,
        title=f"{named(one)} and {named(two)} disagree about the {field.replace('_', ' ')} of "
        f"{many(len({d.customer for d in ordered}), 'customer')} since {when(since)}; {{cases}} "
        "worth {worth} depend on it",
        severity=Severity.WARNING,
        since=since,
        instances=tuple(sorted(set(instances))),
        objects=tuple(sorted({drift.customer for drift in ordered})),
        systems=(one, two),
        error_type="other",
        evidence=tuple(_evidence(drift, by_customer) for drift in ordered[:30]),
    )


def _evidence(drift: Drift, by_customer: Mapping[str, Sequence[Any]]) -> Evidence:
    text = (
        f"{number_of(drift.customer)}: {named(drift.changed.system)} says {drift.changed.value!r}, "
        f"{named(drift.kept.system)} says {drift.kept.value!r}"
    )
    cases = by_customer[drift.customer]
    instance = cases[-1].instance_id if cases else ""
    return Evidence("event", text, drift.changed.first_at, instance, drift.customer)


KIND = FindingKind(rank=12, find=_find)
