"""What went wrong lately: crashes, a monitor that gave up."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

from sheetfed.config import Config
from sheetfed.system import monitor
from sheetfed.system.findings import Finding

LATELY = 7 * 86_400.0


def crashes(config: Config, *, now: float | None = None) -> Finding:
    """Say which workers died within a week."""
    name = "Crashes"
    since = (time.time() if now is None else now) - LATELY
    died: Counter[str] = Counter()
    for file in sorted(config.crashes.glob("*.json")):
        try:
            if file.stat().st_mtime >= since:
                died[_who(json.loads(file.read_text()))] += 1
        except (OSError, ValueError):
            continue
    if not died:
        return Finding(name=name, state="ok", text="none within a week")
    text = ", ".join(f"{who} ({number})" for who, number in died.most_common())
    advice = f"The records are in {config.crashes}; `sheetfed doctor bundle` packs them."
    return Finding(name=name, state="weak", text=text, advice=advice)


def watch(config: Config) -> Finding | None:
    """Say how the monitor stands, where there ever was one."""
    told = read(config.home / monitor.STATE)
    if not told:
        return None
    if told.get("state") in monitor.AT_WORK and _is_free(config.home / monitor.STATE):
        text = "it runs no more, though nobody stopped it"
        advice = "Start it again: `sheetfed monitor`."
        return Finding(name="Monitor", state="weak", text=text, advice=advice)
    deaths = told.get("deaths") or []
    reason = deaths[-1].get("reason", "") if deaths else ""
    if told.get("state") == "gave-up":
        text = f"it left the service alone after {len(deaths)} deaths: {reason}"
        advice = "See why in the log, then start it again: `sheetfed monitor`."
        return Finding(name="Monitor", state="broken", text=text, advice=advice)
    if deaths:
        text = f"it started the service again {len(deaths)} times lately: {reason}"
        return Finding(name="Monitor", state="weak", text=text)
    return Finding(name="Monitor", state="ok", text=str(told.get("state")))


def read(state: Path) -> dict[str, Any]:
    """Return what a monitor left about itself; empty where none ever ran."""
    try:
        told = json.loads(state.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _is_free(state: Path) -> bool:
    """Tell whether nobody holds the place that a monitor left; a look makes none."""
    if not state.with_name(f"{state.name}.lock").exists():
        return False
    held = monitor.alone(str(state))
    if held is not None:
        os.close(held)
    return held is not None


def _who(record: Any) -> str:
    if not isinstance(record, dict):
        return "something"
    who = str(record.get("device") or record.get("worker") or "something")
    return f"{record.get('worker')}:{who}" if record.get("device") else who
