"""Takes the README's pictures from a running demo: ``make pictures``, after ``make demo``.

The pages are looked at as a reader does, in Debian's Chromium; nothing is drawn by hand.
"""

import json
import sys
import urllib.request
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect, sync_playwright

from tests.dashboards.conftest import ARGUMENTS, CHROMIUM

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
PATIENCE = 120_000


def take(pages: str) -> None:
    """Overview, one case that failed and was mended, and Data health."""
    failed = asked(pages, "/instances?status=completed&failed=true&sort=last_event_at&limit=1")
    if not failed:
        raise SystemExit(f"{pages} knows no case yet: run make demo first")
    case = f"/case/{quote(failed[0]['instance_id'], safe=':')}"
    FOLDER.mkdir(exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        for name, path in (
            ("overview", "/?since=now-30d"), ("case", case), ("data-health", "/health/data"),
        ):  # fmt: skip
            look(page, pages + path)
            page.screenshot(path=FOLDER / f"{name}.png")
            print(FOLDER / f"{name}.png")
        browser.close()


def asked(pages: str, path: str) -> list[dict[str, str]]:
    with urllib.request.urlopen(f"{pages}/api/v1{path}", timeout=60) as answer:
        rows: list[dict[str, str]] = json.load(answer)["data"]
        return rows


def look(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator("#page h1")).to_be_visible()
    expect(page.locator("#page .mantine-Skeleton-root")).to_have_count(0)
    expect(page.locator("#nav a").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")


if __name__ == "__main__":
    take(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8050")
