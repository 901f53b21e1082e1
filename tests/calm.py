"""A calm estate: everything varies as it does in life, and nothing is wrong."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from process_model.events import utc_text
from tests.builders import SYSTEMS, Envelope, Life, a_quote, events_of

_HOLIDAY = (4, 6)
_APPROVERS = [f"u-{number}" for number in range(8)]
_CURRENCY = {"EMEA": "EUR", "AMER": "USD", "APAC": "JPY"}
_PACE = {"EMEA": 1.0, "AMER": 1.25, "APAC": 0.85}
_OFFSET = {"EMEA": 8, "AMER": 14, "APAC": 1}


class Calm:
    """Draws lives; the same seed draws the same ones."""

    def __init__(self, seed: int, start: datetime, days: int) -> None:
        self.chance, self.start, self.days = random.Random(seed), start, days

    def lives(self, cases: int, first: int = 1000) -> list[Life]:
        """So many lives, begun over the days."""
        return [self.life(first + place) for place in range(cases)]

    def life(self, number: int) -> Life:
        """One life, with the deviations that one in some has."""
        chance = self.chance
        region = chance.choice(list(_PACE))
        life = a_quote(
            number,
            amount=f"{chance.lognormvariate(8, 1):.2f}",
            currency=_CURRENCY[region],
            region=region,
            customer=f"C-{chance.randrange(40)}",
            segment={"customer_tier": chance.choice("ABC"), "legal_entity": f"{region}-1"},
            correlation=f"corr-{number}",
        )
        at = self.work(life, self.start + timedelta(days=chance.random() * self.days), 0)
        for _ in self._tell(life, at):
            pass
        return life

    def work(self, life: Life, at: datetime, hours: float, spread: float = 0.6) -> datetime:
        """Some time later, within the office hours of the region."""
        pace = _PACE[life.region] * self.chance.lognormvariate(0, spread)
        at += timedelta(hours=hours * pace)
        opening = _OFFSET[life.region]
        while (
            at.weekday() > 4
            or (at.month, at.day) == _HOLIDAY
            or not opening <= at.hour < opening + 9
        ):
            at += timedelta(minutes=self.chance.uniform(20, 70))
        return at

    def _tell(self, life: Life, at: datetime) -> Iterator[None]:
        chance, quote = self.chance, f"quote/{life.quote}"
        life.quoted(at)
        at += timedelta(minutes=chance.uniform(1, 20))
        if chance.random() < 0.01:
            life.fact("tax.failed", quote, at, outcome="failure", error_type="timeout")
            at += timedelta(minutes=5)
        life.fact("tax.calculated", quote, at)
        life.fact("quote.validated", quote, at + timedelta(minutes=1))
        if chance.random() < 0.6:
            life.asked(at + timedelta(minutes=2))
            by = chance.choice(_APPROVERS)
            at = self.work(life, at, 3 * (0.8 + 0.05 * int(by[2:])))
            life.approved(at, by)
        at = self.work(life, at, 40)
        if chance.random() < 0.15:
            life.fact("quote.declined", quote, at)
            return
        life.accepted(at)
        yield from self._order(life, at)

    def _order(self, life: Life, at: datetime) -> Iterator[None]:
        chance = self.chance
        at += timedelta(minutes=chance.uniform(2, 15))
        if chance.random() < 0.03:
            life.crossed(at, failing=chance.choice(["timeout", "validation", "rate_limited"]))
            at += timedelta(minutes=30)
        life.crossed(at, attempt=2)
        at += timedelta(minutes=chance.lognormvariate(2.5, 0.8))
        kind = chance.random()
        parts = [life.amount]
        if kind < 0.05:
            half = (Decimal(life.amount) / 2).quantize(Decimal("0.01"))
            parts = [str(half), str(Decimal(life.amount) - half)]
            life.ordered(at, amount=parts[0]).ordered(
                at + timedelta(hours=2), amount=parts[1], suffix="-B"
            )
        else:
            life.ordered(at)
        for place, amount in enumerate(parts):
            yield from self._bill(life, at, amount, "-B" if place else "")

    def _bill(self, life: Life, at: datetime, amount: str, suffix: str) -> Iterator[None]:
        chance = self.chance
        at = self.work(life, at, 70)
        life.delivered(at, suffix=suffix)
        at += timedelta(hours=chance.uniform(1, 12))
        order = f"{life.order}{suffix}"
        if chance.random() < 0.05:
            first = (Decimal(amount) * Decimal("0.4")).quantize(Decimal("0.01"))
            parts = [(str(first), f"{suffix}-1"), (str(Decimal(amount) - first), f"{suffix}-2")]
        else:
            parts = [(amount, suffix)]
        for part, name in parts:
            life.invoiced(at, amount=part, suffix=name, order=order)
            invoice = f"{life.invoice}{name}"
            late = chance.lognormvariate(3, 0.35)
            if chance.random() < 0.03:
                life.fact("invoice.cancelled", f"invoice/{invoice}", at + timedelta(hours=20))
                life.invoiced(
                    at + timedelta(hours=21), amount=part, suffix=f"{name}-C", order=order
                )
                invoice = f"{life.invoice}{name}-C"
            life.paid(at + timedelta(days=late), amount=part, suffix=name, invoice=invoice)
            at += timedelta(hours=3)
            yield


def calm_lives(seed: int, start: datetime, days: int, cases: int) -> list[Life]:
    """The lives of a calm estate."""
    return Calm(seed, start, days).lives(cases)


def numbered(lives: list[Life], until: datetime, seed: int = 0) -> list[Envelope]:
    """What the lives tell until then, with each source's own clock and consecutive numbers."""
    chance = random.Random(seed)
    told = [event for event in events_of(lives) if event["time"] <= utc_text(until)]
    counts: dict[str, int] = {}
    for event in told:
        source = event["source"]
        counts[source] = counts.get(source, 0) + 1
        event.setdefault("sequence", str(counts[source]))
        delay = timedelta(seconds=chance.expovariate(1 / 20))
        event.setdefault("recordedtime", utc_text(datetime.fromisoformat(event["time"]) + delay))
        if chance.random() < 0.01:
            event.pop("correlationid", None)
    return told


__all__ = ["SYSTEMS", "Calm", "calm_lives", "numbered"]
