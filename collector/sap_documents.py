"""SAP's order-to-cash documents as facts: what was created, cancelled, posted and really paid.

An invoice that is cancelled is cleared against its cancellation, and the tables of payments list
that clearing like any other: it moves no money and is no payment. Only a clearing by a document
that is no cancellation's pays an invoice.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from collector.envelopes.fact import Fact, Thing, customer
from process_model.vocabulary import EventType, ObjectType

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]

NEEDED = (
    "sales_order_headers", "sales_order_items", "outbound_delivery_headers",
    "outbound_delivery_items", "billing_document_headers", "billing_document_items",
    "billing_document_cancellations", "journal_entry_items_accounts_receivable",
    "payments_accounts_receivable", "business_partner_addresses",
)  # fmt: skip
"""The tables that facts are told from; others describe products and plants."""

_CANCELLATION_TYPES = ("S1", "S2")
_MILLI = Decimal("0.000001")


def facts_of(tables: Tables) -> Iterator[Fact]:
    """Every fact that the documents tell, document by document."""
    estate = _Estate(tables)
    for order in tables["sales_order_headers"]:
        yield from estate.order(order)
    for delivery in tables["outbound_delivery_headers"]:
        yield from estate.delivery(delivery)
    for billing in estate.billings.values():
        yield from estate.billing(billing)
    yield from estate.payments()


class _Estate:
    """The documents by their numbers, and who follows whom."""

    def __init__(self, tables: Tables) -> None:
        self.billings = {_number(row, "billingDocument"): row for row in _billing_rows(tables)}
        self._order_items = _grouped(tables["sales_order_items"], "salesOrder")
        self._delivery_items = _grouped(tables["outbound_delivery_items"], "deliveryDocument")
        self._billing_items = _grouped(tables["billing_document_items"], "billingDocument")
        self._orders = {_number(row, "salesOrder"): row for row in tables["sales_order_headers"]}
        self._regions = {
            _number(row, "businessPartner"): str(row.get("country") or "")
            for row in tables["business_partner_addresses"]
        }
        self._first_delivery: dict[str, str] = {}
        for row in tables["outbound_delivery_headers"]:
            created = _clock(row, "creationDate", "creationTime")
            for item in self._delivery_items[_number(row, "deliveryDocument")]:
                order = _number(item, "referenceSdDocument")
                self._first_delivery[order] = min(created, self._first_delivery.get(order, created))
        self._lines = _receivable_lines(tables)
        self._cancelled_by = {
            _number(row, "cancelledBillingDocument"): row
            for row in self.billings.values()
            if row.get("cancelledBillingDocument")
        }
        self._cancelling_documents = {
            _ledger_key(row)
            for row in self.billings.values()
            if row.get("cancelledBillingDocument")
            or row.get("billingDocumentType") in _CANCELLATION_TYPES
        }
        self._by_accounting = {_ledger_key(row): row for row in self.billings.values()}

    def order(self, row: Row) -> Iterator[Fact]:
        number = _number(row, "salesOrder")
        items = self._order_items[number]
        subject = Thing(ObjectType.ORDER, number)
        yield Fact(
            type=EventType.ORDER_CREATED,
            id=f"order/{number}/created",
            subject=subject,
            time=self._order_time(row, number),
            objects=customer(_number(row, "soldToParty")),
            amount=_amount(row.get("totalNetAmount")),
            currency=str(row.get("transactionCurrency") or ""),
            segment=self._segment(row),
            fields=_kept(row, "customerPaymentTerms", "salesOrderType", "createdByUser",
                         "requestedDeliveryDate"),
            lines=_lines(items, "salesOrderItem", "requestedQuantity"),
            raw=row,
        )  # fmt: skip
        refused = [item for item in items if item.get("salesDocumentRjcnReason")]
        if items and len(refused) == len(items):
            yield Fact(
                type=EventType.ORDER_CANCELLED,
                id=f"order/{number}/cancelled",
                subject=subject,
                time=_moment(row.get("lastChangeDateTime")) or self._order_time(row, number),
                fields={"rejection_reason": str(refused[0]["salesDocumentRjcnReason"])},
            )

    def delivery(self, row: Row) -> Iterator[Fact]:
        number = _number(row, "deliveryDocument")
        subject = Thing(ObjectType.DELIVERY, number)
        orders = [_number(item, "referenceSdDocument") for item in self._delivery_items[number]]
        named = [Thing(ObjectType.ORDER, order) for order in dict.fromkeys(orders) if order]
        yield Fact(
            type=EventType.FULFILMENT_STARTED,
            id=f"delivery/{number}/created",
            subject=subject,
            time=_clock(row, "creationDate", "creationTime"),
            objects=named,
            fields=_kept(
                row, "shippingPoint", "overallPickingStatus", "overallGoodsMovementStatus"
            ),
            raw=row,
        )
        if row.get("overallGoodsMovementStatus") == "C" and row.get("actualGoodsMovementDate"):
            yield Fact(
                type=EventType.FULFILMENT_COMPLETED,
                id=f"delivery/{number}/goods-issued",
                subject=subject,
                time=_clock(row, "actualGoodsMovementDate", "actualGoodsMovementTime"),
                objects=named,
            )

    def billing(self, row: Row) -> Iterator[Fact]:
        if row.get("cancelledBillingDocument"):
            yield from self._cancellation(row)
            return
        number = _number(row, "billingDocument")
        created = _clock(row, "creationDate", "creationTime")
        subject = Thing(ObjectType.INVOICE, number)
        line = self._lines.get(_ledger_key(row))
        values: dict[str, Any] = {
            "subject": subject,
            "time": created,
            "objects": [*self._before(number), *customer(_number(row, "soldToParty"))],
            "amount": _amount(row.get("totalNetAmount")),
            "currency": str(row.get("transactionCurrency") or ""),
            "segment": {"legal_entity": str(row.get("companyCode") or "")},
        }
        items = _lines(self._billing_items[number], "billingDocumentItem", "billingQuantity")
        yield Fact(
            type=EventType.INVOICE_CREATED, id=f"billing/{number}/created", lines=items, raw=row,
            fields=_kept(row, "billingDocumentType", "billingDocumentDate"), **values,
        )  # fmt: skip
        if row.get("accountingDocument"):
            yield Fact(
                type=EventType.INVOICE_POSTED, id=f"billing/{number}/posted",
                fields=_posted(row, line), **values,
            )  # fmt: skip
        if row.get("billingDocumentIsCancelled") and number not in self._cancelled_by:
            yield Fact(
                type=EventType.INVOICE_CANCELLED,
                id=f"billing/{number}/cancelled",
                subject=subject,
                time=_moment(row.get("lastChangeDateTime")) or created,
            )

    def payments(self) -> Iterator[Fact]:
        """One fact a clearing document and invoice: money that came in, not a cancellation."""
        for key, line in sorted(self._lines.items()):
            clearing = str(line.get("clearingAccountingDocument") or "")
            billing = self._by_accounting.get(key) or self._referenced(line)
            if not clearing or billing is None or billing.get("cancelledBillingDocument"):
                continue
            year = str(line.get("clearingDocFiscalYear") or "")
            if (str(line.get("companyCode")), year, clearing) in self._cancelling_documents:
                continue
            number = _number(billing, "billingDocument")
            invoice = Thing(ObjectType.INVOICE, number)
            amount = _amount(line.get("amountInTransactionCurrency"))
            yield Fact(
                type=EventType.PAYMENT_APPLIED,
                id=f"clearing/{clearing}/{year}/{number}",
                subject=Thing(ObjectType.PAYMENT, clearing),
                time=_moment(line.get("clearingDate")),
                objects=[invoice],
                shares={invoice: amount} if amount else {},
                amount=amount,
                currency=str(line.get("transactionCurrency") or ""),
                fields={"time_is_a_date": "true"},
                raw=line,
            )

    def _cancellation(self, row: Row) -> Iterator[Fact]:
        cancelled, own = _number(row, "cancelledBillingDocument"), _number(row, "billingDocument")
        yield Fact(
            type=EventType.INVOICE_CANCELLED,
            id=f"billing/{own}/cancels",
            subject=Thing(ObjectType.INVOICE, cancelled),
            time=_clock(row, "creationDate", "creationTime"),
            amount=_amount(row.get("totalNetAmount")),
            currency=str(row.get("transactionCurrency") or ""),
            fields={"cancelled_by": own} | _kept(row, "billingDocumentType", "accountingDocument"),
            raw=row,
        )

    def _before(self, billing: str) -> list[Thing]:
        """The deliveries and orders a billing document names, each once."""
        named: dict[Thing, None] = {}
        for item in self._billing_items[billing]:
            reference = _number(item, "referenceSdDocument")
            if reference in self._orders:
                named[Thing(ObjectType.ORDER, reference)] = None
            elif reference:
                named[Thing(ObjectType.DELIVERY, reference)] = None
        return list(named)

    def _referenced(self, line: Row) -> Row | None:
        number = _number(line, "referenceDocument") or _number(line, "invoiceReference")
        return self.billings.get(number)

    def _order_time(self, row: Row, number: str) -> str:
        """The header knows the day; its last change on that day, or the first delivery, bounds it.

        What the order was created for cannot precede it.
        """
        day = _moment(row.get("creationDate"))
        changed = _moment(row.get("lastChangeDateTime"))
        if changed[:10] != day[:10]:
            return day
        return min(changed, self._first_delivery.get(number, changed))

    def _segment(self, row: Row) -> dict[str, str]:
        segment = {
            "legal_entity": str(row.get("salesOrganization") or ""),
            "sales_channel": str(row.get("distributionChannel") or ""),
            "business_unit": str(row.get("organizationDivision") or ""),
            "region": self._regions.get(_number(row, "soldToParty"), ""),
        }
        return {name: value for name, value in segment.items() if value}


def _billing_rows(tables: Tables) -> Iterator[Row]:
    """The table of cancellations repeats headers: a document counts once, by its header."""
    yield from tables["billing_document_cancellations"]
    yield from tables["billing_document_headers"]


def _receivable_lines(tables: Tables) -> dict[tuple[str, str, str], Row]:
    """Receivable lines by company, year and accounting document; two tables tell of the same."""
    lines: dict[tuple[str, str, str], Row] = {}
    for table in ("payments_accounts_receivable", "journal_entry_items_accounts_receivable"):
        for row in tables[table]:
            lines[_ledger_key(row)] = {**lines.get(_ledger_key(row), {}), **row}
    return lines


def _ledger_key(row: Row) -> tuple[str, str, str]:
    parts = ("companyCode", "fiscalYear", "accountingDocument")
    company, year, document = (str(row.get(name) or "") for name in parts)
    return company, year, document


def _posted(row: Row, line: Row | None) -> dict[str, str]:
    fields = _kept(row, "accountingDocument")
    if line:
        fields |= _kept(line, "postingDate")
        fields["receivable"] = str(line.get("amountInTransactionCurrency") or "")
    return fields


def _lines(items: Sequence[Row], id_name: str, quantity_name: str) -> list[dict[str, object]]:
    """The lines that have a number."""
    return [_line(item, id_name, quantity_name) for item in items if _number(item, id_name)]


def _line(item: Row, id_name: str, quantity_name: str) -> dict[str, object]:
    """A line in the words of the contract; a price is told only where it is exact."""
    line: dict[str, object] = {
        "id": _number(item, id_name),
        "product": str(item.get("material") or ""),
        "quantity": _amount(item.get(quantity_name)),
        "currency": str(item.get("transactionCurrency") or ""),
    }
    try:
        net, quantity = Decimal(str(item["netAmount"])), Decimal(str(item[quantity_name]))
        price = (net / quantity).quantize(_MILLI)
        if price * quantity == net:
            line["unit_price"] = f"{price:f}"
    except (KeyError, ArithmeticError):
        pass
    return {name: value for name, value in line.items() if value not in (None, "")}


def _grouped(rows: Sequence[Row], name: str) -> "defaultdict[str, list[Row]]":
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[_number(row, name)].append(row)
    return grouped


def _kept(row: Row, *names: str) -> dict[str, str]:
    return {name: str(row[name]) for name in names if row.get(name) not in (None, "")}


def _number(row: Row, name: str) -> str:
    """A document number without leading zeros, as people say it."""
    text = str(row.get(name) or "")
    return (text.lstrip("0") or "0") if text.isascii() and text.isdigit() else text


def _amount(value: object) -> str | None:
    try:
        return f"{Decimal(str(value)):f}"
    except InvalidOperation:
        return None


def _moment(value: object) -> str:
    return str(value or "")


def _clock(row: Row, date: str, time: str) -> str:
    """A date and a time of {hours, minutes, seconds} as one moment in UTC."""
    day, clock = _moment(row.get(date)), row.get(time)
    if len(day) < 10 or not isinstance(clock, Mapping):
        return day
    hours, minutes, seconds = (int(clock.get(n) or 0) for n in ("hours", "minutes", "seconds"))
    return f"{day[:10]}T{hours:02}:{minutes:02}:{seconds:02}Z"
