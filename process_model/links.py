"""What one event says of the relations between the objects it names; pure, no other event is asked.

An event proves links in five ways (``Link.basis``): it states them (``links``), it names a
predecessor beside its subject (``objects``), its lines come from other lines (``lines``), or it was
spoken under a correlation id (``correlationid``) or in a trace (``trace``). The last two are links
of kind ``conversation`` whose other end is the id itself: growth decides whether they connect.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation, localcontext

from process_model.events import Link, ObjectRef, object_key
from process_model.vocabulary import Evidence, LinkKind, ObjectType

FLOW_RANK: Mapping[str, int] = {
    ObjectType.OPPORTUNITY: 0,
    ObjectType.QUOTE: 1,
    ObjectType.CONTRACT: 2,
    ObjectType.ORDER: 3,
    ObjectType.SUBSCRIPTION: 4,
    ObjectType.DELIVERY: 5,
    ObjectType.INVOICE: 6,
    ObjectType.PAYMENT: 7,
}
"""The document flow; types without a rank never carry it."""

LINE_DOCUMENT: Mapping[str, str] = {
    ObjectType.QUOTE_LINE: ObjectType.QUOTE,
    ObjectType.ORDER_LINE: ObjectType.ORDER,
    ObjectType.INVOICE_LINE: ObjectType.INVOICE,
}
DOCUMENT_LINE: Mapping[str, str] = {document: line for line, document in LINE_DOCUMENT.items()}
HANGING = (ObjectType.CREDIT_NOTE, ObjectType.DISPUTE, ObjectType.TICKET)
"""What hangs off a document without being a step of its flow."""

CORRELATION = "correlation"
TRACE = "trace"


def links_of(
    subject: ObjectRef | None,
    objects: Sequence[ObjectRef],
    *,
    stated: Iterable[Link] = (),
    lines: Iterable[Mapping[str, object]] = (),
    correlation_id: str = "",
    trace_id: str = "",
) -> tuple[Link, ...]:
    """Every link the event proves, each pair and kind once; a stated link wins."""
    found = list(stated)
    if subject is not None:
        found += [link for other in objects if (link := _beside(subject, other))]
        found += _of_lines(subject, lines)
        found += _conversations(subject, correlation_id, trace_id)
    first: dict[tuple[str, str, str], Link] = {}
    for link in found:
        if link.from_key != link.to_key:
            first.setdefault((link.from_key, link.to_key, link.kind), link)
    return tuple(first.values())


def parent_of_line(line: ObjectRef) -> ObjectRef | None:
    """The document of a line whose id is ``<document id>/<position>``; ``None`` for other ids."""
    document = LINE_DOCUMENT.get(line.type)
    head, slash, _ = line.id.rpartition("/")
    if document is None or not slash or not head:
        return None
    return ObjectRef(type=document, id=head, namespace=line.namespace)


def _beside(subject: ObjectRef, other: ObjectRef) -> Link | None:
    """A successor that names its predecessor beside itself declares the link."""
    if (subject.id, subject.type, subject.namespace) == (other.id, other.type, other.namespace):
        return None
    if subject.type in HANGING and (other.type in FLOW_RANK or other.type in HANGING):
        return _declared(other, subject, LinkKind.PART)
    if other.type in HANGING and subject.type in FLOW_RANK:
        return _declared(subject, other, LinkKind.PART)
    if LINE_DOCUMENT.get(subject.type) == other.type:
        return _declared(subject, other, LinkKind.PART)
    if LINE_DOCUMENT.get(other.type) == subject.type:
        return _declared(other, subject, LinkKind.PART)
    if subject.type not in FLOW_RANK or other.type not in FLOW_RANK:
        return None
    ahead, behind = FLOW_RANK[subject.type], FLOW_RANK[other.type]
    # two of one type: the subject names what it replaces, unless it says that the other follows
    subject_first = ahead < behind or (ahead == behind and other.qualifier == "successor")
    if subject_first:
        return _declared(subject, other, LinkKind.FLOW)
    return _declared(other, subject, LinkKind.FLOW)


def _declared(one: ObjectRef, two: ObjectRef, kind: LinkKind) -> Link:
    return Link(one.key, two.key, kind, Evidence.DECLARED, "objects")


def _of_lines(subject: ObjectRef, lines: Iterable[Mapping[str, object]]) -> Iterable[Link]:
    line_type = DOCUMENT_LINE.get(subject.type)
    if line_type is None:
        return
    flowing: dict[str, Decimal | None] = {}
    for line in lines:
        own = ObjectRef(line_type, f"{subject.id}/{line.get('id', '')}", subject.namespace)
        yield Link(own.key, subject.key, LinkKind.PART, Evidence.DECLARED, "lines")
        origin = line.get("from")
        if not isinstance(origin, ObjectRef):
            continue
        amount = line_amount(line)
        share = None if amount is None else f"{amount:f}"
        yield Link(origin.key, own.key, LinkKind.FLOW, Evidence.DECLARED, "lines", share)
        parent = parent_of_line(origin)
        if parent is None:
            continue
        yield Link(origin.key, parent.key, LinkKind.PART, Evidence.DECLARED, "lines")
        known = flowing.get(parent.key, Decimal(0))
        # one line without an amount leaves the whole share unsaid, never a smaller one
        flowing[parent.key] = None if known is None or amount is None else known + amount
    for key, total in flowing.items():
        text = None if total is None else f"{total:f}"
        yield Link(key, subject.key, LinkKind.FLOW, Evidence.DECLARED, "lines", text)


def line_amount(line: Mapping[str, object]) -> Decimal | None:
    """Quantity × unit price − discount + tax of a line, ``None`` when it does not say."""
    try:
        quantity, price = Decimal(str(line["quantity"])), Decimal(str(line["unit_price"]))
        discount = Decimal(str(line.get("discount") or 0))
        tax = Decimal(str(line.get("tax") or 0))
    except (KeyError, InvalidOperation):
        return None
    with localcontext(prec=100):
        total = (quantity * price - discount + tax).quantize(Decimal("0.000001"))
    # what the store's column cannot hold is left unsaid
    return total if abs(total) < Decimal(10) ** 32 else None


def _conversations(subject: ObjectRef, correlation_id: str, trace_id: str) -> Iterable[Link]:
    if subject.type not in FLOW_RANK:
        return
    if correlation_id:
        to_key = object_key(CORRELATION, correlation_id)
        yield Link(subject.key, to_key, LinkKind.CONVERSATION, Evidence.DECLARED, "correlationid")
    if trace_id:
        to_key = object_key(TRACE, trace_id)
        yield Link(subject.key, to_key, LinkKind.CONVERSATION, Evidence.DERIVED, "trace")
