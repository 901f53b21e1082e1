"""Keeps the documents true: settings are written from their models, answers taken from a real run.

``python -m tests.documented`` rewrites ``docs/configuration.md``, ``docker/throughline.toml`` and
the sample answers below the ``curl`` lines of the documents; the tests use the same functions.
"""

import ast
import inspect
import json
import re
import shlex
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from process_model.simulation import send, story
from tests.harness import Program, free_port
from throughline import Settings

ROOT = Path(__file__).parent.parent
DOORS, PAGES = "http://127.0.0.1:4318", "http://127.0.0.1:8050"
_SAMPLE = re.compile(r"```sh\n(?P<line>curl [^`]*?)\n```\n\n```json\n(?P<answer>[^`]*?)\n```")
_LONG = 160
_BEGUN = datetime(2026, 3, 2, 9, tzinfo=UTC)
_REFUSED = f"""curl {DOORS}/v1/events -H 'Content-Type: application/cloudevents+json' -d '{{
  "specversion": "1.0", "id": "cpq-000183", "source": "urn:system:cpq:emea",
  "type": "q2c.quote.accepted.v1", "subject": "quote/Q-4711-R2", "time": "yesterday"}}'"""
_INTRODUCTION = """# Configuration

One TOML file (`throughline serve --config throughline.toml`) and environment variables over it;
both may be missing, and an empty file is a working installation. A variable is the key in
capitals behind `THROUGHLINE_`, with two underscores for each table:
`THROUGHLINE_COLLECTOR__HTTP_PORT=4320`. Relative paths count from the directory the program is
started in. An unknown key or a wrong value stops the start with one sentence and exit code 2;
`throughline check-config` prints what is in force, without passwords.

This page is written from the settings' own descriptions.
"""


def settings_page() -> str:
    """Every setting with its default and what it means, as Markdown."""
    parts = [_INTRODUCTION]
    for table, model in _tables():
        parts.append(f"\n## {f'`[{table}]`' if table else 'At the top'}\n")
        parts += [f"\n{inspect.getdoc(model)}\n"] if table else []
        parts.append("\n| key | default | meaning |\n|---|---|---|\n")
        parts += [
            f"| `{key}` | {'none' if value is None else f'`{_toml(value)}`'} | {meaning} |\n"
            for key, value, meaning in _settings(model)
        ]
    return "".join(parts)


def settings_file() -> str:
    """The default configuration as TOML, every line a comment that may be taken out of it."""
    parts = ["# Throughline's settings with their defaults; take the mark off to change one.\n"]
    for table, model in _tables():
        parts += [f"\n[{table}]\n"] if table else ["\n"]
        for key, value, meaning in _settings(model):
            parts.append(f"# {meaning}\n")
            parts.append(f"# {key} is not set\n" if value is None else f"#{key} = {_toml(value)}\n")
    return "".join(parts)


def _tables() -> Iterator[tuple[str, type[BaseModel]]]:
    yield "", Settings
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield name, field.annotation


def _settings(model: type[BaseModel]) -> Iterator[tuple[str, object, str]]:
    meanings = _meanings(model)
    for name, field in model.model_fields.items():
        value = field.get_default(call_default_factory=True)
        if not isinstance(value, BaseModel):
            yield name, value, meanings[name]


