"""Whose money a shared document is: its amount divided among the instances that hold it; pure.

Contract 3: by the amounts that links state, else by its lines, else by what its predecessors are
worth, else equally, and marked so. The parts add up to the document's amount to the last digit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction

from process_model.correlation import Grown, SameThings
from process_model.vocabulary import LinkKind

_UNITS = 1_000_000
"""Amounts are kept to six digits: the smallest part of one."""


@dataclass(frozen=True, slots=True)
class Share:
    """One instance's part of a document; ``amount`` is ``None`` when nobody said what it is."""

    fraction: float
    basis: str
    """whole, stated, lines, amounts or equal"""
    amount: Decimal | None
    currency: str


def shares_of(grown: Sequence[Grown]) -> dict[str, dict[str, Share]]:
    """Per leader the share of each object its instance holds; ``grown`` are whole components."""
    estate = _Estate(grown)
    given: dict[str, dict[str, Share]] = {one.leader: {} for one in grown}
    # the default of 28 digits would round what the store's 38 can hold
    with localcontext(prec=60):
        for key, leaders in estate.holders.items():
            amount, currency = estate.amounts.get(key, (None, ""))
            if len(leaders) == 1:
                given[leaders[0]][key] = Share(1.0, "whole", amount, currency)
                continue
            division = estate.division(key)
            for leader in leaders:
                part = Decimal(division.units[leader]) / _UNITS if division.units else None
                fraction = float(division.fractions[leader])
                given[leader][key] = Share(fraction, division.bases[leader], part, currency)
    return given


@dataclass(slots=True)
class _Division:
    fractions: dict[str, Fraction]
    bases: dict[str, str]
    units: dict[str, int] = field(default_factory=dict)


class _Estate:
    """All instances of some components: who holds what, what it is worth, what came before it."""

    def __init__(self, grown: Sequence[Grown]) -> None:
        self.holders: dict[str, list[str]] = defaultdict(list)
        self.amounts: dict[str, tuple[Decimal, str]] = {}
        # (predecessor, successor) → per basis the amount that a link states
        self._stated: dict[str, dict[str, dict[str, Fraction]]] = {}
        self._before: dict[str, set[str]] = defaultdict(set)
        self._divided: dict[str, _Division] = {}
        for one in grown:
            for key in one.own | one.context:
                self.holders[key].append(one.leader)
        shared = {key for key, leaders in self.holders.items() if len(leaders) > 1}
        for one in grown:
            same = SameThings(entry.link for entry in one.links)
            self._read_amounts(one, same)
            if shared & (one.own | one.context):
                self._read_links(one, same)

    def _read_amounts(self, one: Grown, same: SameThings) -> None:
        for event in one.events:
            if event.amount is not None and event.subject:
                self.amounts[same.of(event.subject)] = (Decimal(event.amount), event.currency)

    def _read_links(self, one: Grown, same: SameThings) -> None:
        for entry in one.links:
            link = entry.link
            before, after = same.of(link.from_key), same.of(link.to_key)
            if link.kind == LinkKind.PART and before.partition(":")[0].endswith("_line"):
                before, after = after, before
            if before == after or link.kind not in (LinkKind.FLOW, LinkKind.PART):
                continue
            self._before[after].add(before)
            if link.amount is not None:
                # told twice, the later telling counts
                bases = self._stated.setdefault(after, {})
                bases.setdefault(link.basis, {})[before] = Fraction(link.amount)

    def division(self, key: str) -> _Division:
        """How a document is divided among its holders."""
        known = self._divided.get(key)
        if known is None:
            leaders = sorted(self.holders[key])
            # stands while its predecessors are asked: links may run in a circle
            self._divided[key] = _evenly(leaders)
            known = self._divide(key, leaders) if len(leaders) > 1 else self._divided[key]
            amount, _ = self.amounts.get(key, (None, ""))
            if amount is not None:
                known.units = _in_units(amount, known.fractions)
            self._divided[key] = known
        return known

    def _divide(self, key: str, leaders: Sequence[str]) -> _Division:
        amount, _ = self.amounts.get(key, (None, ""))
        total = None if amount is None else Fraction(amount)
        for basis, name in (("links", "stated"), ("lines", "lines")):
            weights = self._stated_weights(key, basis)
            if found := _by_statement(weights, leaders, total, name):
                rest, open_ = found
                return rest if not open_ else self._with_rest(key, rest, open_)
        return self._by_worth(key, leaders)

    def _with_rest(self, key: str, known: _Division, leaders: Sequence[str]) -> _Division:
        """What nobody stated goes to those of whom nothing was stated."""
        left = 1 - sum(known.fractions.values())
        others = self._by_worth(key, leaders)
        fractions = {leader: left * part for leader, part in others.fractions.items()}
        return _Division(known.fractions | fractions, known.bases | others.bases)

    def _stated_weights(self, key: str, basis: str) -> dict[str, Fraction]:
        weights: dict[str, Fraction] = defaultdict(Fraction)
        for before, amount in self._stated.get(key, {}).get(basis, {}).items():
            if before in self.holders:
                for leader, part in self.division(before).fractions.items():
                    weights[leader] += amount * part
        return weights

    def _by_worth(self, key: str, leaders: Sequence[str]) -> _Division:
        worth: dict[str, Fraction] = defaultdict(Fraction)
        currencies: set[str] = set()
        self._add_worth(key, worth, currencies, {key})
        weights = {leader: worth[leader] for leader in leaders}
        total = sum(weights.values())
        if len(currencies) != 1 or min(weights.values()) <= 0:
            return _evenly(leaders)
        fractions = {leader: weight / total for leader, weight in weights.items()}
        return _Division(fractions, dict.fromkeys(leaders, "amounts"))

    def _add_worth(
        self, key: str, worth: dict[str, Fraction], currencies: set[str], seen: set[str]
    ) -> None:
        """Add what the predecessors are worth; of one without an amount, what leads to it is."""
        for before in sorted(self._before[key] - seen):
            seen.add(before)
            if before not in self.amounts:
                self._add_worth(before, worth, currencies, seen)
            elif before in self.holders:
                amount, currency = self.amounts[before]
                currencies.add(currency)
                for leader, part in self.division(before).fractions.items():
                    worth[leader] += Fraction(amount) * part


