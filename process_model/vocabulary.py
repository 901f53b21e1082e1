"""The canon: the words Throughline reasons with, one word per thing.

event       a business fact in the past tense, with two clocks: ``event_time``, ``recorded_time``
span        an OpenTelemetry span, kept whole
object      a business document or party an event touches: quote, order, payment, customer …
link        a relation between two objects, with the event that proved it and its evidence
instance    one quote-to-cash process instance, grown from its leading object (screens say *case*)
stage       a place in the process where an instance can wait: the unit of latency and backlog
promise     a follow-up that an event obliges, with a deadline, kept or broken
exception   work that left automation and waits for a person or a replay
rejected    input that was understood to be for us but cannot become an event
source      a system of record's adapter; systems are open names, their kind is closed
segment     a business cut; six, closed

Stages, event types and object types are closed because the model reasons over them: changing one is
a decision with an entry in DECISIONS.md. Systems of record are open names.
"""

from enum import StrEnum
from typing import NewType

SystemOfRecord = NewType("SystemOfRecord", str)

LIVE = "live"
"""The dataset of the running estate; the canon is enforced in it, and free text rules elsewhere."""

SHARED = "shared"
"""The namespace of ids that several systems cite."""

SEGMENTS = (
    "region",
    "business_unit",
    "legal_entity",
    "product_family",
    "sales_channel",
    "customer_tier",
)


class Stage(StrEnum):
    """Where an instance can wait, in process order."""

    OPPORTUNITY = "opportunity"
    QUOTE = "quote"
    VALIDATION = "validation"
    APPROVAL = "approval"
    ACCEPTANCE = "acceptance"
    ORDER = "order"
    FULFILMENT = "fulfilment"
    INVOICE = "invoice"
    PAYMENT = "payment"
    RENEWAL = "renewal"


class ObjectType(StrEnum):
    """What an event can be about, in the order of the document flow where there is one."""

    CUSTOMER = "customer"
    OPPORTUNITY = "opportunity"
    QUOTE = "quote"
    QUOTE_LINE = "quote_line"
    CONTRACT = "contract"
    ORDER = "order"
    ORDER_LINE = "order_line"
    DELIVERY = "delivery"
    INVOICE = "invoice"
    INVOICE_LINE = "invoice_line"
    PAYMENT = "payment"
    CREDIT_NOTE = "credit_note"
    SUBSCRIPTION = "subscription"
    DISPUTE = "dispute"
    TICKET = "ticket"
    RULE_VERSION = "rule_version"


class SystemKind(StrEnum):
    """What a system of record is for; its name is open, its kind is one of these."""

    CRM = "crm"
    CPQ = "cpq"
    ESIGN = "esign"
    TAX = "tax"
    ERP = "erp"
    BILLING = "billing"
    PAYMENT = "payment"
    FULFILMENT = "fulfilment"
    CONTRACT = "contract"
    PRICING = "pricing"
    SUPPORT = "support"
    IPAAS = "ipaas"
    DATA_WAREHOUSE = "data_warehouse"
    PORTAL = "portal"


class LinkKind(StrEnum):
    """What a link says of its two ends."""

    FLOW = "flow"
    """predecessor → successor in the document flow"""
    SAME = "same"
    """one thing with two ids"""
    PART = "part"
    """a line of a document, or a dispute, ticket or credit note that hangs off one"""
    CONVERSATION = "conversation"
    """an object was spoken of under a correlation id or in a trace (the link's other end)"""


class Evidence(StrEnum):
    """Why a link is believed, in order of trust."""

    DECLARED = "declared"
    DERIVED = "derived"
    INFERRED = "inferred"


class ErrorType(StrEnum):
    """The closed classes of failure."""

    RATE_LIMITED = "rate_limited"
    AUTH_EXPIRED = "auth_expired"
    SCHEMA_CHANGED = "schema_changed"
    UPSTREAM_DOWN = "upstream_down"
    TIMEOUT = "timeout"
    VALIDATION = "validation"
    DUPLICATE = "duplicate"
    BUSINESS_RULE = "business_rule"
    OTHER = "other"


class ActorKind(StrEnum):
    """Who did it."""

    HUMAN = "human"
    SYSTEM = "system"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """Whether the step worked; a failure never completes a stage."""

    SUCCESS = "success"
    FAILURE = "failure"
    UNKNOWN = "unknown"


