from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dashboards.waterfall import MOST_ROWS, traces_of, worth_a_row
from process_model.lookup import SpanRow

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def span(
    id_: str, parent: str = "", start: float = 0, seconds: float = 1, status: str = "STATUS_CODE_OK"
) -> SpanRow:
    return SpanRow(
        trace_id="t", span_id=id_, parent_span_id=parent, name=id_, kind="", service="s",
        started_at=START + timedelta(seconds=start), duration_ns=round(seconds * 1e9),
        status=status, status_message="", attributes={}, linked_trace_ids=(),
    )  # fmt: skip


def test_the_critical_path_is_what_the_end_waited_for() -> None:
    (trace,) = traces_of(
        [
            span("root", seconds=10),
            span("quick", "root", 0, 2),
            span("slow", "root", 1, 8.5),
            span("inside", "slow", 4, 5),
        ]
    )
    assert {bar.span.span_id for bar in trace.bars if bar.critical} == {"root", "slow", "inside"}
    assert [bar.depth for bar in trace.bars] == [0, 1, 1, 2]


def test_of_many_spans_errors_and_long_ones_are_kept_and_short_ones_are_not() -> None:
    many = [span(f"short-{n}", "root", n / 10, 0.001) for n in range(200)]
    failed = span("failed", "root", 5, 0.001, "STATUS_CODE_ERROR")
    spans = [span("root", seconds=60), *many, failed, span("long", "root", 30, 20)]
    (shown,) = worth_a_row(traces_of(spans))
    assert {bar.span.span_id for bar in shown.bars} == {"root", "failed", "long"}
    assert [bar.span.span_id for bar in shown.bars] == ["root", "failed", "long"]


def test_what_fits_is_shown_whole() -> None:
    spans = [span("root", seconds=60), *(span(f"s{n}", "root", n, 0.001) for n in range(30))]
    (shown,) = worth_a_row(traces_of(spans))
    assert len(shown.bars) == 31 <= MOST_ROWS


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(-1, 12)), min_size=1, max_size=40))
def test_every_span_has_one_bar_however_broken_the_trace(pairs: list[tuple[int, int]]) -> None:
    # parents may be missing, later, themselves or each other
    spans = {id_: span(str(id_), str(parent), id_) for id_, parent in pairs}
    bars = [bar.span.span_id for trace in traces_of(spans.values()) for bar in trace.bars]
    assert sorted(bars) == sorted(one.span_id for one in spans.values())


def test_a_child_that_outlives_its_parent_is_drawn_to_its_end() -> None:
    (trace,) = traces_of([span("root", seconds=1), span("late", "root", 0.5, 3)])
    assert trace.end - trace.start == 3_500_000_000
