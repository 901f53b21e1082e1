"""Two ways of the same process side by side: which steps they share; pure."""

from collections.abc import Sequence
from typing import Literal

Pair = tuple[int | None, int | None]
"""places of one step in both ways; ``None`` where only the other has it"""


def aligned(one: Sequence[str], two: Sequence[str]) -> list[Pair]:
    """Every step of both in order, shared ones in one pair: a longest common subsequence.

    What only the first has stands before what only the second has.
    """
    best = _lengths(one, two)
    pairs: list[Pair] = []
    i = j = 0
    while i < len(one) and j < len(two):
        if one[i] == two[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            pairs.append((i, None))
            i += 1
        else:
            pairs.append((None, j))
            j += 1
    pairs += [(k, None) for k in range(i, len(one))]
    pairs += [(None, k) for k in range(j, len(two))]
    return pairs


Judged = tuple[str, Literal["on", "off", "lacks"]]
"""a step and what it is to the path: on it, off it, or a step of the path that is left out"""


def judged(steps: Sequence[str], path: Sequence[str]) -> list[Judged]:
    """Every step of the way against the path, and what it leaves out, where it would have come.

    A step is off the path that is not on it, comes once more, or at another place. A way that stops
    early leaves nothing out: what may still come is not missing.
    """
    pairs = aligned(steps, path)
    shared = [place for place, pair in enumerate(pairs) if None not in pair]
    reached = shared[-1] if shared else -1
    found: list[Judged] = []
    for place, (i, j) in enumerate(pairs):
        if i is not None:
            found.append((steps[i], "off" if j is None else "on"))
        elif j is not None and place < reached:
            found.append((path[j], "lacks"))
    return found


def _lengths(one: Sequence[str], two: Sequence[str]) -> list[list[int]]:
    """For each pair of places how many steps are shared from there to the ends."""
    best = [[0] * (len(two) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) - 1, -1, -1):
        for j in range(len(two) - 1, -1, -1):
            if one[i] == two[j]:
                best[i][j] = best[i + 1][j + 1] + 1
            else:
                best[i][j] = max(best[i + 1][j], best[i][j + 1])
    return best
