"""Two ways of the same process side by side: which steps they share; pure."""

from collections.abc import Sequence

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


def off_path(steps: Sequence[str], path: Sequence[str]) -> list[bool]:
    """Whether each step leaves the path: it is not on it, or comes once more, or at another place.

    A way that stops early has left nothing: what it lacks is not its step.
    """
    shared = {i for i, j in aligned(steps, path) if i is not None and j is not None}
    return [place not in shared for place in range(len(steps))]


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
