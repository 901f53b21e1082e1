"""What a finding is: one thing that is wrong with the estate, in business words, with proof."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from process_model.observations.estate import Estate

NEVER = datetime.max.replace(tzinfo=UTC)
"""Stands for the end of what goes on, where ends are compared."""


class Severity(StrEnum):
    """How soon somebody should look."""

    CRITICAL = "critical"
    """it goes on and stops cases, or money is wrong now"""
    WARNING = "warning"
    """it is over, or it goes on without stopping cases"""
    INFO = "info"
    """worth knowing: nothing waits for it"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One readable proof: an event, a link or a count, and the case where it can be seen."""

    kind: str
    """event, link or aggregate"""
    text: str
    at: datetime | None = None
    instance: str = ""
    object: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row: what, where, since when, how many, how much.

    ``title`` holds ``{cases}``, ``{count:order}`` (as many, named so), ``{customers}`` and
    ``{worth}`` where the figures go, so that a reader who sees a part of the estate reads the
    figures of that part.
    """

    kind: str
    key: tuple[str, ...]
    """what makes it the same finding tomorrow: never a count, never a moment that moves"""
    title: str
    since: datetime
    until: datetime | None = None
    """``None`` while it goes on"""
    severity: Severity = Severity.WARNING
    instances: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    segment: Mapping[str, str] = field(default_factory=dict)
    """what is over-represented, as segment → value; empty when nothing is"""
    systems: tuple[str, ...] = ()
    stage: str = ""
    error_type: str = ""
    evidence: tuple[Evidence, ...] = ()
    stakes: Mapping[str, tuple[Decimal, str]] | None = None
    """per instance what is at stake where that is not the whole case: (amount, currency)"""

    @property
    def id(self) -> str:
        """Stable over time: made of what it is about, not of how far it went."""
        said = "\n".join((self.kind, *self.key))
        return f"{self.kind}-{blake2b(said.encode(), digest_size=8).hexdigest()}"

    def overlaps(self, begin: datetime, end: datetime | None) -> bool:
        """Whether it went on at any moment between the two."""
        return self.since <= (end or NEVER) and begin <= (self.until or NEVER)


@dataclass(frozen=True, slots=True)
class FindingKind:
    """How one kind of finding is found. Causes have a lower rank than what follows from them."""

    rank: int
    find: Callable[["Estate", Sequence[Finding]], list[Finding]]
    """gets the estate and what was found before; what that explains is not named again"""


def worth_text(amounts: Mapping[str, Decimal]) -> str:
    """Sums as people say them: ``2.3 M EUR and 410 k USD``; the largest first."""
    ordered = sorted(amounts.items(), key=lambda item: (-item[1], item[0]))
    said = [f"{_short(amount)} {currency}" for currency, amount in ordered]
    if not said:
        return "an unknown amount"
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _short(amount: Decimal) -> str:
    for unit, size in (("M", Decimal(1_000_000)), ("k", Decimal(1_000))):
        if abs(amount) >= size:
            return f"{amount / size:.1f} {unit}"
    return f"{amount:.2f}".removesuffix(".00")


_NAMES = {
    name.lower(): name
    for name in (
        "SAP", "CRM", "CPQ", "ERP", "WMS", "TMS", "MES", "PIM", "EDI", "iPaaS", "Salesforce",
        "MuleSoft", "NetSuite", "HubSpot", "DocuSign", "Stripe", "Chargebee", "Zuora", "Zendesk",
        "Avalara", "Vertex", "Oracle", "Dynamics", "Boomi", "Workato",
    )
}  # fmt: skip


def named(system: str) -> str:
    """A system as people write its name: ``sap`` → ``SAP``; one that is not known as it is."""
    return _NAMES.get(system, system)


def when(moment: datetime) -> str:
    """A moment in a sentence: ``12 Mar 06:12``, in UTC."""
    return f"{moment.astimezone(UTC):%-d %b %H:%M}"


def span(since: datetime, until: datetime | None) -> str:
    """A stretch of time in a sentence."""
    return f"since {when(since)}" if until is None else f"from {when(since)} to {when(until)}"


def many(number: int, thing: str) -> str:
    """``1 order``, ``12 orders``."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
