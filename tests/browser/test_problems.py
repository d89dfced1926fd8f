"""A step that fails at a page is told in words, and the page is at hand."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

sys.path.insert(0, str(Path(__file__).parents[1] / "rigs"))
from stepper import plant


@pytest.fixture(scope="module")
def served(serve: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A service with a step that fails when it is told to."""
    folder = tmp_path_factory.mktemp("stepper")
    return serve(folder / "home", plant(folder / "site"))


def test_what_a_step_failed_at_is_told_and_shown(context: BrowserContext, served: Any) -> None:
    """The jam is there so that the page is open before the job ends."""
    served.tell(
        "/v1/jobs",
        {
            "device": "tray:one",
            "settings": {"sheets": 3, "shades": "100 60 100", "jam": 3},
            "steps": [{"name": "inspector", "options": {"only": "refuse"}}],
        },
    )
    faults: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(served.door)
    page.get_by_role("button", name="Continue").last.click()

    notice = page.locator(".banner[data-name=problems]")
    expect(notice).to_contain_text("A step failed at one page")
    expect(notice).to_contain_text("Page 2, inspector: ")
    expect(notice).to_contain_text("Nothing can be made out")
    expect(notice.locator("img")).not_to_have_js_property("naturalWidth", 0)
    notice.get_by_role("button", name="Page 2, open large").click()
    expect(page.locator("dialog.viewer")).to_contain_text("Page 2 of 3")
    assert faults == []
