"""Every command that a document shows is run, as it stands there, against a real program."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from process_model.state import open_state
from tests import documented
from tests.alerts.receivers import hook
from tests.alerts.stories import Story, holds
from tests.conftest import Clock
from tests.harness import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^ *```(?:sh)?\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_PROGRAMS = ("throughline", "make", "curl", "cp", "uv", "docker", "python")
_CALLED = re.compile(rf"^(?:[A-Z_]+=\S+ )*(?:{'|'.join(_PROGRAMS)}) ")

NOT_RUN = {
    "uv pip compile": "asks a package index; what it writes is what set-up installs from",
    "THROUGHLINE_STORE__DSN=clickhouse": "needs a ClickHouse server; make test-server has the peer",
    "make ": "would run this very test; that the target exists and its recipe parses is held",
    "throughline score": "takes minutes; tests/test_score.py runs it in make soak",
}
"""What is only read, by how it begins, and why; its options are held to exist."""

ORDERS = """Order,Step,Started,Who
O-1,received,2026-01-05T09:00:00Z,ann
O-1,shipped,2026-01-06T09:00:00Z,bob
"""
RATES = "currency,reporting_currency,valid_from,rate\nUSD,EUR,2026-01-01,0.90\n"


def commands() -> list[tuple[str, str]]:
    """(document, command) of every fence, continuation lines joined, remarks taken off."""
    found = []
    for path in DOCUMENTS:
        for fence in _FENCE.finditer(path.read_text()):
            text = fence[1].replace("\\\n", " ")
            for line in _whole(text):
                if _CALLED.match(line):
                    found.append((path.relative_to(ROOT).as_posix(), line))
    return list(dict.fromkeys(found))


def _whole(text: str) -> Iterator[str]:
    """Lines, those within an open quote together."""
    held = ""
    for line in text.splitlines():
        held = f"{held}\n{line}" if held else line.strip()
        try:
            shlex.split(held, comments=True)
        except ValueError:
            continue
        yield held
        held = ""


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[documented.Telling]:
    with documented.Telling(tmp_path_factory.mktemp("commands")) as program:
        yield program


@pytest.fixture(scope="module")
def folder(telling: documented.Telling, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the commands are run: with the files they name, a channel ``ops`` and its receiver."""
    place = tmp_path_factory.mktemp("folder")
    (place / "orders.csv").write_text(ORDERS)
    (place / "rates.csv").write_text(RATES)
    (place / "data").mkdir()
    (place / "data" / "kept").write_text("kept")
    with hook() as receiver:
        (place / "throughline.toml").write_text(
            "[[alerts.channels]]\n"
            'name = "ops"\nkind = "webhook"\nsecret = "a secret of the documents"\n'
            f'url = "{receiver.url}"\nallow_private = true\n'
        )
        yield place


@pytest.fixture(scope="module")
def alert(telling: documented.Telling) -> str:
    """The id of an alert that fires in the program."""
    clock = Clock()
    clock.now = datetime.now(UTC)
    with open_state(telling.program.directory / "state.db") as state:
        story = Story(state, clock)
        story.see(holds())
        story.minutes(1)
        return next(iter(story.alerts())).id


def read_only(command: str) -> str:
    """Why a command is not run here, '' when it is."""
    return next((why for begin, why in NOT_RUN.items() if command.startswith(begin)), "")


def test_what_is_not_run_is_shown_somewhere() -> None:
    shown = [command for _, command in commands()]
    assert [begin for begin in NOT_RUN if not any(one.startswith(begin) for one in shown)] == []


@pytest.mark.parametrize(("document", "command"), [one for one in commands() if read_only(one[1])])
def test_what_is_not_run_has_the_options_that_are_shown(document: str, command: str) -> None:
    assert subprocess.run(["bash", "-n", "-c", command], check=False).returncode == 0, document
    words = shlex.split(command, comments=True)
    words = words[next(at for at, word in enumerate(words) if "=" not in word) :]
    if words[0] == "make":
        dry = subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, capture_output=True, check=False)
        assert dry.returncode == 0, dry.stderr
    elif words[0] == "throughline":
        help_ = run([*words[:2], "--help"], ROOT, os.environ)
        assert help_.returncode == 0
        missing = [w for w in words if w.startswith("--") and w not in help_.stdout]
        assert missing == [], document


@pytest.mark.engine
def test_commands_do_what_the_documents_say(
    telling: documented.Telling, folder: Path, alert: str
) -> None:
    before = [at for at in telling.program.environment.items() if "THROUGHLINE" in at[0]]
    environment = {**os.environ, **dict(before)}
    today = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"
    for document, command in commands():
        if read_only(command):
            continue
        if command.startswith("curl"):
            assert status_of(telling, command) < 404, (document, command)
            continue
        # what only the reader's own program knows: an alert, and a day on which it knew something
        known = command.replace("1f0c…-1", alert).replace("--as-of 2026-03-31", f"--as-of {today}")
        known = known.replace("--since 2026-03-01", f"--since {today[:10]}")
        words = shlex.split(known, comments=True)
        if words[:3] == ["throughline", "alerts", "test"]:
            words += ["--config", "throughline.toml"]
        # tables are brought up to date while no program holds them
        apart = {"THROUGHLINE_STORE__DSN": f"chdb://{folder / 'stopped'}"}
        own = apart if words[:2] == ["throughline", "migrate"] else {}
        done = run(words, folder, environment | own)
        assert done.returncode == 0, (document, command, done.stdout, done.stderr)
        assert done.stdout or words[0] == "cp", (document, command)
    assert (folder / "data-of-today" / "kept").read_text() == "kept"


def run(
    words: list[str], place: Path, environment: "os._Environ[str] | dict[str, str]"
) -> "subprocess.CompletedProcess[str]":
    """``throughline`` is this checkout's; everything else is the machine's."""
    if words[0] == "throughline":
        words = [sys.executable, str(ROOT / "throughline.py"), *words[1:]]
    return subprocess.run(
        words, cwd=place, env=dict(environment), capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip


def status_of(telling: documented.Telling, command: str) -> int:
    """What the program answers to a ``curl`` line: 400 where the document shows a refusal."""
    try:
        return telling.answer(command)[0]
    except json.JSONDecodeError:
        return 200  # an answer that is a plain word
