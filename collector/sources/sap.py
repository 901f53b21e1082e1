"""SAP S/4HANA: quotations, orders, deliveries, billing and payments from its business events."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from collector.envelopes import json_value, sap
from collector.envelopes.fact import Fact, Thing, customer
from collector.envelopes.json_value import Record
from collector.envelopes.sap import BusinessObjectEvent, number
from collector.source import (
    DEFAULT_INSTANCE,
    NO_FACT,
    Context,
    Ordering,
    Refused,
    Source,
    SourceConfig,
    Told,
)
from process_model.vocabulary import SEGMENTS, EventType, ObjectType, SystemKind


class Config(SourceConfig):
    """The ``[collector.sources.sap]`` table."""

    instances: dict[str, str] = {}
    """CloudEvents source → instance, where the end of the source is not the name to show"""
    references: dict[str, ObjectType] = {}
    """fields with another system's number: ``"SalesOrder.PurchaseOrderByCustomer" = "order"``; of
    the document's own type it is another name of it, of any other a predecessor"""
    segments: dict[str, str] = {
        "CompanyCode": "legal_entity",
        "SalesOrganization": "business_unit",
        "SalesDistrict": "region",
        "DistributionChannel": "sales_channel",
    }
    """header fields that name a segment"""
    created_is_posted: bool = True
    """a billing document of which no posting status is told counts as posted when it is created"""
    goods_issue_completes: bool = True
    """the goods issue completes the fulfilment; off where a proof of delivery is awaited"""
    payment_types: frozenset[str] = frozenset({"DZ"})
    """journal entry types that are incoming payments"""
    billing_types: frozenset[str] = frozenset({"RV"})
    """journal entry types by which billing documents are posted"""


def translate(payload: object, context: Context[Config]) -> Iterable[Told]:
    """The facts of one business event; a notification tells as much as its key does."""
    event = sap.read(payload)
    config = context.config
    instance = config.instances.get(event.source) or context.instance
    if instance == DEFAULT_INSTANCE and event.system:
        instance = event.system
    uri = replace(context, instance=instance).uri
    tell = _TOLD.get(event.object)
    facts = list(tell(event, config)) if tell else []
    if not facts:
        detail = f"{event.object} {event.verb} tells nothing of quote-to-cash by what it carries."
        return [Refused(NO_FACT, detail, "/type", event.id, event.type)]
    return [
        replace(fact, id=event.id if place == 0 else f"{event.id}/{fact.type}").envelope(uri)
        for place, fact in enumerate(facts)
    ]


def _fact(
    event: BusinessObjectEvent, config: Config, type_: EventType, subject: Thing, amount: str = ""
) -> Fact:
    """The plain fact about a document, with what its header says."""
    data = event.data
    money = json_value.amount(data, amount, "/data") if amount else None
    party = number(data, "SoldToParty") or number(data, "PayerParty") or number(data, "Customer")
    foreign = [
        Thing(kind, value, system="")
        for path, kind in config.references.items()
        if path.partition(".")[0] == event.object
        and (value := json_value.text(data, path.partition(".")[2], "/data", 512))
    ]
    named = {
        segment: json_value.text(data, name, "/data")
        for name, segment in config.segments.items()
        if segment in SEGMENTS
    }
    return Fact(
        type=type_,
        id=event.id,
        subject=subject,
        time=event.time or None,
        objects=[*customer(party), *(thing for thing in foreign if thing.type != subject.type)],
        same=[thing for thing in foreign if thing.type == subject.type],
        amount=money,
        currency=json_value.text(data, "TransactionCurrency", "/data"),
        segment={segment: value for segment, value in named.items() if value},
        raw=dict(event.data),
    )


