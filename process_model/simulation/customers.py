"""The customers and what each system believes of them; the planted drift is here."""

import random
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from process_model.simulation.estate import (
    BUSINESS_UNITS,
    CHANNELS,
    LAG_SECONDS,
    REGIONS,
    TIERS,
    Region,
    source_of,
    stream,
)
from process_model.simulation.faults import Fault
from process_model.simulation.hours import DAY, MINUTE, SECOND
from process_model.simulation.told import Told, digest

_FIRST = ("Alder", "Borealis", "Cobalt", "Delphi", "Eastgate", "Fjord", "Granite", "Harbour",
          "Ionic", "Juniper", "Kestrel", "Lumen", "Meridian", "Northwind", "Orchard", "Pinnacle",
          "Quarry", "Riverton", "Summit", "Tidewater")  # fmt: skip
_SECOND = ("Chemicals", "Foods", "Mining", "Paper", "Pharma", "Plastics", "Power", "Shipyards",
           "Steel", "Textiles", "Utilities", "Water")  # fmt: skip
_FORM = {"EMEA": "GmbH", "AMER": "Inc.", "APAC": "K.K."}
_STREETS = {"EMEA": "Hafenstrasse", "AMER": "Mill Road", "APAC": "Sakura-dori"}
_TOWN = {"EMEA": "Hamburg", "AMER": "Dallas", "APAC": "Osaka"}
_COUNTRY = {"EMEA": "DE", "AMER": "US", "APAC": "JP"}
_KEEPERS = ("salesforce", "sap", "billing")


class Customer(msgspec.Struct, frozen=True):
    """One customer, and since when which system believes what of it."""

    number: int
    id: str
    erp_id: str
    region: str
    business_unit: str
    tier: str
    channel: str
    payment_days: int
    collective: bool
    """wants one invoice for what was delivered together"""
    card: bool
    """pays through the payment provider's page"""
    known: Mapping[str, Sequence[tuple[int, Mapping[str, str]]]]
    drifts_at: int | None = None
    """since when the ERP no longer agrees with the others"""

    def believed(self, system: str, at: int) -> Mapping[str, str]:
        """What the system holds of the customer at that time."""
        told = self.known[system]
        return next((fields for since, fields in reversed(told) if since <= at), told[0][1])


def draw_customers(
    seed: int, salt: str, count: int, since: int, until: int, fault: Fault | None
) -> dict[str, Sequence[Customer]]:
    """The customers by region; their masters begin before ``since`` and change up to ``until``."""
    found: dict[str, list[Customer]] = {name: [] for name in REGIONS}
    drifting: set[int] = set()
    if fault:
        many = max(4, round(count * fault.rate))
        drifting = set(stream(seed, "drifting").sample(range(count), min(count, many)))
    for number in range(count):
        luck = stream(seed, "customer", number)
        region = luck.choices(list(REGIONS.values()), [r.share for r in REGIONS.values()])[0]
        customer = _customer(luck, salt, number, region, since)
        luck = stream(seed, "master", number)
        if fault and number in drifting:
            customer = _drifting(luck, customer, fault)
        elif luck.random() < 0.06:
            at = since + int(luck.random() * (until - since))
            customer = _moved(luck, customer, at, _KEEPERS, "customer.address")
        found[region.name].append(customer)
    return {name: tuple(customers) for name, customers in found.items()}


def _customer(luck: random.Random, salt: str, number: int, region: Region, since: int) -> Customer:
    base = 10_000_000 + int(digest(salt, "customers", size=4), 16) % 80_000_000
    fields = _fields(luck, region)
    known, begun = {}, since - int(luck.uniform(1, 20) * DAY)
    for system in _KEEPERS:
        begun += int(luck.uniform(1, 40) * MINUTE)
        known[system] = ((begun, _spelt(luck, system, fields)),)
    return Customer(
        number=number,
        id=f"C-{base + number * 7}",
        erp_id=f"{base // 3 + number:010d}",
        region=region.name,
        business_unit=luck.choice(BUSINESS_UNITS),
        tier=luck.choices(TIERS, (20, 35, 45))[0],
        channel=luck.choices(CHANNELS, (45, 35, 20))[0],
        payment_days=luck.choice((14, 30, 30, 45)),
        collective=luck.random() < 0.2,
        card=luck.random() < 0.3,
        known=known,
    )


def _fields(luck: random.Random, region: Region) -> dict[str, str]:
    street = f"{_STREETS[region.name]} {luck.randint(1, 180)}"
    return {
        "customer.legal_name": f"{luck.choice(_FIRST)} {luck.choice(_SECOND)} {_FORM[region.name]}",
        "customer.tax_id": f"{_COUNTRY[region.name]}{luck.randrange(10**8, 10**9)}",
        "customer.address": f"{street}, {luck.randrange(10_000, 99_999)} {_TOWN[region.name]}",
    }


def _spelt(luck: random.Random, system: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The same facts in another hand: spaces and capitals are no drift."""
    spelt = dict(fields)
    if system == "sap" and luck.random() < 0.2:
        tax_id = spelt["customer.tax_id"]
        spelt["customer.tax_id"] = f"{tax_id[:2]} {tax_id[2:5]} {tax_id[5:]}"
        spelt["customer.address"] = spelt["customer.address"].upper()
    return spelt


def _drifting(luck: random.Random, customer: Customer, fault: Fault) -> Customer:
    at = fault.since + int(luck.random() * (fault.until - fault.since) * 0.9)
    told = tuple(name for name in _KEEPERS if name != "sap")
    moved = _moved(luck, customer, at, told, fault.place)
    return msgspec.structs.replace(moved, drifts_at=at)


def _moved(
    luck: random.Random, customer: Customer, at: int, told: Sequence[str], field: str
) -> Customer:
    """One field changes, and those systems come to know it within the hour."""
    fresh = _fields(luck, REGIONS[customer.region])[field]
    known = dict(customer.known)
    for system in told:
        known[system] = (*known[system], (at, {**known[system][-1][1], field: fresh}))
        at += int(luck.uniform(2, 20) * MINUTE)
    return msgspec.structs.replace(customer, known=known)


def masters(customers: Mapping[str, Sequence[Customer]]) -> Iterator[Told]:
    """How each system came to know each customer, and every change of it."""
    for those in customers.values():
        for customer in those:
            place = 0
            for system in _KEEPERS:
                for step, (at, fields) in enumerate(customer.known[system]):
                    type_ = "customer.changed" if step else "customer.created"
                    yield _told(customer, place, system, type_, at, fields)
                    place += 1


def _told(
    customer: Customer, place: int, system: str, type_: str, at: int, fields: Mapping[str, str]
) -> Told:
    region = REGIONS[customer.region]
    data: dict[str, object] = {
        "segment": {"region": customer.region, "customer_tier": customer.tier},
        "actor": {"kind": "human" if system == "salesforce" else "system"},
        "fields": dict(fields), "terms": {"payment_days": customer.payment_days},
    }  # fmt: skip
    if system == "sap" and type_ == "customer.created":
        data["links"] = [{
            "from": {"type": "customer", "id": customer.id}, "kind": "same",
            "to": {"type": "customer", "id": customer.erp_id, "system": "sap"},
        }]  # fmt: skip
    recorded = at + int(LAG_SECONDS[system] * SECOND)
    unit = f"customer {customer.id}"
    return Told(at, recorded, source_of(system, region), type_, f"customer/{customer.id}", data,
                unit, place)  # fmt: skip