def _evenly(leaders: Sequence[str]) -> _Division:
    basis = "whole" if len(leaders) == 1 else "equal"
    each = Fraction(1, len(leaders))
    return _Division(dict.fromkeys(leaders, each), dict.fromkeys(leaders, basis))


def _by_statement(
    weights: Mapping[str, Fraction], leaders: Sequence[str], total: Fraction | None, name: str
) -> tuple[_Division, list[str]] | None:
    """The division by stated amounts, and whom the rest is for; ``None`` when they do not serve."""
    stated = {leader: weights[leader] for leader in leaders if weights.get(leader)}
    sum_ = sum(stated.values())
    if not stated or min(stated.values()) < 0:
        return None
    unsaid = [leader for leader in leaders if leader not in stated]
    if unsaid and total is None:
        return None
    if unsaid and total is not None and sum_ < total:
        fractions = {leader: weight / total for leader, weight in stated.items()}
        return _Division(fractions, dict.fromkeys(stated, name)), unsaid
    fractions = {leader: stated.get(leader, Fraction(0)) / sum_ for leader in leaders}
    return _Division(fractions, dict.fromkeys(leaders, name)), []


def _in_units(amount: Decimal, fractions: Mapping[str, Fraction]) -> dict[str, int]:
    """The amount in its smallest parts, the largest remainders first, so that sums tie out."""
    total = int(Fraction(amount) * _UNITS)
    whole = abs(total)
    exact = {leader: whole * part for leader, part in fractions.items()}
    units = {leader: int(part) for leader, part in exact.items()}
    remainders: Iterable[str] = sorted(exact, key=lambda k: (units[k] - exact[k], k))
    for leader in list(remainders)[: whole - sum(units.values())]:
        units[leader] += 1
    return units if total >= 0 else {leader: -number for leader, number in units.items()}
