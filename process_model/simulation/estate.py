"""The estate that the world plays in: regions, systems, the cuts of the business, and its clock."""

import random
from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

import msgspec

from process_model.simulation.hours import EVERY_DAY, Hours


class Region(msgspec.Struct, frozen=True):
    """A part of the world with its own clock, money and company."""

    name: str
    zone: str
    daily: tuple[int, int]
    holidays: tuple[tuple[int, int], ...]
    currency: str
    legal_entity: str
    company: str
    """the company code in the ERP"""
    tax_percent: int
    warehouse: str
    share: float


REGIONS: Mapping[str, Region] = {
    region.name: region
    for region in (
        Region("EMEA", "Europe/Berlin", (8, 18), ((1, 1), (5, 1), (10, 3), (12, 25)),
               "EUR", "DE01", "1000", 19, "hamburg", 0.38),
        Region("AMER", "America/New_York", (8, 18), ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25)),
               "USD", "US01", "2000", 8, "dallas", 0.33),
        Region("APAC", "Asia/Tokyo", (9, 19), ((1, 1), (2, 11), (4, 29), (8, 11), (11, 3)),
               "JPY", "DE01", "1000", 10, "osaka", 0.29),
    )
}  # fmt: skip

BUSINESS_UNITS = ("Industrial", "Energy", "Water")
FAMILIES = ("Pumps", "Valves", "Seals", "Service plans")
CHANNELS = ("direct", "partner", "portal")
TIERS = ("A", "B", "C")

NUMBERED = frozenset({"salesforce", "cpq", "sap", "wms"})
"""The systems that number what they tell, without gaps (CloudEvents ``sequence``)."""

LAG_SECONDS: Mapping[str, float] = {
    "salesforce": 1.2, "cpq": 0.4, "tax": 0.3, "mulesoft": 0.6, "sap": 2.4, "wms": 3.1,
    "billing": 1.7, "stripe": 0.9,
}  # fmt: skip
"""How long after it happened a system knows of a fact."""


def source_of(system: str, region: Region) -> str:
    """The URI of the system's instance that serves the region."""
    instance = {
        "salesforce": region.name.lower(), "cpq": "global", "tax": region.name.lower(),
        "mulesoft": "prod", "sap": region.company, "wms": region.warehouse, "billing": "global",
        "stripe": "us" if region.name == "AMER" else "eu",
    }[system]  # fmt: skip
    return f"urn:system:{system}:{instance}"


def stream(*names: object) -> random.Random:
    """A stream of luck of its own for whatever the names name; the same on every machine."""
    text = "/".join(str(name) for name in names)
    return random.Random(int.from_bytes(blake2b(text.encode(), digest_size=8).digest()))


class Calendar:
    """The hours of every region's offices and warehouses, over the whole of a world's time."""

    def __init__(self, first: date, last: date) -> None:
        """Cover the days from ``first`` to ``last``."""
        first, last = first - timedelta(days=3), last + timedelta(days=3)
        self._office = {
            name: Hours(ZoneInfo(r.zone), r.daily, first, last, holidays=r.holidays)
            for name, r in REGIONS.items()
        }
        # a warehouse works in shifts, and customers shop in the evening and at weekends
        self._warehouse = {
            name: Hours(ZoneInfo(r.zone), (5, 23), first, last, weekdays=EVERY_DAY)
            for name, r in REGIONS.items()
        }

    def office(self, region: str) -> Hours:
        """When people of the region decide."""
        return self._office[region]

    def warehouse(self, region: str) -> Hours:
        """When goods move and customers are awake."""
        return self._warehouse[region]