def _quotation(event: BusinessObjectEvent, config: Config) -> Iterator[Fact]:
    quote = Thing(ObjectType.QUOTE, number(event.data, "SalesQuotation"))
    types = {
        "Created": EventType.QUOTE_CREATED,
        "Approved": EventType.QUOTE_APPROVED,
        "Rejected": EventType.QUOTE_REJECTED,
    }
    rejected = json_value.text(event.data, "OverallSDDocumentRejectionSts", "/data") == "C"
    type_ = EventType.QUOTE_DECLINED if rejected else types.get(event.verb)
    if quote.id and type_:
        yield _fact(event, config, type_, quote, "TotalNetAmount")


def _order(event: BusinessObjectEvent, config: Config) -> Iterator[Fact]:
    order = Thing(ObjectType.ORDER, number(event.data, "SalesOrder"))
    type_ = _order_type(event)
    if not order.id or not type_:
        return
    fact = _fact(event, config, type_, order, "TotalNetAmount")
    items = sap.rows(event.data, "to_Item", "_Item", "Items")
    before = {thing for place in (event.data, *items) if (thing := _reference(place))}
    lines = [line for item in items if (line := _order_line(item, fact.currency))]
    yield replace(fact, objects=[*fact.objects, *sorted(before)], lines=lines)


def _order_type(event: BusinessObjectEvent) -> EventType | None:
    if event.verb == "Created":
        return EventType.ORDER_CREATED
    data = event.data
    rejected = json_value.text(data, "OverallSDDocumentRejectionSts", "/data") == "C"
    if event.verb in ("Deleted", "Cancelled", "Canceled") or rejected:
        return EventType.ORDER_CANCELLED
    if event.verb != "Changed":
        return {"Released": EventType.ORDER_RELEASED, "Blocked": EventType.ORDER_BLOCKED}.get(
            event.verb
        )
    blocks = ("DeliveryBlockReason", "HeaderBillingBlockReason")
    blocked = any(json_value.text(data, name, "/data") for name in blocks)
    return EventType.ORDER_BLOCKED if blocked else EventType.ORDER_CHANGED


_CATEGORIES = {
    "B": ObjectType.QUOTE, "C": ObjectType.ORDER, "G": ObjectType.CONTRACT,
    "J": ObjectType.DELIVERY, "M": ObjectType.INVOICE,
}  # fmt: skip


def _reference(place: Record, usual: str = "") -> Thing | None:
    """The document a header or an item refers to; ``usual`` where no category is told."""
    id_ = number(place, "ReferenceSDDocument")
    category = json_value.text(place, "ReferenceSDDocumentCategory", "/data")
    kind = _CATEGORIES.get(category, "" if category else usual)
    return Thing(kind, id_) if id_ and kind else None


def _order_line(item: Record, currency: str) -> dict[str, object] | None:
    position = number(item, "SalesOrderItem")
    line: dict[str, object] = {
        "id": position,
        "product": json_value.text(item, "Material", "/data"),
        "quantity": json_value.amount(item, "RequestedQuantity", "/data"),
        "currency": json_value.text(item, "TransactionCurrency", "/data") or currency,
        "net_amount": json_value.amount(item, "NetAmount", "/data"),
    }
    if (before := _reference(item)) and before.type == ObjectType.QUOTE:
        place = number(item, "ReferenceSDDocumentItem")
        line["from"] = Thing(ObjectType.QUOTE_LINE, f"{before.id}/{place}").reference()
    kept = {name: value for name, value in line.items() if value not in (None, "")}
    return kept if position else None


def _delivery(event: BusinessObjectEvent, config: Config) -> Iterator[Fact]:
    data = event.data
    key = next((n for n in ("OutboundDelivery", "DeliveryDocument") if number(data, n)), "")
    if not key:
        return
    delivery = Thing(ObjectType.DELIVERY, number(data, key))
    items = sap.rows(data, "to_DeliveryDocumentItem", "_Item", "Items")
    usual = partial(_reference, usual=ObjectType.ORDER)
    orders = sorted({thing for place in (data, *items) if (thing := usual(place))})
    for type_ in _delivery_types(event, config):
        fact = _fact(event, config, type_, delivery)
        yield replace(fact, objects=[*fact.objects, *orders])


