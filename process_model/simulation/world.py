"""Months of a quote-to-cash estate, drawn from a seed: pure, the same bytes for the same seed.

A world is counted back from a day, its anchor, and goes on after it: what is told up to a moment is
the beginning of what is told up to a later one, ids and sequence numbers included. ``salt`` only
names things: the same seed under another salt is the same story with other ids.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property

import msgspec

from process_model.events import object_key
from process_model.simulation import answers
from process_model.simulation.answers import AnswerSheet, Harm
from process_model.simulation.customers import draw_customers, masters
from process_model.simulation.deal import Deal, Numbers, Setting
from process_model.simulation.estate import FAMILIES, NUMBERED, REGIONS, Calendar, stream
from process_model.simulation.faults import FaultKind, plan
from process_model.simulation.hours import DAY, HOUR, midnight, utc
from process_model.simulation.life import tell_lives
from process_model.simulation.pricing import money
from process_model.simulation.told import Told, digest, envelope

_GROWTH = 0.6
"""by how much more is sold at the anchor than at the beginning"""
_WEEKEND = 0.25
_SPARE = 1.06
"""some opportunities are lost before they have a quote"""
_EASTERN = 14 * HOUR
"""by so much a local day begins before the same day in UTC, at most"""
TRACED = 14 * DAY
"""how long the estate keeps its traces"""


class Event(msgspec.Struct, frozen=True):
    """One fact with its place in its source's row of numbers."""

    told: Told
    sequence: int | None


def name_of(seed: int, profile: str, months: float, cases: int) -> str:
    """What is asked for, in words."""
    return f"seed {seed}, profile {profile}, {months:g} months, {cases} cases"


