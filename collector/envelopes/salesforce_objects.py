"""What Salesforce's own objects, and those of Salesforce CPQ, mean in the canon unless set."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from process_model.vocabulary import EventType, ObjectType

_QUOTE_STATUSES = {
    "Needs Review": EventType.QUOTE_SUBMITTED,
    "In Review": EventType.QUOTE_SUBMITTED,
    "Pending": EventType.QUOTE_SUBMITTED,
    "Approved": EventType.QUOTE_APPROVED,
    "Rejected": EventType.QUOTE_REJECTED,
    "Presented": EventType.QUOTE_SENT,
    "Accepted": EventType.QUOTE_ACCEPTED,
    "Denied": EventType.QUOTE_DECLINED,
}


class Entity(BaseModel):
    """How the records of one Salesforce object become facts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    object: ObjectType
    """what a record is in the canon"""
    created: EventType | None = None
    changed: EventType | None = None
    """told by an update that moved no status"""
    deleted: EventType | None = None
    status: str = ""
    """the field whose values are milestones"""
    statuses: dict[str, EventType] = {}
    """value of that field → what has happened when it is reached"""
    number: str = ""
    """the field with the number that people and other systems know the record by"""
    amounts: tuple[str, ...] = ()
    """where the amount stands; the first that has a value counts"""
    links: dict[str, ObjectType] = {}
    """fields with the record id of another document or party"""
    same: dict[str, ObjectType] = {}
    """fields with a further number of the record itself, such as the ERP's"""


ENTITIES: Mapping[str, Entity] = {
    "Opportunity": Entity(
        object=ObjectType.OPPORTUNITY,
        created=EventType.OPPORTUNITY_CREATED,
        deleted=EventType.OPPORTUNITY_LOST,
        status="StageName",
        statuses={
            "Closed Won": EventType.OPPORTUNITY_WON,
            "Closed Lost": EventType.OPPORTUNITY_LOST,
        },
        amounts=("Amount",),
        links={"AccountId": ObjectType.CUSTOMER},
    ),
    "Quote": Entity(
        object=ObjectType.QUOTE,
        created=EventType.QUOTE_CREATED,
        deleted=EventType.QUOTE_DECLINED,
        status="Status",
        statuses=_QUOTE_STATUSES,
        number="QuoteNumber",
        amounts=("GrandTotal", "TotalPrice"),
        links={
            "OpportunityId": ObjectType.OPPORTUNITY,
            "AccountId": ObjectType.CUSTOMER,
        },
    ),
    "SBQQ__Quote__c": Entity(
        object=ObjectType.QUOTE,
        created=EventType.QUOTE_CREATED,
        deleted=EventType.QUOTE_DECLINED,
        status="SBQQ__Status__c",
        statuses=_QUOTE_STATUSES,
        number="Name",
        amounts=("SBQQ__NetAmount__c",),
        links={
            "SBQQ__Opportunity2__c": ObjectType.OPPORTUNITY,
            "SBQQ__Account__c": ObjectType.CUSTOMER,
            "SBQQ__Source__c": ObjectType.QUOTE,
        },
    ),
    "Contract": Entity(
        object=ObjectType.CONTRACT,
        deleted=EventType.CONTRACT_VOIDED,
        status="Status",
        statuses={
            "In Approval Process": EventType.CONTRACT_SENT,
            "Activated": EventType.CONTRACT_SIGNED,
            "Terminated": EventType.CONTRACT_VOIDED,
        },
        number="ContractNumber",
        links={
            "AccountId": ObjectType.CUSTOMER,
            "SBQQ__Quote__c": ObjectType.QUOTE,
            "SBQQ__Opportunity__c": ObjectType.OPPORTUNITY,
        },
    ),
    "Order": Entity(
        object=ObjectType.ORDER,
        created=EventType.ORDER_CREATED,
        changed=EventType.ORDER_CHANGED,
        deleted=EventType.ORDER_CANCELLED,
        status="Status",
        statuses={
            "Activated": EventType.ORDER_BOOKED,
            "Cancelled": EventType.ORDER_CANCELLED,
            "Canceled": EventType.ORDER_CANCELLED,
        },
        number="OrderNumber",
        amounts=("TotalAmount",),
        links={
            "QuoteId": ObjectType.QUOTE,
            "SBQQ__Quote__c": ObjectType.QUOTE,
            "OpportunityId": ObjectType.OPPORTUNITY,
            "ContractId": ObjectType.CONTRACT,
            "AccountId": ObjectType.CUSTOMER,
        },
    ),
    "Account": Entity(
        object=ObjectType.CUSTOMER,
        created=EventType.CUSTOMER_CREATED,
        changed=EventType.CUSTOMER_CHANGED,
        deleted=EventType.CUSTOMER_CHANGED,
        number="AccountNumber",
    ),
}

CUSTOMER_FIELDS: Mapping[str, str] = {
    "Name": "customer.name",
    "AccountNumber": "customer.number",
    "Phone": "customer.phone",
    "Website": "customer.website",
    "Industry": "customer.industry",
    "DunsNumber": "customer.duns",
    "BillingAddress.Street": "customer.street",
    "BillingAddress.City": "customer.city",
    "BillingAddress.State": "customer.state",
    "BillingAddress.PostalCode": "customer.postal_code",
    "BillingAddress.Country": "customer.country",
}
"""The master data that is compared with other systems: field → name in ``fields``."""
