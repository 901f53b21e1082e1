"""The front door as a supervisor sees it: settings, sentences, exit codes, signals."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from process_model.errors import ConfigError
from throughline import Settings, load

ROOT = Path(__file__).parents[1]


def settings_of(folder: Path, **more: str) -> dict[str, str]:
    """An environment in which a whole installation lives in the folder, on ports of its own."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("THROUGHLINE_")},
        "THROUGHLINE_STORE__DSN": f"chdb://{folder / 'store'}",
        "THROUGHLINE_STATE": str(folder / "state.db"),
        "THROUGHLINE_COLLECTOR__SPOOL_DIRECTORY": str(folder / "spool"),
        "THROUGHLINE_COLLECTOR__HTTP_PORT": str(free_port()),
        "THROUGHLINE_COLLECTOR__GRPC_PORT": str(free_port()),
        **more,
    }
    if "dashboards" in Settings.model_fields:
        environment["THROUGHLINE_DASHBOARDS__PORT"] = str(free_port())
    return environment


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def call(environment: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(ROOT / "throughline.py"), *words],
        env=environment, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip


@contextmanager
def serving(environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "throughline.py"), "serve"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        wait_until_ready(process, environment)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_until_ready(process: "subprocess.Popen[str]", environment: dict[str, str]) -> None:
    address = f"http://127.0.0.1:{environment['THROUGHLINE_COLLECTOR__HTTP_PORT']}/readyz"
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail(f"serve ended with {process.returncode}: {process.communicate()}")
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("serve was not ready within a minute")


def test_the_environment_stands_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "throughline.toml"
    path.write_text('[store]\ndatabase = "from_file"\n[collector]\nhttp_port = 1111\n')
    settings = load(path, {"THROUGHLINE_COLLECTOR__HTTP_PORT": "2222", "OTHER": "x"})
    assert settings.store.database == "from_file"
    assert settings.collector.http_port == 2222


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"THROUGHLINE_STORE__DNS": "x"}, "store.dns"),
        ({"THROUGHLINE_COLLECTOR__HTTP_PORT": "many"}, "collector.http_port"),
        ({"THROUGHLINE_COLLECTOR__HOST": "0.0.0.0"}, "collector.host"),
        ({"THROUGHLINE_COLLECTOR__HOST": "crm.example"}, "collector.host"),
    ],
)
def test_a_wrong_setting_is_named(environment: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load(None, environment)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("[store")
    with pytest.raises(ConfigError, match=r"broken\.toml"):
        load(path, {})


def test_the_settings_are_shown_without_their_password(tmp_path: Path) -> None:
    dsn = "clickhouse://reader:s3cret@127.0.0.1:8123"
    answer = call(settings_of(tmp_path, THROUGHLINE_STORE__DSN=dsn), "check-config")
    assert answer.returncode == 0, answer.stderr
    assert "s3cret" not in answer.stdout
    assert json.loads(answer.stdout)["store"]["dsn"] == "clickhouse://reader:***@127.0.0.1:8123"


def test_a_refusal_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        environment = settings_of(tmp_path, THROUGHLINE_COLLECTOR__HTTP_PORT=port)
        answer = call(environment, "serve")
    assert answer.returncode == 2, answer.stderr
    assert port in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1
    assert "Traceback" not in answer.stderr


def test_migrate_says_what_it_does_and_then_has_nothing_to_do(tmp_path: Path) -> None:
    environment = settings_of(tmp_path)
    planned = call(environment, "migrate", "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert "would apply 0001" in planned.stdout
    first, second = call(environment, "migrate"), call(environment, "migrate")
    assert "applied 0001" in first.stdout
    assert second.stdout.strip() == "0 migrations applied"


def test_ctrl_c_ends_serve_in_time_and_well(tmp_path: Path) -> None:
    with serving(settings_of(tmp_path)) as process:
        asked = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0, process.communicate()
        assert time.monotonic() - asked < 10


def test_rebuild_works_alone_and_asks_the_one_that_runs(tmp_path: Path) -> None:
    environment = settings_of(tmp_path)
    with serving(environment):
        asked = call(environment, "rebuild")
    assert (asked.returncode, asked.stdout.strip()) == (0, "0 instances rebuilt"), asked.stderr
    alone = call(environment, "rebuild")
    assert (alone.returncode, alone.stdout.strip()) == (0, "0 instances rebuilt"), alone.stderr
