"""What an alert comes to: its cases, customers and money, five examples, and its probable cause."""

from collections.abc import Sequence

from alerts.alert import Cause, Example, Impact
from alerts.rule import Look, Reading
from process_model.behind import worth_of
from process_model.detection import Detection, Told
from process_model.vocabulary import LIVE

EXAMPLES = 5
_SHARE = 0.2
"""Of the alert's cases this share must be named by a finding that is called its cause."""


def impact_of(look: Look, reading: Reading) -> Impact:
    """The worth of the cases behind a reading."""
    if reading.impact is not None:
        return reading.impact
    if not reading.instances:
        return Impact()
    worth = worth_of(look.reader, LIVE, reading.instances, look.model)
    examples = tuple(
        Example(
            case.instance_id, case.number, case.customer.rpartition(":")[2], case.stage,
            "" if case.amount is None else f"{case.amount.normalize():f}", case.currency,
        )
        for case in worth.cases[:EXAMPLES]
    )  # fmt: skip
    money = {currency: f"{amount:f}" for currency, amount in worth.money.items()}
    return Impact(len(worth.cases), worth.customers, money, examples)


def cause_of(look: Look, reading: Reading, detection: Detection) -> Cause | None:
    """The finding that names most of the reading's cases, or speaks of its system; else ``None``.

    Findings that are over before the reading began explain nothing.
    """
    open_ = [
        told
        for told in detection.of(look.over(look.now - (reading.since or look.now)))
        if told.finding.until is None or (reading.since and told.finding.until >= reading.since)
    ]
    return best_cause(open_, reading.instances, reading.systems)


def best_cause(
    found: Sequence[Told], instances: Sequence[str], systems: Sequence[str]
) -> Cause | None:
    """The one that explains most, the most urgent among equals; pure."""
    wanted, best = set(instances), None
    for told in found:
        shared = len(wanted.intersection(told.finding.instances))
        same = bool({*systems} & {*told.finding.systems, *told.finding.key})
        enough = bool(wanted) and shared >= max(1, len(wanted) * _SHARE)
        if (enough or same) and (best is None or (same, shared) > (best[0], best[1])):
            best = (same, shared, told)
    if best is None:
        return None
    same, shared, told = best
    because = (
        f"it names {shared} of the {len(wanted)} cases"
        if shared
        else "it speaks of the same system"
    )
    return Cause(told.finding.id, told.title, shared, because)
