"""The HTTP ports go on whatever else the process holds open."""

import os
import resource
import urllib.request
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from process_model import serving

SELECTABLE = 1_024
"""what select() can watch: descriptors below this number (``FD_SETSIZE``)"""


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """All numbers that select() could watch are taken, as by an engine with many threads."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limits[1] < 2 * SELECTABLE:
        pytest.skip("this user may not open so many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (2 * SELECTABLE, limits[1]))
    held = [os.open(os.devnull, os.O_RDONLY)]
    while held[-1] < SELECTABLE:
        held.append(os.dup(held[0]))
    yield
    for number in held:
        os.close(number)
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def answer(_environ: Any, start: Any) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"here"]


def test_a_port_answers_with_more_descriptors_than_select_can_watch(many_descriptors: None) -> None:
    faults: list[BaseException] = []
    with serving.serve(answer, "test", "127.0.0.1", 0, on_fatal=faults.append) as port:
        for _ in range(3):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as told:
                assert told.read() == b"here"
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == hard
    assert faults == []
