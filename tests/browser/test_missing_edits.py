"""The page says which edits it is shown without, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

Visit = Callable[..., Page]

GONE = "“fast-rotate” is not shown: no installed addon brings it."
LEFT_OUT = (
    "“fast-rotate” is not shown: a later edit was made without it. Undo that one to have it again."
)


def without(served: Any, *names: str) -> None:
    """Start the service again with some addons left out."""
    served.stop()
    disabled = ", ".join(f'"{name}"' for name in ("sane", *names))
    (served.home / "sheetfed.toml").write_text(f"disabled = [{disabled}]\n")
    served.start()


def test_an_edit_that_is_not_shown_is_named_with_what_brings_it_back(
    visit: Visit, served: Any
) -> None:
    """First its addon is gone; then it is back, and a later edit was made without it."""
    document = served.scan(resolution=75, sheets=1, speed=0)
    (page,) = served.ask(f"/v1/documents/{document}")["pages"]
    edits = f"/v1/pages/{page['id']}/edits"
    served.tell(edits, {"edits": [{"name": "fast-rotate", "options": {"angle": 90}}]})
    without(served, "imaging")
    served.tell(edits, {"edits": [{"name": "crop", "options": {"left": 40}}]})

    def tells(words: str) -> None:
        shown = visit()
        shown.get_by_role("button", name="Documents").click()
        shown.locator(".document-name").first.click()
        shown.get_by_label("Page 1, open large").click()
        expect(shown.locator("dialog.viewer li.missing")).to_have_text([words])
        shown.close()  # it would miss the service

    tells(GONE)
    without(served)
    tells(LEFT_OUT)
