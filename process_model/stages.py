"""Where an instance waited and waits: one row a stage, branch and object, with its deadline; pure.

A stage is entered when the one before it is done, completed by its milestone (contract 3), and
withdrawn with its object. A failed attempt completes nothing, a cancelled invoice reopens.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from process_model.config import ModelConfig
from process_model.correlation import Grown, SameThings
from process_model.events import BusinessEvent
from process_model.reference import reference
from process_model.vocabulary import LinkKind, Outcome, Stage


@dataclass(frozen=True, slots=True)
class StageWait:
    """One wait in a stage, for one object."""

    stage: Stage
    object: str
    entered_at: datetime
    completed_at: datetime | None
    due_at: datetime | None
    due_from: str
    """event, terms, configuration or reference"""
    state: str
    """open, done, skipped or withdrawn"""
    dated_at: datetime
    """the document's first fact: its date, by which its money is converted"""


_WITHDRAWS = {
    "opportunity": {"opportunity.lost"},
    "quote": {"quote.declined", "quote.expired", "quote.rejected", "approval.denied"},
    "order": {"order.cancelled"},
    "invoice": {"invoice.cancelled", "invoice.corrected"},
}


class Documents:
    """The facts of one instance by document: what happened to it, and what follows it."""

    def __init__(self, grown: Grown) -> None:
        """Read the instance's events and links once."""
        self.same = same = SameThings(entry.link for entry in grown.links)
        self.events: dict[str, list[BusinessEvent]] = defaultdict(list)
        self._after: dict[str, set[str]] = defaultdict(set)
        self._of_type: dict[str, list[str]] | None = None
        self._reached: dict[str, set[str]] = {}
        mine = grown.own | grown.context
        for event in grown.events:
            # a delivery that the warehouse tells of under its order's number is the order's
            key = same.of(event.subject) if event.subject else ""
            if key in mine:
                self.events[key].append(event)
        for entry in grown.links:
            if entry.link.kind == LinkKind.FLOW:
                self._after[same.of(entry.link.from_key)].add(same.of(entry.link.to_key))

    def of_type(self, type_: str) -> list[str]:
        """The documents of a type that facts are known of, by their first fact."""
        if self._of_type is None:
            self._of_type = defaultdict(list)
            for key in sorted(self.events, key=lambda key: (self.events[key][0].event_time, key)):
                self._of_type[key.partition(":")[0]].append(key)
        return self._of_type.get(type_, [])

    def after(self, key: str, type_: str) -> list[str]:
        """The documents of a type that follow one, near or far."""
        seen = self._reached.get(key)
        if seen is None:
            seen, waiting = set[str](), list(self._after.get(key, ()))
            while waiting:
                one = waiting.pop()
                if one not in seen:
                    seen.add(one)
                    waiting += self._after.get(one, ())
            self._reached[key] = seen
        return [one for one in self.of_type(type_) if one in seen]

    def first(self, key: str, types: Collection[str]) -> BusinessEvent | None:
        """The earliest successful fact of the types about the document."""
        for event in self.events.get(key, ()):
            if event.type in types and _worked(event):
                return event
        return None

    def last(self, key: str, types: Collection[str]) -> BusinessEvent | None:
        """The latest successful fact of the types about the document."""
        hits = [e for e in self.events.get(key, ()) if e.type in types and _worked(e)]
        return hits[-1] if hits else None

    def withdrawn(self, key: str) -> bool:
        """Whether the document ended without being done, and was not taken up again."""
        types = _WITHDRAWS.get(key.partition(":")[0], set())
        return self.last(key, types) is not None


def _worked(event: BusinessEvent) -> bool:
    return event.outcome != Outcome.FAILURE


def stage_waits(documents: Documents, config: ModelConfig) -> list[StageWait]:
    """Every stage the instance has entered, in process order."""
    rows = _Rows(documents, config)
    rows.quoting()
    rows.ordering()
    rows.settling()
    order = list(Stage)
    return sorted(rows.waits, key=lambda w: (order.index(w.stage), w.entered_at, w.object))


def current_wait(waits: Iterable[StageWait]) -> StageWait | None:
    """The earliest open stage of the slowest branch; an optional stage counts once requested."""
    order = list(Stage)
    waiting = [wait for wait in waits if wait.state == "open" and _must_be_done(wait.stage)]
    return min(waiting, key=lambda w: (order.index(w.stage), w.entered_at, w.object), default=None)


def _must_be_done(stage: Stage) -> bool:
    entry = reference().stage(stage)
    return not entry.optional or bool(entry.requested_by)


