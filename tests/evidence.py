"""The figures of ``make soak``: what was seen, when, at which commit; kept in docs/evidence.md."""

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

Evidence = Callable[[str], None]
"""Takes one sentence with the figures that a test saw."""

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "evidence.md"
_HEAD = """# Evidence

What the long tests saw when they last ran. `make soak` writes this page; each line names its test,
the commit it ran at and the day. A claim without a line here has not been measured at full length.

| test | seen | commit | day |
|---|---|---|---|
"""
_ROW = re.compile(r"^\| `(?P<test>[^`]+)` \|.*\|$", re.MULTILINE)


def write(test: str, seen: str) -> None:
    """Put the line of a test in the place of its older one."""
    rows = {found["test"]: found[0] for found in _ROW.finditer(page())}
    day = datetime.now(UTC).date().isoformat()
    rows[test] = f"| `{test}` | {seen} | {commit()} | {day} |"
    PAGE.write_text(_HEAD + "".join(f"{rows[name]}\n" for name in sorted(rows)))


def page() -> str:
    """The page as it is, without lines where it was never written."""
    return PAGE.read_text() if PAGE.exists() else _HEAD


def tests_named() -> set[str]:
    """The tests that have a line."""
    return {found["test"] for found in _ROW.finditer(page())}


def commit() -> str:
    """The short name of the commit, and whether the tree differs from it."""

    def git(*words: str) -> str:
        said = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
        return said.stdout.strip()

    name = git("rev-parse", "--short", "HEAD")
    return f"{name} and changes" if git("status", "--porcelain", "--untracked-files=no") else name
