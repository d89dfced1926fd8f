"""A real service of its own, to be attacked."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from PIL import Image
from suite.target import Target

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
import lives
from spare import free_port

PROGRAM = Path(sys.executable).with_name("sheetfed")


@contextmanager
def serving(
    home: Path,
    *,
    command: Sequence[str | Path] = (PROGRAM,),
    imported: bool = False,
    authority: Path | None = None,
) -> Iterator[Target]:
    """Start a service on a free port, scan a page for a site, end it afterwards.

    It makes an authority for its certificate, which takes a while, unless it is given one. Where
    the command is a program in Python, its imports may be made before.
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    if authority is not None:
        shutil.copytree(authority, home / "trust")
        home.chmod(0o700)
    log = home.parent / "service.log"
    words = [*command, "-v", "--home", home, "serve", "--no-open", "--port", str(free_port())]
    environ = {**os.environ, "SHEETFED_CONFIG": str(home.parent / "sheetfed.toml")}
    feed = _feed(home.parent / "feed")
    (home.parent / "sheetfed.toml").write_text(
        f'key = "file"\n[addons.folder]\nfolders = "{feed}"\n'
    )
    process: Any
    with log.open("wb") as stream:
        if imported:
            program, *told = words
            process = lives.begin(
                *told, program=Path(program), environ=environ, out=stream, leads=True
            )
        else:
            process = subprocess.Popen(
                words, stdout=stream, stderr=stream, env=environ, start_new_session=True
            )
    try:
        _wait(process, home, log)
        target = Target(home, program=(str(PROGRAM),), log=log)
        target.scan(target.a)
        yield target
    finally:
        _signal(process, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)
            process.wait()


def _feed(folder: Path) -> Path:
    """Make a second device: a stack of pages that are small files and much work."""
    folder.mkdir()
    first = folder / "1.png"
    Image.new("1", (8000, 8000), 1).save(first)
    for number in range(2, 101):
        (folder / f"{number}.png").hardlink_to(first)
    return folder


def _signal(process: Any, number: signal.Signals) -> None:
    """Tell the service too where another program runs it: strace keeps a signal to itself."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _wait(process: Any, home: Path, log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended: {log.read_text()}")
        if b"sheetfed is at" in log.read_bytes():
            return
        time.sleep(0.05)
    raise RuntimeError(f"the service does not start: {log.read_text()}")
