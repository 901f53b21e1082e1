"""From the opportunity to the customer's answer: pricing, tax, approval, revisions, acceptance."""

import msgspec

from process_model.simulation.deal import Deal, seconds
from process_model.simulation.faults import FOREVER, FaultKind
from process_model.simulation.handover import Crossing, cross
from process_model.simulation.hours import DAY, MINUTE, utc
from process_model.simulation.pricing import wire_lines

_LOST, _DECLINED, _EXPIRED, _REVISED = 0.03, 0.13, 0.04, 0.09
_NEEDS_APPROVAL = 0.45
_APPROVAL = {"kind": "approval", "id": "A-3", "version": "2"}


class Accepted(msgspec.Struct, frozen=True):
    """The quote the customer said yes to, and when."""

    quote: str
    at: int


def tell_quoting(deal: Deal) -> Accepted | None:
    """Everything up to the customer's answer; ``None`` unless it was yes."""
    luck, opportunity = deal.luck, ("opportunity", deal.opportunity)
    field = _renamed(deal, deal.begun)
    deal.tell(deal.begun, "salesforce", "opportunity.created", opportunity,
              due=utc(deal.begun + 60 * DAY), actor=_seller(deal),
              fields={**deal.customer.believed("salesforce", deal.begun), **field})  # fmt: skip
    at = _next_step(deal, deal.begun, 0.5, 20)
    if luck.random() < _LOST:
        deal.tell(at, "salesforce", "opportunity.lost", opportunity, actor=_seller(deal))
        return None
    quote, at = _first_quote(deal, at)
    if luck.random() < _REVISED and not deal.portal:
        quote, at = _revised(deal, quote, _decision(deal, at, 3))
    at = _next_step(deal, at, 0.1, 3)
    deal.tell(at, "cpq", "quote.sent", ("quote", quote), "send", due=utc(at + 13 * DAY))
    return _answered(deal, quote, at)


def _first_quote(deal: Deal, at: int) -> tuple[str, int]:
    quote = deal.quote
    deal.documents.add(("quote", quote))
    deal.tell(at, "cpq", "quote.created", ("quote", quote), "price",
              about=[("opportunity", deal.opportunity)], amount=deal.total,
              lines=wire_lines(deal.lines, deal.currency), actor=_seller(deal))  # fmt: skip
    at = _validated(deal, quote, at, "price")
    if deal.portal or (deal.luck.random() > _NEEDS_APPROVAL and deal.deviation != "denied"):
        return quote, at
    granted, at = _approved(deal, quote, at, denied=deal.deviation == "denied")
    return (quote, at) if granted else _revised(deal, quote, at)


def _revised(deal: Deal, quote: str, at: int) -> tuple[str, int]:
    """The same goods under a new number: other dates, other wording."""
    after = f"{deal.quote}-{int(quote.removeprefix(deal.quote).strip('-') or 1) + 1}"
    deal.documents.add(("quote", after))
    at = _next_step(deal, at, 0.3, 4)
    hop = f"price {after}"
    deal.tell(at, "cpq", "quote.revised", ("quote", after), hop, about=[("quote", quote)],
              amount=deal.total, lines=wire_lines(deal.lines, deal.currency),
              actor=_seller(deal))  # fmt: skip
    at = _validated(deal, after, at, hop)
    if deal.luck.random() < _NEEDS_APPROVAL:
        _, at = _approved(deal, after, at, denied=False)
    return after, at


def _validated(deal: Deal, quote: str, at: int, hop: str) -> int:
    luck, subject = deal.luck, ("quote", quote)
    at += seconds(luck, 2, 20)
    deal.tell(at, "cpq", "quote.priced", subject, hop, rule={"kind": "pricing", "id": "R-12",
              "version": "7"}, actor={"kind": "system"})  # fmt: skip
    crossing = Crossing(("cpq", "tax"), "cpq", subject, subject, f"{hop} tax")
    at = cross(deal, at + seconds(luck, 1, 5), crossing, [FaultKind.TAX_OUTAGE])
    tax = sum(line.tax for line in deal.lines)
    at += seconds(luck, 0.2, 2)
    deal.tell(at, "tax", "tax.calculated", subject, f"{hop} tax", amount=tax, rule=deal.tax_rule)
    at += seconds(luck, 1, 25)
    deal.tell(at, "cpq", "quote.validated", subject, f"{hop} tax", actor={"kind": "system"})
    return at


