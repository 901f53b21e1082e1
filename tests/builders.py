"""The language in which tests tell what happened in an estate: lives of quotes, fact by fact.

``a_quote()`` begins a life; each further call adds a fact and says when. A life is told as the wire
contract's CloudEvents, so what tests build goes through the same translation as what senders send.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Self

import msgspec

from collector.envelopes.canonical import translate
from process_model import instances
from process_model.config import ModelConfig
from process_model.events import BusinessEvent, utc_text
from process_model.state import State
from process_model.store import Store

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning."""

SYSTEMS: Mapping[str, str] = {
    "opportunity": "salesforce", "quote": "cpq", "approval": "cpq", "tax": "vertex", "order": "sap",
    "sync": "mulesoft", "exception": "mulesoft", "fulfilment": "warehouse", "invoice": "billing",
    "credit_note": "billing", "payment": "stripe", "customer": "salesforce",
}  # fmt: skip
Envelope = dict[str, Any]


@dataclass
class Life:
    """One quote's life; every method tells one fact and gives the life back."""

    number: str
    amount: str = "1000.00"
    currency: str = "EUR"
    region: str = "EMEA"
    customer: str = "C-1"
    segment: Mapping[str, str] = field(default_factory=dict)
    correlation: str = ""
    told: list[Envelope] = field(default_factory=list)

    @property
    def quote(self) -> str:
        """The quote's number."""
        return f"Q-{self.number}"

    @property
    def order(self) -> str:
        """The order's number."""
        return f"SO-{self.number}"

    @property
    def invoice(self) -> str:
        """The invoice's number."""
        return f"INV-{self.number}"

    @property
    def instance(self) -> str:
        """The id of the case that grows from it."""
        return f"quote:shared:{self.quote}"

    def fact(
        self,
        type_: str,
        subject: str,
        at: datetime,
        *,
        of: Iterable[str] = (),
        system: str = "",
        envelope: Mapping[str, Any] | None = None,
        **data: Any,
    ) -> Self:
        """Any fact about any document; ``of`` names the documents beside it."""
        system = system or SYSTEMS[type_.split(".")[0]]
        objects = [{"type": "customer", "id": self.customer}]
        objects += [dict(zip(("type", "id"), one.split("/", 1), strict=True)) for one in of]
        if "amount" in data:
            data.setdefault("currency", self.currency)
        cuts = {"region": self.region, **self.segment}
        event = {
            "specversion": "1.0", "id": str(uuid.uuid4()),
            "source": f"urn:system:{system}:{self.region.lower()}", "type": f"q2c.{type_}.v1",
            "subject": subject, "time": utc_text(at),
            "data": {"objects": objects, "segment": cuts} | data,
        }  # fmt: skip
        if self.correlation:
            event["correlationid"] = self.correlation
        self.told.append(event | dict(envelope or {}))
        return self

    def quoted(self, at: datetime, **data: Any) -> Self:
        """The quote is made."""
        return self.fact("quote.created", f"quote/{self.quote}", at, amount=self.amount, **data)

    def asked(self, at: datetime, **data: Any) -> Self:
        """An approval is asked for."""
        return self.fact("approval.requested", f"quote/{self.quote}", at, **data)

    def approved(self, at: datetime, by: str = "u-1", **data: Any) -> Self:
        """The approval is granted."""
        actor = {"kind": "human", "id": by}
        return self.fact("approval.granted", f"quote/{self.quote}", at, actor=actor, **data)

    def accepted(self, at: datetime, **data: Any) -> Self:
        """The customer accepts."""
        return self.fact(
            "quote.accepted", f"quote/{self.quote}", at, **{"amount": self.amount} | data
        )

    def crossed(self, at: datetime, *, failing: str = "", attempt: int = 1, **data: Any) -> Self:
        """The order's creation crosses from CPQ to SAP, or fails with an error class."""
        sync = {"from": "cpq", "to": "sap", "object": {"type": "order", "id": self.order}}
        if failing:
            data |= {"outcome": "failure", "error_type": failing}
        type_ = "sync.failed" if failing else "sync.succeeded"
        return self.fact(
            type_, f"quote/{self.quote}", at, sync=sync, attempt=attempt,
            of=[f"quote/{self.quote}"], **data,
        )  # fmt: skip

    def ordered(self, at: datetime, *, amount: str = "", suffix: str = "", **data: Any) -> Self:
        """The order is created."""
        return self.fact(
            "order.created", f"order/{self.order}{suffix}", at,
            **{"of": [f"quote/{self.quote}"], "amount": amount or self.amount} | data,
        )  # fmt: skip

    def delivered(self, at: datetime, *, suffix: str = "") -> Self:
        """The goods are delivered."""
        return self.fact("fulfilment.completed", f"order/{self.order}{suffix}", at)

    def invoiced(
        self, at: datetime, *, amount: str = "", suffix: str = "", order: str = "", **data: Any
    ) -> Self:
        """The invoice is posted."""
        return self.fact(
            "invoice.posted", f"invoice/{self.invoice}{suffix}", at,
            of=[f"order/{order or self.order}"], amount=amount or self.amount,
            **{"terms": {"payment_days": 30}} | data,
        )  # fmt: skip

    def paid(self, at: datetime, *, amount: str = "", suffix: str = "", invoice: str = "") -> Self:
        """The payment is applied."""
        return self.fact(
            "payment.applied", f"payment/P-{self.number}{suffix}", at,
            of=[f"invoice/{invoice or self.invoice}"], amount=amount or self.amount,
        )  # fmt: skip


