"""What is planted in a world: which fault, where, from when to when, how often; drawn by the seed.

A profile names what is planted: all (``standard``), nothing (``quiet``), or one fault by its kind.
"""

import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from process_model.simulation.estate import CHANNELS, FAMILIES, REGIONS, Calendar, stream
from process_model.simulation.hours import DAY, HOUR, midnight

STANDARD, QUIET = "standard", "quiet"
FOREVER = 400 * DAY


class FaultKind(StrEnum):
    """The faults that can be planted; each is a profile of its own as well."""

    TAX_OUTAGE = "tax_outage"
    TOKEN_EXPIRY = "token_expiry"
    SCHEMA_CHANGE = "schema_change"
    CORRELATION_LOST = "correlation_lost"
    SILENT_DROP = "silent_drop"
    PRICE_MISMATCH = "price_mismatch"
    SLOW_APPROVER = "slow_approver"
    DUPLICATE_ORDER = "duplicate_order"
    MASTER_DRIFT = "master_drift"
    SILENT_SOURCE = "silent_source"
    LATE_EVENTS = "late_events"


PROFILES = (STANDARD, QUIET, *FaultKind)


class Fault(msgspec.Struct, frozen=True):
    """One planted fault; what it hits lies in its time and carries all its cuts."""

    kind: FaultKind
    since: int
    until: int
    cuts: Mapping[str, str] = {}
    """segment field → the value that is hit"""
    rate: float = 1.0
    """the share of what could be hit that is"""
    error_type: str = ""
    system: str = ""
    """the system at fault"""
    source: str = ""
    """the source at fault, or its end"""
    hop: tuple[str, str] = ("", "")
    """between which systems"""
    place: str = ""
    """where in the process, or which of several"""

    def hits(self, at: int, segment: Mapping[str, str]) -> bool:
        """Whether time and cuts fit; the rate is not asked."""
        if not self.since <= at < self.until:
            return False
        return all(segment.get(name) == value for name, value in self.cuts.items())


Plan = Mapping[FaultKind, Fault]


def plan(seed: int, profile: str, anchor: date, calendar: Calendar) -> Plan:
    """The faults of a profile; the same seed and day give the same, profile by profile."""
    wanted = tuple(FaultKind) if profile == STANDARD else () if profile == QUIET else (profile,)
    planted = {}
    for kind in FaultKind:
        if kind in wanted:
            drawing = _Drawing(stream(seed, "fault", kind), midnight(anchor), anchor, calendar)
            planted[kind] = _DRAWN[kind](drawing)
    return planted


class _Drawing(msgspec.Struct, frozen=True):
    """The luck of one fault, and the day everything is counted back from."""

    luck: random.Random
    now: int
    day: date
    calendar: Calendar

    def region(self) -> str:
        return self.luck.choice(list(REGIONS))

    def since(self, least_days: float, most_days: float) -> int:
        return self.now - int(self.luck.uniform(least_days, most_days) * DAY)

    def morning(self, region: str, least_days: int, most_days: int) -> int:
        """An office morning of the region that two working days follow."""
        hours, choices = self.calendar.office(region), list(range(least_days, most_days + 1))
        self.luck.shuffle(choices)
        days = [self.day - timedelta(days=back) for back in choices]
        for day in sorted(days, key=lambda d: -self._worked(hours.within, d)):
            if (opening := hours.within(day, 0.12)) is not None:
                return opening
        return midnight(days[0]) + 9 * HOUR

    @staticmethod
    def _worked(within: Callable[[date, float], int | None], day: date) -> int:
        return sum(within(day + timedelta(days=step), 0) is not None for step in range(2))


def _tax_outage(draw: _Drawing) -> Fault:
    region = draw.region()
    since = draw.morning(region, 3, 12)
    source = f"urn:system:tax:{region.lower()}"
    until = since + int(draw.luck.uniform(28, 40) * HOUR)
    return Fault(FaultKind.TAX_OUTAGE, since, until, {"region": region},
                 error_type="upstream_down", system="tax", source=source)  # fmt: skip


def _token_expiry(draw: _Drawing) -> Fault:
    entity = draw.luck.choice(("DE01", "US01"))
    since = draw.morning("AMER" if entity == "US01" else "EMEA", 12, 22)
    until = since + int(draw.luck.uniform(26, 40) * HOUR)
    return Fault(FaultKind.TOKEN_EXPIRY, since, until, {"legal_entity": entity},
                 error_type="auth_expired", system="sap", hop=("salesforce", "sap"))  # fmt: skip


