"""Amounts of quote, order and invoice that do not tie out.

Normal: the accepted revision is what counts; split orders, partial deliveries and instalments sum
up in the end; a consolidated invoice counts with its shares, summed over the cases that share it; a
credit note, a changed order or a corrected invoice explains a difference; rounding does, too. Where
an estate tells one document with and another without tax, their usual ratio is normal. Less than
agreed is only a mismatch once nothing more can come; more than agreed is one at once. Duplicates
are told as duplicates.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from process_model import money
from process_model.config import ModelConfig
from process_model.finding import Evidence, Finding, FindingKind, Severity, when
from process_model.observations.documents import (
    CaseDocuments,
    Document,
    documents_of,
    tolerance,
    total,
)
from process_model.observations.estate import Estate, system_of
from process_model.observations.twins import twins_of

_SETTLED = timedelta(days=3)
_BILLED = timedelta(days=7)
_COMMON_CASES, _COMMON_SHARE = 5, 0.2


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was agreed on and what was made of it, of one case or of cases that share a document."""

    instances: tuple[str, ...]
    hop: str
    agreed: Decimal
    stated: Decimal
    other: Decimal
    """another sum that would explain the case: first stated, or net of credit notes"""
    complete: bool
    """whether nothing more can come"""
    currency: str
    at: datetime
    sources: tuple[str, ...]
    objects: tuple[str, ...]
    lines: str = ""
    """what the lines say of the difference"""

    @property
    def ratio(self) -> Decimal:
        """How much was made of what was agreed, to four digits."""
        return (self.stated / self.agreed).quantize(Decimal("0.0001"))

    def ties(self, config: ModelConfig, ratios: Iterable[Decimal] = (Decimal(1),)) -> bool:
        """Whether the amounts tie out, or still may."""
        for ratio in ratios:
            agreed = self.agreed * ratio
            slack = tolerance(agreed, config.amount_tolerance, config.amount_least)
            if abs(self.stated - agreed) <= slack or abs(self.other - agreed) <= slack:
                return True
            if not self.complete and self.stated < agreed:
                return True
        return False


def _find(estate: Estate, known: Sequence[Finding]) -> list[Finding]:
    repeated = {twin.second.key for twin in estate.once(twins_of)}
    groups = sharing(estate.once(documents_of))
    comparisons = [one for group in groups for one in compared(group, repeated, estate.as_of)]
    (all_,) = estate.ask("finding_plain")
    comparable = {"quote → order": all_.ordered, "order → invoice": all_.billed}
    segments = {id_: case.segments for id_, case in estate.cases.items()}
    found = mismatches(comparisons, estate.config, segments, comparable)
    return [_finding(hop, ones, estate) for hop, ones in sorted(found.items())]


def sharing(cases: Sequence[CaseDocuments]) -> list[list[CaseDocuments]]:
    """Cases that share a document together, every other one alone. Pure."""
    holders: dict[str, list[int]] = defaultdict(list)
    for place, case in enumerate(cases):
        for document in case.documents.values():
            if document.share < 1:
                holders[document.key].append(place)
    leader = list(range(len(cases)))

    def lead(place: int) -> int:
        while leader[place] != place:
            place = leader[place]
        return place

    for places in holders.values():
        for place in places[1:]:
            leader[lead(place)] = lead(places[0])
    groups: dict[int, list[CaseDocuments]] = defaultdict(list)
    for place, case in enumerate(cases):
        groups[lead(place)].append(case)
    return list(groups.values())


def compared(
    group: Sequence[CaseDocuments], repeated: set[str], as_of: datetime
) -> Iterator[Comparison]:
    """The comparisons that a group of cases allows. Pure.

    Orders that no cases share are compared case by case, though an invoice may be shared.
    """
    shared = any(d.share < 1 for c in group for d in (*c.agreed(), *c.of_type("order")))
    for part in [group] if shared else [[case] for case in group]:
        yield from _ordered(part, repeated, as_of)
    yield from _billed(_untied(group, repeated), repeated, as_of)


