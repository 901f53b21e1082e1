"""The program the commands speak to: the one that runs, or one that is started for them."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from process_model.errors import ThroughlineError

_START_SECONDS = 120.0


class Silent(ThroughlineError):
    """The program does not answer as it should."""


class Unknown(Silent):
    """It answers that there is no such thing."""


def answers(address: str) -> bool:
    """Whether somebody serves there."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5):
            return True
    except OSError:
        return False


@contextmanager
def serving(doors: str, pages: str, directory: Path | None = None) -> Iterator[bool]:
    """Use the program that runs at these addresses, else run one; says whether it was started.

    With a ``directory`` the started one keeps everything there.
    """
    if answers(doors):
        yield False
        return
    command = [sys.executable, "-m", "throughline", "serve"]
    said = subprocess.DEVNULL if directory else None
    with subprocess.Popen(
        command, env=_environment(doors, pages, directory), stdout=said
    ) as program:
        try:
            _wait_until_up(program, doors, pages)
            yield True
        finally:
            program.terminate()
            program.wait()


def _environment(doors: str, pages: str, directory: Path | None) -> Mapping[str, str]:
    environment = dict(os.environ)
    for name, address in (("COLLECTOR__HTTP_PORT", doors), ("DASHBOARDS__PORT", pages)):
        if port := urlsplit(address).port:
            environment[f"THROUGHLINE_{name}"] = str(port)
    if directory:
        environment |= {
            "THROUGHLINE_STORE__DSN": f"chdb://{directory / 'store'}",
            "THROUGHLINE_STATE": str(directory / "state.db"),
            "THROUGHLINE_COLLECTOR__SPOOL_DIRECTORY": str(directory / "spool"),
            "THROUGHLINE_COLLECTOR__GRPC_PORT": "0",
        }
    return environment


def _wait_until_up(program: "subprocess.Popen[bytes]", doors: str, pages: str) -> None:
    end = time.monotonic() + _START_SECONDS
    while not (answers(doors) and answers(pages)):
        if program.poll() is not None:
            raise Silent(f"`throughline serve` ended with {program.returncode}")
        if time.monotonic() > end:
            raise Silent(f"`throughline serve` is not up after {_START_SECONDS:g} s")
        time.sleep(0.1)


def free_address() -> str:
    """An address of this machine at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


class Api:
    """What the program answers under ``/api/v1``."""

    def __init__(self, pages: str) -> None:
        """The address of the pages."""
        self._base = f"{pages}/api/v1"

    def get(self, path: str) -> Any:
        """The answer's JSON; ``Silent`` when there is none."""
        try:
            with urllib.request.urlopen(self._base + path, timeout=120) as answer:
                return msgspec.json.decode(answer.read())
        except urllib.error.HTTPError as refused:
            kind = Unknown if refused.code == 404 else Silent
            raise kind(f"{self._base}{path} answered {refused.code}") from refused
        except (OSError, msgspec.MsgspecError) as failed:
            raise Silent(f"{self._base}{path} does not answer: {failed}") from failed

    def all(self, path: str) -> Iterator[dict[str, Any]]:
        """Every row, page after page."""
        mark = "&" if "?" in path else "?"
        cursor: str | None = None
        while True:
            page = self.get(f"{path}{f'{mark}cursor={cursor}' if cursor else ''}")
            yield from page["data"]
            cursor = page.get("next")
            if cursor is None:
                return

    def spans(self, any_id: str) -> list[dict[str, Any]]:
        """The spans of the case that the id leads to; none when it leads nowhere."""
        try:
            found = self.get(f"/resolve/{any_id}")["data"]["instances"]
            return list(self.get(f"/instances/{found[0]}")["data"]["spans"])
        except Unknown:
            return []

    def instance_ids(self) -> set[str]:
        """The ids of all instances."""
        return {row["instance_id"] for row in self.all("/instances?limit=1000")}
