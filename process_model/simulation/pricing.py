"""Prices in whole minor units (cents, yen): lines, discounts and taxes that add up exactly."""

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from process_model.simulation.estate import Region

_EXPONENT: Mapping[str, int] = {"EUR": 2, "USD": 2, "JPY": 0}
_MINOR_PER_EURO: Mapping[str, int] = {"EUR": 100, "USD": 110, "JPY": 160}
_EUROS: Mapping[str, tuple[int, int]] = {
    "Pumps": (420, 9_800), "Valves": (60, 2_400), "Seals": (8, 310), "Service plans": (190, 3_600),
}  # fmt: skip
_QUANTITIES: Mapping[str, tuple[int, int]] = {
    "Pumps": (1, 12), "Valves": (2, 40), "Seals": (20, 400), "Service plans": (1, 6),
}  # fmt: skip
_DISCOUNTS = (0, 0, 3, 5, 8, 12)


class Line(msgspec.Struct, frozen=True):
    """One position of a document; money in minor units of its currency."""

    id: str
    product: str
    quantity: int
    unit_price: int
    discount: int
    tax_percent: int

    @property
    def net(self) -> int:
        """Before tax."""
        return self.quantity * self.unit_price - self.discount

    @property
    def tax(self) -> int:
        """Rounded half up, line by line, as tax engines do."""
        return (self.net * self.tax_percent * 2 + 100) // 200

    @property
    def total(self) -> int:
        """What the line costs."""
        return self.net + self.tax


def draw_lines(luck: random.Random, region: Region, family: str) -> tuple[Line, ...]:
    """One to five positions of the family, priced in the region's money."""
    cheapest, dearest = _EUROS[family]
    fewest, most = _QUANTITIES[family]
    lines = []
    for place in range(1, 1 + luck.choices((1, 2, 3, 4, 5), (38, 30, 17, 10, 5))[0]):
        euros = cheapest + int((dearest - cheapest) * luck.random() ** 2)
        price = euros * _MINOR_PER_EURO[region.currency]
        quantity = luck.randint(fewest, most)
        discount = quantity * price * luck.choice(_DISCOUNTS) // 100
        product = f"{family[:2].upper()}-{euros % 97:02d}{place}"
        lines.append(Line(f"{place}0", product, quantity, price, discount, region.tax_percent))
    return tuple(lines)


def total(lines: Iterable[Line]) -> int:
    """What all lines cost together."""
    return sum(line.total for line in lines)


def money(minor: int, currency: str) -> str:
    """The decimal string of an amount: ``184200.00`` in euro, ``184200`` in yen."""
    exponent = _EXPONENT[currency]
    if not exponent:
        return str(minor)
    whole, rest = divmod(abs(minor), 10**exponent)
    return f"{'-' if minor < 0 else ''}{whole}.{rest:0{exponent}d}"


def split(lines: Sequence[Line]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """The same goods in two parts that together cost exactly what the whole does."""
    if len(lines) > 1:
        return tuple(lines[:1]), tuple(lines[1:])
    (line,) = lines
    if line.quantity < 2 or line.discount:
        return (line,), ()
    first = msgspec.structs.replace(line, quantity=line.quantity // 2)
    rest = msgspec.structs.replace(line, quantity=line.quantity - first.quantity)
    # two roundings of tax may differ from one by a cent: then the goods stay together
    if first.total + rest.total != line.total:
        return (line,), ()
    return (first,), (rest,)


def mispriced(lines: Sequence[Line], percent: int) -> tuple[Line, ...]:
    """The same lines with the dearest one's price off by so much: what a stale rule does."""
    dearest = max(lines, key=lambda line: line.total)
    off = max(1, dearest.unit_price * percent // 100)
    wrong = msgspec.structs.replace(dearest, unit_price=dearest.unit_price + off)
    return tuple(wrong if line is dearest else line for line in lines)


def wire_lines(
    lines: Iterable[Line], currency: str, origin: tuple[str, str] | None = None
) -> list[dict[str, object]]:
    """Lines as an event carries them; ``origin`` is type and number of the preceding document."""
    told: list[dict[str, object]] = []
    for line in lines:
        item: dict[str, object] = {
            "id": line.id, "product": line.product, "quantity": str(line.quantity),
            "unit_price": money(line.unit_price, currency),
            "discount": money(line.discount, currency), "tax": money(line.tax, currency),
            "currency": currency,
        }  # fmt: skip
        if origin:
            item["from"] = {"type": f"{origin[0]}_line", "id": f"{origin[1]}/{line.id}"}
        told.append(item)
    return told


def rates_file(valid_from: date) -> str:
    """The world's exchange rates as ``throughline rates`` takes them, into euro."""
    lines = ["currency,reporting_currency,valid_from,rate"]
    for code, minor in _MINOR_PER_EURO.items():
        if code != "EUR":
            rate = Decimal(10) ** _EXPONENT[code] / minor
            lines.append(f"{code},EUR,{valid_from},{rate:.9f}")
    return "\n".join(lines) + "\n"
