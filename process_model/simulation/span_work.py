"""Which calls each fact costs its system: the shapes of traces, named as instrumentation does."""

from collections.abc import Mapping

import msgspec
from opentelemetry.trace import SpanKind

Attributes = Mapping[str, str | int]


class Call(msgspec.Struct, frozen=True):
    """One operation a system performs; ``answered_by`` is the other service, if it calls one."""

    name: str
    kind: SpanKind = SpanKind.INTERNAL
    attributes: Attributes = {}
    answered_by: str = ""


class Work(msgspec.Struct, frozen=True):
    """What a fact costs: the operation that did it, and its calls in their order."""

    name: str
    calls: tuple[Call, ...]


def _http(method: str, path: str, service: str) -> Call:
    attributes: Attributes = {
        "http.request.method": method, "url.path": path, "server.address": f"{service}.internal",
    }  # fmt: skip
    return Call(f"{method} {path}", SpanKind.CLIENT, attributes, service)


def _sql(operation: str, table: str, system: str = "postgresql") -> Call:
    attributes: Attributes = {
        "db.system.name": system, "db.operation.name": operation, "db.collection.name": table,
    }  # fmt: skip
    return Call(f"{operation} {table}", SpanKind.CLIENT, attributes)


def _queue(operation: str, queue: str) -> Call:
    kind = SpanKind.PRODUCER if operation == "publish" else SpanKind.CONSUMER
    attributes: Attributes = {
        "messaging.system": "anypoint_mq", "messaging.operation.name": operation,
        "messaging.destination.name": queue,
    }  # fmt: skip
    return Call(f"{operation} {queue}", kind, attributes)


def _step(name: str) -> Call:
    return Call(name)


_HANA = "sap_hana"

ANSWERING = (_step("authorise request"), _sql("SELECT", "document"), _step("write response"))
"""What a service does to answer a call of another."""

CALLERS: Mapping[str, tuple[str, str]] = {
    "price": ("salesforce", "POST /services/apexrest/quotes"),
    "accept": ("salesforce", "POST /quotes/accept"),
    "order": ("mulesoft", "quote-to-order flow"),
    "ship": ("sap", "outbound delivery"),
    "bill": ("sap", "billing run"),
    "approve": ("cpq", "POST /approvals"),
    "send": ("cpq", "POST /quotes/send"),
    "book": ("sap", "save sales order"),
    "arrive": ("mulesoft", "proof-of-delivery flow"),
    "pay": ("billing", "POST /payments/webhook"),
}
"""By the first word of a hop: who starts it, and how that is called."""

