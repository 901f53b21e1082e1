"""The command beside a running program, and alone: what a person sees and what is stored."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness import ROOT, Program

HEAD = "case_id,activity,timestamp"


def run(program: Program, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(ROOT / "throughline.py"), *words],
        env=program.environment, capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip


def csv(folder: Path, cases: int, name: str) -> Path:
    path = folder / name
    rows = [f"{n},a{k},2026-03-02 09:{k:02}:00Z" for n in range(cases) for k in range(5)]
    path.write_text("\n".join([HEAD, *rows, "1,a,soon"]) + "\n")
    return path


def test_an_import_beside_a_running_program_stores_each_row_once_and_can_go_again(
    tmp_path: Path,
) -> None:
    program = Program(tmp_path)
    path = csv(tmp_path, 400, "sales.csv")
    with program:
        for stored in ("2,000", "2,000  (2,000 were known)"):
            done = run(program, "import", str(path))
            assert done.returncode == 0, done.stderr
            assert f"accepted   {stored}\n" in done.stdout
            assert "rejected   1\n  invalid_time  1" in done.stdout
        listed = run(program, "datasets")
        assert "sales: 2,000 events, 400 cases, 2026-03-02 – 2026-03-02" in listed.stdout
        assert "from sales.csv, in its own words" in listed.stdout
        broken = tmp_path / "broken.xes"
        broken.write_text("<log><trace>")
        refused = run(program, "import", str(broken))
        assert refused.returncode == 1
        assert "broken.xes" in refused.stderr
        assert "not well formed" in refused.stderr
        assert run(program, "import", str(path), "--dataset", "second").returncode == 0
        deleted = run(program, "datasets", "--delete", "second", "--yes")
        assert deleted.stdout == "dataset second is deleted, with its 2000 events\n"
        assert program.fetch("/readyz")[0] == 200
        program.stop()
    rows = program.ask_stopped(
        "SELECT dataset, count(), uniqExact(id) FROM business_events GROUP BY dataset"
    )
    assert rows == [["sales", 2000, 2000]]
    assert not list((tmp_path / "spool" / "imports").iterdir())


@pytest.mark.timeout(600)
def test_an_import_whose_program_is_killed_goes_on_when_it_is_back(tmp_path: Path) -> None:
    program = Program(tmp_path)
    path = csv(tmp_path, 60_000, "sales.csv")  # several batches
    with program:
        command = [sys.executable, str(ROOT / "throughline.py"), "import", str(path)]
        with subprocess.Popen(
            command, env=program.environment, stdout=subprocess.PIPE, text=True
        ) as importing:
            end = time.monotonic() + 120
            while time.monotonic() < end and not list(tmp_path.glob("spool/imports/*/*2.word")):
                time.sleep(0.01)
            program.kill()  # a batch was stored, another is being stored or waits
            program.start()
            said, _ = importing.communicate(timeout=250)
            assert importing.returncode == 0, said
        assert "accepted   300,000" in said
        program.stop()
    rows = program.ask_stopped(
        "SELECT count(), uniqExact(id), (SELECT count() FROM instances FINAL) FROM business_events"
    )
    assert rows == [[300_000, 300_000, 60_000]]


def test_a_dry_run_shows_the_guess_and_stores_nothing(tmp_path: Path) -> None:
    program = Program(tmp_path)
    done = run(program, "import", "--dry-run", str(csv(tmp_path, 3, "sales.csv")))
    assert "case: case_id, activity: activity, time: timestamp" in done.stdout
    assert "case_id=0 | activity=a0 | timestamp=2026-03-02 09:00:00Z" in done.stdout
    assert "would be dataset sales; nothing was stored" in done.stdout
    assert not (tmp_path / "store").exists()


def test_what_cannot_be_imported_is_refused_in_one_sentence(tmp_path: Path) -> None:
    program = Program(tmp_path)
    path = str(csv(tmp_path, 1, "sales.csv"))
    for words, said in (
        ((path, "--into", "live"), "--into live wants --map mapping.toml"),
        ((path, "--dataset", "live"), "the running estate is --into live"),
        ((str(tmp_path / "none.csv"),), "there is no"),
        ((path, "--dates", "guess"), "--dates is day-first or month-first"),
        ((path, "--object", "item"), "--object is TYPE=COLUMN"),
    ):
        done = run(program, "import", *words)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr
