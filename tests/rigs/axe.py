"""Asks axe-core whether everybody can use a page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_SCRIPT = Path(sys.prefix) / "client" / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """async (off) => {
    const rules = Object.fromEntries(off.map((name) => [name, {enabled: false}]));
    const {violations} = await axe.run(document, {rules});
    return violations.map(({id, nodes}) => [id, nodes.map(({html}) => html.slice(0, 160))]);
}"""


def faults(page: Page, *off: str) -> list[Any]:
    """Return what keeps somebody from using the page, without the rules that are named."""
    page.evaluate(_SCRIPT.read_text())
    found: list[Any] = page.evaluate(_RUN, ["region", *off])
    return found