WORK: Mapping[str, Work] = {
    "quote.created": Work("POST /quotes", (
        _sql("SELECT", "price_book_entry"), _sql("SELECT", "product"), _step("configure bundle"),
        _step("apply discount schedule"), _http("GET", "/customers/credit-class", "sap"),
        _sql("INSERT", "quote"), _sql("INSERT", "quote_line"), _queue("publish", "quote-changes"))),
    "quote.revised": Work("PUT /quotes", (
        _sql("SELECT", "quote"), _sql("SELECT", "quote_line"), _step("configure bundle"),
        _step("apply discount schedule"), _sql("INSERT", "quote"), _sql("INSERT", "quote_line"),
        _queue("publish", "quote-changes"))),
    "quote.priced": Work("price quote", (
        _sql("SELECT", "pricing_rule"), _step("evaluate rules"), _step("evaluate volume tiers"),
        _step("round to currency"), _sql("UPDATE", "quote_line"), _sql("UPDATE", "quote"))),
    "sync.succeeded": Work("synchronise", (
        _queue("receive", "changes"), _step("transform message"), _step("validate schema"),
        _sql("SELECT", "idempotency_key", "redis"), _http("POST", "/api/documents", "sap"),
        _http("POST", "/api/acknowledge", "mulesoft"), _sql("INSERT", "audit_trail"))),
    "sync.failed": Work("synchronise", (
        _queue("receive", "changes"), _step("transform message"),
        _sql("SELECT", "idempotency_key", "redis"), _http("POST", "/api/documents", "sap"),
        _queue("publish", "retries"))),
    "tax.calculated": Work("POST /tax/calculate", (
        _step("resolve jurisdiction"), _sql("SELECT", "tax_rate"), _step("apply exemptions"),
        _step("round per line"), _sql("INSERT", "tax_document"))),
    "quote.validated": Work("validate quote", (
        _step("check eligibility"), _http("GET", "/companies", "sap"), _step("check legal entity"),
        _sql("UPDATE", "quote"), _queue("publish", "quote-changes"))),
    "approval.requested": Work("submit for approval", (
        _sql("SELECT", "approval_rule"), _step("find approver"), _sql("INSERT", "approval"),
        _http("POST", "/notifications", "mulesoft"))),
    "approval.granted": Work("decide approval", (
        _sql("SELECT", "approval"), _step("check authority"), _sql("UPDATE", "approval"),
        _http("POST", "/quotes/status", "salesforce"))),
    "approval.denied": Work("decide approval", (
        _sql("SELECT", "approval"), _step("check authority"), _sql("UPDATE", "approval"),
        _http("POST", "/quotes/status", "salesforce"))),
    "quote.sent": Work("send quote", (
        _sql("SELECT", "quote"), _step("render document"), _sql("UPDATE", "quote"),
        _http("POST", "/mail", "mulesoft"), _http("POST", "/quotes/status", "salesforce"))),
    "quote.accepted": Work("accept quote", (
        _sql("SELECT", "quote", "oracle"), _step("verify signature"),
        _http("POST", "/quotes/freeze", "cpq"), _sql("UPDATE", "quote", "oracle"),
        _queue("publish", "accepted-quotes"))),
    "opportunity.won": Work("close opportunity", (
        _sql("UPDATE", "opportunity", "oracle"), _step("run after-update triggers"),
        _step("recalculate forecast"), _queue("publish", "opportunity-changes"))),
    "order.created": Work("BAPI_SALESORDER_CREATEFROMDAT2", (
        _sql("SELECT", "KNA1", _HANA), _sql("SELECT", "MARA", _HANA), _step("determine pricing"),
        _step("check availability"), _http("POST", "/atp/reserve", "wms"),
        _sql("INSERT", "VBAK", _HANA), _sql("INSERT", "VBAP", _HANA), _step("commit work"))),
    "credit.checked": Work("check credit", (
        _sql("SELECT", "UKM_ITEM", _HANA), _step("sum exposure"), _sql("UPDATE", "VBUK", _HANA))),
    "order.booked": Work("save order", (
        _step("run output control"), _sql("UPDATE", "VBAK", _HANA), _step("commit work"),
        _http("POST", "/orders/confirmed", "mulesoft"))),
    "order.blocked": Work("set credit block", (
        _sql("UPDATE", "VBUK", _HANA), _queue("publish", "credit-desk"))),
    "fulfilment.started": Work("release wave", (
        _sql("SELECT", "stock"), _step("allocate bins"), _step("plan route"),
        _sql("INSERT", "pick_task"), _http("POST", "/pick-lists", "wms"),
        _queue("publish", "pick-tasks"))),
    "fulfilment.shipped": Work("confirm shipment", (
        _queue("receive", "scans"), _sql("UPDATE", "shipment"), _step("print label"),
        _http("POST", "/goods-issue", "sap"), _http("POST", "/carriers/booking", "mulesoft"),
        _sql("INSERT", "tracking"), _queue("publish", "shipment-changes"))),
    "fulfilment.completed": Work("confirm delivery", (
        _queue("receive", "proofs"), _sql("UPDATE", "shipment"), _step("close wave"),
        _http("POST", "/deliveries/completed", "sap"))),
    "invoice.created": Work("create billing document", (
        _sql("SELECT", "VBAP", _HANA), _sql("SELECT", "LIPS", _HANA), _step("copy prices"),
        _step("determine accounts"), _sql("INSERT", "VBRK", _HANA), _sql("INSERT", "VBRP", _HANA))),
    "invoice.posted": Work("post billing document", (
        _step("check period"), _sql("INSERT", "ACDOCA", _HANA), _sql("UPDATE", "VBRK", _HANA),
        _step("commit work"), _queue("publish", "posted-invoices"))),
    "invoice.sent": Work("deliver invoice", (
        _queue("receive", "posted-invoices"), _sql("SELECT", "account"), _step("render document"),
        _http("POST", "/e-invoices", "mulesoft"), _sql("UPDATE", "invoice"))),
    "payment.received": Work("payment webhook", (
        _step("verify signature"), _sql("SELECT", "payment_intent"), _sql("UPDATE", "balance"),
        _http("POST", "/payments", "billing"), _queue("publish", "payments"))),
    "payment.applied": Work("clear open item", (
        _sql("SELECT", "BSID", _HANA), _step("match amount"), _sql("INSERT", "BSAD", _HANA),
        _sql("UPDATE", "ACDOCA", _HANA), _http("POST", "/payments/applied", "billing"))),
}  # fmt: skip
"""By event type; every fact that happens in a traced hop is here."""
