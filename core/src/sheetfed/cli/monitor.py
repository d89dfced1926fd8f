"""`sheetfed monitor`: the service, begun anew when it dies."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import click

from sheetfed.api.errors import ServiceGone, SystemRefused
from sheetfed.cli.root import Run
from sheetfed.cli.service import options, program
from sheetfed.config import prepare
from sheetfed.system import monitor
from sheetfed.system.history import read

PATIENCE = monitor.STOP + 5.0


@click.command("monitor", context_settings={"ignore_unknown_options": True})
@click.option("--stop", "stops", is_flag=True, help="Stop the monitor that runs, and the service.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def command(run: Run, *, stops: bool, words: tuple[str, ...]) -> int:
    """Run the service and start it again when it dies or hangs; WORDS are those of `serve`.

    Where systemd or launchd runs, `sheetfed service install` does it better. After five deaths
    within ten minutes it gives up; `sheetfed doctor` says why.
    """
    state = run.config.home / monitor.STATE
    if stops:
        return _stop(state)
    prepare(run.config)
    serve = (*program(), *options(run, machine=False), "serve", *words)
    started = [*monitor.command(), str(state), *serve]
    if sys.platform == "win32":
        return subprocess.run(started, check=False).returncode
    sys.stdout.flush()
    return os.execv(started[0], started)  # noqa: S606 - a program of ours, and no shell


def _stop(state: Path) -> int:
    """Ask the monitor to stop and wait until it did. Raises ServiceGone, SystemRefused."""
    if not _runs(state):
        raise ServiceGone("No monitor runs", advice="Start one with `sheetfed monitor`.")
    Path(f"{state}.stop").touch(mode=0o600)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if read(state).get("state") == "stopped" or not _runs(state):
            return 0
        time.sleep(0.1)
    raise SystemRefused("The monitor does not stop", advice="End its process.")


def _runs(state: Path) -> bool:
    """Tell whether a monitor keeps the service of this state: one that was killed leaves a word."""
    if not state.exists():
        return False
    held = monitor.alone(str(state))
    if held is not None:
        os.close(held)
    return held is None