def _delivery_types(event: BusinessObjectEvent, config: Config) -> list[EventType]:
    moved = json_value.text(event.data, "OverallGoodsMovementStatus", "/data") == "C"
    proven = json_value.text(event.data, "OverallProofOfDeliveryStatus", "/data") == "C"
    types = [EventType.FULFILMENT_STARTED] if event.verb == "Created" else []
    if moved or event.verb in ("GoodsIssuePosted", "GoodsMovementPosted"):
        types.append(EventType.FULFILMENT_SHIPPED)
        proven = proven or config.goods_issue_completes
    if proven or event.verb == "ProofOfDeliveryConfirmed":
        types.append(EventType.FULFILMENT_COMPLETED)
    return types


def _billing(event: BusinessObjectEvent, config: Config) -> Iterator[Fact]:
    data = event.data
    own = number(data, "BillingDocument")
    if not own:
        return
    category = json_value.text(data, "SDDocumentCategory", "/data")
    if category == "S":  # the cancellation of a credit memo: no fact of the canon
        return
    kind = ObjectType.CREDIT_NOTE if category == "O" else ObjectType.INVOICE
    cancelled = number(data, "CancelledBillingDocument")
    # the cancelling document is not an invoice of its own: the fact is the other one's
    document = Thing(kind, cancelled if category == "N" and cancelled else own)
    has_total = data.get("TotalGrossAmount") not in (None, "")
    amount = "TotalGrossAmount" if has_total else "TotalNetAmount"
    items = sap.rows(data, "to_Item", "_Item", "Items")
    before = sorted({t for place in (data, *items) for t in _billed(place)})
    for type_ in _billing_types(event, config, kind):
        fact = _fact(event, config, type_, document, amount)
        yield replace(fact, objects=[*fact.objects, *before])


def _billed(place: Record) -> Iterator[Thing]:
    """The order and the delivery that an item bills."""
    if order := number(place, "SalesDocument"):
        yield Thing(ObjectType.ORDER, order)
    if before := _reference(place, ObjectType.DELIVERY):
        yield before


def _billing_types(
    event: BusinessObjectEvent, config: Config, kind: ObjectType
) -> Iterator[EventType]:
    data = event.data
    posting = json_value.text(data, "AccountingPostingStatus", "/data")
    is_cancelling = json_value.text(data, "SDDocumentCategory", "/data") == "N"
    is_cancelled = json_value.text(data, "BillingDocumentIsCancelled", "/data") == "true"
    if event.verb in ("Cancelled", "Canceled") or is_cancelling or is_cancelled:
        if kind == ObjectType.INVOICE:
            yield EventType.INVOICE_CANCELLED
    elif kind == ObjectType.CREDIT_NOTE:
        if event.verb == "Created":
            yield EventType.CREDIT_NOTE_POSTED
    elif event.verb == "Created":
        yield EventType.INVOICE_CREATED
        if posting == "C" or (not posting and config.created_is_posted):
            yield EventType.INVOICE_POSTED
    elif posting == "C" or event.verb == "PostedToAccounting":
        yield EventType.INVOICE_POSTED


