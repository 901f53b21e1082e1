"""The documents of a case as detectors compare them: what each is worth, what it follows, when."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from process_model.observations.estate import Estate

_NOTHING = Decimal(0)
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document of one case; ``amount`` is this case's share of what was last stated."""

    key: str
    type: str
    share: float = 1.0
    amount: Decimal | None = None
    first_amount: Decimal | None = None
    """this case's share of what was first stated"""
    currency: str = ""
    made_at: datetime | None = None
    """when it came to be; ``None`` when no fact says that it did"""
    taken_back_at: datetime | None = None
    keys: frozenset[str] = frozenset()
    """the idempotency keys of the facts that made it"""
    source: str = ""
    lines: Sequence[Mapping[str, Any]] = ()

    @property
    def stands(self) -> bool:
        """Whether it came to be and was not taken back."""
        return self.made_at is not None and self.taken_back_at is None


@dataclass(frozen=True, slots=True)
class CaseDocuments:
    """All documents of one case."""

    instance: str
    documents: Mapping[str, Document]
    links: Collection[tuple[str, str]]
    accepted: Collection[str] = ()
    """quotes that were accepted"""
    going_on: bool = False
    """whether deliveries or invoices are still to come"""
    _after: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index the links once."""
        for one, two in self.links:
            self._after.setdefault(one, set()).add(two)

    def of_type(self, type_: str) -> list[Document]:
        """The documents of a type that came to be, by when they did."""
        made = [d for d in self.documents.values() if d.type == type_ and d.made_at is not None]
        return sorted(made, key=lambda one: (one.made_at, one.key))

    def after(self, key: str, type_: str) -> list[Document]:
        """The documents of a type that follow one, near or far."""
        seen, waiting = set[str](), list(self._after.get(key, ()))
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += self._after.get(one, ())
        return [one for one in self.of_type(type_) if one.key in seen]

    def agreed(self) -> list[Document]:
        """The quotes that count: those accepted that no later accepted one replaces."""
        accepted = [self.documents[key] for key in self.accepted if key in self.documents]
        keys = {one.key for one in accepted}
        return [one for one in accepted if not keys & {d.key for d in self.after(one.key, "quote")}]


def documents_of(estate: Estate) -> list[CaseDocuments]:
    """The documents of every case in which anything could be repeated or not tie out."""
    shared = estate.ask("finding_shared_keys", as_of=estate.as_of)
    named = sorted({key for row in shared for key in row.subjects})
    rows = estate.ask("finding_documents", shared=named)
    keys = {document[0] for row in rows for document in row.documents}
    keys |= {key for row in rows for pair in row.names for key in pair}
    stated: dict[str, Any] = {}
    for part in _parts(sorted(keys)):
        found = estate.ask("finding_stated", as_of=estate.as_of, object_keys=part)
        stated |= {row.subject: row for row in found}
    return [_case(row, stated) for row in rows]


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def _case(row: Any, stated: Mapping[str, Any]) -> CaseDocuments:
    names: dict[str, list[str]] = defaultdict(list)
    for one, two in row.names:
        names[one].append(two)
        names[two].append(one)
    documents = {
        key: _document(key, type_, share, amount, currency,
                       [stated[name] for name in (key, *names[key]) if name in stated])
        for key, type_, _, share, amount, currency in row.documents
    }  # fmt: skip
    return CaseDocuments(
        row.instance_id, documents, row.links, tuple(row.accepted), bool(row.going_on)
    )


def _document(
    key: str, type_: str, share: float, amount: Decimal | None, currency: str, facts: list[Any]
) -> Document:
    made = [fact.made_at for fact in facts if fact.made_at.year > 1970]
    back = [fact.taken_back_at for fact in facts if fact.taken_back_at.year > 1970]
    first = next((fact.first_amount for fact in facts if fact.first_amount is not None), None)
    last = next((fact.last_amount for fact in facts if fact.last_amount is not None), None)
    if first is not None and amount is not None and last and share < 1:
        first = first * amount / last
    if share >= 1 and last is not None:
        # its own facts say what it is worth; an exception about it may tell what is at stake
        amount = last
    # a part of the lines says nothing of the whole
    lines = _lines(facts[0].lines) if facts and share >= 1 else ()
    return Document(
        key=key,
        type=type_,
        share=share,
        amount=amount,
        first_amount=first if first is not None else amount,
        currency=currency,
        made_at=min(made, default=None),
        taken_back_at=max(back, default=None),
        keys=frozenset(name for fact in facts for name in fact.keys),
        source=facts[0].source if facts else "",
        lines=lines,
    )


def _lines(text: str) -> Sequence[Mapping[str, Any]]:
    if not text:
        return ()
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ()
    return [line for line in found if isinstance(line, dict)] if isinstance(found, list) else ()


def total(documents: Iterable[Document], *, first: bool = False) -> Decimal | None:
    """The sum of the documents, ``None`` when one of them does not say what it is worth."""
    amounts = [one.first_amount if first else one.amount for one in documents]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, _NOTHING) if known and len(known) == len(amounts) else None


def tolerance(amount: Decimal, share: float, least: Decimal) -> Decimal:
    """How far two amounts may lie apart and still be taken for equal: rounding, not price."""
    return max(least, abs(amount) * Decimal(str(share)))
