"""Small pictures in a line of text: a run of numbers as a data-URI image; pure."""

from collections.abc import Sequence
from urllib.parse import quote

WIDTH, HEIGHT = 160.0, 36.0
_EDGE = 3.0


def sparkline(values: Sequence[float | None], colour: str) -> str:
    """A ``src`` for an image; ``None`` leaves a gap. '' when there is no line to draw.

    The lowest value stands at the bottom, so it shows how it moved and not how large it is.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    points = [_point(place, value, len(values), low, high) for place, value in enumerate(values)]
    runs = _runs(points)
    lines = "".join(_line(run, colour) for run in runs)
    x, y = runs[-1][-1]
    dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" '
        f'preserveAspectRatio="none">{lines}{dot}</svg>'
    )
    return "data:image/svg+xml," + quote(svg)


def _point(
    place: int, value: float | None, number: int, low: float, high: float
) -> tuple[float, float] | None:
    if value is None:
        return None
    across = _EDGE + (WIDTH - 2 * _EDGE) * place / max(number - 1, 1)
    up = (value - low) / (high - low) if high > low else 0.5
    return across, HEIGHT - _EDGE - (HEIGHT - 2 * _EDGE) * up


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            if runs[-1]:
                runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _line(run: Sequence[tuple[float, float]], colour: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
    floor = f"{run[0][0]:.1f},{HEIGHT:.0f} {path} {run[-1][0]:.1f},{HEIGHT:.0f}"
    return (
        f'<polygon points="{floor}" fill="{colour}" fill-opacity=".12"/>'
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6" '
        'stroke-linejoin="round" vector-effect="non-scaling-stroke"/>'
    )
