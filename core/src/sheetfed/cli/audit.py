"""`sheetfed audit`: who did what, and whether it stands."""

from __future__ import annotations

import json
import sys
from collections import deque
from pathlib import Path
from typing import Any

import click

from sheetfed.api.errors import BadConfig, NotFound
from sheetfed.chain import files_of, lines_of, read_head
from sheetfed.chain import verify as verdict_of
from sheetfed.cli import table
from sheetfed.cli.root import Run

_COLUMNS = ("at", "who", "what", "result")


@click.group("audit")
def command() -> None:
    """Show the audit log and prove that nobody changed it."""


@command.command("show")
@click.option("--last", type=click.IntRange(1), default=50, help="Show so many lines.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one line each.")
@click.pass_obj
def show(run: Run, *, last: int, as_json: bool) -> None:
    """Print who did what, when, and how it ended; the newest last."""
    lines = deque(lines_of(_folder(run)), last)
    if as_json:
        for line in lines:
            print(json.dumps(line))
        return
    rows = [(*(line.get(column, "") for column in _COLUMNS), _rest(line)) for line in lines]
    table.show((*_COLUMNS, "facts"), rows, color=run.color)


@command.command("verify")
@click.option(
    "--expect",
    metavar="NUMBER:CHAIN",
    help="A line that an earlier verify printed: it must still be there.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def verify(run: Run, *, expect: str | None, as_json: bool) -> int:
    """Follow the chain of the log; leave with 1 and name the line where it is broken.

    Whoever may write the log may also make a whole new one. Keep what this prints elsewhere and
    give it to the next verify: then that is found as well.
    """
    found = verdict_of(_folder(run), expect=_expected(expect))
    if as_json:
        values = {"lines": found.lines, "last": found.last, "chain": found.chain}
        print(json.dumps({**values, "fault": found.fault or None}))
    elif found.fault:
        print(f"The audit log was changed: {found.fault}.", file=sys.stderr)
    else:
        print(f"{found.lines} lines, unchanged. The last is {found.last}:{found.chain}")
    return int(bool(found.fault))


def _folder(run: Run) -> Path:
    folder = run.config.audit
    try:
        if files_of(folder) or read_head(folder):
            return folder
    except FileNotFoundError:
        pass
    except OSError as error:
        raise BadConfig(f"The audit log in {folder} cannot be read: {error.strerror}") from error
    raise NotFound(f"There is no audit log in {folder} yet")


def _expected(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    number, _, chain = text.partition(":")
    if not (number.isdecimal() and len(chain) == 64):
        raise click.BadParameter("give NUMBER:CHAIN as verify printed it", param_hint="--expect")
    return int(number), chain


def _rest(line: dict[str, Any]) -> str:
    known = {"n", *_COLUMNS}
    return ", ".join(f"{name} {value}" for name, value in line.items() if name not in known)