def _schema_change(draw: _Drawing) -> Fault:
    region = draw.region()
    since = draw.morning(region, 3, 9)
    until = since + int(draw.luck.uniform(40, 64) * HOUR)
    return Fault(FaultKind.SCHEMA_CHANGE, since, until, {"region": region},
                 error_type="schema_changed", system="salesforce",
                 source=f"urn:system:salesforce:{region.lower()}",
                 hop=("salesforce", "sap"))  # fmt: skip


def _correlation_lost(draw: _Drawing) -> Fault:
    hop = draw.luck.choice((("sap", "wms"), ("sap", "billing")))
    since = draw.since(12, 20)
    until = since + int(draw.luck.uniform(5, 8) * DAY)
    return Fault(FaultKind.CORRELATION_LOST, since, until, {"region": draw.region()},
                 rate=draw.luck.uniform(0.85, 1), system=hop[1], hop=hop)  # fmt: skip


def _silent_drop(draw: _Drawing) -> Fault:
    cuts = {"region": draw.region(), "sales_channel": draw.luck.choice(CHANNELS[:2])}
    return Fault(FaultKind.SILENT_DROP, draw.since(20, 26), draw.now - 12 * HOUR, cuts,
                 rate=draw.luck.uniform(0.3, 0.42), system="mulesoft",
                 hop=("salesforce", "sap"))  # fmt: skip


def _price_mismatch(draw: _Drawing) -> Fault:
    cuts = {"product_family": draw.luck.choice(FAMILIES[:3])}
    return Fault(FaultKind.PRICE_MISMATCH, draw.since(22, 30), draw.now, cuts,
                 rate=draw.luck.uniform(0.10, 0.18), system="sap",
                 place=draw.luck.choice(("order", "invoice")))  # fmt: skip


def _slow_approver(draw: _Drawing) -> Fault:
    return Fault(FaultKind.SLOW_APPROVER, draw.since(19, 27), draw.now + FOREVER,
                 {"region": draw.region()}, system="cpq",
                 place=str(draw.luck.randrange(3)))  # fmt: skip


def _duplicate_order(draw: _Drawing) -> Fault:
    cuts = {"region": draw.region()}
    return Fault(FaultKind.DUPLICATE_ORDER, draw.since(20, 28), draw.now - DAY, cuts,
                 rate=draw.luck.uniform(0.07, 0.13), system="sap",
                 hop=("salesforce", "sap"))  # fmt: skip


def _master_drift(draw: _Drawing) -> Fault:
    return Fault(FaultKind.MASTER_DRIFT, draw.since(14, 24), draw.now - 2 * DAY,
                 rate=draw.luck.uniform(0.025, 0.045), system="sap",
                 place=draw.luck.choice(("customer.tax_id", "customer.address")))  # fmt: skip


def _silent_source(draw: _Drawing) -> Fault:
    region = REGIONS[draw.region()]
    return Fault(FaultKind.SILENT_SOURCE, draw.since(2.2, 3.4), draw.now + FOREVER, system="wms",
                 source=f"urn:system:wms:{region.warehouse}")  # fmt: skip


def _late_events(draw: _Drawing) -> Fault:
    system, instance = draw.luck.choice((("billing", "global"), ("sap", "1000"), ("sap", "2000")))
    since = draw.since(5, 10)
    return Fault(FaultKind.LATE_EVENTS, since, since + int(draw.luck.uniform(20, 32) * HOUR),
                 rate=draw.luck.uniform(0.6, 0.8), system=system,
                 source=f"urn:system:{system}:{instance}")  # fmt: skip


_DRAWN: Mapping[FaultKind, Callable[[_Drawing], Fault]] = {
    FaultKind.TAX_OUTAGE: _tax_outage,
    FaultKind.TOKEN_EXPIRY: _token_expiry,
    FaultKind.SCHEMA_CHANGE: _schema_change,
    FaultKind.CORRELATION_LOST: _correlation_lost,
    FaultKind.SILENT_DROP: _silent_drop,
    FaultKind.PRICE_MISMATCH: _price_mismatch,
    FaultKind.SLOW_APPROVER: _slow_approver,
    FaultKind.DUPLICATE_ORDER: _duplicate_order,
    FaultKind.MASTER_DRIFT: _master_drift,
    FaultKind.SILENT_SOURCE: _silent_source,
    FaultKind.LATE_EVENTS: _late_events,
}