class _Rows:
    """Collects the waits of one instance."""

    def __init__(self, documents: Documents, config: ModelConfig) -> None:
        self._documents, self._config = documents, config
        self.waits: list[StageWait] = []

    def quoting(self) -> None:
        documents = self._documents
        quotes = documents.of_type("quote")
        sold = any(documents.first(quote, ["quote.accepted"]) for quote in quotes)
        for key in documents.of_type("opportunity"):
            if entered := documents.first(key, ["opportunity.created"]):
                won = self._milestone(Stage.OPPORTUNITY, key)
                # an accepted quote says that it was won, whether or not the CRM was told
                skipped = won is None and sold
                self._add(Stage.OPPORTUNITY, key, entered, won, skipped=skipped)
        for quote in self._effective_quotes():
            self._quote(quote)

    def _effective_quotes(self) -> list[str]:
        """The accepted quotes of the family, else its newest."""
        quotes = self._documents.of_type("quote")
        accepted = [key for key in quotes if self._documents.first(key, ["quote.accepted"])]
        return accepted or quotes[-1:]

    def _quote(self, quote: str) -> None:
        documents, milestone = self._documents, self._milestone
        ordered = bool(documents.after(quote, "order"))
        begun = documents.events[quote][0]
        created = milestone(Stage.QUOTE, quote)
        self._add(Stage.QUOTE, quote, begun, created, skipped=created is None)
        last = created or begun
        for stage, types in ((Stage.VALIDATION, None), (Stage.APPROVAL, True)):
            entry = reference().stage(stage)
            asked = documents.first(quote, entry.requested_by) if types else None
            done = milestone(stage, quote)
            if asked or done:
                self._add(stage, quote, asked or last, done, skipped=ordered and done is None)
                if done is None and not ordered and not documents.first(quote, ["quote.accepted"]):
                    return
                last = done or last
        accepted = milestone(Stage.ACCEPTANCE, quote)
        self._add(Stage.ACCEPTANCE, quote, last, accepted, skipped=ordered and accepted is None)

    def ordering(self) -> None:
        documents = self._documents
        ordered: set[str] = set()
        for quote in documents.of_type("quote"):
            if accepted := documents.first(quote, ["quote.accepted"]):
                orders = documents.after(quote, "order")
                ordered.update(orders)
                done = [e for o in orders if (e := self._milestone(Stage.ORDER, o))]
                self._add(Stage.ORDER, quote, accepted, done[0] if done else None)
        for order in documents.of_type("order"):
            if order not in ordered:
                begun = documents.events[order][0]
                self._add(Stage.ORDER, order, begun, self._milestone(Stage.ORDER, order))
            self._fulfilment(order)

    def _fulfilment(self, order: str) -> None:
        documents = self._documents
        created = self._milestone(Stage.ORDER, order)
        if created is None:
            return
        places = [order, *documents.after(order, "delivery")]
        finished = {key: self._milestone(Stage.FULFILMENT, key) for key in places}
        # every delivery must arrive; the order's own completion speaks for all of them
        arrived = [finished[key] for key in places[1:]]
        last = max((e for e in arrived if e), key=lambda e: e.event_time, default=None)
        done = finished[order] or (last if arrived and all(arrived) else None)
        self._add(Stage.FULFILMENT, order, created, done)
        self._invoice(order, created, done)

    def _invoice(self, order: str, created: BusinessEvent, fulfilled: BusinessEvent | None) -> None:
        documents = self._documents
        live = [i for i in documents.after(order, "invoice") if not documents.withdrawn(i)]
        posted = [e for i in live if (e := self._milestone(Stage.INVOICE, i))]
        done = min(posted, key=lambda e: e.event_time, default=None)
        # billed ahead: the wait then runs from the order, not from a delivery still to come
        ahead = done is not None and (fulfilled is None or done.event_time < fulfilled.event_time)
        entered = created if ahead else fulfilled
        if entered:
            self._add(Stage.INVOICE, order, entered, done)

    def settling(self) -> None:
        documents = self._documents
        orders = documents.of_type("order")
        billed = {i for order in orders for i in documents.after(order, "invoice")}
        paid: set[str] = set()
        for invoice in documents.of_type("invoice"):
            posted = self._milestone(Stage.INVOICE, invoice)
            if invoice not in billed:
                self._add(Stage.INVOICE, invoice, documents.events[invoice][0], posted)
            payments = documents.after(invoice, "payment")
            paid.update(payments)
            if posted:
                done = [e for p in [invoice, *payments] if (e := self._milestone(Stage.PAYMENT, p))]
                last = max(done, key=lambda e: e.event_time, default=None)
                self._add(Stage.PAYMENT, invoice, posted, last)
        for payment in documents.of_type("payment"):
            if payment not in paid:
                begun = documents.events[payment][0]
                self._add(Stage.PAYMENT, payment, begun, self._milestone(Stage.PAYMENT, payment))
        for subscription in documents.of_type("subscription"):
            if renewed := self._milestone(Stage.RENEWAL, subscription):
                self._add(Stage.RENEWAL, subscription, documents.events[subscription][0], renewed)

    def _milestone(self, stage: Stage, key: str) -> BusinessEvent | None:
        return self._documents.first(key, reference().stage(stage).completes)

    def _add(
        self,
        stage: Stage,
        key: str,
        entered: BusinessEvent,
        done: BusinessEvent | None,
        *,
        skipped: bool = False,
    ) -> None:
        state = "done" if done else "skipped" if skipped else "open"
        if state == "open" and self._documents.withdrawn(key):
            state = "withdrawn"
        due, source = self._deadline(stage, entered)
        # clocks of two systems disagree: a wait is never shorter than nothing
        completed = max(done.event_time, entered.event_time) if done else None
        dated_at = self._documents.events[key][0].event_time
        wait = StageWait(stage, key, entered.event_time, completed, due, source, state, dated_at)
        self.waits.append(wait)

    def _deadline(self, stage: Stage, entered: BusinessEvent) -> tuple[datetime, str]:
        """Contract 7: what the event says, else its terms, else configuration, else reference."""
        if entered.due:
            return entered.due, "event"
        if stage == Stage.PAYMENT and entered.payment_days is not None:
            return entered.event_time + timedelta(days=entered.payment_days), "terms"
        if stage in self._config.limits:
            return entered.event_time + self._config.limits[stage], "configuration"
        return entered.event_time + reference().stage(stage).limit, "reference"
