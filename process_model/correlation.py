"""How instances grow: from a leading object along the directed document flow (domain.md); pure.

``grow`` takes the counted events of whole components and gives every instance in them. It is a
function of the set of events alone: arrival, batching and repetition do not reach it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from process_model.conversations import Spoken, Undone, derived_links, spoken_of
from process_model.events import BusinessEvent, Link, ObjectRef
from process_model.links import FLOW_RANK
from process_model.vocabulary import LinkKind, ObjectType

CONTEXT = frozenset({ObjectType.OPPORTUNITY, ObjectType.CONTRACT, ObjectType.SUBSCRIPTION})
"""Shared surroundings: attached to an instance, never merging two."""

APART = frozenset({ObjectType.CUSTOMER, ObjectType.RULE_VERSION})
"""Parties and rules never connect anything."""


@dataclass(frozen=True, slots=True)
class ProvenLink:
    """A link with the event that proved it."""

    link: Link
    source: str
    id: str


@dataclass(frozen=True, slots=True)
class Grown:
    """One instance before it is measured: keys are representatives of their ``same`` classes."""

    leader: str
    own: frozenset[str]
    context: frozenset[str]
    links: tuple[ProvenLink, ...]
    events: tuple[BusinessEvent, ...]
    conversations: tuple[str, ...] = ()
    """the conversations that its derived links rest on"""

    @property
    def instance_id(self) -> str:
        """The key of the leading object, never a counter."""
        return self.leader

    @property
    def names(self) -> frozenset[str]:
        """The keys of its objects, and those that name the same things."""
        same = (entry.link for entry in self.links if entry.link.kind == LinkKind.SAME)
        others = {key for link in same for key in (link.from_key, link.to_key)}
        return self.own | self.context | others


class SameThings:
    """Which keys name one thing: ``same`` links merge them, undone links do not count."""

    def __init__(self, links: Iterable[Link]) -> None:
        """Merge the ends of every ``same`` link; the smallest key of the lowest rank speaks."""
        self._parent: dict[str, str] = {}
        for link in links:
            if link.kind == LinkKind.SAME:
                one, two = sorted((self.of(link.from_key), self.of(link.to_key)), key=_seniority)
                if one != two:  # told again, or by way of a third: nothing may be its own parent
                    self._parent[two] = one

    def of(self, key: str) -> str:
        """The key that speaks for the class."""
        while (above := self._parent.get(key)) is not None:
            key = above
        return key


def _type(key: str) -> str:
    return key.partition(":")[0]


def _seniority(key: str) -> tuple[int, str]:
    return (FLOW_RANK.get(_type(key), 99), key)


def grow(
    events: Sequence[BusinessEvent], undone: Undone = frozenset(), spoken: Spoken | None = None
) -> list[Grown]:
    """Every instance that the events tell of, in the order of their ids; events in total order.

    ``undone`` holds the links that a person took back; ``spoken`` what all versions of the events
    said in conversations, when these events are not all of them.
    """
    declared = _proven(events, undone)
    same = SameThings(entry.link for entry in declared)
    heard = spoken if spoken is not None else spoken_of(events, undone)
    derived, conversations = _derived(heard, events, declared, same, undone)
    proven = declared + derived
    flow = _Flow(proven, same)
    told_of = _told_of(events, same)
    flow.names.update(key for keys in told_of for key in keys if _type(key) in FLOW_RANK)
    about = _About(events, told_of, proven, same, conversations)
    grown, reached = [], set[str]()
    documents = sorted((key for key in flow.names if _type(key) not in CONTEXT), key=_seniority)
    heads = [key for key in documents if not flow.has_document_before(key)]
    # links that run in a circle have no head: their senior member leads, so that nothing is lost
    for leader in heads + documents:
        if leader in reached:
            continue
        own, context = flow.downstream(leader)
        reached |= own
        grown.append(about.gather(leader, own, context))
    return sorted(grown, key=lambda instance: instance.leader)


def _proven(events: Sequence[BusinessEvent], undone: Undone) -> list[ProvenLink]:
    return [
        ProvenLink(link, event.source, event.id)
        for event in events
        for link in event.links
        if (link.from_key, link.to_key, str(link.kind)) not in undone
    ]


def _derived(
    spoken: Spoken,
    events: Sequence[BusinessEvent],
    declared: Sequence[ProvenLink],
    same: SameThings,
    undone: Undone,
) -> tuple[list[ProvenLink], dict[str, tuple[str, ...]]]:
    """The links that conversations prove, and per follower the conversations they rest on."""
    found = derived_links(spoken, events, same, undone)
    if not found:
        return [], {}
    flow, links, conversations = _Flow(declared, same), [], {}
    for entry in found:
        # a follower that already leads to its predecessor would close a circle
        if entry.link.from_key not in flow.downstream(entry.link.to_key)[0]:
            links.append(ProvenLink(entry.link, entry.source, entry.id))
            conversations[entry.link.to_key] = entry.talk.ids
    return links, conversations


def _told_of(events: Sequence[BusinessEvent], same: SameThings) -> list[frozenset[str]]:
    """Per event the things it is about: its subject and sync object, else all it names."""
    told = []
    for event in events:
        named = [key for key in (event.subject, event.sync_object) if key] or event.object_keys
        told.append(frozenset(same.of(key) for key in named))
    return told


class _Flow:
    """The directed document flow between things, parts hanging off their documents."""

    def __init__(self, proven: Iterable[ProvenLink], same: SameThings) -> None:
        self.names: set[str] = set()
        self._after: dict[str, set[str]] = defaultdict(set)
        self._before: dict[str, set[str]] = defaultdict(set)
        self._parts: dict[str, set[str]] = defaultdict(set)
        for entry in proven:
            one, two = same.of(entry.link.from_key), same.of(entry.link.to_key)
            if one == two or _type(one) in APART or _type(two) in APART:
                continue
            if entry.link.kind == LinkKind.FLOW:
                self._after[one].add(two)
                self._before[two].add(one)
                self.names |= {key for key in (one, two) if _type(key) in FLOW_RANK}
            elif entry.link.kind == LinkKind.PART:
                self._hang(one, two)

    def _hang(self, one: str, two: str) -> None:
        # lines are told as line → document, everything else as document → what hangs off it
        line_first = _type(one).endswith("_line")
        document, part = (two, one) if line_first else (one, two)
        self._parts[document].add(part)

    def has_document_before(self, key: str) -> bool:
        """Whether a document leads to it, and not only context that is attached."""
        return any(
            _type(before) in FLOW_RANK
            and (_type(before) not in CONTEXT or self._led_through(before))
            for before in self._before[key]
        )

    def _led_through(self, context: str) -> bool:
        """A contract or subscription carries the flow on when exactly one document leads to it."""
        if _type(context) == ObjectType.OPPORTUNITY:
            return False
        return len([key for key in self._before[context] if _type(key) not in CONTEXT]) == 1

    def downstream(self, leader: str) -> tuple[set[str], set[str]]:
        """All that grows from the leader, and the context it stands in."""
        own, context, waiting = set[str](), set[str](), [leader]
        while waiting:
            key = waiting.pop()
            if key in own or key in context:
                continue
            if _type(key) in CONTEXT and key != leader:
                context.add(key)
                if not self._led_through(key):
                    continue
            else:
                own.add(key)
            waiting += self._after[key] | self._parts[key]
            context |= {before for before in self._before[key] if _type(before) in CONTEXT}
        return own, context - own


class _About:
    """Events and links by the things they are about, so that gathering reads only its own."""

    def __init__(
        self,
        events: Sequence[BusinessEvent],
        told_of: Sequence[frozenset[str]],
        proven: Sequence[ProvenLink],
        same: SameThings,
        conversations: Mapping[str, tuple[str, ...]],
    ) -> None:
        self._events, self._proven, self._conversations = events, proven, conversations
        self._events_of: dict[str, list[int]] = defaultdict(list)
        self._links_of: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for place, keys in enumerate(told_of):
            for key in keys:
                self._events_of[key].append(place)
        for place, entry in enumerate(proven):
            far_end = same.of(entry.link.to_key)
            self._links_of[same.of(entry.link.from_key)].append((place, far_end))

    def gather(self, leader: str, own: set[str], context: set[str]) -> Grown:
        """The instance with all that was told of it, in the order it was told."""
        mine = own | context
        told = sorted({place for key in mine for place in self._events_of.get(key, ())})
        linked = sorted(
            place for key in mine for place, far in self._links_of.get(key, ()) if far in mine
        )
        links = tuple(self._proven[place] for place in linked)
        events = tuple(self._events[place] for place in told)
        rested_on = {id_ for key in mine for id_ in self._conversations.get(key, ())}
        conversations = tuple(sorted(rested_on))
        return Grown(leader, frozenset(own), frozenset(context), links, events, conversations)


def by_instance(grown: Iterable[Grown]) -> Mapping[str, Grown]:
    """The instances by their ids."""
    return {instance.instance_id: instance for instance in grown}


def leading_object(instance: Grown) -> ObjectRef:
    """The object an instance is named after."""
    return ObjectRef.of(instance.leader)
