"""A source that began to speak differently: members vanish, change their kind, or are refused.

Normal: members that some events have and some lack, new members beside the old ones, and up to 3 %
of refused events. A finding is a member that all but vanished or changed its kind at a moment, a
stretch in which refusals are raised beyond chance over all sources, or crossings that fail because
the schema changed; what one system shows at one time is one row.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from process_model.events import object_key
from process_model.finding import NEVER, Evidence, Finding, FindingKind, Severity, named, span, when
from process_model.observations.content_changes import ContentChange, Day, vanished
from process_model.observations.crossing_failures import failure_stretches
from process_model.observations.episodes import episodes
from process_model.observations.estate import Estate, number_of, system_of

_DAY = timedelta(days=1)
_FAR_APART = timedelta(hours=12)


@dataclass(slots=True)
class _Sign:
    """One sign that a system's schema changed."""

    system: str
    said: str
    since: datetime
    until: datetime | None
    instances: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    evidence: list[Evidence] = field(default_factory=list)
    others: set[str] = field(default_factory=set)


def _find(estate: Estate, known: Sequence[Finding]) -> list[Finding]:
    days: dict[tuple[str, str], list[Day]] = defaultdict(list)
    for row in estate.ask("finding_members", as_of=estate.as_of):
        having = dict(zip(*row.having, strict=True))
        days[row.source, row.type].append(Day(row.day, row.events, having))
    signs = [sign for change in vanished(days) if (sign := _of_change(change, estate))]
    signs += _of_refusals(estate, days)
    signs += _of_crossings(estate)
    return [_finding(group, estate) for group in _together(signs)]


def _of_change(change: ContentChange, estate: Estate) -> _Sign | None:
    path, _, kind = change.member.rpartition(" (")
    last = change.last_day or estate.as_of
    rows = estate.ask(
        "finding_lacking",
        source=change.source,
        type=change.type,
        since=change.first_day - _DAY,
        until=last + 2 * _DAY,
        value_kind=kind.rstrip(")"),
        **_place(path),
    )
    lacking = without(rows, change.first_day, last + _DAY)
    if not lacking:
        return None
    became = f"became {change.new_kind}" if change.new_kind else "vanished"
    said = f"{path} {became} in {change.type}"
    over = None if change.last_day is None else lacking[-1].at
    sign = _Sign(system_of(change.source), said, lacking[0].at, over)
    sign.instances = {row.instance_id for row in lacking if row.instance_id}
    sign.objects = {row.subject for row in lacking if row.subject}
    text = f"{change.source}: {said}; {len(lacking)} of {len(rows)} events lack it as it was"
    sign.evidence = [Evidence("aggregate", text, lacking[0].at)]
    sign.evidence += [
        Evidence("event", f"{change.type} of {number_of(row.subject)} lacks {path}", row.at,
                 row.instance_id, row.subject)
        for row in lacking[:5]
    ]  # fmt: skip
    return sign


def without(rows: Sequence[Any], begin: datetime, end: datetime) -> list[Any]:
    """The rows that lack the member between the two, and right before and after. Pure.

    A change seldom happens at midnight: of the days beside, what follows the last event that still
    had it, and what precedes the first that had it again, belongs to the stretch.
    """
    had = [row.at for row in rows if row.having_it]
    begin = max((at for at in had if at < begin), default=rows[0].at if rows else begin)
    end = min((at for at in had if at >= end), default=rows[-1].at if rows else end)
    return [row for row in rows if not row.having_it and begin <= row.at <= end]


def _place(path: str) -> dict[str, object]:
    """Where in the content a path points; names may themselves hold dots."""
    if path.startswith("lines[]."):
        return {"line": 1, "first": "lines", "second": path[8:], "third": ""}
    first, _, rest = path.partition(".")
    second, third = rest, ""
    if first == "raw":
        second, _, third = rest.partition(".")
    return {"line": 0, "first": first, "second": second, "third": third}


