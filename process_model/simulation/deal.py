"""One deal while it is told: who buys what, under which numbers, and what has been said so far."""

import random
from collections.abc import Mapping, Sequence

import msgspec

from process_model.events import object_key
from process_model.simulation.answers import Harm
from process_model.simulation.customers import Customer
from process_model.simulation.estate import LAG_SECONDS, REGIONS, Calendar, source_of, stream
from process_model.simulation.faults import Fault, FaultKind, Plan
from process_model.simulation.hours import SECOND, Hours
from process_model.simulation.pricing import Line, draw_lines, money, total
from process_model.simulation.told import Told, base62, digest

DEVIATIONS = (
    "denied", "escalated", "delegated", "credit_hold", "changed", "recreated", "returned",
    "cancelled_invoice", "corrected_invoice", "disputed", "payment_failed", "exception",
)  # fmt: skip
"""What goes another way than it should without anything being wrong with the estate."""

DEVIATING = 0.085


class Setting(msgspec.Struct, frozen=True):
    """What all deals of a world share."""

    seed: int
    salt: str
    calendar: Calendar
    plan: Plan
    approvers: Mapping[str, Sequence[str]]
    """per region; the last is the manager to whom things are escalated"""


class Numbers:
    """The document numbers of a world: each kind counts on from a number of its own."""

    def __init__(self, salt: str) -> None:
        """The salt draws where each kind's numbers begin."""
        self._salt = salt
        self._first: dict[str, int] = {}

    def number(self, kind: str, place: int) -> int:
        """The number of the place-th document of the kind."""
        if kind not in self._first:
            drawn = int(digest(self._salt, "number", kind, size=4), 16)
            self._first[kind] = 10_000_000 + drawn % 89_000_000
        return self._first[kind] + place


class Deal:
    """The life of one quote's family, told step by step."""

    def __init__(
        self, setting: Setting, numbers: Numbers, unit: int, member: int, customer: Customer,
        begun: int, family: str, *, portal: bool,
    ) -> None:  # fmt: skip
        """Draw what is bought; the same unit and member always draw the same."""
        self.setting, self.customer, self.begun = setting, customer, begun
        self.portal, self.unit = portal, f"{unit}.{member}"
        self.luck: random.Random = stream(setting.seed, "deal", unit, member)
        self.fate: random.Random = stream(setting.seed, "fate", unit, member)
        self.region = REGIONS[customer.region]
        self._sources = {name: source_of(name, self.region) for name in LAG_SECONDS}
        self.currency = self.region.currency
        self.segment: dict[str, str] = {
            "region": self.region.name, "business_unit": customer.business_unit,
            "legal_entity": self.region.legal_entity, "product_family": family,
            "sales_channel": "portal" if portal else customer.channel,
            "customer_tier": customer.tier,
        }  # fmt: skip
        self.lines: tuple[Line, ...] = draw_lines(self.luck, self.region, family)
        deviates = self.luck.random() < DEVIATING
        self.deviation = self.luck.choice(DEVIATIONS) if deviates else ""
        self.correlation = digest(setting.salt, "correlation", self.unit)
        self.deaf: frozenset[str] = frozenset()
        """the systems that were not told the correlation id"""
        self.told: list[Told] = []
        self.harms: list[Harm] = []
        self.documents: set[tuple[str, str]] = set()
        """type and number of all that will belong to its instance"""
        self._numbers, self._place, self._used = numbers, unit * 8 + member * 2, 0
        self.quote = f"Q-{numbers.number('quote', unit * 8 + member)}"
        self.opportunity = f"OPP-{numbers.number('opportunity', unit * 8 + member)}"

    @property
    def office(self) -> Hours:
        """When the region's people work."""
        return self.setting.calendar.office(self.region.name)

    @property
    def shifts(self) -> Hours:
        """When the region's warehouse works, and its customers are awake."""
        return self.setting.calendar.warehouse(self.region.name)

    def awake(self, at: int) -> int:
        """Then, or in the morning after: nobody acts on the stroke of the opening."""
        return self.shifts.from_(at, seconds(self.luck, 0, 3 * 3600))

    def at_work(self, at: int) -> int:
        """The same by the hours of the office."""
        return self.office.from_(at, seconds(self.luck, 0, 2 * 3600))

    @property
    def total(self) -> int:
        """What the deal is worth, in minor units."""
        return total(self.lines)

    @property
    def tax_rule(self) -> dict[str, str]:
        """The rule by which the tax engine of the region decides."""
        return {"kind": "tax", "id": f"VAT-{self.region.tax_percent}", "version": "3"}

    @property
    def instance(self) -> str:
        """The id of the instance that will grow from it."""
        return object_key("quote", self.quote)

    def number(self, kind: str, form: str) -> str:
        """A fresh document number, ``form`` holding a place for it."""
        self._used += 1
        name = form.format(self._numbers.number(kind, self._place * 8 + self._used))
        self.documents.add((kind, name))
        return name

    def token(self, *names: object, length: int = 24) -> str:
        """Letters and digits as a payment provider gives them."""
        return base62(digest(self.setting.salt, self.unit, *names), length)

    def money(self, minor: int) -> str:
        """A decimal string of the deal's currency."""
        return money(minor, self.currency)

    def tell(
        self, at: int, system: str, type_: str, subject: tuple[str, str], hop: str = "",
        *, about: Sequence[tuple[str, str]] = (), amount: int | None = None, shared: bool = False,
        more: Mapping[str, object] = {}, **data: object,
    ) -> Told:  # fmt: skip
        """Add one fact; ``about`` are the other documents it names, the rest goes out as it is."""
        objects: list[dict[str, str]] = [{"type": kind, "id": name} for kind, name in about]
        objects.append({"type": "customer", "id": self.customer.id})
        members: dict[str, object] = {"objects": objects, "segment": self.segment, **more, **data}
        if amount is not None:
            members["amount"], members["currency"] = self.money(amount), self.currency
        known = not shared and system not in self.deaf
        lag = LAG_SECONDS[system] * SECOND
        told = Told(
            at, at + int(lag * (1 + self.luck.random() / 2)), self._sources[system], type_,
            "/".join(subject), members, self.unit, len(self.told),
            self.correlation if known else "", hop,
        )  # fmt: skip
        self.told.append(told)
        return told

    def fault(self, kind: FaultKind, at: int) -> Fault | None:
        """The planted fault when it hits this deal at that time; the share is drawn."""
        fault = self.setting.plan.get(kind)
        if fault is None or not fault.hits(at, self.segment):
            return None
        return fault if self.fate.random() < fault.rate else None

    def hurt(self, kind: FaultKind, begun: int, certain: int, *documents: tuple[str, str]) -> None:
        """Note on the answer sheet what was done to this deal."""
        keys = tuple(object_key(type_, name) for type_, name in documents)
        amount, currency = self.total, self.currency
        self.harms.append(Harm(kind, self.instance, keys, begun, certain, amount, currency))


def seconds(luck: random.Random, least: float, most: float) -> int:
    """So many seconds, on the simulation's clock."""
    return int(luck.uniform(least, most) * SECOND)
