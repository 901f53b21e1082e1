"""Which cases stand behind a number, and what they are worth together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from process_model.config import ModelConfig
from process_model.kpi import Kpi, at_now, parameters_of
from process_model.questions import Selection, ask, narrowed, question
from process_model.store import Handle

_CASES = "__CASES__"
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthyCase:
    """A case with its worth; ``amount`` in ``currency``."""

    instance_id: str
    number: str
    customer: str
    stage: str
    amount: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class Worth:
    """Some cases together: the largest first."""

    cases: Sequence[WorthyCase]
    customers: int
    money: dict[str, Decimal]
    """one sum in the reporting currency when every rate is known, else sums by currency"""


def cases_behind(
    reader: Handle,
    kpi: Kpi,
    selection: Selection,
    config: ModelConfig,
    *,
    stage: str = "",
    segment: tuple[str, str] = ("", ""),
    beyond: float = 0.0,
    limit: int = 5_000,
) -> list[str]:
    """The cases that hold what a KPI counts against us: its misses, its slow or its waiting items.

    ``segment`` is (name, value) of one row of the KPI, ``beyond`` the seconds above which a
    duration is one of the slow. Items that belong to no case (an exception is none) lead nowhere.
    """
    selection = at_now(selection)
    statement = narrowed(question("kpi_items").replace(_CASES, kpi.cases), selection)
    by, value = segment
    given = parameters_of(kpi, selection, config) | {
        "by": by, "of_segment": value, "of_stage": stage, "counts": kpi.value, "beyond": beyond,
        "bad_hit": int(kpi.better == "lower"), "limit": limit,
    }  # fmt: skip
    rows = reader.query(f"items of {kpi.name}", statement, given).rows
    # an item is a document's key, with what tells it from the same document elsewhere before it
    keys = [row.item.rpartition(" ")[2] for row in rows]
    if not keys:
        return []
    found = ask(
        reader, "finding_cases_of_objects", dataset=selection.dataset, object_keys=sorted(set(keys))
    )
    return sorted({row.instance_id for row in found})


def open_in_stages(
    reader: Handle, selection: Selection, stages: Iterable[str], limit: int = 5_000
) -> list[str]:
    """The open cases, of the selection's regions, that wait in one of the stages."""
    as_of = at_now(selection).as_of
    rows = ask(
        reader, "open_in_stages", dataset=selection.dataset, as_of=as_of, stages=list(stages),
        limit=limit, region=list(selection.region),
    )  # fmt: skip
    return [row.instance_id for row in rows]


def worth_of(
    reader: Handle, dataset: str, instances: Iterable[str], config: ModelConfig
) -> Worth:  # fmt: skip
    """What the cases are worth; a case that is gone counts as nothing."""
    rows = ask(
        reader, "worth_of_cases", dataset=dataset, instances=sorted(set(instances)),
        reporting_currency=config.reporting_currency,
    )  # fmt: skip
    cases = [
        WorthyCase(**{name: getattr(row, name) for name in WorthyCase.__slots__}) for row in rows
    ]
    priced = [row for row in rows if row.amount is not None]
    sums: dict[str, Decimal] = {}
    if priced and all(row.converted is not None for row in priced):
        total = sum((Decimal(row.converted) for row in priced), Decimal(0))
        sums = {config.reporting_currency: total.quantize(_CENT)}
    else:
        for row in priced:
            sums[row.currency] = sums.get(row.currency, Decimal(0)) + row.amount
    return Worth(cases, len({row.customer for row in rows} - {""}), sums)
