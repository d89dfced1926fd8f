"""What holds a codec on this machine: tried, not assumed."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sheetfed.api.errors import SheetfedError
from sheetfed.api.model import Page
from sheetfed.system.findings import Finding
from sheetfed.worker.confinement import Confinement
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Recipe

HARMLESS = "start a thread"
"""The one attempt that has to succeed."""

_LANDLOCK = {"no file": 1, "no TCP port": 4, "no signal": 6}
"""What it keeps away, and the version that was the first to do so."""

_RECIPE = Recipe(kind="step", name="trial", factory="sheetfed.worker.trial:Trial")
_PAGE = Page(data=b"", media_type="text/plain", width=1, height=1)


async def findings() -> list[Finding]:
    """Start a child as for a stranger's file, have it try everything, and tell what came of it."""
    with _passing() as folder:
        worker = Worker(_RECIPE, crashes=folder)
        try:
            (page,) = await worker.apply(_PAGE)
            held = worker.confinement or Confinement()
        except SheetfedError as error:
            advice = "Without it no page can be drawn or saved; see `sheetfed doctor --json`."
            return [Finding(name="Box", state="broken", text=error.message, advice=advice)]
        finally:
            await worker.close()
    return [*parts_of(held), judged(json.loads(page.data), held)]


@contextmanager
def _passing() -> Iterator[Path]:
    """Give a folder for what a child leaves; a disk that takes nothing keeps nobody from a look."""
    try:
        made = tempfile.TemporaryDirectory()
    except OSError:
        yield Path(os.devnull)  # in which no folder can be made, and nothing is kept
        return
    with made as folder:
        yield Path(folder)


def parts_of(held: Confinement) -> list[Finding]:
    """Return a row for each thing that a box is made of."""
    limits = "memory, files and processor time are limited"
    return [
        _part("Box: limits", limits, holds=held.limits),
        _part("Box: new privileges", "given up for good", holds=held.privileges),
        _part("Box: Landlock", _reach(held.landlock), holds=bool(held.landlock)),
        _part("Box: seccomp", "system calls for memory and pipes only", holds=held.seccomp),
    ]


def judged(tried: Mapping[str, bool], held: Confinement) -> Finding:
    """Say what a box let through."""
    name = "Box, tried"
    through = [attempt for attempt, done in tried.items() if done and attempt != HARMLESS]
    if not tried.get(HARMLESS):
        return Finding(name=name, state="broken", text="a codec cannot start a thread")
    if not through:
        return Finding(name=name, state="ok", text=f"{len(tried) - 1} ways out, none is open")
    whole = held.limits and held.landlock and held.seccomp
    return Finding(
        name=name,
        state="broken" if whole else "weak",
        text=f"a file that takes over a codec can: {', '.join(through)}",
        advice="" if whole else "Open documents of strangers on a machine with the whole box.",
    )


def _reach(version: int) -> str:
    """Say what a version of Landlock keeps away."""
    kept = (word for word, since in _LANDLOCK.items() if version >= since)
    return f"version {version}: {', '.join(kept)}"


def _part(name: str, text: str, *, holds: bool) -> Finding:
    if holds:
        return Finding(name=name, state="ok", text=text)
    where = "this kernel, or the container around it," if sys.platform == "linux" else "this system"
    return Finding(name=name, state="weak", text=f"{where} has none")
