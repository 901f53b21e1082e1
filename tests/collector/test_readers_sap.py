"""SAP's tables tell documents, cancellations and clearings, not rows."""

import json
from collections import Counter
from pathlib import Path

from tests.collector.reading_logs import read_log, shared

ARCHIVE = "sources/sap_s4_o2c_tables/sap-o2c-data.tar.zst"


def test_a_clearing_by_a_cancellation_is_no_payment(tmp_path: Path) -> None:
    read = read_log(shared(ARCHIVE), tmp_path)
    told = Counter(event.type for event in read.events)
    # 163 headers: 83 invoices and 80 cancellations; all 120 rows of "payments" clear those
    assert (told["invoice.created"], told["invoice.cancelled"]) == (83, 80)
    assert told["payment.applied"] == 0
    assert not read.rejected


def test_every_order_has_its_deliveries_and_invoices(tmp_path: Path) -> None:
    read = read_log(shared(ARCHIVE), tmp_path)
    told = Counter(event.type for event in read.events)
    assert told["order.created"] == 100
    assert told["fulfilment.started"] == 86
    assert told["fulfilment.completed"] == 3  # goods were issued for no other
    cancelled = {e.subject for e in read.events if e.type == "invoice.cancelled"}
    posted = {e.subject for e in read.events if e.type == "invoice.posted"}
    assert len(cancelled) == 80
    assert cancelled < posted
    assert len(posted - cancelled) == 3


def test_orders_whose_every_line_was_rejected_are_cancelled(tmp_path: Path) -> None:
    read = read_log(shared(ARCHIVE), tmp_path)
    cancelled = {e.subject for e in read.events if e.type == "order.cancelled"}
    delivered = {
        link.from_key for e in read.events if e.type == "fulfilment.started" for link in e.links
    }
    assert cancelled
    assert not cancelled & delivered


def test_no_document_precedes_what_it_follows(tmp_path: Path) -> None:
    read = read_log(shared(ARCHIVE), tmp_path)
    created = {
        e.subject: e.event_time for e in read.events if e.type.endswith((".created", "started"))
    }
    late = [
        link
        for event in read.events
        for link in event.links
        if link.from_key in created and link.to_key in created
        and created[link.from_key] > created[link.to_key]
    ]  # fmt: skip
    assert not late


def tables(folder: Path, clearing: str) -> Path:
    """One order, delivered and billed, whose invoice a document clears."""
    rows: dict[str, dict[str, object]] = {
        "sales_order_headers": {
            "salesOrder": "0000740001", "soldToParty": "31", "creationDate": "2025-03-31T00:00:00Z",
            "totalNetAmount": "100", "transactionCurrency": "EUR", "salesOrganization": "A",
        },
        "sales_order_items": {"salesOrder": "740001", "salesOrderItem": "000010"},
        "outbound_delivery_headers": {
            "deliveryDocument": "80001", "creationDate": "2025-04-01T00:00:00.000Z",
            "creationTime": {"hours": 6, "minutes": 49, "seconds": 13},
        },
        "outbound_delivery_items": {"deliveryDocument": "80001", "referenceSdDocument": "740001"},
        "billing_document_headers": {
            "billingDocument": "90001", "billingDocumentType": "F2", "companyCode": "A",
            "creationDate": "2025-04-02T00:00:00.000Z", "fiscalYear": "2025",
            "creationTime": {"hours": 7, "minutes": 0, "seconds": 0}, "totalNetAmount": "100",
            "transactionCurrency": "EUR", "accountingDocument": "9401",
        },
        "billing_document_items": {"billingDocument": "90001", "referenceSdDocument": "80001"},
        "payments_accounts_receivable": {
            "companyCode": "A", "fiscalYear": "2025", "accountingDocument": "9401",
            "clearingDate": "2025-05-02T00:00:00.000Z", "clearingAccountingDocument": clearing,
            "clearingDocFiscalYear": "2025", "amountInTransactionCurrency": "119",
            "transactionCurrency": "EUR",
        },
    }  # fmt: skip
    for name, row in rows.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "part-1.jsonl").write_text(json.dumps(row) + "\n")
    return folder


def test_a_clearing_by_money_is_a_payment_of_its_invoice(tmp_path: Path) -> None:
    read = read_log(tables(tmp_path / "sap", "1400000001"), tmp_path)
    (paid,) = [e for e in read.events if e.type == "payment.applied"]
    assert (paid.subject, paid.amount) == ("payment:shared:1400000001", "119")
    assert [(k.from_key, k.to_key, k.amount) for k in paid.links] == [
        ("invoice:shared:90001", "payment:shared:1400000001", "119")
    ]


def test_a_broken_line_of_a_table_is_told_with_its_place(tmp_path: Path) -> None:
    folder = tables(tmp_path / "sap", "")
    with (folder / "sales_order_items" / "part-1.jsonl").open("a") as file:
        file.write("{broken\n")
    read = read_log(folder, tmp_path)
    assert read.rejected == {"not_json": 1}
    assert "sales_order_items/part-1.jsonl, line 2" in str(read.rejections[0]["detail"])