def _meanings(model: type[BaseModel]) -> dict[str, str]:
    """The docstrings that stand below the fields."""
    body = ast.parse(inspect.getsource(model)).body[0]
    assert isinstance(body, ast.ClassDef)
    return {
        field.target.id: " ".join(text.value.value.split()).replace("``", "`")
        for field, text in zip(body.body, body.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if isinstance(text.value.value, str)
    }


def _toml(value: object) -> str:
    if isinstance(value, Path):
        value = value.as_posix()
    if isinstance(value, Decimal | timedelta):
        value = float(value) if isinstance(value, Decimal) else value.total_seconds()
    return "{}" if value == {} else json.dumps(value)


class Telling:
    """A program that has been told one order's life, and answers the lines of the documents."""

    def __init__(self, directory: Path) -> None:
        self.pages = f"http://127.0.0.1:{(port := free_port())}"
        self.program = Program(directory, THROUGHLINE_DASHBOARDS__PORT=str(port))

    def __enter__(self) -> "Telling":
        self.program.start()
        send.send_events(self.program.doors, story.one_orders_life(_BEGUN))
        accepted = _BEGUN + timedelta(hours=30)
        send.send_traces(self.program.doors, accepted, "Q-1001-R1", "SO-1001")
        self.answer(_REFUSED)
        self.wait_for("/api/v1/rejected", lambda found: found["data"])
        self.wait_for("/api/v1/instances?limit=1", lambda found: found["data"])
        found = "/api/v1/instances/" + story_instance(self.answer(_listed("limit=1"))[1])
        self.wait_for(found, lambda answer: answer["data"]["spans"])
        return self

    def __exit__(self, *raised: object) -> None:
        self.program.stop()

    def answer(self, line: str) -> tuple[int, Any]:
        """What the program says to this ``curl`` line."""
        words = shlex.split(line.replace("\\\n", " "))[1:]
        url, headers, body = "", {}, None
        while words:
            word = words.pop(0)
            if word == "-H":
                name, value = words.pop(0).split(":", 1)
                headers[name] = value.strip()
            elif word == "-d":
                body = words.pop(0).encode()
            else:
                url = word
        url = url.replace(DOORS, self.program.doors).replace(PAGES, self.pages)
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as got:
                return got.status, json.loads(got.read())
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def wait_for(self, path: str, there: Callable[[Any], bool]) -> None:
        """Ask the pages until the answer is there, a minute at the most."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            status, answer = self.answer(f"curl '{PAGES}{path}'")
            if status == 200 and there(answer):
                return
            time.sleep(0.1)
        raise AssertionError(f"{path} still lacks it: {self.program.said()}")


def _listed(query: str) -> str:
    return f"curl '{PAGES}/api/v1/instances?{query}'"


def story_instance(listing: Any) -> str:
    return str(listing["data"][0]["instance_id"])


def sampled() -> list[Path]:
    """The documents that show answers."""
    return [
        path for path in sorted((ROOT / "docs").glob("*.md")) if _SAMPLE.search(path.read_text())
    ]


def samples(document: Path) -> Iterator[tuple[str, Any]]:
    """Each ``curl`` line of the document with the answer that stands below it."""
    for found in _SAMPLE.finditer(document.read_text()):
        yield found["line"], json.loads(found["answer"])


def shape(value: Any) -> Any:
    """The members of an answer without its values; of an array, its first item."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in sorted(value.items())}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None


def shortened(value: Any) -> Any:
    """The answer with one item of each array and the begin of long texts: what a reader needs."""
    if isinstance(value, dict):
        return {name: shortened(item) for name, item in value.items()}
    if isinstance(value, str) and len(value) > _LONG:
        return value[:_LONG] + "…"
    return [shortened(item) for item in value[:1]] if isinstance(value, list) else value


def rewrite(document: Path, telling: Telling) -> None:
    """Put today's answer below each line whose answer has another shape by now."""

    def filled(found: re.Match[str]) -> str:
        answer = shortened(telling.answer(found["line"])[1])
        old = json.loads(found["answer"])
        if shape(old) == shape(answer):
            return found[0]
        text = json.dumps(answer, indent=2, ensure_ascii=False)
        return f"```sh\n{found['line']}\n```\n\n```json\n{text}\n```"

    document.write_text(_SAMPLE.sub(filled, document.read_text()))


def main() -> None:
    (ROOT / "docs/configuration.md").write_text(settings_page())
    (ROOT / "docker/throughline.toml").write_text(settings_file())
    with tempfile.TemporaryDirectory() as directory, Telling(Path(directory)) as telling:
        for document in sampled():
            rewrite(document, telling)


if __name__ == "__main__":
    main()