def _approved(deal: Deal, quote: str, at: int, *, denied: bool) -> tuple[bool, int]:
    """Ask, wait, hear; a slow approver is slow for everything that waits for them."""
    *approvers, manager = deal.setting.approvers[deal.region.name]
    place = deal.luck.randrange(len(approvers))
    approver, subject = approvers[place], ("quote", quote)
    at += seconds(deal.luck, 20, 900)
    due = deal.office.after(at, 20)
    deal.tell(at, "cpq", "approval.requested", subject, f"approve {quote}", amount=deal.total,
              due=utc(due), actor=_seller(deal), fields={"approver": approver},
              rule=dict(_APPROVAL))  # fmt: skip
    waited = min(9.0, 0.4 + deal.luck.lognormvariate(0.6, 0.7))
    fault = deal.fault(FaultKind.SLOW_APPROVER, at)
    if fault and fault.place == str(place):
        waited = deal.fate.uniform(36, 75)
        deal.hurt(fault.kind, at, due + MINUTE, subject)
    elif deal.deviation in ("escalated", "delegated"):
        at = deal.office.after(at, 4)
        deal.tell(at, "cpq", f"approval.{deal.deviation}", subject,
                  actor={"kind": "human", "id": approver})  # fmt: skip
        approver, waited = manager, 3.0
    at = deal.office.after(at, waited)
    word = "approval.denied" if denied else "approval.granted"
    deal.tell(at, "cpq", word, subject, f"approve {quote} done",
              actor={"kind": "human", "id": approver}, rule=dict(_APPROVAL))  # fmt: skip
    return not denied, at


def _answered(deal: Deal, quote: str, sent: int) -> Accepted | None:
    luck, opportunity = deal.luck, ("opportunity", deal.opportunity)
    answer, customer = luck.random(), {"kind": "human", "id": deal.customer.id}
    if answer < _EXPIRED and not deal.portal:
        at = sent + int(9.5 * DAY)
        deal.tell(at, "cpq", "quote.expired", ("quote", quote), actor={"kind": "system"})
    elif answer < _EXPIRED + _DECLINED:
        at = _decision(deal, sent, 8)
        deal.tell(at, "cpq", "quote.declined", ("quote", quote), actor=customer)
    else:
        at = _decision(deal, sent, 1.5 if deal.portal else 9)
        deal.tell(at, "salesforce", "quote.accepted", ("quote", quote), "accept",
                  amount=deal.total, actor=customer, fields=_renamed(deal, at))  # fmt: skip
        deal.tell(at + seconds(luck, 1, 9), "salesforce", "opportunity.won", opportunity,
                  "accept", about=[("quote", quote)], amount=deal.total)  # fmt: skip
        return Accepted(quote, at)
    deal.tell(_next_step(deal, at, 0.1, 1), "salesforce", "opportunity.lost", opportunity,
              actor=_seller(deal))  # fmt: skip
    return None


def _renamed(deal: Deal, at: int) -> dict[str, str]:
    """A field of the CRM's record; its name changes with the planted change of schema."""
    fault = deal.setting.plan.get(FaultKind.SCHEMA_CHANGE)
    changed = fault is not None and fault.cuts["region"] == deal.region.name and at >= fault.since
    if changed:
        # who names every case with the new field is as right as who names those that failed
        deal.hurt(FaultKind.SCHEMA_CHANGE, at, at + FOREVER)
    name = "ShippingCountryCode" if changed else "Shipping_Country__c"
    return {name: deal.region.name, "StageName": "Negotiation"}


def _next_step(deal: Deal, at: int, least: float, most: float) -> int:
    """The portal answers within minutes, day and night; people need working hours."""
    if deal.portal:
        return at + seconds(deal.luck, 20, 400)
    return deal.office.after(at, deal.luck.uniform(least, most))


def _decision(deal: Deal, at: int, most_days: float) -> int:
    """When the customer, awake, has made up their mind."""
    return deal.awake(at + int((0.02 + deal.luck.random() ** 1.4 * most_days) * DAY))


def _seller(deal: Deal) -> dict[str, str]:
    if deal.portal:
        return {"kind": "system", "id": "portal"}
    return {"kind": "human", "id": f"u-{200 + deal.customer.number % 40}"}