class EventType(StrEnum):
    """Every business fact the model knows, as ``<object or topic>.<past tense>``."""

    OPPORTUNITY_CREATED = "opportunity.created"
    OPPORTUNITY_WON = "opportunity.won"
    OPPORTUNITY_LOST = "opportunity.lost"
    QUOTE_CREATED = "quote.created"
    QUOTE_PRICED = "quote.priced"
    QUOTE_VALIDATED = "quote.validated"
    QUOTE_SUBMITTED = "quote.submitted"
    QUOTE_APPROVED = "quote.approved"
    QUOTE_REJECTED = "quote.rejected"
    QUOTE_REVISED = "quote.revised"
    QUOTE_SENT = "quote.sent"
    QUOTE_ACCEPTED = "quote.accepted"
    QUOTE_DECLINED = "quote.declined"
    QUOTE_EXPIRED = "quote.expired"
    APPROVAL_REQUESTED = "approval.requested"
    APPROVAL_GRANTED = "approval.granted"
    APPROVAL_DENIED = "approval.denied"
    APPROVAL_ESCALATED = "approval.escalated"
    APPROVAL_DELEGATED = "approval.delegated"
    CONTRACT_SENT = "contract.sent"
    CONTRACT_SIGNED = "contract.signed"
    CONTRACT_VOIDED = "contract.voided"
    CREDIT_CHECKED = "credit.checked"
    CREDIT_HELD = "credit.held"
    CREDIT_RELEASED = "credit.released"
    TAX_CALCULATED = "tax.calculated"
    TAX_FAILED = "tax.failed"
    ORDER_CREATED = "order.created"
    ORDER_BOOKED = "order.booked"
    ORDER_CHANGED = "order.changed"
    ORDER_BLOCKED = "order.blocked"
    ORDER_RELEASED = "order.released"
    ORDER_FAILED = "order.failed"
    ORDER_CANCELLED = "order.cancelled"
    FULFILMENT_STARTED = "fulfilment.started"
    FULFILMENT_SHIPPED = "fulfilment.shipped"
    FULFILMENT_COMPLETED = "fulfilment.completed"
    FULFILMENT_RETURNED = "fulfilment.returned"
    INVOICE_CREATED = "invoice.created"
    INVOICE_POSTED = "invoice.posted"
    INVOICE_SENT = "invoice.sent"
    INVOICE_DISPUTED = "invoice.disputed"
    INVOICE_CORRECTED = "invoice.corrected"
    INVOICE_CANCELLED = "invoice.cancelled"
    CREDIT_NOTE_POSTED = "credit_note.posted"
    PAYMENT_REQUESTED = "payment.requested"
    PAYMENT_RECEIVED = "payment.received"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_REFUNDED = "payment.refunded"
    PAYMENT_APPLIED = "payment.applied"
    SUBSCRIPTION_ACTIVATED = "subscription.activated"
    SUBSCRIPTION_CHANGED = "subscription.changed"
    SUBSCRIPTION_CANCELLED = "subscription.cancelled"
    RENEWAL_CREATED = "renewal.created"
    RENEWAL_ACCEPTED = "renewal.accepted"
    RENEWAL_LOST = "renewal.lost"
    CUSTOMER_CREATED = "customer.created"
    CUSTOMER_CHANGED = "customer.changed"
    CUSTOMER_MERGED = "customer.merged"
    TICKET_OPENED = "ticket.opened"
    TICKET_CLOSED = "ticket.closed"
    SYNC_ATTEMPTED = "sync.attempted"
    SYNC_SUCCEEDED = "sync.succeeded"
    SYNC_FAILED = "sync.failed"
    EXCEPTION_RAISED = "exception.raised"
    EXCEPTION_ASSIGNED = "exception.assigned"
    EXCEPTION_RESOLVED = "exception.resolved"
    MESSAGE_DEAD_LETTERED = "message.dead_lettered"
    MESSAGE_REPLAYED = "message.replayed"
    COMPENSATION_STARTED = "compensation.started"
    COMPENSATION_COMPLETED = "compensation.completed"
    TASK_TOUCHED = "task.touched"
