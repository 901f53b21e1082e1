"""What an API call asks: its parameters, read and checked by the route's own table."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from werkzeug.datastructures import MultiDict

from dashboards.filters import BadFilter, moment, pair_of
from process_model.config import ModelConfig
from process_model.coverage import Completeness, Coverage, completeness
from process_model.detection import Detection
from process_model.mining.miner import Miner
from process_model.questions import BEGINNING, END, Bucket, Path, Selection
from process_model.state import State
from process_model.store import Handle
from process_model.vocabulary import LIVE, SEGMENTS

MOST_ROWS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a route's query; ``many`` may be given several times, any of them counts."""

    name: str
    meaning: str
    kind: str = "text"
    """text, time, number, flag or cursor"""
    choices: tuple[str, ...] = ()
    many: bool = False

    def read(self, texts: Sequence[str], now: datetime) -> Any:
        """The value; raises ``BadFilter`` naming the parameter and how to write it."""
        if len(texts) > 1 and not self.many:
            raise BadFilter(f"{self.name}: given {len(texts)} times, it has one value")
        values = [self._one(text, now) for text in texts]
        return tuple(values) if self.many else values[0]

    def _one(self, text: str, now: datetime) -> Any:
        if self.choices and text not in self.choices:
            named = ", ".join(name for name in self.choices if name)
            raise BadFilter(f"{self.name}: one of {named}, not {text}")
        if self.kind == "time":
            try:
                return moment(text, now)
            except (BadFilter, OverflowError) as exc:
                raise BadFilter(f"{self.name}: {exc}") from exc
        if self.kind == "number":
            return _number(self.name, text)
        if self.kind == "flag":
            if text not in ("true", "false"):
                raise BadFilter(f"{self.name}: true or false, not {text}")
            return text == "true"
        return _cursor(self.name, text) if self.kind == "cursor" else text


DATASET = (
    Parameter(name="dataset", meaning="the dataset; `live` when it is left out"),
    Parameter(
        name="as_of", kind="time", meaning="what was open then counts as open; now when left out"
    ),
)
PERIOD = (
    Parameter(name="since", kind="time", meaning="its begin, `2026-03-02T09:00:00Z` or `now-7d`"),
    Parameter(name="until", kind="time", meaning="its end, which is outside"),
)
SEGMENT = tuple(
    Parameter(name=name, many=True, meaning=f"only cases of this {name.replace('_', ' ')}")
    for name in SEGMENTS
)
PATH = (
    Parameter(name="only", many=True, meaning="only cases with all of these activities"),
    Parameter(name="exclude", many=True, meaning="only cases without any of these activities"),
    Parameter(name="start", many=True, meaning="only cases that begin with one of these"),
    Parameter(name="end", many=True, meaning="only cases whose last step is one of these"),
    Parameter(
        name="follows", many=True,
        meaning="only cases in which one directly follows the other: `quote.sent~quote.accepted`",
    ),
    Parameter(
        name="all_events", kind="flag",
        meaning="every event is a step; else those that bear a stage",
    ),
)  # fmt: skip
"""The parameters that choose cases by their path."""

PAGING = (
    Parameter(
        name="limit", kind="number", meaning=f"rows of a page, 1 to {MOST_ROWS}; 100 when left out"
    ),
    Parameter(name="cursor", kind="cursor", meaning="the `next` of the page before"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call, understood; ``given`` holds the values of the route's own parameters."""

    reader: Handle
    model: ModelConfig
    detection: Detection | None
    miner: Miner
    state: State | None
    selection: Selection
    given: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        """The value of a parameter, ``None`` or () when it was left out."""
        return self.given.get(name)

    def many(self, name: str) -> tuple[str, ...]:
        """All values of a parameter."""
        return self.given.get(name) or ()

    @property
    def limit(self) -> int:
        """How many rows a page may have."""
        return int(self.given.get("limit", 100))

    def known(self) -> Completeness:
        """What is known of the sources over the period."""
        return completeness(self.reader, self.selection, self.model)

    def unmeasured(self, reason: str) -> Coverage:
        """The coverage of an answer that has none."""
        return Coverage(None, self.model.coverage_floor, "", reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a route answers: the data, their coverage, and the place behind the last row."""

    data: Any
    coverage: Coverage
    next: Sequence[Any] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


def understood(
    parameters: Sequence[Parameter], query: "MultiDict[str, str]", now: datetime | None = None
) -> tuple[Selection, dict[str, Any]]:
    """The selection and the values of a query; raises ``BadFilter`` naming what is wrong."""
    now = now or datetime.now(UTC)
    known = {parameter.name: parameter for parameter in parameters}
    if unknown := sorted(set(query) - set(known)):
        raise BadFilter(
            f"{unknown[0]}: this route has no such parameter; it has {', '.join(known)}"
        )
    given = {name: known[name].read(query.getlist(name), now) for name in query}
    if not 1 <= given.get("limit", 1) <= MOST_ROWS:
        raise BadFilter(f"limit: a number from 1 to {MOST_ROWS}")
    since, until = given.get("since", BEGINNING), given.get("until", END)
    if since >= until:
        raise BadFilter("until: the period ends before it begins")
    selection = Selection(
        dataset=given.get("dataset") or LIVE,
        since=since,
        until=until,
        as_of=given.get("as_of") or now,
        bucket=cast(Bucket, given.get("bucket", "")),
        by=given.get("by", ""),
    )
    return replace(
        selection, path=_path(given), **{name: given.get(name, ()) for name in SEGMENTS}
    ), given


def _path(given: Mapping[str, Any]) -> Path:
    return Path(
        **{name: given.get(name, ()) for name in ("only", "exclude", "start", "end")},
        follows=tuple(map(pair_of, given.get("follows", ()))),
        all_events=bool(given.get("all_events")),
    )


def cursor_of(place: Sequence[Any]) -> str:
    """A place in a list as text that a URL carries."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def _cursor(name: str, text: str) -> list[Any]:
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, msgspec.MsgspecError) as exc:
        raise BadFilter(f"{name}: not the next of an answer: {text}") from exc
    if not isinstance(place, list):
        raise BadFilter(f"{name}: not the next of an answer: {text}")
    return place


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadFilter(f"{name}: not a number: {text}")
    return int(text)
