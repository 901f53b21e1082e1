"""Documents that repeat another for the same intent; what is found is told by ``duplicate``.

They are known apart from the finding, because a repeated document must not count twice where
amounts are compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from process_model.config import ModelConfig
from process_model.observations.documents import (
    CaseDocuments,
    Document,
    documents_of,
    tolerance,
    total,
)
from process_model.observations.estate import Estate

_APART = timedelta(days=7)
_BEFORE = {"order": "quote", "invoice": "order", "payment": "invoice"}


@dataclass(frozen=True, slots=True)
class Twin:
    """A document that repeats another."""

    instance: str
    first: Document
    second: Document
    follows: str
    """what both follow, '' when only their key says that they are one"""


def twins_of(estate: Estate) -> list[Twin]:
    """Every duplicate of the estate."""
    cases = estate.once(documents_of)
    found = [twin for case in cases for twin in twins(case, estate.config)]
    return found + list(_under_one_key(cases, {twin.second.key for twin in found}))


def twins(case: CaseDocuments, config: ModelConfig) -> Iterator[Twin]:
    """The duplicates within one case. Pure."""
    agreed = case.agreed()
    if agreed:
        yield from _repeated(case, agreed, case.of_type("order"), config)
    for type_ in ("invoice", "payment"):
        for before in case.of_type(_BEFORE[type_]):
            yield from _repeated(case, [before], case.after(before.key, type_), config)


def _repeated(
    case: CaseDocuments, before: Sequence[Document], after: Sequence[Document], config: ModelConfig
) -> Iterator[Twin]:
    # a share of a document that others hold too says nothing of repetition
    whole = [one for one in after if one.share >= 1 and one.amount]
    agreed = total(before)
    seen: list[Document] = []
    for one in whole:
        standing = [other for other in seen if _stood(other, one)]
        twin = next((other for other in standing if _alike(other, one, config)), None)
        seen.append(one)
        if twin is None:
            continue
        same_key = bool(twin.keys & one.keys)
        both = total([*standing, one])
        if agreed is None or {d.currency for d in before} != {one.currency}:
            exceeds = same_key
        else:
            exceeds = both is not None and both > agreed + _slack(agreed, config)
        if exceeds:
            yield Twin(case.instance, twin, one, before[0].key)
            seen.remove(one)


def _stood(other: Document, one: Document) -> bool:
    assert other.made_at and one.made_at
    return other.taken_back_at is None or other.taken_back_at > one.made_at


def _alike(one: Document, two: Document, config: ModelConfig) -> bool:
    assert one.amount is not None and two.amount is not None and one.made_at and two.made_at
    near = abs(one.made_at - two.made_at) <= _APART
    same = abs(one.amount - two.amount) <= _slack(one.amount, config)
    return near and same and one.currency == two.currency and not _of_other_lines(one, two)


def _of_other_lines(one: Document, two: Document) -> bool:
    """Whether both tell lines and none of them is for the same: parts that happen to cost alike."""
    mine, theirs = ({str(line.get("product") or line.get("id") or "") for line in document.lines}
                    for document in (one, two))  # fmt: skip
    return bool(mine and theirs) and not mine & theirs


def _slack(amount: Decimal, config: ModelConfig) -> Decimal:
    return tolerance(amount, config.amount_tolerance, config.amount_least)


def _under_one_key(cases: Iterable[CaseDocuments], known: set[str]) -> Iterator[Twin]:
    """Documents of different cases that were made under one key; a key of a batch is none."""
    made: dict[tuple[str, str], dict[str, tuple[str, Document]]] = defaultdict(dict)
    for case in cases:
        for document in case.documents.values():
            if document.made_at is not None and document.share >= 1:
                for key in document.keys:
                    made[document.type, key][document.key] = (case.instance, document)
    for found in made.values():
        ordered = sorted(found.values(), key=lambda pair: (pair[1].made_at, pair[1].key))
        if 2 <= len(ordered) <= 3 and len({pair[0] for pair in ordered}) > 1:
            first = ordered[0][1]
            for instance, second in ordered[1:]:
                worth = (second.amount, second.currency) == (first.amount, first.currency)
                if worth and second.key not in known:
                    yield Twin(instance, first, second, "")
