"""A sample of cases as they went, step by step, to be watched on the map."""

from dataclasses import dataclass

from process_model.questions import Selection, ask
from process_model.store import Handle


@dataclass(frozen=True, slots=True)
class Replay:
    """Cases, each steps of (activity, seconds since 1970), and how many there are in all."""

    cases: tuple[tuple[tuple[str, float], ...], ...]
    of: int


def replay(reader: Handle, selection: Selection, *, limit: int) -> Replay:
    """At most ``limit`` cases of two steps or more, the same ones at every asking."""
    rows = ask(reader, "replay_cases", **selection.parameters(), limit=limit)
    cases = tuple(tuple(zip(row.acts, row.seconds, strict=True)) for row in rows)
    return Replay(cases, rows[0].every if rows else 0)
