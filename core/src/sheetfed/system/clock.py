"""Whether the date can be right."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import sheetfed.api
from sheetfed.config import Config
from sheetfed.system.findings import Finding

SLACK = 86_400.0
"""Seconds that a file may be ahead of the date: time zones of file systems, clocks of others."""


def finding(config: Config, *, now: float | None = None) -> Finding:
    """Compare the date with files that were there before."""
    date = time.time() if now is None else now
    newest, file = max(_written(config), default=(0.0, Path()))
    if newest > date + SLACK:
        day = time.strftime("%Y-%m-%d", time.localtime(newest))
        text = f"it says {_day(date)}, but {file} was written on {day}"
        advice = "Set the clock: certificates, and how long pages are kept, depend on it."
        return Finding(name="Clock", state="broken", text=text, advice=advice)
    return Finding(name="Clock", state="ok", text=f"it says {_day(date)}")


def _written(config: Config) -> Iterator[tuple[float, Path]]:
    for file in (Path(sheetfed.api.__path__[0]) / "errors.py", config.store, config.trust):
        try:
            yield file.stat().st_mtime, file
        except OSError:
            continue


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
