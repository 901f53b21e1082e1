"""What is asked at once is what it is alone: every KPI of the world told by hand, to the digit."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from process_model import kpi
from process_model.comparison import compare, compare_segments
from process_model.config import ModelConfig
from process_model.coverage import completeness
from process_model.questions import Bucket, Path, Selection
from process_model.store import Reader
from process_model.vocabulary import SEGMENTS
from tests.process_model.worlds import golden_world

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
PERIOD = Selection(since=datetime(2026, 3, 5, tzinfo=UTC), as_of=NOW)
EARLIER = Selection(
    since=datetime(2026, 2, 18, 12, tzinfo=UTC), until=PERIOD.since, as_of=PERIOD.since
)
EVERY = [replace(entry, minimum=0) for entry in kpi.load_all().values()]


@pytest.fixture(scope="module")
def world(engine_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with golden_world(engine_dsn, tmp_path_factory.mktemp("world")) as store:
        yield store.reader()


@pytest.mark.parametrize(
    "chosen", [{}, {"region": ("AMER",)}, {"path": Path(only=("order.created",))}]
)
@pytest.mark.parametrize("run", ["day", "week"])
def test_asked_at_once_every_kpi_is_what_it_is_alone(
    world: Reader, chosen: dict[str, Any], run: Bucket
) -> None:
    config = ModelConfig()
    now, before = replace(PERIOD, **chosen), replace(EARLIER, **chosen)
    known = completeness(world, now, config)
    together = compare(world, EVERY, now, config, known, before=before, run=run)
    for entry in EVERY:
        found = together[entry.name]
        alone = [
            kpi.compute(world, entry, each, config, known)
            for each in (now, before, replace(now, bucket=run))
        ]
        told = [row for row in found.run if row.n]
        assert [[found.now], [found.before], told] == alone, entry.name
        # a bucket in which nothing was is there, and says that nothing was
        steps = {later.bucket - row.bucket for row, later in pairwise(found.run)}  # type: ignore[operator]
        assert steps == {timedelta(days=1 if run == "day" else 7)}
        assert {row.value for row in found.run if not row.n} <= {None, 0.0}


def test_without_a_period_before_there_is_none_and_a_run(world: Reader) -> None:
    config, all_time = ModelConfig(), Selection(as_of=NOW)
    known = completeness(world, all_time, config)
    for entry in compare(world, EVERY, all_time, config, known, before=None, run="week").values():
        assert entry.before is None
        assert [entry.now] == kpi.compute(world, entry.kpi, all_time, config, known)
        assert sum(row.n for row in entry.run) >= entry.now.n


def test_all_segments_at_once_are_the_segments_one_by_one(world: Reader) -> None:
    config = ModelConfig()
    known = completeness(world, PERIOD, config)
    kpis = [entry for entry in EVERY if entry.cohort != "now"]
    cut = compare_segments(world, kpis, PERIOD, EARLIER, config, known)
    seen = 0
    for entry in kpis:
        for name in SEGMENTS:
            now, before = (
                {row.segment: (row.n, row.value, row.breached) for row in
                 kpi.compute(world, entry, replace(each, by=name), config, known) if row.segment}
                for each in (PERIOD, EARLIER)
            )  # fmt: skip
            told = {
                key.partition("=")[2]: tuple((r.n, r.value, r.breached) for r in pair)
                for key, pair in cut.get(entry.name, {}).items()
                if key.startswith(f"{name}=")
            }
            assert told == {value: (now[value], before[value]) for value in now.keys() & before}
            seen += len(told)
    assert seen
    with pytest.raises(ValueError, match="case_backlog"):
        compare_segments(world, [kpi.load_all()["case_backlog"]], PERIOD, EARLIER, config, known)