def _untied(group: Sequence[CaseDocuments], repeated: set[str]) -> Sequence[CaseDocuments]:
    """The cases that share a document without those whose own share is as it was ordered."""
    rest = []
    for case in group:
        ordered = total(d for d in case.of_type("order") if _counts(d, repeated))
        billed = total(d for d in case.of_type("invoice") if _counts(d, repeated))
        if ordered is None or billed is None or abs(ordered - billed) > 1:
            rest.append(case)
    return rest or group


def _ordered(
    group: Sequence[CaseDocuments], repeated: set[str], as_of: datetime
) -> Iterator[Comparison]:
    quotes = [one for case in group for one in case.agreed()]
    orders = [d for c in group for d in c.of_type("order") if _counts(d, repeated)]
    if quotes and orders and all(c.agreed() and c.of_type("order") for c in group):
        # a quote is split into orders within days, and sooner than its goods and invoices are done
        waited = as_of - _last(orders)
        going_on = any(case.going_on for case in group)
        done = waited >= (_SETTLED if going_on else _SETTLED / 3)
        other = total(orders, first=True)
        one = _comparison(group, "quote → order", quotes, orders, other, done)
        if one:
            yield one


def _billed(
    group: Sequence[CaseDocuments], repeated: set[str], as_of: datetime
) -> Iterator[Comparison]:
    orders = [d for c in group for d in c.of_type("order") if _counts(d, repeated)]
    invoices = [d for c in group for d in c.of_type("invoice") if _counts(d, repeated)]
    if orders and invoices and all(c.of_type("order") and c.of_type("invoice") for c in group):
        going_on = any(case.going_on for case in group)
        done = not going_on and as_of - _last(invoices) >= _BILLED
        credit = total(
            d for c in group for d in c.of_type("credit_note") if d.taken_back_at is None
        )
        stated = total(invoices)
        other = stated - abs(credit) if stated is not None and credit is not None else None
        one = _comparison(group, "order → invoice", orders, invoices, other, done)
        if one and not _explained_by_first(one, orders):
            yield one


def _counts(document: Document, repeated: set[str]) -> bool:
    return document.stands and document.key not in repeated


def _explained_by_first(one: Comparison, orders: Sequence[Document]) -> bool:
    """Billed as ordered at first: the order was changed since, the invoice will follow or not."""
    first = total(orders, first=True)
    return first is not None and first != one.agreed and abs(one.stated - first) <= 1


def _last(documents: Sequence[Document]) -> datetime:
    return max(one.made_at for one in documents if one.made_at)


def _comparison(
    group: Sequence[CaseDocuments],
    hop: str,
    before: Sequence[Document],
    after: Sequence[Document],
    other: Decimal | None,
    complete: bool,
) -> Comparison | None:
    agreed, stated = total(before), total(after)
    currencies = {one.currency for one in (*before, *after)}
    # amounts of two currencies cannot be told to tie out
    if agreed is None or stated is None or agreed <= 0 or len(currencies) != 1:
        return None
    return Comparison(
        tuple(case.instance for case in group), hop, agreed, stated,
        stated if other is None else other, complete, currencies.pop(), _last(after),
        tuple(sorted({one.source for one in (*before, *after) if one.source})),
        tuple(sorted({one.key for one in (*before, *after)})), line_difference(before, after),
    )  # fmt: skip


def line_difference(before: Sequence[Document], after: Sequence[Document]) -> str:
    """The first difference that the lines of the documents show, '' when they show none."""
    agreed = {_product(line): line for one in before for line in one.lines}
    for document in after:
        for line in document.lines:
            origin = agreed.get(_product(line))
            if origin is None:
                continue
            for name in ("unit_price", "discount", "currency"):
                was, is_ = _plain(origin.get(name)), _plain(line.get(name))
                if was and is_ and was != is_:
                    return f"{name.replace('_', ' ')} of {_product(line)} went from {was} to {is_}"
    return ""


