"""Faults planted into a calm estate, each with the ids of the cases that it touched."""

import copy
import random
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from process_model.events import utc_text
from tests.builders import Envelope, Life

Faults = dict[str, set[str]]
"""Kind of finding → the instances that it must name."""


def at(event: Envelope) -> datetime:
    """When it happened."""
    return datetime.fromisoformat(event["time"])


def kind(event: Envelope) -> str:
    """The event type without its envelope."""
    return str(event["type"]).removeprefix("q2c.").removesuffix(".v1")


def shift(life: Life, after: datetime, by: timedelta) -> None:
    """Let everything that follows a moment happen later."""
    for event in life.told:
        if at(event) > after:
            event["time"] = utc_text(at(event) + by)


def events_in(
    lives: list[Life], type_: str, begin: datetime, end: datetime, where: Callable[[Life], bool]
) -> Iterator[tuple[Life, Envelope]]:
    """The events of a type in a stretch of time, with their lives."""
    for life in lives:
        for event in list(life.told):
            if kind(event) == type_ and begin <= at(event) < end and where(life):
                yield life, event


def silent_drops(lives: list[Life], begin: datetime, end: datetime, number: int) -> set[str]:
    """Accepted quotes of which nobody hears again."""
    found = list(events_in(lives, "quote.accepted", begin, end, lambda life: True))
    dropped = set()
    for life, event in found[:number]:
        life.told = [one for one in life.told if at(one) <= at(event)]
        dropped.add(life.instance)
    return dropped


def token_expiry(lives: list[Life], begin: datetime, end: datetime, region: str) -> set[str]:
    """No object crosses from CPQ to SAP in the region until somebody renews the token."""
    touched = set()
    here: Callable[[Life], bool] = lambda life: life.region == region  # noqa: E731
    for life, event in events_in(lives, "sync.succeeded", begin, end, here):
        happened = at(event)
        shift(life, happened, end - happened)
        event["time"] = utc_text(end + timedelta(minutes=5))
        retry = happened
        attempt = 1
        while retry < end:
            life.crossed(retry, failing="auth_expired", attempt=attempt)
            retry, attempt = retry + timedelta(hours=4), attempt + 1
        touched.add(life.instance)
    return touched


def tax_outage(lives: list[Life], begin: datetime, end: datetime) -> set[str]:
    """The tax engine answers nobody for some hours."""
    touched = set()
    for life, event in events_in(lives, "tax.calculated", begin, end, lambda life: True):
        happened = at(event)
        shift(life, happened, end - happened)
        event["time"] = utc_text(end + timedelta(minutes=3))
        for minutes in (0, 10):
            life.fact(
                "tax.failed", f"quote/{life.quote}", happened + timedelta(minutes=minutes),
                outcome="failure", error_type="upstream_down",
            )  # fmt: skip
        touched.add(life.instance)
    return touched


def renamed_field(lives: list[Life], begin: datetime, end: datetime) -> set[str]:
    """CPQ tells the terms of its quotes under another name for some days."""
    touched = set()
    for life in lives:
        for event in life.told:
            if kind(event) == "quote.created":
                inside = begin <= at(event) < end
                name = "paymentTerms" if inside else "payment_terms"
                event["data"]["fields"] = {name: "NET30"}
                touched |= {life.instance} if inside else set()
    return touched


def lost_ids(lives: list[Life], begin: datetime, end: datetime, chance: random.Random) -> set[str]:
    """The warehouse drops most of the correlation ids for some days."""
    touched = set()
    for life, event in events_in(lives, "fulfilment.completed", begin, end, lambda life: True):
        if chance.random() < 0.8:
            event["correlationid"] = ""
            touched.add(life.instance)
    return touched


def slow_approver(lives: list[Life], who: str, begin: datetime, delay: timedelta) -> set[str]:
    """One approver lets everything lie."""
    touched = set()
    end = begin + timedelta(days=999)
    for life, event in events_in(lives, "approval.granted", begin, end, lambda life: True):
        if event["data"]["actor"]["id"] == who:
            shift(life, at(event) - timedelta(microseconds=1), delay)
            touched.add(life.instance)
    return touched


def wrong_prices(lives: list[Life], number: int, chance: random.Random) -> set[str]:
    """Some orders are made at an old price."""
    plain = [life for life in lives if sum(kind(e) == "order.created" for e in life.told) == 1]
    touched = set()
    for life in chance.sample(plain, number):
        wrong = f"{float(life.amount) * 0.93:.2f}"
        for event in life.told:
            later = kind(event).split(".")[0] in ("order", "invoice", "payment")
            if later and event["data"].get("amount") == life.amount:
                event["data"]["amount"] = wrong
        touched.add(life.instance)
    return touched


def duplicate_orders(lives: list[Life], number: int, chance: random.Random) -> set[str]:
    """Some orders are made twice."""
    plain = [life for life in lives if sum(kind(e) == "order.created" for e in life.told) == 1]
    touched = set()
    for life in chance.sample(plain, number):
        (made,) = (event for event in life.told if kind(event) == "order.created")
        again = copy.deepcopy(made)
        again |= {"id": str(uuid.uuid4()), "subject": f"{made['subject']}-DUP"}
        again["time"] = utc_text(at(made) + timedelta(minutes=7))
        life.told.append(again)
        touched.add(life.instance)
    return touched


def drifting_customers(lives: list[Life], customers: set[str], since: datetime) -> set[str]:
    """CPQ learns of a new tax id, SAP goes on with the old one; others differ in spelling only."""
    touched = set()
    for life in lives:
        for event in life.told:
            name = kind(event)
            if name not in ("quote.created", "order.created"):
                continue
            number = (
                f"DE {life.customer[2:]}00-1"
                if name == "quote.created"
                else f"de{life.customer[2:]}001"
            )
            if life.customer in customers and name == "quote.created" and at(event) >= since:
                number = f"DE {life.customer[2:]}99-9"
            event["data"].setdefault("fields", {})["customer.tax_id"] = number
        if life.customer in customers and life.told and max(map(at, life.told)) >= since:
            touched.add(life.instance)
    return touched


def silent(lives: list[Life], source: str, begin: datetime, end: datetime) -> set[str]:
    """Nothing that a source tells in a stretch of time arrives, then or later."""
    touched = set()
    for life in lives:
        kept = [e for e in life.told if e["source"] != source or not begin <= at(e) < end]
        if len(kept) < len(life.told):
            touched.add(life.instance)
        life.told = kept
    return touched


def late(
    lives: list[Life], source: str, begin: datetime, end: datetime, chance: random.Random
) -> set[str]:
    """Most of what a source tells comes hours after it happened."""
    touched = set()
    for life in lives:
        for event in life.told:
            if event["source"] == source and begin <= at(event) < end and chance.random() < 0.6:
                event["recordedtime"] = utc_text(at(event) + timedelta(hours=chance.uniform(5, 9)))
                touched.add(life.instance)
    return touched
