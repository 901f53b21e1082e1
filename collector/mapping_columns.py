"""Which column of a table is the case, the activity, the time: by what people call them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from collector.moments import Layout, layout_of
from collector.reading import Options, Shape, Unreadable

# names without case, spaces and punctuation; the earlier the surer
_CASE = (
    "caseconceptname", "caseid", "case", "caseidentifier", "casenumber", "traceid", "trace",
    "processinstance", "processinstanceid", "instanceid", "caseref", "casekey",
)  # fmt: skip
_ACTIVITY = (
    "conceptname", "activity", "activityname", "activityid", "eventname", "event", "action",
    "task", "taskname", "step", "operation", "eventtype",
)  # fmt: skip
_TIME = (
    "timetimestamp", "completetimestamp", "timestamp", "endtime", "endtimestamp", "completetime",
    "endtimedate", "eventtime", "time", "end", "complete", "datetime", "date", "finishtime",
)  # fmt: skip
_START = ("starttimestamp", "starttime", "start", "startdate", "begintime", "begin")
_RESOURCE = ("orgresource", "resource", "user", "employee", "actor", "originator", "agent")
_ONLY_BUSINESS = (
    "order", "ordernumber", "orderid", "purchaseorder", "salesorder", "quote", "quoteid", "invoice",
    "ticket", "ticketid", "patient", "patientid", "application", "request", "incident", "claim",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """Which column means what; names are the file's own, '' where there is none."""

    case: str
    activity: str
    time: str
    layout: Layout | None
    """``None`` when the column is a timestamp already"""
    start: str = ""
    resource: str = ""
    objects: Mapping[str, str] = field(default_factory=dict)

    def shape(self, format_: str, leading: str, table: Any, notes: Sequence[str] = ()) -> Shape:
        """What ``--dry-run`` shows: the guess, and the first rows as it reads them."""
        meanings = {
            "case": self.case,
            "activity": self.activity,
            "time": self.time,
            "start": self.start,
            "resource": self.resource,
            **{f"object {type_}": column for type_, column in self.objects.items()},
        }
        columns = {meaning: name for meaning, name in meanings.items() if name}
        if self.layout:
            columns["time format"] = self.layout.name
        sample = [
            {name: str(value)[:60] for name, value in row.items()}
            for row in table.slice(0, 5).select(list(dict.fromkeys(
                name for meaning, name in meanings.items() if name
            ))).to_pylist()
        ]  # fmt: skip
        return Shape(
            format=format_, columns=columns, leading=leading, notes=list(notes), sample=sample
        )


def plan_of(table: Any, options: Options) -> Plan:
    """The columns of a table of texts (or typed columns), as said, else as guessed.

    Raises ``Unreadable`` naming the candidates and the option when one cannot be told.
    """
    names: list[str] = table.column_names
    for said in (options.case, options.activity, options.time, options.start, options.resource):
        if said and said not in names:
            raise Unreadable(f"there is no column {said}", f"the columns are {', '.join(names)}")
    for column in options.objects.values():
        if column not in names:
            raise Unreadable(f"there is no column {column}", f"the columns are {', '.join(names)}")
    taken = {options.case, options.activity, options.time, options.start}
    time, layout = _time(table, options)
    taken |= {time}
    activity = options.activity or _named(names, _ACTIVITY, taken)
    case = options.case or _named(names, _CASE, taken | {activity})
    case = case or _only_business(names, taken | {activity})
    if not case:
        raise _untold("case", "--case", [n for n in names if n not in taken | {activity}])
    if not activity:
        raise _untold("activity", "--activity", [n for n in names if n not in taken | {case}])
    start = options.start or _named(names, _START, {time, case, activity})
    resource = options.resource or _named(names, _RESOURCE, {time, case, activity})
    return Plan(case, activity, time, layout, start, resource, options.objects)


def _time(table: Any, options: Options) -> tuple[str, Layout | None]:
    if options.time:
        return options.time, _layout(table, options.time, options)
    for wanted in (*_TIME, *_START):
        for name in table.column_names:
            if _plain(name) != wanted:
                continue
            if pa.types.is_timestamp(table[name].type):
                return name, None
            if layout := _texts_layout(table, name, options):
                return name, layout
    dated = [n for n in table.column_names if pa.types.is_timestamp(table[n].type)]
    if len(dated) == 1:
        return dated[0], None
    candidates = [n for n in table.column_names if _texts_layout(table, n, options, quiet=True)]
    if len(candidates) == 1:
        return candidates[0], _texts_layout(table, candidates[0], options)
    raise _untold("time", "--time", candidates or table.column_names)


def _layout(table: Any, name: str, options: Options) -> Layout | None:
    if pa.types.is_timestamp(table[name].type):
        return None
    layout = _texts_layout(table, name, options)
    if layout is None:
        example = next((v for v in table[name].slice(0, 100).to_pylist() if v), "")
        raise Unreadable(
            f"column {name} holds no times the reader knows, such as {str(example)[:40]!r}",
            "say another column by --time",
        )
    return layout


def _texts_layout(table: Any, name: str, options: Options, *, quiet: bool = False) -> Layout | None:
    if not pa.types.is_string(table[name].type):
        return None
    texts = pc.unique(table[name].slice(0, 50_000)).to_pylist()
    try:
        # a column that is named for its times may hold many that are none; another must be sure
        return layout_of(texts, options.zone, options.dates, 0.9 if quiet else 0.2)
    except Unreadable:
        if quiet:
            return None
        raise


def _named(names: Sequence[str], wanted: Sequence[str], taken: set[str]) -> str:
    plain = {_plain(name): name for name in reversed(names) if name not in taken}
    return next((plain[word] for word in wanted if word in plain), "")


def _only_business(names: Sequence[str], taken: set[str]) -> str:
    """A column named after a business document is the case when it is the only such column."""
    found = [name for name in names if name not in taken and _plain(name) in _ONLY_BUSINESS]
    return found[0] if len(found) == 1 else ""


def _untold(what: str, option: str, candidates: Sequence[str]) -> Unreadable:
    return Unreadable(
        f"no column is surely the {what}",
        f"say {option} with one of: {', '.join(candidates[:30])}",
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