def _product(line: Mapping[str, Any]) -> str:
    return str(line.get("product") or line.get("id") or "")


def _plain(value: object) -> str:
    text = "" if value is None else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def mismatches(
    comparisons: Sequence[Comparison],
    config: ModelConfig,
    segments: Mapping[str, Mapping[str, str]],
    comparable: Mapping[str, int] | None = None,
) -> dict[str, list[Comparison]]:
    """Per hop what does not tie out; ``comparable`` is how many cases have the hop at all. Pure.

    A hop that ties out for fewer than half of its cases is not comparable and says nothing.
    """
    by_hop: dict[str, list[Comparison]] = defaultdict(list)
    for one in comparisons:
        by_hop[one.hop].append(one)
    found: dict[str, list[Comparison]] = {}
    for hop, ones in by_hop.items():
        usual = _usual_ratios(ones, segments)
        broken = [one for one in ones
                  if not one.ties(config, {Decimal(1), *usual[_place(one, segments)]})]  # fmt: skip
        all_ = max(len(ones), (comparable or {}).get(hop, 0))
        if broken and (len(broken) * 2 <= all_ or all_ <= 2):
            found[hop] = sorted(broken, key=lambda one: (one.at, one.instances))
    return found


def _usual_ratios(
    ones: Sequence[Comparison], segments: Mapping[str, Mapping[str, str]]
) -> dict[tuple[str, str, str], set[Decimal]]:
    """Ratios that a fifth of the cases of a legal entity and currency have: taxes, not errors."""
    counted: dict[tuple[str, str, str], Counter[Decimal]] = defaultdict(Counter)
    for one in ones:
        counted[_place(one, segments)][one.ratio] += 1
    usual: dict[tuple[str, str, str], set[Decimal]] = defaultdict(set)
    for place, ratios in counted.items():
        least = max(_COMMON_CASES, _COMMON_SHARE * ratios.total())
        usual[place] = {ratio for ratio, n in ratios.items() if n >= least and ratio > 0}
    return usual


def _place(one: Comparison, segments: Mapping[str, Mapping[str, str]]) -> tuple[str, str, str]:
    cuts = segments.get(one.instances[0], {})
    return one.currency, cuts.get("region", ""), cuts.get("legal_entity", "")


def _finding(hop: str, ones: Sequence[Comparison], estate: Estate) -> Finding:
    instances = tuple(sorted({id_ for one in ones for id_ in one.instances}))
    stakes = {one.instances[0]: (abs(one.stated - one.agreed), one.currency) for one in ones}
    since = ones[0].at
    segments = estate.outstanding(instances)
    more = sum(one.stated > one.agreed for one in ones)
    which = "above" if more == len(ones) else "below" if not more else "above or below"
    before, after = hop.split(" → ")
    return Finding(
        kind="amount_mismatch",
        key=(hop,),
        title=f"In {{cases}} the {after} amounts lie {which} what the {before} says, together by "
        f"{{worth}}, since {when(since)}",
        severity=Severity.CRITICAL,
        since=since,
        instances=instances,
        objects=tuple(sorted({key for one in ones for key in one.objects})),
        segment=segments,
        systems=tuple(dict.fromkeys(system_of(s) for one in ones for s in one.sources)),
        stage=after,
        error_type="business_rule",
        stakes=stakes,
        evidence=tuple(_evidence(one) for one in ones[:30]),
    )


def _evidence(one: Comparison) -> Evidence:
    before, after = one.hop.split(" → ")
    lines = f"; {one.lines}" if one.lines else ""
    text = (
        f"{before} {money.text(one.agreed, one.currency)}, "
        f"{after} {money.text(one.stated, one.currency)}{lines}"
    )
    return Evidence("aggregate", text, one.at, one.instances[0], one.objects[-1])


KIND = FindingKind(rank=15, find=_find)
