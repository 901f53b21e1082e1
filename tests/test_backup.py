"""A backup as the operator's page tells it: copied while it is stopped and put back."""

import json
import re
import shutil
import subprocess
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from process_model.simulation import send, story
from tests.harness import ROOT, Program

PAGE = ROOT / "docs/guide/operator.md"


def documented() -> str:
    """The one command that copies the directory."""
    (found,) = re.findall(r"^ *(cp -a data \S+)$", PAGE.read_text(), re.MULTILINE)
    return str(found)


def asked(program: Program, path: str) -> Any:
    url = f"http://127.0.0.1:{program.page_port}/api/v1{path}"
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)["data"]


def told(program: Program, as_of: str) -> dict[str, Any]:
    """Every case whole, and the numbers over them, as of one moment."""
    cases = [row["instance_id"] for row in asked(program, "/instances?limit=1000")]
    return {
        "cases": {id_: asked(program, f"/instances/{id_}?as_of={as_of}") for id_ in cases},
        "stages": asked(program, f"/stages?as_of={as_of}"),
    }


@pytest.mark.engine
def test_a_backup_restores_every_event_and_every_case(tmp_path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    events = [*story.one_orders_life(now - timedelta(days=9)), *story.forty_orders(now)]
    (tmp_path / "data").mkdir()
    program = Program(tmp_path / "data")
    with program:
        send.send_events(program.doors, events)
        program.wait_until_stored()
        program.wait_until(lambda: len(asked(program, "/instances?limit=1000")) >= 41, 60)
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        before = told(program, moment)
        assert len(before["cases"]) >= 41
        program.stop()
        subprocess.run(documented(), shell=True, cwd=tmp_path, check=True)
        # what happens after the backup is not in it
        program.start()
        later = story.one_orders_life(now - timedelta(days=8))[0] | {"id": "after-the-backup"}
        send.send_events(program.doors, [later])
        program.wait_until_stored()
        program.stop()
        shutil.rmtree(tmp_path / "data")
        (tmp_path / documented().split()[-1]).rename(tmp_path / "data")
        program.start()
        assert told(program, moment) == before
        program.stop()
    (ids,) = program.ask_stopped(
        "SELECT arraySort(groupArray(id)) FROM throughline.business_events WHERE dataset = 'live'"
    )
    assert ids[0] == sorted(str(event["id"]) for event in events)
