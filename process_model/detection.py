"""Runs every kind of finding over the estate and keeps the answer while the data stands still."""

import logging
import re
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from process_model import findings
from process_model.config import ModelConfig
from process_model.errors import StoreError
from process_model.finding import Finding, FindingKind, Severity, many, worth_text
from process_model.observations.estate import Case, Estate
from process_model.plugins import discover
from process_model.questions import Selection, ask
from process_model.store import Handle
from process_model.vocabulary import SEGMENTS

_log = logging.getLogger(__name__)
_FRESH_SECONDS = 60.0
_OLDEST_SECONDS = 300.0
_KEPT = 8
_PRESENT = timedelta(minutes=1)
_COUNTED = re.compile(r"\{count:([a-z ]+)\}")
_ORDER = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Told:
    """A finding with the figures of the part of the estate that the reader looks at."""

    finding: Finding
    title: str
    cases: int
    customers: int
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    """by currency"""


def detect(estate: Estate) -> list[Finding]:
    """Everything that is wrong, each cause once; causes are looked for before what follows."""
    kinds = discover(findings, FindingKind)
    found: list[Finding] = []
    for _, kind in sorted(kinds.items(), key=lambda item: (item[1].rank, item[0])):
        found += kind.find(estate, tuple(found))
    return found


def told(
    found: Sequence[Finding],
    selection: Selection,
    cases: Mapping[str, Case],
    chosen: Collection[str] | None = None,
) -> list[Told]:
    """The findings that touch the selection, with its own figures, the most urgent first.

    ``chosen`` are the cases that the selection's path leaves, ``None`` when it leaves all.
    """
    wanted = {name: set(getattr(selection, name)) for name in SEGMENTS if getattr(selection, name)}
    rows = []
    for finding in found:
        if not finding.overlaps(selection.since, selection.until - timedelta(microseconds=1)):
            continue
        kept = tuple(
            id_
            for id_ in finding.instances
            if _within(cases.get(id_), wanted) and (chosen is None or id_ in chosen)
        )
        if kept or (not finding.instances and not wanted and chosen is None):
            rows.append(_figures(replace(finding, instances=kept), cases))
    return sorted(
        rows,
        key=lambda row: (
            _ORDER[row.finding.severity], row.finding.until is not None, -row.cases, row.finding.id,
        ),
    )  # fmt: skip


def _within(case: Case | None, wanted: Mapping[str, set[str]]) -> bool:
    if case is None:
        return not wanted
    return all(case.segments[name] in values for name, values in wanted.items())


def _figures(finding: Finding, cases: Mapping[str, Case]) -> Told:
    amounts: dict[str, Decimal] = {}
    for id_ in finding.instances:
        case = cases.get(id_)
        amount, currency = (case.amount, case.currency) if case else (None, "")
        if finding.stakes is not None:
            amount, currency = finding.stakes.get(id_, (None, ""))
        if amount is not None and currency:
            amounts[currency] = amounts.get(currency, Decimal(0)) + amount
    customers = {cases[id_].customer for id_ in finding.instances if id_ in cases} - {""}
    count = len(finding.instances)
    title = _COUNTED.sub(lambda thing: many(count, thing[1]), finding.title)
    title = title.replace("{cases}", many(count, "case"))
    title = title.replace("{customers}", many(len(customers), "customer"))
    title = title.replace("{worth}", worth_text(amounts))
    return Told(finding, title[:1].upper() + title[1:], count, len(customers), amounts)


@dataclass(frozen=True, slots=True)
class _Kept:
    mark: object
    at: float
    findings: list[Finding]
    cases: Mapping[str, Case]


class Detection:
    """What is wrong, detected on demand, at most once for each state of the data.

    One thread detects; others that ask meanwhile get the answer before, or wait for the first.
    Under a stream of events the answer is renewed once a minute, not with every event; behind the
    readers' backs where somebody lends a thread, because millions of events take half a minute.
    """

    def __init__(
        self,
        reader: Handle,
        config: ModelConfig,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Nothing is detected before somebody asks."""
        self._reader, self._config, self._clock = reader, config, clock
        self._kept: dict[tuple[str, datetime | None], _Kept] = {}
        self._working: dict[tuple[str, datetime | None], threading.Lock] = {}
        self._guard = threading.Lock()
        self._lend: Callable[[Callable[[], object]], object] | None = None

    def renew_behind(self, lend: Callable[[Callable[[], object]], object]) -> None:
        """Renew by work that is given to ``lend``; readers get the answer before meanwhile.

        An answer older than five minutes is shown to nobody.
        """
        self._lend = lend

    def of(self, selection: Selection) -> list[Told]:
        """The findings of the selection's dataset, period and segments, most urgent first."""
        kept = self._current(selection.dataset, selection.as_of)
        return told(kept.findings, selection, kept.cases, self._on_path(selection, kept.findings))

    def _on_path(self, selection: Selection, found: Sequence[Finding]) -> Collection[str] | None:
        """The cases of the findings whose path is the chosen one; ``None`` when every one is."""
        if selection.path.everywhere:
            return None
        ids = sorted({id_ for finding in found for id_ in finding.instances})
        rows = ask(self._reader, "finding_cases_on_path", **selection.parameters(), ids=ids)
        return {row.instance_id for row in rows}

    def _current(self, dataset: str, as_of: datetime | None) -> _Kept:
        # whoever names this very moment asks of now
        now = self._clock()
        current = as_of is not None and now - _PRESENT < as_of < now + _PRESENT
        name = (dataset, None if current else as_of)
        with self._guard:
            working = self._working.setdefault(name, threading.Lock())
            kept = self._kept.get(name)
        if kept and time.monotonic() - kept.at < _FRESH_SECONDS:
            return kept
        if not working.acquire(blocking=kept is None):
            assert kept
            return kept
        if kept and self._lend and time.monotonic() - kept.at < _OLDEST_SECONDS:
            return self._lent(self._lend, name, kept, working)
        try:
            with self._guard:
                kept = self._kept.get(name)
            if kept and time.monotonic() - kept.at < _FRESH_SECONDS:
                return kept
            return self._renewed(name, kept)
        finally:
            working.release()

    def _lent(
        self,
        lend: Callable[[Callable[[], object]], object],
        name: tuple[str, datetime | None],
        kept: _Kept,
        working: threading.Lock,
    ) -> _Kept:
        def renew() -> None:
            try:
                self._renewed(name, kept)
            except StoreError as error:
                # the old answer ages, and its next reader is told what is wrong
                _log.warning("the findings could not be renewed: %s", error)
            finally:
                working.release()

        try:
            lend(renew)
        except RuntimeError:
            # whoever lends threads has ended
            working.release()
        return kept

    def _renewed(self, name: tuple[str, datetime | None], kept: _Kept | None) -> _Kept:
        dataset, as_of = name
        end = as_of or self._clock()
        mark = (tuple(ask(self._reader, "finding_mark", dataset=dataset)[0]), as_of and end)
        # deadlines pass without any event: what is asked of now is looked at again all the same
        if kept and as_of and kept.mark == mark:
            renewed = replace(kept, at=time.monotonic())
        else:
            estate = Estate(self._reader, self._config, dataset=dataset, as_of=end)
            renewed = _Kept(mark, time.monotonic(), detect(estate), estate.cases)
        with self._guard:
            self._kept.pop(name, None)
            self._kept[name] = renewed
            for old in list(self._kept)[:-_KEPT]:
                del self._kept[old]
                self._working.pop(old, None)
        return renewed
