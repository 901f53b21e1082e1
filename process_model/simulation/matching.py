"""What counts as having found a planted fault: the one table to adjust when findings are renamed.

``NAMES`` are the kinds of finding that name the fault; their cases are compared. ``SYMPTOMS`` are
what a fault also causes: right to report, but not the name of the fault. ``BY`` says by what the
comparison is made: cases, documents or customers (``objects``), or the source at fault.
"""

from collections.abc import Mapping

import msgspec

from process_model.simulation.faults import FaultKind

_LATE = frozenset({
    "late_promise", "broken_promise", "promise_broken", "stage_slow", "stage_slowdown",
    "stage_breach", "overdue", "stuck_cases", "late_stage", "exception_backlog",
})  # fmt: skip
_SYNC = frozenset({"sync_failure", "sync_failures", "stage_outage", "outage", "connector_failure"})


class Rule(msgspec.Struct, frozen=True):
    """How the findings for one fault are recognised."""

    names: frozenset[str]
    by: str = "cases"
    symptoms: frozenset[str] = _LATE
    told: tuple[str, ...] = ()
    """members that must agree where the finding and the sheet both state them"""


RULES: Mapping[str, Rule] = {
    FaultKind.TAX_OUTAGE: Rule(
        _SYNC | {"tax_outage"}, told=("error_type", "system"),
    ),
    FaultKind.TOKEN_EXPIRY: Rule(
        _SYNC | {"token_expiry", "auth_expired"}, told=("error_type",),
    ),
    FaultKind.SCHEMA_CHANGE: Rule(
        _SYNC | {"schema_change", "schema_changed"}, told=("error_type",),
        symptoms=_LATE | {"schema_drift"},
    ),
    FaultKind.CORRELATION_LOST: Rule(
        frozenset({"correlation_lost", "broken_hop", "lost_correlation"}),
    ),
    FaultKind.SILENT_DROP: Rule(
        frozenset({"silent_drop", "dropped_quote", "missing_order", "never_ordered",
                   "broken_promise", "promise_broken"}),
    ),
    FaultKind.PRICE_MISMATCH: Rule(
        frozenset({"price_mismatch", "amount_mismatch", "mismatch"}),
    ),
    FaultKind.SLOW_APPROVER: Rule(
        frozenset({"slow_approver", "approval_slow", "slow_actor"}),
    ),
    FaultKind.DUPLICATE_ORDER: Rule(
        frozenset({"duplicate_order", "duplicate_orders", "duplicate"}),
        symptoms=_LATE | _SYNC | {"amount_mismatch", "price_mismatch"},
    ),
    FaultKind.MASTER_DRIFT: Rule(
        frozenset({"master_drift", "customer_drift", "drifted_master"}), by="objects",
        symptoms=frozenset(),
    ),
    FaultKind.SILENT_SOURCE: Rule(
        frozenset({"silent_source", "source_silent"}), by="source",
    ),
    FaultKind.LATE_EVENTS: Rule(
        frozenset({"late_events", "late_source", "source_late", "delayed_source"}), by="source",
        symptoms=_LATE | {"out_of_order"},
    ),
}  # fmt: skip
