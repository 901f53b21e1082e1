"""Two documents for one intent: two orders for a quote, two invoices or payments for one amount.

Normal: a quote that is split over orders, a delivery billed in parts, a payment in instalments:
their sum does not exceed what they follow. An order that is cancelled before the next is made is
a correction; parts of other lines that happen to cost alike are parts. A duplicate has the same
amount as its twin, within a week, while the twin stands, and both together exceed what they follow;
or both were made under one idempotency key.
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from process_model import money
from process_model.finding import Evidence, Finding, FindingKind, Severity, when
from process_model.observations.estate import Estate, number_of, system_of
from process_model.observations.twins import Twin, twins_of


def _find(estate: Estate, known: Sequence[Finding]) -> list[Finding]:
    twins = estate.once(twins_of)
    by_type: dict[str, list[Twin]] = defaultdict(list)
    for twin in twins:
        by_type[twin.second.type].append(twin)
    return [_finding(type_, found, estate) for type_, found in sorted(by_type.items())]


def _finding(type_: str, found: Sequence[Twin], estate: Estate) -> Finding:
    ordered = sorted(found, key=lambda twin: (str(twin.second.made_at), twin.second.key))
    since = min(twin.second.made_at for twin in ordered if twin.second.made_at)
    instances = tuple(sorted({twin.instance for twin in ordered}))
    stakes: dict[str, tuple[Decimal, str]] = {}
    for twin in ordered:
        if twin.second.amount is not None:
            before = stakes.get(twin.instance, (Decimal(0), ""))[0]
            stakes[twin.instance] = (before + twin.second.amount, twin.second.currency)
    standing = any(twin.second.stands and twin.first.stands for twin in ordered)
    segments = estate.outstanding(instances)
    systems = tuple(sorted({system_of(t.second.source) for t in ordered if t.second.source}))
    return Finding(
        kind="duplicate",
        key=(type_,),
        title=f"{{count:{type_}}} worth {{worth}} repeat another made for the same intent, "
        f"first on {when(since)}",
        severity=Severity.CRITICAL if standing else Severity.WARNING,
        since=since,
        until=None if standing else max(t.second.made_at for t in ordered if t.second.made_at),
        instances=instances,
        objects=tuple(sorted({d.key for t in ordered for d in (t.first, t.second)})),
        segment=segments,
        systems=systems,
        stage=type_,
        error_type="duplicate",
        stakes=stakes,
        evidence=tuple(_evidence(twin) for twin in ordered[:30]),
    )


def _evidence(twin: Twin) -> Evidence:
    why = f"for {number_of(twin.follows)}" if twin.follows else "under one idempotency key"
    worth = money.text(twin.second.amount or Decimal(0), twin.second.currency)
    text = f"{number_of(twin.second.key)} repeats {number_of(twin.first.key)} {why}: {worth} each"
    return Evidence("link", text, twin.second.made_at, twin.instance, twin.second.key)


KIND = FindingKind(rank=10, find=_find)
