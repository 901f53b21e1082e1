"""What must be grown together: objects held by links, and those that a conversation may join.

Declared links are followed without an end. A conversation is followed only where it can derive a
link: from a document without a declared predecessor to the earlier documents named beside it, and
back. What is found here may be more than what belongs together, never less.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from process_model.conversations import Talk, Undone, leads, rank_of, talks, trace_key
from process_model.correlation import APART
from process_model.links import CORRELATION, TRACE
from process_model.questions import ask
from process_model.store import Handle
from process_model.vocabulary import LinkKind

_KEYS_AT_ONCE = 10_000
_CONVERSATIONS = (CORRELATION, TRACE)


@dataclass(frozen=True, slots=True)
class Component:
    """Objects that are grown together, and what is known of the conversations between them."""

    objects: frozenset[str]
    span_links: frozenset[tuple[str, str]]
    """pairs of conversation keys of traces"""
    crowded: frozenset[tuple[str, ...]]
    """ids of the talks that name too many documents to prove anything"""


def component_of(
    store: Handle, dataset: str, keys: Iterable[str], undone: Undone = frozenset()
) -> Component:
    """The objects and all that is grown together with them.

    Keys of conversations among ``keys`` stand for the documents that they name.
    """
    search = _Search(store, dataset, undone)
    return search.from_objects(keys)


def parts(keys: Iterable[str]) -> Iterator[list[str]]:
    """The keys in order, in pieces small enough for one question."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), _KEYS_AT_ONCE):
        yield ordered[start : start + _KEYS_AT_ONCE]


def _type(key: str) -> str:
    return key.partition(":")[0]


class _Search:
    """One search; holds what was asked, so that nothing is asked twice."""

    def __init__(self, store: Handle, dataset: str, undone: Undone) -> None:
        self._store, self._dataset, self._undone = store, dataset, undone
        self._objects: set[str] = set()
        self._led: set[str] = set()
        self._known: set[str] = set()
        self._conversations: set[str] = set()
        self._documents_of: dict[str, tuple[str, ...]] = {}
        self._span_links: set[tuple[str, str]] = set()
        self._crowded: set[tuple[str, ...]] = set()

    def from_objects(self, keys: Iterable[str]) -> Component:
        wanted = set(keys)
        self._conversations |= {key for key in wanted if _type(key) in _CONVERSATIONS}
        self._listen()
        named = {d for documents in self._documents_of.values() for d in documents}
        waiting = {key for key in wanted | named if self._holds(key)}
        while waiting:
            self._follow_links(waiting)
            self._listen()
            waiting = self._joined() - self._objects
        return Component(
            frozenset(self._objects), frozenset(self._span_links), frozenset(self._crowded)
        )

    def _holds(self, key: str) -> bool:
        return bool(key) and _type(key) not in APART and _type(key) not in _CONVERSATIONS

    def _follow_links(self, waiting: set[str]) -> None:
        while waiting:
            self._objects |= waiting
            self._known |= waiting
            found: set[str] = set()
            for row in self._ask("neighbours", waiting):
                if row.kind == LinkKind.CONVERSATION:
                    self._conversations.add(row.other_key)
                    continue
                found.add(row.other_key)
                self._note_leader(row.object_key, row.other_key, row.kind, row.direction)
            waiting = {key for key in found - self._objects if self._holds(key)}

    def _note_leader(self, key: str, other: str, kind: str, direction: str) -> None:
        followed = kind == LinkKind.FLOW and direction == "in" and leads(other)
        if followed and (other, key, LinkKind.FLOW) not in self._undone:
            self._led.add(key)

    def _listen(self) -> None:
        """Learn whom the new conversations name, and those that span links join to them."""
        new = {id_ for id_ in self._conversations if id_ not in self._documents_of}
        if not new:
            return
        joined = self._linked({id_ for id_ in new if _type(id_) == TRACE})
        # what they are linked to in turn is asked only to see whether one of them is a batch
        self._linked(joined)
        new |= joined - self._documents_of.keys()
        self._documents_of |= dict.fromkeys(new, ())
        for row in self._ask("documents_of_conversations", new):
            self._documents_of[row.conversation] = tuple(row.documents)

    def _linked(self, conversations: Iterable[str]) -> set[str]:
        joined: set[str] = set()
        for part in parts(id_.rpartition(":")[2] for id_ in conversations):
            for row in ask(self._store, "linked_traces", trace_ids=part):
                one, two = trace_key(row.trace_id), trace_key(row.other_trace_id)
                self._span_links.add((min(one, two), max(one, two)))
                joined.add(two)
        return joined

    def _joined(self) -> set[str]:
        """The objects that conversations may join to those found so far."""
        heard = [t for t in talks(self._documents_of, self._span_links) if len(t.documents) > 1]
        crowds = {talk.ids for talk in heard if not talk.is_evidence} - self._crowded
        self._crowded |= crowds
        joined = self._rested_on({id_ for ids in crowds for id_ in ids})
        few = [t for t in heard if t.is_evidence and not t.documents <= self._objects]
        self._learn_leaders({d for t in few for d in t.documents} - self._known)
        for talk in few:
            joined |= self._joined_by(talk)
        return joined

    def _joined_by(self, talk: Talk) -> set[str]:
        joined: set[str] = set()
        for key in talk.documents - self._led:
            own = rank_of(key)
            earlier = {d for d in talk.documents if own and (rank_of(d) or 0) < own}
            if key in self._objects:
                joined |= earlier
            elif earlier & self._objects:
                joined.add(key)
        return joined

    def _learn_leaders(self, outside: set[str]) -> None:
        self._known |= outside
        for row in self._ask("neighbours", outside):
            self._note_leader(row.object_key, row.other_key, row.kind, row.direction)

    def _rested_on(self, crowds: set[str]) -> set[str]:
        """What instances hold by links that rest on conversations which have become crowded."""
        rows = self._ask("objects_resting_on", crowds, name="conversations")
        return {row.object_key for row in rows if self._holds(row.object_key)}

    def _ask(self, question: str, keys: Iterable[str], name: str = "object_keys") -> Iterator[Any]:
        for part in parts(keys):
            yield from ask(self._store, question, dataset=self._dataset, **{name: part})
