"""The figures of ``make soak`` and ``make bench``: what was seen, when, at which commit.

They are kept in docs/evidence.md, and a run that saw any ends with them as one report.
"""

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from textwrap import wrap

Evidence = Callable[[str], None]
"""Takes one sentence with the figures that a test saw."""

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "evidence.md"
HEAD = """# Evidence

What the long tests (`make soak`) and the measurements (`make bench`) saw when they last ran. Both
write this page and end with what they saw; each line names its test, the commit it ran at and the
day. A claim without a line here has not been measured at full length. A ratio is of one run on one
machine, after equal answers; other work on that machine may have slowed both sides.

| test | seen | commit | day |
|---|---|---|---|
"""
seen_in_this_run: dict[str, str] = {}
"""What the tests of this process saw, by their names, in the order in which they ended."""

_ROW = re.compile(r"^\| `(?P<test>[^`]+)` \|.*\|$", re.MULTILINE)


def write(test: str, seen: str) -> None:
    """Put the line of a test in the place of its older one."""
    seen_in_this_run[test] = seen
    rows = {found["test"]: found[0] for found in _ROW.finditer(page())}
    day = datetime.now(UTC).date().isoformat()
    rows[test] = f"| `{test}` | {seen} | {commit()} | {day} |"
    PAGE.write_text(HEAD + "".join(f"{rows[name]}\n" for name in sorted(rows)))


def report() -> list[str]:
    """What this run saw, a paragraph a test, without the page's emphasis."""
    width = 100
    lines = [f"{len(seen_in_this_run)} figures at {commit()}"] if seen_in_this_run else []
    for test, seen in seen_in_this_run.items():
        lines += ["", test.partition("::")[2].replace("_", " ").removeprefix("test ")]
        lines += wrap(seen.replace("**", ""), width, initial_indent="  ", subsequent_indent="  ")
    return lines


def page() -> str:
    """The page as it is, without lines where it was never written."""
    return PAGE.read_text() if PAGE.exists() else HEAD


def tests_named() -> set[str]:
    """The tests that have a line."""
    return {found["test"] for found in _ROW.finditer(page())}


def commit() -> str:
    """The short name of the commit, and whether the tree differs from it in more than this page."""

    def git(*words: str) -> str:
        said = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
        return said.stdout.strip()

    name = git("rev-parse", "--short", "HEAD")
    page_aside = ("--", ".", f":!{PAGE.relative_to(ROOT)}")
    changed = git("status", "--porcelain", "--untracked-files=no", *page_aside)
    return f"{name} and changes" if changed else name
