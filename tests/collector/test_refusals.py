"""Samples of undecodable input: bounded by the hour and in size, valid rows whatever came."""

import msgspec
import pytest

from collector.refusals import SAMPLE_BYTES, SAMPLES_PER_HOUR, Refusals
from process_model.errors import Overloaded
from process_model.events import Rejected


def test_a_door_keeps_so_many_samples_an_hour_and_each_door_its_own() -> None:
    kept: list[tuple[str, bytes]] = []
    now = [0.0]
    refusals = Refusals(lambda kind, record: kept.append((kind, record)), lambda: now[0])
    for _ in range(3 * SAMPLES_PER_HOUR):
        refusals.undecodable("otlp_http", b"{", "not JSON")
    assert len(kept) == SAMPLES_PER_HOUR
    refusals.undecodable("otlp_grpc", b"{", "not JSON")
    assert len(kept) == SAMPLES_PER_HOUR + 1
    now[0] = 3600.0
    refusals.undecodable("otlp_http", b"{", "not JSON")
    assert len(kept) == SAMPLES_PER_HOUR + 2


@pytest.mark.parametrize("body", [b"", b"text", "ß".encode(), b"\xff" * 100_000, b"a" * 100_000])
def test_a_sample_is_a_readable_row_of_bounded_size(body: bytes) -> None:
    kept: list[bytes] = []
    Refusals(lambda _, record: kept.append(record)).undecodable("otlp_http", body, "why \ud800")
    sample = msgspec.json.decode(kept[0], type=Rejected)
    assert (sample.reason, sample.door) == ("undecodable", "otlp_http")
    assert len(sample.payload) <= SAMPLE_BYTES * 4 / 3 + 4
    assert str(min(len(body), SAMPLE_BYTES)) in sample.detail


def test_a_sample_gives_way_when_there_is_no_room() -> None:
    def full(kind: str, record: bytes) -> None:
        raise Overloaded("no room")

    Refusals(full).undecodable("otlp_http", b"{", "not JSON")
