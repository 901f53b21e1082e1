"""Links that a person declares wrong, or right again: seen, undone, and the case grown anew."""

from dataclasses import dataclass

from process_model import lookup
from process_model.config import ModelConfig
from process_model.errors import ThroughlineError
from process_model.events import ObjectRef
from process_model.recomputation import recompute
from process_model.state import State, UndoneLink
from process_model.store import Store
from process_model.vocabulary import LinkKind


class NoSuchLink(ThroughlineError):
    """The case or the link that was named is not there; says what is."""


@dataclass(frozen=True, slots=True)
class CaseLink:
    """A link of a case, or one that was taken out of it."""

    from_key: str
    to_key: str
    kind: str
    evidence: str
    basis: str
    proof: str
    """source and id of the event that proved it"""
    undone_because: str = ""


def links_of_case(store: Store, state: State, dataset: str, any_id: str) -> list[CaseLink]:
    """The links that hold the case together, then the undone ones that touch it.

    Any id of the case will do; raises ``NoSuchLink`` when it leads to none or to several.
    """
    instance_id = _case(store, dataset, any_id)
    detail = lookup.instance(store, dataset, instance_id)
    if detail is None:
        raise NoSuchLink(f"{dataset} has no case {any_id}")
    found = [
        CaseLink(
            k.from_key, k.to_key, k.kind, k.evidence, k.basis, f"{k.proof_source} {k.proof_id}"
        )
        for k in detail.links
        if k.kind != LinkKind.CONVERSATION
    ]
    held = {entry.key for entry in detail.objects}
    for undone in state.undone_links(dataset):
        if held & {undone.from_key, undone.to_key}:
            found.append(
                CaseLink(undone.from_key, undone.to_key, undone.kind, "", "", "", undone.why)
            )
    return found


def undo(
    store: Store,
    state: State,
    config: ModelConfig,
    link: UndoneLink,
) -> int:
    """Make the link count no more and grow what it held again; says how many instances that gave.

    Raises ``NoSuchLink`` when no instance holds it.
    """
    if not link.why.strip():
        raise NoSuchLink("say why the link is wrong (--why): others will ask")
    if not _holders(store, link):
        raise NoSuchLink(f"no case holds a {link.kind} link {_said(link)}")
    state.undo_link(link)
    return recompute(store, state, config, link.dataset, [link.from_key, link.to_key])


def take_back(store: Store, state: State, config: ModelConfig, link: UndoneLink) -> int:
    """Let an undone link count again; says how many instances that gave."""
    if not state.take_back_undone(link):
        raise NoSuchLink(f"no {link.kind} link {_said(link)} was undone")
    return recompute(store, state, config, link.dataset, [link.from_key, link.to_key])


def find_link(links: list[CaseLink], one: str, two: str, *, undone: bool) -> CaseLink:
    """The link between two objects, each named by its key or its number.

    Raises ``NoSuchLink`` unless exactly one fits, naming those that are there.
    """
    offered = [link for link in links if bool(link.undone_because) == undone]
    fitting = [
        link for link in offered if one in _names(link.from_key) and two in _names(link.to_key)
    ]
    if len(fitting) == 1:
        return fitting[0]
    there = "; ".join(f"{k.from_key} {k.to_key} ({k.kind})" for k in fitting or offered) or "none"
    what = "several links fit" if fitting else f"no link leads from {one} to {two}"
    raise NoSuchLink(f"{what}: there are {there}")


def _names(key: str) -> tuple[str, str, str]:
    ref = ObjectRef.of(key)
    return key, ref.id, f"{ref.type}/{ref.id}"


def _said(link: UndoneLink) -> str:
    return f"from {link.from_key} to {link.to_key}"


def _holders(store: Store, link: UndoneLink) -> bool:
    for any_id in (link.from_key, link.to_key):
        for instance_id in lookup.resolve(store, link.dataset, any_id).instances:
            detail = lookup.instance(store, link.dataset, instance_id)
            wanted = (link.from_key, link.to_key, link.kind)
            if detail and any((k.from_key, k.to_key, k.kind) == wanted for k in detail.links):
                return True
    return False


def _case(store: Store, dataset: str, any_id: str) -> str:
    found = lookup.resolve(store, dataset, any_id).instances
    if not found:
        raise NoSuchLink(f"{dataset} has no case {any_id}")
    if len(found) > 1:
        raise NoSuchLink(f"{any_id} is in several cases, name one: {', '.join(found[:10])}")
    return found[0]
