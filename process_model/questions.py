"""Asks the store by name: one question a file in ``queries/``; and what one may select by.

Which cases a path chooses is said once, in ``queries/parts/path.sql``; a statement over instances
asks for it by the word ``__PATH__``, so that the same filters reach every answer.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from process_model.errors import ConfigError
from process_model.store import Handle
from process_model.vocabulary import LIVE, SEGMENTS

Bucket = Literal["", "hour", "day", "week", "month"]

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Where a period without a start begins."""

END = datetime(2261, 1, 1, tzinfo=UTC)
"""Where a period without an end ends: the last year that the engine's finest clock can hold."""


_PATH, _SEGMENTS = "__PATH__", "__SEGMENTS__"


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A choice of cases by the activities of their trace, whenever they happened; empty = all."""

    only: tuple[str, ...] = ()
    """activities that every case must have, all of them"""
    exclude: tuple[str, ...] = ()
    """activities that no case may have"""
    start: tuple[str, ...] = ()
    """the first activity is one of these"""
    end: tuple[str, ...] = ()
    """the last activity is one of these"""
    follows: tuple[tuple[str, str], ...] = ()
    """hand-overs that every case must have, all of them: the second directly follows the first"""
    all_events: bool = False
    """every event is a step; else only those that bear a stage (contract 3)"""

    @property
    def everywhere(self) -> bool:
        """Whether every case is chosen."""
        return not (self.only or self.exclude or self.start or self.end or self.follows)

    def parameters(self) -> dict[str, Any]:
        """The query parameters that ``queries/parts/path.sql`` takes."""
        return {
            "only": list(self.only),
            "exclude": list(self.exclude),
            "start": list(self.start),
            "end": list(self.end),
            "follows": [list(pair) for pair in self.follows],
            "all_events": int(self.all_events),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a reader looks at (contract 5): ``since`` is in, ``until`` is out, empty = all."""

    dataset: str = LIVE
    since: datetime = BEGINNING
    until: datetime = END
    bucket: Bucket = ""
    by: str = ""
    """the segment to split by; '' = none"""
    region: tuple[str, ...] = ()
    business_unit: tuple[str, ...] = ()
    legal_entity: tuple[str, ...] = ()
    product_family: tuple[str, ...] = ()
    sales_channel: tuple[str, ...] = ()
    customer_tier: tuple[str, ...] = ()
    path: Path = Path()
    """which cases, by the activities of their trace"""
    as_of: datetime | None = None
    """what was open then counts as open; ``None`` = now"""

    @property
    def segmented(self) -> bool:
        """Whether any segment is chosen."""
        return any(getattr(self, name) for name in SEGMENTS)

    def parameters(self) -> dict[str, Any]:
        """The query parameters that every question and KPI may use."""
        return {
            "dataset": self.dataset,
            "since": self.since,
            "until": self.until,
            "bucket": self.bucket,
            "by": self.by,
            "region": list(self.region),
            "business_unit": list(self.business_unit),
            "legal_entity": list(self.legal_entity),
            "product_family": list(self.product_family),
            "sales_channel": list(self.sales_channel),
            "customer_tier": list(self.customer_tier),
            "as_of": self.as_of or datetime.now(UTC),
        } | self.path.parameters()


def ask(handle: Handle, name: str, **parameters: Any) -> list[Any]:
    """The rows that answer the question ``queries/<name>.sql``, as named tuples."""
    return handle.query(name, question(name), parameters).rows


@cache
def question(name: str) -> str:
    """The text of a question; raises ``ConfigError`` when there is none of that name."""
    entry = files("process_model") / "queries" / f"{name}.sql"
    if not entry.is_file():
        raise ConfigError(f"there is no question named {name} in process_model/queries")
    return whole(entry.read_text(encoding="utf-8"))


def whole(statement: str) -> str:
    """A statement with the condition of the path in the place that it keeps for it."""
    return statement.replace(_PATH, part("path"))


def narrowed(statement: str, selection: Selection) -> str:
    """A statement with the conditions of path and segments, those only that are chosen.

    Half of what the engine spends on a small statement goes into understanding it.
    """
    path = "1" if selection.path.everywhere else part("path")
    segments = part("segments") if selection.segmented else "1"
    return statement.replace(_PATH, path).replace(_SEGMENTS, segments)


@cache
def part(name: str) -> str:
    """The text of a part that several statements share, ``queries/parts/<name>.sql``."""
    entry = files("process_model") / "queries" / "parts" / f"{name}.sql"
    return entry.read_text(encoding="utf-8").rstrip()
