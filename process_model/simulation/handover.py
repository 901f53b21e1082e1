"""How something crosses from one system to another: at once, after retries, or after an outage."""

from collections.abc import Sequence

import msgspec

from process_model.simulation.deal import Deal, seconds
from process_model.simulation.faults import Fault, FaultKind
from process_model.simulation.hours import HOUR, MINUTE

_RETRIES = (0, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR)
_PASSING = ("rate_limited", "timeout", "upstream_down")
_TRANSIENT = 0.025


class Crossing(msgspec.Struct, frozen=True):
    """What crosses, told by whom."""

    ends: tuple[str, str]
    teller: str
    subject: tuple[str, str]
    object: tuple[str, str]
    hop: str
    about: Sequence[tuple[str, str]] = ()


def cross(deal: Deal, at: int, crossing: Crossing, faults: Sequence[FaultKind] = ()) -> int:
    """Tell the attempts; returns when it has crossed."""
    fault = next((f for kind in faults if (f := deal.fault(kind, at))), None)
    if fault:
        return _waiting_for_the_end(deal, at, crossing, fault)
    attempt = 1
    if deal.luck.random() < _TRANSIENT:
        _failed(deal, at, crossing, attempt, deal.luck.choice(_PASSING))
        attempt, at = 2, at + seconds(deal.luck, 30, 600)
    _succeeded(deal, at, crossing, attempt)
    return at


def _waiting_for_the_end(deal: Deal, at: int, crossing: Crossing, fault: Fault) -> int:
    attempt, raised, last = 0, "", at
    for wait in _RETRIES:
        if at + wait >= fault.until:
            break
        attempt, last = attempt + 1, at + wait
        _failed(deal, last, crossing, attempt, fault.error_type)
        if attempt == 3:
            raised = _raised(deal, last + seconds(deal.luck, 5, 60), crossing, fault)
    if attempt == len(_RETRIES):
        deal.tell(last + 2_000, "mulesoft", "message.dead_lettered", crossing.subject,
                  about=crossing.about, error_type=fault.error_type, outcome="failure",
                  attempt=attempt)  # fmt: skip
    done = max(last, fault.until) + seconds(deal.luck, 120, 2_400)
    if attempt == len(_RETRIES):
        deal.tell(done - 3_000, "mulesoft", "message.replayed", crossing.subject,
                  about=crossing.about, actor={"kind": "human", "id": "u-77"})  # fmt: skip
    _succeeded(deal, done, crossing, attempt + 1)
    if raised:
        deal.tell(done + 40_000, "mulesoft", "exception.resolved", crossing.subject,
                  about=crossing.about, actor={"kind": "system", "id": "retry"},
                  more=_trouble(raised, fault))  # fmt: skip
    deal.hurt(fault.kind, at, at + 15 * MINUTE, crossing.object)
    return done


def _raised(deal: Deal, at: int, crossing: Crossing, fault: Fault) -> str:
    id_ = f"X-{deal.token('exception', crossing.hop, length=8)}"
    told = _trouble(id_, fault)
    deal.tell(at, "mulesoft", "exception.raised", crossing.subject, about=crossing.about,
              amount=deal.total, more=told)  # fmt: skip
    assigned = min(deal.office.after(at, 0.4), fault.until)
    deal.tell(assigned, "mulesoft", "exception.assigned", crossing.subject, about=crossing.about,
              actor={"kind": "human", "id": "u-77"}, more=told)  # fmt: skip
    return id_


def _trouble(id_: str, fault: Fault) -> dict[str, object]:
    return {
        "exception": {"id": id_, "class": fault.error_type, "owner": "integration-desk"},
        "error_type": fault.error_type,
    }


def _failed(deal: Deal, at: int, crossing: Crossing, attempt: int, error_type: str) -> None:
    deal.tell(
        at, crossing.teller, "sync.failed", crossing.subject, f"{crossing.hop}#{attempt}",
        about=crossing.about, outcome="failure", error_type=error_type,
        more=_facts(crossing, attempt),
    )  # fmt: skip


def _succeeded(deal: Deal, at: int, crossing: Crossing, attempt: int) -> None:
    deal.tell(at, crossing.teller, "sync.succeeded", crossing.subject, crossing.hop,
              about=crossing.about, more=_facts(crossing, attempt))  # fmt: skip


def _facts(crossing: Crossing, attempt: int) -> dict[str, object]:
    (from_, to), (type_, id_) = crossing.ends, crossing.object
    return {
        "sync": {"from": from_, "to": to, "object": {"type": type_, "id": id_}},
        "attempt": attempt, "idempotency_key": f"{to}-{type_}-{id_}",
    }  # fmt: skip
