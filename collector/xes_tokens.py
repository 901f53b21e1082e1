"""Plain stretches of XES, read without a look at each element: cut at the quotes, in columns.

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
import pyarrow.compute as pc

_SEPARATOR = re.compile(
    r"(?P<first>/>)?\s*(?P<end_event></event>)?\s*(?P<end_trace></trace>)?\s*(?P<trace><trace>)?"
    r"\s*(?P<event><event>)?\s*<(?:string|date|int|float|boolean|id) key="
)
_LAST = re.compile(r"/>\s*</event>")
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
# what XML forbids, and what it would turn into blanks in a value
_FORBIDDEN = bytes([*range(9), 11, 12, *range(14, 32)])
_MARKS = b"<\n\t\r"
_QUOTE = 0x22
_TRACE, _EVENT, _SAME, _ANY = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Plain:
    """The attributes of a plain stretch in their order, as arrays of one length.

    Trace 0 is the one that was open before the stretch: its attributes are not told here.
    """

    names: list[str]
    """the different keys"""
    key: Any
    """each attribute's key, a place in ``names``"""
    value: Any
    """texts"""
    of_event: Any
    """whether it is an event's (else a trace's)"""
    event: Any
    """the event it is of, from 0, where it is one's"""
    trace: Any
    """the trace it is of, from 0"""
    trace_of_event: Any
    """one an event"""
    lines: int


def plain(stretch: str) -> Plain | None:
    """What stands between the ends of two events; ``None`` if it is not plain."""
    raw = stretch.encode()
    if len(raw.translate(None, _FORBIDDEN)) != len(raw) or "\ufffe" in stretch:
        return None
    quotes = np.flatnonzero(np.frombuffer(raw, np.uint8) == _QUOTE)
    count = len(quotes) // 4
    if not count or len(quotes) % 4:
        return None
    pieces = _pieces(raw, quotes)
    if not pc.all(pc.equal(_every_fourth(pieces, 2, count), " value=")).as_py():
        return None
    separators = _every_fourth(pieces, 0, count).dictionary_encode()
    last = pieces[8 * count].as_py()
    table = _table(separators.dictionary.to_pylist())
    if table is None or not _LAST.fullmatch(last):
        return None
    needs, becomes, trace, event, follows, marks = table[np.asarray(separators.indices)].T
    if not _agree(needs, becomes, follows) or _marks(raw) != marks.sum() + _marks(last.encode()):
        return None  # a key or a value holds a bracket, or a blank that XML would not leave so
    keys = _every_fourth(pieces, 1, count).dictionary_encode()
    names, values = keys.dictionary.to_pylist(), _every_fourth(pieces, 3, count)
    if b"&" in raw:
        names, values = _dereferenced(names), _dereferenced_values(values)
        if names is None or values is None:
            return None
    traces = np.cumsum(trace)
    return Plain(
        names=names,
        key=np.asarray(keys.indices),
        value=values,
        of_event=_states(becomes) == _EVENT,
        event=np.cumsum(event) - 1,
        trace=traces,
        trace_of_event=traces[event == 1],
        lines=raw.count(b"\n"),
    )


def _pieces(raw: bytes, quotes: Any) -> Any:
    """The text cut before and behind each quote: every other piece is one. Nothing is copied."""
    cuts = np.stack([quotes, quotes + 1], axis=1).ravel()
    ends = np.concatenate([[0], cuts, [len(raw)]]).astype(np.int32)
    return pa.StringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(raw))


def _every_fourth(pieces: Any, first: int, count: int) -> Any:
    return pieces.take(pa.array(np.arange(2 * first, 2 * first + 8 * count, 8)))


def _table(separators: list[str]) -> Any:
    """The meaning of each separator; ``None`` when one has none."""
    meanings = [_meaning(text) for text in separators]
    return None if None in meanings else np.array(meanings, np.int64)


def _meaning(text: str) -> tuple[int, int, int, int, int, int] | None:
    """What a separator needs to stand in, what it leads to, what it opens, and its marks."""
    found = _SEPARATOR.fullmatch(text)
    if found is None:
        return None
    ends_event, ends_trace = bool(found["end_event"]), bool(found["end_trace"])
    trace, event = bool(found["trace"]), bool(found["event"])
    if ends_trace != trace:
        return None  # a trace that ends before an event does, or a log with two levels open
    if ends_event and not (trace or event):
        return None  # attributes of a trace behind its events
    needs = _EVENT if ends_event else _TRACE if (trace or event) else _ANY
    becomes = _EVENT if event else _TRACE if trace else _SAME
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
    return len(raw) - len(raw.translate(None, _MARKS))


def _dereferenced_values(values: Any) -> Any:
    """The values with their references resolved, ``None`` when one is none that XML knows."""
    mask = pc.match_substring(values, "&")
    told = _dereferenced(pc.filter(values, mask).to_pylist())
    return None if told is None else pc.replace_with_mask(values, mask, pa.array(told, pa.string()))


def _dereferenced(texts: list[str]) -> list[str] | None:
    try:
        out = [_REFERENCE.sub(_character, text) for text in texts]
    except ValueError:
        return None
    return None if any("&" in _REFERENCE.sub("", text) for text in texts) else out


def _character(found: "re.Match[str]") -> str:
    if found[3]:
        return _NAMED[found[3]]
    code = int(found[1]) if found[1] else int(found[2], 16)
    if code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF:
        return chr(code)
    raise ValueError(code)