def a_quote(number: int | str, **settings: Any) -> Life:
    """A life in which nothing has happened yet."""
    return Life(str(number), **settings)


def paid_in_full(number: int | str, start: datetime, **settings: Any) -> Life:
    """A life without trouble, told to its end."""
    day = timedelta(days=1)
    life = a_quote(number, **settings).quoted(start).asked(start + day / 12)
    life.approved(start + day / 6).accepted(start + day).crossed(start + day * 1.02)
    life.ordered(start + day * 1.05).delivered(start + 4 * day).invoiced(start + 4.5 * day)
    return life.paid(start + 20 * day)


def events_of(lives: Iterable[Life]) -> list[Envelope]:
    """What all lives tell, in the order of time."""
    return sorted((event for life in lives for event in life.told), key=lambda e: e["time"])


def stored(
    store: Store,
    state: State,
    told: Iterable[Life] | Iterable[Envelope],
    *,
    until: datetime | None = None,
    config: ModelConfig | None = None,
) -> None:
    """Translate what is told up to a moment, store it and grow its instances."""
    given = list(told)
    envelopes = events_of(given) if given and isinstance(given[0], Life) else given  # type: ignore[arg-type]
    limit = utc_text(until) if until else "9"
    events = [
        translate(event, received_at=datetime.now(UTC))
        for event in envelopes  # type: ignore[union-attr]
        if event["time"] <= limit  # type: ignore[index]
    ]
    insert(store, events)
    while instances.walk(store, state, config or ModelConfig()):
        pass


def insert(store: Store, events: Iterable[BusinessEvent]) -> None:
    """Store events as one segment."""
    kept = list(events)
    names = [name for name in BusinessEvent.__struct_fields__ if name != "links"]
    link_names = ("from_key", "to_key", "kind", "evidence", "basis", "amount")
    rows: list[list[Any]] = []
    for event in kept:
        plain = msgspec.structs.asdict(event)
        plain["amount"] = None if event.amount is None else Decimal(event.amount)
        links = [[getattr(link, name) for link in event.links] for name in link_names]
        links[5] = [None if amount is None else Decimal(amount) for amount in links[5]]
        row = [plain[name] for name in names]
        rows.append([list(v) if isinstance(v, tuple) else v for v in row] + links)
    columns = names + [f"links.{name}" for name in link_names]
    store.insert("business_events", columns, rows, token=str(uuid.uuid4()))
