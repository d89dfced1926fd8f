"""Makes docs/images/page.png: the page after a scan.

python docs/images/page.py
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2] / "tests/browser"))
from conftest import QUIET, Served, program

HERE = Path(__file__).parent


def main() -> None:
    """Start a service of its own, scan five sheets, and take the picture."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        served = Served(Path(folder) / "home")
        served.start()
        try:
            browser = playwright.chromium.launch(executable_path=program("chromium"), args=QUIET)
            page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-GB")
            page.goto(served.door)
            page.locator("#option-sheets").fill("5")
            page.keyboard.press("Tab")
            page.locator("#scan-button:enabled").click()
            page.locator(".toast", has_text="5 pages scanned.").wait_for()
            page.locator("#title").fill("Letters of November")
            page.keyboard.press("Enter")
            page.locator(".toast").wait_for(state="detached")
            taken = page.screenshot()
            browser.close()
        finally:
            served.stop()
    Image.open(io.BytesIO(taken)).convert("RGB").save(HERE / "page.png", optimize=True)


if __name__ == "__main__":
    main()
