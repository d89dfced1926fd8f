"""Tables: drawn on a terminal, plain everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from sheetfed.cli.faults import clean
from sheetfed.cli.root import Run


def show(columns: Sequence[str], rows: Sequence[Sequence[object]], *, color: bool) -> None:
    """Print rows under their columns' names."""
    cells = [[clean(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _draw(columns, cells, color=color)
    else:
        _print(columns, cells)


def show_or_say(
    run: Run, columns: Sequence[str], rows: Sequence[Sequence[object]], *, nothing: str
) -> None:
    """Print rows; where there are none say so, unless the person wants quiet."""
    if rows:
        show(columns, rows, color=run.color)
    elif not run.quiet:
        print(nothing, file=sys.stderr)


def moment(seconds: float) -> str:
    """Return a moment as the clock on the wall shows it."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def _print(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    lines = [[column.upper() for column in columns], *cells]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(padded).rstrip())


def _draw(columns: Sequence[str], cells: Sequence[Sequence[str]], *, color: bool) -> None:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - slow, and only a terminal needs it
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(*columns, box=SIMPLE_HEAD, pad_edge=False)
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    Console(no_color=not color, highlight=False).print(table)