class World:
    """One world; asking again gives the same."""

    def __init__(
        self, seed: int, profile: str, anchor: date, *, months: float = 6, cases: int = 5_200,
        salt: str = "",
    ) -> None:  # fmt: skip
        """``cases`` have begun by the anchor, in the ``months`` before it."""
        self.seed, self.profile, self.anchor = seed, profile, anchor
        self.cases, self.name = cases, name_of(seed, profile, months, cases)
        self.salt = salt or digest("world", self.name, anchor)
        self.first = anchor - timedelta(days=round(months * 30.44))
        self.traced_since = midnight(anchor) - TRACED
        calendar = Calendar(self.first - timedelta(days=45), anchor + timedelta(days=420))
        self.plan = plan(seed, profile, anchor, calendar)
        self._calendar = calendar
        approvers = {
            region: [f"u-{int(digest(self.salt, region, place, size=3), 16) % 9000 + 1000}"
                     for place in range(4)]
            for region in REGIONS
        }  # fmt: skip
        self._setting = Setting(seed, self.salt, calendar, self.plan, approvers)
        self._customers = draw_customers(
            seed, self.salt, max(24, cases // 22), midnight(self.first), midnight(anchor),
            self.plan.get(FaultKind.MASTER_DRIFT),
        )  # fmt: skip
        self._units: dict[int, list[Deal]] = {}
        self._told: list[Event] = []
        self._told_until = 0

    @cached_property
    def _rate(self) -> float:
        """Lives a day on a usual day, so that all of them have begun by the anchor."""
        days = (self.anchor - self.first).days
        return self.cases * _SPARE / sum(self._weight(day) for day in range(days))

    def _weight(self, day: int) -> float:
        weekend = (self.first + timedelta(days=day)).weekday() >= 5
        growth = 1 + _GROWTH * day / max(1, (self.anchor - self.first).days)
        return growth * (_WEEKEND if weekend else 1)

    def deals(self, until: int) -> Iterator[Deal]:
        """Every life that has begun by then, told to its end."""
        begun, unit, day = 0.0, 0, 0
        while midnight(self.first + timedelta(days=day)) - _EASTERN <= until:
            begun += self._weight(day) * self._rate
            while unit < int(begun):
                if unit not in self._units:
                    self._units[unit] = self._draw(unit, self.first + timedelta(days=day))
                yield from (deal for deal in self._units[unit] if deal.begun <= until)
                unit += max(1, len(self._units[unit]))
            day += 1

    def _draw(self, unit: int, day: date) -> list[Deal]:
        """One life, or several that share an invoice or a payment."""
        luck = stream(self.seed, "unit", unit)
        regions = list(REGIONS.values())
        region = luck.choices(regions, [region.share for region in regions])[0]
        customers = self._customers[region.name] or next(filter(None, self._customers.values()))
        customer = customers[int(len(customers) * luck.random() ** 1.3)]
        begun = self._calendar.office(customer.region).within(day, luck.random())
        portal = begun is None or luck.random() < 0.16
        if portal:
            begun = self._calendar.warehouse(customer.region).within(day, luck.random())
        assert begun is not None
        together = luck.random()
        members = 1
        if not portal and together < (0.2 if customer.collective else 0.04):
            members = 2 if luck.random() < 0.7 else 3
        family = luck.choices(FAMILIES, (32, 30, 26, 12))[0]
        if members > 1 and family == FAMILIES[3]:
            family = FAMILIES[0]
        numbers = self._numbers
        those = [
            Deal(self._setting, numbers, unit, member, customer, begun, family, portal=portal)
            for member in range(members)
        ]
        tell_lives(those, collective=customer.collective)
        return those

    @cached_property
    def _numbers(self) -> Numbers:
        return Numbers(self.salt)

    def events(self, until: int) -> list[Event]:
        """What the sources have told of what happened until then, in its order of happening.

        An event's ``recorded`` may lie later: then its source does not know of it yet.
        """
        if until > self._told_until:
            self._told, self._told_until = self._tell(until), until
        return self._told[: bisect_right(self._told, until, key=lambda event: event.told.at)]

    def _tell(self, until: int) -> list[Event]:
        told = [one for deal in self.deals(until) for one in deal.told if one.at <= until]
        told += [one for one in masters(self._customers) if one.at <= until]
        told = [one for one in map(self._delayed, told) if one is not None]
        told.sort(key=lambda one: (one.at, one.unit, one.place))
        counts: dict[str, int] = defaultdict(int)
        events = []
        for one in told:
            sequence = None
            if one.system in NUMBERED:
                counts[one.source] += 1
                sequence = counts[one.source]
            events.append(Event(one, sequence))
        return events

    def _delayed(self, told: Told) -> Told | None:
        """The fact as a source at fault tells it: late, or never."""
        silent, late = self.plan.get(FaultKind.SILENT_SOURCE), self.plan.get(FaultKind.LATE_EVENTS)
        if silent and told.source == silent.source and silent.since <= told.at < silent.until:
            return None
        if late and told.source == late.source and late.since <= told.at < late.until:
            luck = stream(self.seed, "late", told.unit, told.place)
            if luck.random() < late.rate:
                return msgspec.structs.replace(
                    told, recorded=told.recorded + int(luck.uniform(6, 30) * HOUR)
                )
        return told

    def wire(self, event: Event) -> dict[str, object]:
        """The event as it goes through the door."""
        traced = event.told.at >= self.traced_since
        return envelope(self.salt, event.told, event.sequence, traced=traced)

    def answers(self, now: int) -> AnswerSheet:
        """What is to be found by whoever knows everything told until ``now``."""
        events = [event for event in self.events(now) if event.told.recorded <= now]
        known = {event.told.unit for event in events if event.told.type.startswith("quote.")}
        deals = [deal for deal in self.deals(now) if deal.unit in known]
        harms = [harm for deal in deals for harm in deal.harms]
        harms += self._drifts() + self._at_sources(events, deals)
        return AnswerSheet(
            world=self.name,
            anchor=self.anchor.isoformat(),
            as_of=utc(now),
            salt=self.salt,
            answers=tuple(
                answers.answer(fault, done, now, _money(done, now))
                for fault, done in answers.by_fault(self.plan, harms)
            ),
            instances=len(deals),
            documents=_documents(deals, events),
            aliases={
                object_key("customer", customer.erp_id, "sap"): object_key("customer", customer.id)
                for those in self._customers.values()
                for customer in those
            },
        )

    def _drifts(self) -> list[Harm]:
        return [
            Harm(FaultKind.MASTER_DRIFT, "", (object_key("customer", customer.id),),
                 customer.drifts_at, customer.drifts_at + HOUR)
            for those in self._customers.values()
            for customer in those
            if customer.drifts_at is not None
        ]  # fmt: skip

    def _at_sources(self, events: Sequence[Event], deals: Sequence[Deal]) -> list[Harm]:
        """Which cases the late events belong to."""
        late = self.plan.get(FaultKind.LATE_EVENTS)
        if late is None:
            return []
        instances = {deal.unit: deal for deal in deals}
        return [
            Harm(late.kind, deal.instance, (), told.at, told.recorded, deal.total, deal.currency)
            for told in (event.told for event in events)
            if told.source == late.source and told.recorded - told.at > 5 * HOUR
            and (deal := instances.get(told.unit))
        ]  # fmt: skip


def _documents(deals: Sequence[Deal], events: Sequence[Event]) -> Mapping[str, tuple[str, ...]]:
    """Which documents of the flow belong to which instance, as far as they are told of."""
    told: set[tuple[str, str]] = set()
    for event in events:
        type_, _, id_ = event.told.subject.partition("/")
        told.add((type_, id_))
        told.update((one["type"], one["id"]) for one in event.told.objects)
    return {
        deal.instance: tuple(sorted(object_key(*one) for one in deal.documents if one in told))
        for deal in deals
    }


def _money(harms: Sequence[Harm], now: int) -> dict[str, str]:
    worth = {harm.case: harm for harm in harms if harm.case and harm.certain <= now}
    sums: dict[str, int] = defaultdict(int)
    for harm in worth.values():
        sums[harm.currency] += harm.amount
    return {currency: money(minor, currency) for currency, minor in sorted(sums.items())}
