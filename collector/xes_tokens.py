"""Plain stretches of XES, read without a look at each element: split at the quotes, in columns.

A stretch is plain when every attribute is ``<type key="…" value="…"/>`` and nothing stands between
attributes but the ends and beginnings of events and traces. Then every fourth piece between quotes
is a key, every fourth a value, and what is left is a handful of different separators, each of which
is checked once. What is not plain is not read here; expat reads it.
"""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

_SEPARATOR = re.compile(
    r"(?P<first>/>)?\s*(?P<end_event></event>)?\s*(?P<end_trace></trace>)?\s*(?P<trace><trace>)?"
    r"\s*(?P<event><event>)?\s*<(?:string|date|int|float|boolean|id) key="
)
_LAST = re.compile(r"/>\s*</event>")
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
# what XML forbids, and what it would turn into blanks in a value
_FORBIDDEN = bytes([*range(9), 11, 12, *range(14, 32)])
_TRACE, _EVENT, _SAME, _ANY = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Plain:
    """The attributes of a plain stretch; ``owner`` counts events or traces from 0.

    Trace 0 is the one that was open before the stretch: its attributes are not told here.
    """

    keys: list[str]
    values: list[str]
    of_event: Any
    """whether the attribute is an event's (else a trace's)"""
    event: Any
    """the attribute's event, where it is one's"""
    trace: Any
    """the attribute's trace"""
    trace_of_event: Any
    lines: int


def plain(stretch: str) -> Plain | None:
    """What stands between the ends of two events; ``None`` if it is not plain."""
    raw = stretch.encode()
    if len(raw.translate(None, _FORBIDDEN)) != len(raw) or "\ufffe" in stretch:
        return None
    pieces = stretch.split('"')
    if len(pieces) % 4 != 1 or pieces[2::4].count(" value=") != len(pieces) // 4:
        return None
    separators = pa.array(pieces[0:-1:4], pa.string()).dictionary_encode()
    meanings = [_meaning(text) for text in separators.dictionary.to_pylist()]
    if None in meanings or not _LAST.fullmatch(pieces[-1]):
        return None
    codes = np.asarray(separators.indices)
    table = np.array(meanings, np.int64)
    needs, becomes, opens_trace, opens_event, follows, marks = table[codes].T
    if not _agree(needs, becomes, follows) or _marks(raw) != marks.sum() + _marks(
        pieces[-1].encode()
    ):
        return None  # a key or a value holds a bracket, or a blank that XML would not leave so
    values = pieces[3::4]
    if "&" in stretch:
        told = _dereferenced(pieces[1::4]), _dereferenced(values)
        if told[0] is None or told[1] is None:
            return None
        keys, values = told[0], told[1]
    else:
        keys = pieces[1::4]
    state = _states(becomes)
    event = np.cumsum(opens_event) - 1
    trace = np.cumsum(opens_trace)
    lines = stretch.count("\n")
    return Plain(keys, values, state == _EVENT, event, trace, trace[opens_event == 1], lines)


def _meaning(text: str) -> tuple[int, int, int, int, int, int] | None:
    """What a separator needs to stand in, what it leads to, what it opens, and its marks."""
    found = _SEPARATOR.fullmatch(text)
    if found is None:
        return None
    ends_event, ends_trace = bool(found["end_event"]), bool(found["end_trace"])
    trace, event = bool(found["trace"]), bool(found["event"])
    if ends_trace != trace:
        return None  # a trace that ends before an event does, or a log with two levels open
    needs = _EVENT if ends_event else _TRACE if (trace or event) else _ANY
    becomes = _EVENT if event else _TRACE if trace else _SAME
    if ends_event and not (trace or event):
        return None  # attributes of a trace behind its events
    follows = int(bool(found["first"]))
    return needs, becomes, int(trace), int(event), follows, _marks(text.encode())


def _agree(needs: Any, becomes: Any, follows: Any) -> bool:
    """Whether each separator stands where it may; a stretch begins in a trace, behind an event."""
    state = _states(becomes)
    before = np.concatenate([[_TRACE], state[:-1]])
    fits = (needs == _ANY) | (needs == before)
    # only the first separator has no attribute to close before it
    closes = follows[1:].all() and not follows[0]
    opened = becomes[0] != _SAME
    return bool(fits.all() and closes and opened and state[-1] == _EVENT)


def _states(becomes: Any) -> Any:
    """The state each separator leaves: that of the last one that changed it."""
    places = np.where(becomes != _SAME, np.arange(len(becomes)), 0)
    return becomes[np.maximum.accumulate(places)]


def _marks(raw: bytes) -> int:
    return len(raw) - len(raw.translate(None, b"<\n\t\r"))


def _dereferenced(texts: list[str]) -> list[str] | None:
    """The texts with their references resolved; ``None`` when one is none that XML knows."""
    out = list(texts)
    for place, text in enumerate(texts):
        if "&" in text:
            try:
                out[place] = _REFERENCE.sub(_character, text)
            except ValueError:
                return None
            if "&" in _REFERENCE.sub("", text):
                return None
    return out


def _character(found: "re.Match[str]") -> str:
    if found[3]:
        return _NAMED[found[3]]
    code = int(found[1]) if found[1] else int(found[2], 16)
    if code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF:
        return chr(code)
    raise ValueError(code)