def _journal_entry(event: BusinessObjectEvent, config: Config) -> Iterator[Fact]:
    """Incoming payments with the invoices they clear, and the posting of billing documents."""
    data = event.data
    entry = _entry_id(data)
    kind = json_value.text(data, "AccountingDocumentType", "/data")
    if not entry or event.verb not in ("Created", "Cleared", "Changed"):
        return
    items = sap.rows(data, "to_Item", "_Item", "Items", "JournalEntryItem")
    if kind in config.billing_types and event.verb == "Created":
        names = ("OriginalReferenceDocument", "ReferenceDocument")
        if billed := next((id_ for name in names if (id_ := number(data, name))), ""):
            yield _fact(event, config, EventType.INVOICE_POSTED, Thing(ObjectType.INVOICE, billed))
        return
    if kind not in config.payment_types:
        return
    payment = Thing(ObjectType.PAYMENT, entry)
    cleared = sorted(_named(data, items, "BillingDocument", "InvoiceReference"))
    amount = _paid(data, items)
    if event.verb == "Created":
        fact = _fact(event, config, EventType.PAYMENT_RECEIVED, payment)
        yield replace(fact, amount=amount)
    if cleared:
        fact = _fact(event, config, EventType.PAYMENT_APPLIED, payment)
        invoices = [Thing(ObjectType.INVOICE, id_) for id_ in cleared]
        yield replace(fact, amount=amount, objects=[*fact.objects, *invoices])


def _entry_id(data: Record) -> str:
    """Numbers of journal entries repeat in every company code and fiscal year."""
    entry = number(data, "AccountingDocument") or number(data, "JournalEntry")
    parts = (json_value.text(data, "CompanyCode", "/data"), entry)
    year = json_value.text(data, "FiscalYear", "/data")
    return "/".join(part for part in (*parts, year) if part) if entry else ""


def _named(data: Record, items: list[Record], *names: str) -> set[str]:
    return {id_ for place in (data, *items) for name in names if (id_ := number(place, name))}


def _paid(data: Record, items: list[Record]) -> str | None:
    """The amount of the header, else of the one item that carries any; receivables are negative."""
    name = "AmountInTransactionCurrency"
    told = {amount for place in (data, *items) if (amount := json_value.amount(place, name))}
    return told.pop().lstrip("-") if len(told) == 1 else None


_PARTNER_FIELDS = {
    "BusinessPartnerFullName": "customer.name",
    "BusinessPartnerName": "customer.name",
    "OrganizationBPName1": "customer.name",
    "Industry": "customer.industry",
    "BPTaxNumber": "customer.tax_id",
    "StreetName": "customer.street",
    "CityName": "customer.city",
    "PostalCode": "customer.postal_code",
    "Country": "customer.country",
}


def _partner(event: BusinessObjectEvent, config: Config) -> Iterator[Fact]:
    party = number(event.data, "BusinessPartner") or number(event.data, "Customer")
    created = event.verb == "Created"
    if not party or not (created or event.verb == "Changed"):
        return
    type_ = EventType.CUSTOMER_CREATED if created else EventType.CUSTOMER_CHANGED
    addresses = sap.rows(event.data, "to_BusinessPartnerAddress")
    fields = {
        told: value
        for place in (event.data, *addresses[:1])
        for name, told in reversed(_PARTNER_FIELDS.items())
        if (value := json_value.text(place, name, "/data"))
    }
    fact = _fact(event, config, type_, Thing(ObjectType.CUSTOMER, party))
    yield replace(fact, objects=[], fields=fields)


_TOLD: Mapping[str, Callable[[BusinessObjectEvent, Config], Iterable[Fact]]] = {
    "SalesQuotation": _quotation,
    "SalesOrder": _order,
    "OutboundDelivery": _delivery,
    "BillingDocument": _billing,
    "JournalEntry": _journal_entry,
    "BusinessPartner": _partner,
    "Customer": _partner,
}

SOURCE = Source(
    title="SAP S/4HANA",
    kind=SystemKind.ERP,
    translate=translate,
    ordering=Ordering.NONE,
    order_from="None: events carry a UUID and whole seconds; only the time orders them.",
    retention=None,
    retention_note="Event Mesh keeps what its queue may hold; what was lost there must be read "
    "again from the documents.",
    linking="By SAP's own document flow (ReferenceSDDocument, SalesDocument, InvoiceReference), "
    "and by the fields that are set to hold another system's number.",
    local_types=(ObjectType.PAYMENT,),
    config=Config,
)
