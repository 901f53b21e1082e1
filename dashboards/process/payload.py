"""The map of a selection as the browser takes it: once, whole; it draws parts of it by itself."""

from collections.abc import Sequence
from typing import Any

from dashboards import words
from dashboards.theme import stage_hue
from process_model.money import Total
from process_model.process_map import ProcessMap, Replay
from process_model.reference import reference
from process_model.vocabulary import Stage


def payload(found: ProcessMap, zone: str) -> dict[str, Any]:
    """Activities, paths and the happy path with their figures; money where it can be one sum."""
    currency = _common(
        [*(one.worth for one in found.activities), *(one.worth for one in found.paths)]
    )
    activities = [
        {
            "name": one.name, "label": words.sentence(one.name), "count": one.count,
            "cases": one.cases, "starts": one.starts, "ends": one.ends,
            **_stage(one.name), **_money(one.worth, currency),
        }
        for one in found.activities
    ]  # fmt: skip
    edges = [
        {
            "source": one.source, "target": one.target, "count": one.count, "cases": one.cases,
            "median": one.median, "p90": one.p90, "p95": one.p95, **_money(one.worth, currency),
        }
        for one in found.paths
    ]  # fmt: skip
    return {
        "cases": found.cases, "activities": activities, "edges": edges,
        "spine": list(found.happy_path), "spineCases": found.happy_cases,
        "currency": currency, "money": bool(currency), "zone": zone,
    }  # fmt: skip


def replayed(found: Replay) -> dict[str, Any]:
    """The sample with its activities named once, and when it begins and ends."""
    names = sorted({name for case in found.cases for name, _ in case})
    place = {name: number for number, name in enumerate(names)}
    moments = [at for case in found.cases for _, at in case]
    return {
        "activities": names, "of": found.of,
        "begin": min(moments, default=0), "end": max(moments, default=0),
        "cases": [[[place[name], at] for name, at in case] for case in found.cases],
    }  # fmt: skip


def _stage(activity: str) -> dict[str, str]:
    stage: Stage | None = reference().stage_of.get(activity)
    return {"hue": stage_hue(stage or ""), "stageLabel": words.sentence(stage) if stage else ""}


def _common(parts: Sequence[Total]) -> str:
    """The one currency in which everything can be told; '' when there is none."""
    if any(one.amounts for one in parts):
        return ""
    found = {one.currency for one in parts if one.amount is not None}
    return found.pop() if len(found) == 1 else ""


def _money(worth: Total, currency: str) -> dict[str, Any]:
    if currency and worth.amount is not None:
        return {"money": float(worth.amount)}
    sums = worth.amounts or ({worth.currency: worth.amount} if worth.amount is not None else {})
    said = " + ".join(words.short_money(sums[code], code) for code in sorted(sums))
    return {"money": None, **({"moneyText": said} if said else {})}
