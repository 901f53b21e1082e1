"""What counts as having found a planted fault: the one table to adjust when findings are renamed.

``names`` are the kinds of finding that name the fault; their ids are compared. ``symptoms`` are
what the fault also causes: right to report, but not its name. ``by`` says what is compared: cases,
documents or customers (``objects``), or the source at fault.
"""

from collections.abc import Mapping

import msgspec

from process_model.simulation.faults import FaultKind

_LATE = frozenset({"broken_promise", "stage_slowdown"})
_FAILING = frozenset({"sync_failure", "service_outage"})


class Rule(msgspec.Struct, frozen=True):
    """How the findings for one fault are recognised."""

    names: frozenset[str]
    by: str = "cases"
    symptoms: frozenset[str] = _LATE
    told: tuple[str, ...] = ()
    """members that must agree where the finding and the sheet both state them"""


RULES: Mapping[str, Rule] = {
    FaultKind.TAX_OUTAGE: Rule(
        # an engine that is down says nothing either
        _FAILING,
        told=("error_type",),
        symptoms=_LATE | {"silent_source"},
    ),
    FaultKind.TOKEN_EXPIRY: Rule(_FAILING, told=("error_type",)),
    FaultKind.SCHEMA_CHANGE: Rule(_FAILING | {"schema_change"}, told=("error_type",)),
    FaultKind.CORRELATION_LOST: Rule(frozenset({"lost_correlation"})),
    FaultKind.SILENT_DROP: Rule(frozenset({"broken_promise"})),
    FaultKind.PRICE_MISMATCH: Rule(frozenset({"amount_mismatch"})),
    FaultKind.SLOW_APPROVER: Rule(frozenset({"stage_slowdown", "broken_promise"})),
    FaultKind.DUPLICATE_ORDER: Rule(
        frozenset({"duplicate"}), symptoms=_LATE | _FAILING | {"amount_mismatch"}
    ),
    FaultKind.MASTER_DRIFT: Rule(
        frozenset({"master_drift"}), by="objects", symptoms=frozenset({"amount_mismatch"})
    ),
    FaultKind.SILENT_SOURCE: Rule(frozenset({"silent_source"}), by="source"),
    FaultKind.LATE_EVENTS: Rule(frozenset({"late_events"}), by="source"),
}
