"""Every hook is asked, and what it offers is found by its name."""

from __future__ import annotations

from typing import Any

import pytest

KINDS = {
    "sheetfed_sources": "SourceSpec",
    "sheetfed_codecs": "CodecSpec",
    "sheetfed_steps": "StepSpec",
    "sheetfed_targets": "TargetSpec",
    "sheetfed_edits": "EditSpec",
    "sheetfed_webapps": "WebAppSpec",
    "sheetfed_commands": "CommandSpec",
}


@pytest.mark.parametrize("hook", KINDS)
def test_a_hook_is_asked(hook: str, garden: Any) -> None:
    """An addon may implement any one hook alone."""
    spec = KINDS[hook]
    garden.plant(
        "orchard",
        f"""
        from sheetfed.api.hooks import {spec}

        @hookimpl
        def {hook}():
            return [{spec}(name="apple", title="Apple", factory="orchard:Apple")]

        class Apple: ...
        """,
    )

    (row,) = garden.rows()

    assert row["state"] == "ready", row["reason"]
    assert row["hooks"] == [hook]
    assert row["offers"] == {hook.removeprefix("sheetfed_"): ["apple"]}
