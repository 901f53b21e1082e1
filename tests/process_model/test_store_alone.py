"""The embedded directory belongs to one process: a second one is told so in one sentence."""

import subprocess
import sys
from pathlib import Path

HOLD = (
    "import sys\n"
    "from process_model.config import StoreConfig\n"
    "from process_model.errors import ThroughlineError\n"
    "from process_model.store import open_store\n"
    "try:\n"
    "    with open_store(StoreConfig(dsn=sys.argv[1])) as store:\n"
    "        print('held', flush=True)\n"
    "        sys.stdin.read()\n"
    "except ThroughlineError as exc:\n"
    "    print(type(exc).__name__, exc, flush=True)\n"
)


def hold(dsn: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, dsn],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def test_a_second_process_is_told_who_holds_the_directory(tmp_path: Path) -> None:
    dsn = f"chdb://{tmp_path / 'store'}"
    with hold(dsn) as first:
        assert first.stdout and first.stdout.readline() == "held\n"
        with hold(dsn) as second:
            answer, _ = second.communicate("", timeout=60)
        first.communicate("", timeout=60)
    assert answer.startswith("DataDirectoryInUse another throughline holds")
    assert len(answer.splitlines()) == 1
    assert first.returncode == 0
    with hold(dsn) as third:
        assert third.stdout and third.stdout.readline() == "held\n"
        third.communicate("", timeout=60)