def _of_refusals(estate: Estate, days: dict[tuple[str, str], list[Day]]) -> list[_Sign]:
    refused: dict[str, list[Any]] = defaultdict(list)
    for row in estate.ask("finding_rejected", as_of=estate.as_of):
        refused[row.source].append(row)
    accepted: dict[str, dict[datetime, int]] = defaultdict(lambda: defaultdict(int))
    for (source, _), told in days.items():
        for day in told:
            accepted[source][day.day] += day.events
    signs = []
    for source, rows in sorted(refused.items()):
        per_day: dict[datetime, int] = defaultdict(int)
        for row in rows:
            per_day[_day(row.at)] += 1
        when_told = sorted({*accepted[source], *per_day})
        bad = [per_day[day] for day in when_told]
        trials = [per_day[day] + accepted[source][day] for day in when_told]
        for one in episodes(bad, trials, series=len(refused)):
            begin, end = when_told[one.first] - _DAY, when_told[one.last] + 2 * _DAY
            part = [row for row in rows if begin <= row.at < end]
            goes_on = one.last == len(when_told) - 1
            signs.append(_of_refused(source, part, goes_on, estate))
    return signs


def _of_refused(source: str, rows: list[Any], goes_on: bool, estate: Estate) -> _Sign:
    types = sorted({row.type.removeprefix("q2c.").removesuffix(".v1") for row in rows if row.type})
    said = f"{len(rows)} events of {', '.join(types[:3]) or 'unknown type'} were refused"
    sign = _Sign(system_of(source), said, rows[0].at, None if goes_on else rows[-1].at)
    keys = {key for row in rows if (key := _key(row.subject))}
    homes = estate.ask("finding_cases_of_objects", object_keys=sorted(keys)) if keys else []
    sign.instances = {row.instance_id for row in homes}
    sign.objects = keys
    sign.evidence = [
        Evidence("event", f"{row.subject or row.type} was refused: {row.detail}", row.at)
        for row in rows[:8]
    ]
    return sign


def _key(subject: str) -> str:
    type_, slash, id_ = subject.partition("/")
    return str(object_key(type_, id_)) if slash and id_ else ""


def _of_crossings(estate: Estate) -> list[_Sign]:
    signs = []
    for stretch in estate.once(failure_stretches):
        if stretch.error_type != "schema_changed":
            continue
        hops = " and ".join(f"{named(from_)} → {named(to)}" for from_, to in stretch.hops)
        said = f"objects were refused on the way {hops}"
        sign = _Sign(stretch.hops[0][0], said, stretch.since, stretch.until)
        sign.others = {system for hop in stretch.hops for system in hop} - {""}
        sign.instances = {one.instance for one in stretch.failed}
        sign.objects = {one.object for one in stretch.failed}
        sign.evidence = [
            Evidence("event", f"{number_of(one.object)} failed to cross {hops}", one.at,
                     one.instance, one.object)
            for one in stretch.failed[:8]
        ]  # fmt: skip
        signs.append(sign)
    return signs


def _together(signs: Iterable[_Sign]) -> list[list[_Sign]]:
    """Signs of one system at one time are one change."""
    groups: list[list[_Sign]] = []
    for sign in sorted(signs, key=lambda one: (one.since, one.said)):
        group = next((g for g in groups if any(_one_change(sign, other) for other in g)), None)
        if group is None:
            groups.append([sign])
        else:
            group.append(sign)
    return groups


def _one_change(one: _Sign, other: _Sign) -> bool:
    same = {one.system, *one.others} & {other.system, *other.others}
    begin, end = max(one.since, other.since), min(one.until or NEVER, other.until or NEVER)
    return bool(same) and (begin <= end or begin - end < _FAR_APART)


def _finding(signs: Sequence[_Sign], estate: Estate) -> Finding:
    instances = tuple(sorted({one for sign in signs for one in sign.instances}))
    since = min(sign.since for sign in signs)
    ends = [sign.until for sign in signs]
    until = None if None in ends else max(end for end in ends if end)
    system = signs[0].system
    said = "; ".join(dict.fromkeys(sign.said for sign in signs[:3]))
    systems = {system, *(other for sign in signs for other in sign.others)}
    segments = estate.outstanding(instances)
    return Finding(
        kind="schema_change",
        key=(system, since.date().isoformat()),
        title=f"The schema of {named(system)} changed on {when(since)}: {said}; {{cases}} "
        f"worth {{worth}} are touched {span(since, until)}",
        severity=Severity.CRITICAL if until is None else Severity.WARNING,
        since=since,
        until=until,
        instances=instances,
        objects=tuple(sorted({one for sign in signs for one in sign.objects})),
        segment=segments,
        systems=(system, *sorted(systems - {system})),
        error_type="schema_changed",
        evidence=tuple(one for sign in signs for one in sign.evidence)[:30],
    )


def _day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


KIND = FindingKind(rank=20, find=_find)
