"""XES as it comes, and XML that is out for harm."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.readers.xes import READER
from collector.reading import Unreadable
from tests.collector.reading_logs import Read, read_log


def event(*attributes: str, name: str = "a", at: str = "2026-03-02T09:00:00Z") -> str:
    own = (
        f'<string key="concept:name" value="{name}"/>',
        f'<date key="time:timestamp" value="{at}"/>',
    )
    return f"<event>{''.join([*own, *attributes])}</event>\n"


def log(*events: str, head: str = "", trace: str = "C1") -> str:
    named = f'<string key="concept:name" value="{trace}"/>'
    return f'<?xml version="1.0"?>\n<log>{head}<trace>{named}{"".join(events)}</trace></log>\n'


def read(folder: Path, text: str, encoding: str = "utf-8") -> Read:
    path = folder / "log.xes"
    path.write_bytes(text.encode(encoding))
    return read_log(path, folder)


def test_plain_and_odd_events_tell_the_same(tmp_path: Path) -> None:
    plain = event('<string key="k" value="v"/>')
    odd = plain.replace('"', "'").replace("<event>", "<event >")
    told = read(tmp_path, log(plain, odd)).events
    assert told[0].fields == told[1].fields == {"k": "v"}
    # equal content, so the second is the first's double
    assert told[1].id == f"{told[0].id}-2"


def test_entities_nested_attributes_lists_and_comments_are_understood(tmp_path: Path) -> None:
    told = read(
        tmp_path,
        log(
            event('<string key="k" value="a &amp; b &#228;"/>'),
            event('<string key="k" value="v"><int key="inner" value="1"/></string>'),
            event('<list key="l"><values><string key="x" value="1"/></values></list>'),
            event("<!-- <event></event> -->", '<unknown key="k" value="v"/>'),
        ),
    )
    assert [e.fields for e in told.events] == [
        {"k": "a & b ä"}, {"k": "v", "k/inner": "1"}, {"l/x": "1"}, {},
    ]  # fmt: skip
    assert not told.rejected


def test_events_in_comments_and_literal_sections_are_none(tmp_path: Path) -> None:
    hidden = f"<!-- {event(name='no')}{event(name='no')} -->"
    told = read(tmp_path, log(event(), hidden, event(name="b"), hidden, event(name="c")))
    assert [e.activity for e in told.events] == ["a", "b", "c"]


def test_a_trace_tells_its_attributes_with_each_event(tmp_path: Path) -> None:
    trace = '<string key="region" value="EMEA"/>'
    told = read(tmp_path, log(trace, event(), event()))
    assert [e.fields for e in told.events] == [{"case:region": "EMEA"}] * 2


def test_a_classifier_names_events_that_have_no_name(tmp_path: Path) -> None:
    head = """<classifier name="n" keys="task 'life cycle'"/>"""
    bare = (
        '<event><string key="task" value="t"/><string key="life cycle" value="done"/>'
        '<date key="time:timestamp" value="2026-03-02T09:00:00Z"/></event>'
    )
    assert [e.activity for e in read(tmp_path, log(bare, head=head)).events] == ["t+done"]


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16", "utf-8-sig"])
def test_the_declared_encoding_is_read(encoding: str, tmp_path: Path) -> None:
    text = log(event(name="prüfen"))
    if encoding == "iso-8859-1":
        text = text.replace('version="1.0"', f'version="1.0" encoding="{encoding}"')
    assert [e.activity for e in read(tmp_path, text, encoding).events] == ["prüfen"]


@pytest.mark.parametrize(
    ("text", "why", "where"),
    [
        (log(event()).replace("</trace></log>", ""), "not well formed", "line 4"),
        (log(event(), "<event>"), "not well formed", "line 3"),
        (log(event(), "&lol;"), "not well formed", "line 3"),
        (log(event(), '<string value="x"/>'), "has no key", "line 3"),
        (log(event()).replace("<log>", "<html>").replace("</log>", "</html>"), "not log", "line 2"),
        ("<log>" + "<list key='a'>" * 100, "nested deeper", "line 1"),
    ],
)
def test_what_is_broken_is_refused_with_its_line(
    text: str, why: str, where: str, tmp_path: Path
) -> None:
    path = tmp_path / "log.xes"
    path.write_text(text)
    from collector.opening import Opened
    from collector.reading import Options

    with pytest.raises(Unreadable, match=why) as refused:
        list(READER.read(Opened(path), Options()))
    assert refused.value.where == where


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE log [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE log SYSTEM "http://127.0.0.1:9/evil.dtd">',
    ],
)
def test_a_document_type_is_refused_whatever_it_brings(declared: str, tmp_path: Path) -> None:
    text = log(event('<string key="k" value="&b;"/>')).replace("<log>", f"{declared}<log>")
    with pytest.raises(Unreadable, match="document type"):
        read(tmp_path, text)


def test_a_packed_file_that_was_cut_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(log(*[event() for _ in range(2000)]).encode(), mtime=0)
    path = tmp_path / "log.xes.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unreadable, match="ends early or is damaged"):
        read_log(path, tmp_path)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.text("ab<>&\"'\n ä", max_size=5), st.booleans()), min_size=1, max_size=6),
    st.integers(1, 200),
)
def test_any_values_and_any_pieces_give_what_was_written(
    values: list[tuple[str, bool]], piece: int
) -> None:
    from xml.sax.saxutils import quoteattr

    from collector.readers import xes
    from collector.reading import Options
    from collector.xes_attributes import Gathered

    events = [event(f'<string key="k" value={quoteattr(value)}/>') for value, _ in values]
    events = [e.replace("<event>", "<event\n>") if odd else e
              for e, (_, odd) in zip(events, values, strict=True)]  # fmt: skip
    text = log(*events)
    gathered = Gathered(Options())
    document = xes._Document(gathered)
    for start in range(0, len(text), piece):
        document.feed(text[start : start + piece])
    document.close()
    (block,) = gathered.take()
    told = [dict(row).get("k", "") for row in block.fields.to_pylist()]
    assert told == [value for value, _ in values]
