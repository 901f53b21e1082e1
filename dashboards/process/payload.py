"""The map of a selection as the browser takes it: once, whole; it draws parts of it by itself."""

from collections.abc import Sequence
from typing import Any

from dashboards import words
from dashboards.theme import stage_hue
from process_model.mining.process_map import ProcessMap
from process_model.mining.replay import Replay
from process_model.money import Total


def payload(found: ProcessMap, zone: str, way: Sequence[str] = ()) -> dict[str, Any]:
    """Activities, paths and the happy path with their figures; money where it can be one sum.

    ``way`` is a variant that is shown on the map.
    """
    worths = [one.worth for one in found.activities] + [one.worth for one in found.hand_overs]
    currency = _common(worths)
    activities = [
        {
            "name": one.name, "label": words.activity(one.name), "count": one.happened,
            "cases": one.instances, "starts": one.starts, "ends": one.ends,
            "hue": stage_hue(one.stage), "stageLabel": words.sentence(one.stage),
            **_money(one.worth, currency),
        }
        for one in found.activities
    ]  # fmt: skip
    edges = [
        {
            "source": one.source, "target": one.target, "count": one.handed_over,
            "cases": one.instances, "median": one.p50, "p90": one.p90, "p95": one.p95,
            **_money(one.worth, currency),
        }
        for one in found.hand_overs
    ]  # fmt: skip
    return {
        "cases": found.instances, "activities": activities, "edges": edges,
        "spine": list(found.spine), "spineCases": found.spine_instances, "way": list(way),
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
