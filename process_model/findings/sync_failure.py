"""Objects that fail to cross between two systems for one reason over a stretch of time.

Normal: each hop fails now and then and the retry works; up to 3 % of objects, or what the hop's own
history shows, is never named. A finding is a stretch whose share of failing objects cannot be
chance over all hops and classes looked at (``episodes``). A changed schema is told by
``schema_change``, a system that was down altogether by ``service_outage``: one cause, one row.
"""

from collections.abc import Sequence

from process_model.finding import Evidence, Finding, FindingKind, Severity, many, named, span
from process_model.observations.crossing_failures import FailureStretch, failure_stretches
from process_model.observations.estate import Estate, number_of

_DOWN = ("upstream_down", "timeout")
_SAID = {
    "auth_expired": "because the login had expired",
    "rate_limited": "because the receiver limited the rate",
    "upstream_down": "because the receiver was down",
    "timeout": "because the receiver did not answer in time",
    "validation": "because the receiver refused the content",
    "duplicate": "because the receiver already knew them",
    "business_rule": "because of a business rule",
}


def _find(estate: Estate, known: Sequence[Finding]) -> list[Finding]:
    stretches: list[FailureStretch] = estate.once(failure_stretches)
    outages = [one for one in known if one.kind == "service_outage"]
    return [
        finding(stretch, estate)
        for stretch in stretches
        if stretch.error_type != "schema_changed" and not _told(stretch, outages)
    ]


def _told(stretch: FailureStretch, outages: Sequence[Finding]) -> bool:
    targets = {to for _, to in stretch.hops}
    return stretch.error_type in _DOWN and any(
        targets & set(one.systems) and one.overlaps(stretch.since, stretch.until) for one in outages
    )


def finding(stretch: FailureStretch, estate: Estate) -> Finding:
    """The stretch as a row."""
    instances = tuple(sorted({one.instance for one in stretch.failed}))
    waiting = [one for one in stretch.failed if one.crossed_at is None]
    hops = " and ".join(f"{named(from_) or '?'} → {named(to) or '?'}" for from_, to in stretch.hops)
    reason = _SAID.get(stretch.error_type, "for a reason that was not told")
    still = f"; {many(len(waiting), 'object')} still have not crossed" if waiting else ""
    going_on = stretch.until is None or bool(waiting)
    segments = estate.outstanding(instances)
    return Finding(
        kind="sync_failure",
        key=(stretch.error_type, *(f"{a}>{b}" for a, b in stretch.hops[:1]), _day(stretch)),
        title=f"{{cases}} worth {{worth}} failed to cross {hops} "
        f"{span(stretch.since, stretch.until)} {reason}{still}",
        severity=Severity.CRITICAL if going_on else Severity.WARNING,
        since=stretch.since,
        until=stretch.until,
        instances=instances,
        objects=tuple(sorted({one.object for one in stretch.failed})),
        segment=segments,
        systems=tuple(dict.fromkeys(system for hop in stretch.hops for system in hop if system)),
        error_type=stretch.error_type,
        evidence=_evidence(stretch),
    )


def _day(stretch: FailureStretch) -> str:
    return stretch.since.date().isoformat()


def _evidence(stretch: FailureStretch) -> tuple[Evidence, ...]:
    shares = f"{stretch.share:.0%} of the objects failed, where up to {stretch.usual:.0%} is usual"
    events = (
        Evidence(
            "event",
            f"{number_of(one.object)} failed to cross {one.hop[0]} → {one.hop[1]}",
            one.at,
            one.instance,
            one.object,
        )
        for one in sorted(stretch.failed, key=lambda failed: failed.at)[:20]
    )
    return (Evidence("aggregate", shares, stretch.since), *events)


KIND = FindingKind(rank=40, find=_find)
