"""The operational state: numbers never given twice, marks kept, links undone, requests answered."""

import threading
from pathlib import Path

import pytest

from process_model.errors import MigrationDrift
from process_model.state import State, UndoneLink, open_state


def test_a_number_is_never_given_twice_by_many_threads(state: State) -> None:
    given: list[int] = []

    def take() -> None:
        for _ in range(20):
            given.append(state.next_number("recomputation"))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(given) == list(range(1, 81))


def test_numbers_cursors_and_marks_survive_reopening(tmp_path: Path) -> None:
    with open_state(tmp_path / "s.db") as state:
        state.next_number("n")
        state.set_cursor("walk", "a")
        state.set_cursor("walk", "b")
        state.mark_walked(["x", "y", "x"])
    with open_state(tmp_path / "s.db") as state:
        assert state.next_number("n") == 2
        assert (state.cursor("walk"), state.cursor("other")) == ("b", None)
        assert state.walked(["x", "z"]) == {"x"}
        state.forget_walked()
        assert state.walked(["x"]) == set()


def test_a_link_is_undone_once_and_per_dataset(state: State) -> None:
    link = UndoneLink("live", "quote:shared:1", "order:shared:2", "flow", "ada", "wrong order")
    state.undo_link(link)
    state.undo_link(link)
    assert state.undone_links("live") == [link]
    assert state.undone_links("other") == []


def test_a_request_is_answered_and_leaves_the_open_ones(state: State) -> None:
    first = state.request("rebuild", {"as_of": None})
    second = state.request("rebuild", {"into": "past"})
    state.answer_request(first, "12 instances")
    state.answer_request(second, "no such dataset", failed=True)
    assert state.requests("rebuild") == []
    assert [r.answer for r in state.requests("rebuild", "done")] == ["12 instances"]
    assert [r.payload for r in state.requests("rebuild", "failed")] == [{"into": "past"}]


def test_every_commit_is_synced(state: State) -> None:
    with state._transaction() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2


def test_a_changed_migration_stops_the_start(tmp_path: Path) -> None:
    with open_state(tmp_path / "s.db") as state, state._transaction() as connection:
        connection.exec_driver_sql("UPDATE schema_migrations SET checksum = 'x'")
    with pytest.raises(MigrationDrift):
        open_state(tmp_path / "s.db")
