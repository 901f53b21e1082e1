"""What documents spoken of under one correlation id, or in one trace, prove of each other; pure.

A document whose predecessor nobody ever declared is attached to the one document of the nearest
earlier rank that was spoken of in its conversations. Where two could be meant nothing is derived,
and a conversation that names many documents is a batch: it says when a job ran, not what follows
from what. Documents that declare a predecessor are never attached, so no two instances with
leaders of their own are merged.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from process_model.events import BusinessEvent, Link
from process_model.links import CORRELATION, FLOW_RANK, TRACE
from process_model.vocabulary import Evidence, LinkKind, ObjectType

MOST_DOCUMENTS = 32
"""A case told whole under one id names a couple of dozen documents; a nightly job names hundreds.
The table ``conversations`` keeps one more than this, to tell the two apart."""

SPAN_LINK = "span link"
"""The basis of a link through two traces that a span link holds together."""

Undone = frozenset[tuple[str, str, str]]
"""(from key, to key, kind) of links that a person took back"""


class Classes(Protocol):
    """Which keys name one thing."""

    def of(self, key: str) -> str:
        """The key that speaks for the thing."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation, or two traces that a span link joins, with the documents it names."""

    ids: tuple[str, ...]
    documents: frozenset[str]

    @property
    def basis(self) -> str:
        """How a link that rests on it is said to be known."""
        if len(self.ids) > 1:
            return SPAN_LINK
        return "correlationid" if self.ids[0].startswith(f"{CORRELATION}:") else "trace"

    @property
    def is_evidence(self) -> bool:
        """Whether it names few enough documents to be about one case."""
        return len(self.documents) <= MOST_DOCUMENTS


@dataclass(frozen=True, slots=True)
class Spoken:
    """What all versions of the events say; a correction never makes a stranger of a follower."""

    talks: tuple[Talk, ...]
    led: frozenset[str]
    """documents of which some version of some event declared the predecessor"""


@dataclass(frozen=True, slots=True)
class Derived:
    """A link that conversations prove, with the event that spoke of the follower there."""

    link: Link
    source: str
    id: str
    talk: Talk


def rank_of(key: str) -> int | None:
    """The place of a document in the flow, ``None`` for what never carries it."""
    return FLOW_RANK.get(key.partition(":")[0])


def leads(key: str) -> bool:
    """Whether an object can be a predecessor; an opportunity is surroundings only."""
    return rank_of(key) is not None and not key.startswith(f"{ObjectType.OPPORTUNITY}:")


def talks(
    documents_of: Mapping[str, Iterable[str]], span_links: Iterable[tuple[str, str]] = ()
) -> Iterable[Talk]:
    """The conversations, and those pairs of traces that span links join; crowded ones as well."""
    for id_, documents in documents_of.items():
        yield Talk((id_,), frozenset(documents))
    linked: dict[str, set[str]] = defaultdict(set)
    pairs = {(min(pair), max(pair)) for pair in span_links}
    for one, two in pairs:
        linked[one].add(two)
        linked[two].add(one)
    for one, two in sorted(pairs):
        # a consumer of a batch links to every trace it drains: that joins none of them
        if max(len(linked[one]), len(linked[two])) <= MOST_DOCUMENTS:
            both = (*documents_of.get(one, ()), *documents_of.get(two, ()))
            yield Talk((one, two), frozenset(both))


def spoken_of(
    versions: Iterable[BusinessEvent],
    undone: Undone = frozenset(),
    span_links: Iterable[tuple[str, str]] = (),
    crowded: frozenset[tuple[str, ...]] = frozenset(),
) -> Spoken:
    """What every stored version of the events says.

    ``span_links`` are pairs of conversation keys of traces; ``crowded`` are the ids of talks that
    name more documents than these events show.
    """
    documents_of: dict[str, set[str]] = defaultdict(set)
    led: set[str] = set()
    for event in versions:
        for link in event.links:
            if link.kind == LinkKind.CONVERSATION:
                documents_of[link.to_key].add(link.from_key)
                continue
            counts = (link.from_key, link.to_key, LinkKind.FLOW) not in undone
            if counts and link.kind == LinkKind.FLOW and leads(link.from_key):
                led.add(link.to_key)
    few = [
        talk
        for talk in talks(documents_of, span_links)
        if talk.is_evidence and not crowded.intersection({talk.ids, *((i,) for i in talk.ids)})
    ]
    return Spoken(tuple(few), frozenset(led))


def derived_links(
    spoken: Spoken, events: Sequence[BusinessEvent], same: Classes, undone: Undone
) -> list[Derived]:
    """The links that conversations prove, one a document at most; events in total order."""
    heard: dict[str, list[Talk]] = defaultdict(list)
    for talk in spoken.talks:
        if len(talk.documents) > 1:
            for thing in {same.of(key) for key in talk.documents}:
                heard[thing].append(talk)
    led = {same.of(key) for key in spoken.led}
    taken_back = {(same.of(one), same.of(two)) for one, two, kind in undone if kind == "flow"}
    proofs = _proofs(events, same) if heard else {}
    found = []
    for thing in sorted(heard.keys() - led):
        chosen = _predecessor(thing, heard[thing], same, taken_back)
        if chosen and (proof := _proof(thing, chosen[1], proofs)):
            before, talk = chosen
            link = Link(before, thing, LinkKind.FLOW, Evidence.DERIVED, talk.basis)
            found.append(Derived(link, proof.source, proof.id, talk))
    return found


def _predecessor(
    thing: str, heard: Iterable[Talk], same: Classes, taken_back: set[tuple[str, str]]
) -> tuple[str, Talk] | None:
    """The one thing of the nearest earlier rank, and the first conversation that names it."""
    own = rank_of(thing)
    if own is None or not leads(thing):
        return None
    named: dict[str, Talk] = {}
    for talk in sorted(heard, key=lambda t: (len(t.ids), t.ids)):
        for key in talk.documents:
            named.setdefault(same.of(key), talk)
    ranked = {
        key: rank
        for key in named
        if (rank := rank_of(key)) is not None and rank < own and (key, thing) not in taken_back
    }
    nearest = [key for key, rank in ranked.items() if rank == max(ranked.values())]
    return (nearest[0], named[nearest[0]]) if len(nearest) == 1 else None


def _proofs(events: Sequence[BusinessEvent], same: Classes) -> dict[tuple[str, str], BusinessEvent]:
    """Per thing and conversation the first counted event that spoke of it there."""
    first: dict[tuple[str, str], BusinessEvent] = {}
    for event in events:
        for link in event.links:
            if link.kind == LinkKind.CONVERSATION:
                first.setdefault((same.of(link.from_key), link.to_key), event)
    return first


def _proof(
    thing: str, talk: Talk, proofs: Mapping[tuple[str, str], BusinessEvent]
) -> BusinessEvent | None:
    return next((found for id_ in talk.ids if (found := proofs.get((thing, id_)))), None)


def trace_key(trace_id: str) -> str:
    """The key of the conversation that a trace is; trace ids are hexadecimal, hence safe."""
    return f"{TRACE}:shared:{trace_id}"
