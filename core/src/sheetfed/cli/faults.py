"""Errors in words: one line for the fact, one for the advice."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from sheetfed.api.errors import DiskFull, SheetfedError, from_json
from sheetfed.spelling import nearest


def show(error: SheetfedError, *, verbose: bool) -> None:
    """Tell a person on stderr what happened and what to do."""
    print(f"sheetfed: {clean(error.message)}", file=sys.stderr)
    print(f"  {clean(error.details.get('advice') or error.advice)}", file=sys.stderr)
    if verbose:
        for name, value in error.details.items():
            print(f"  {name}: {_shown(value)}", file=sys.stderr)


def of_problem(problem: Any) -> SheetfedError:
    """Return the error that a problem object from the service stands for."""
    if not isinstance(problem, dict):
        return SheetfedError(f"The service answered something else than a problem: {problem!r}")
    message = str(problem.get("detail") or problem.get("title") or "")
    wrong = [
        f"{item.get('pointer', '')} {item.get('detail', '')}".strip()
        for item in problem.get("errors") or []
        if isinstance(item, dict) and item.get("detail") != message
    ]
    if wrong:
        message = f"{message} ({'; '.join(wrong)})"
    return from_json({**problem, "message": message})


def of_system(error: OSError) -> SheetfedError:
    """Return a fault of the operating system as one of ours."""
    place = f"{error.filename}: " if error.filename else ""
    text = f"{place}{error.strerror or error}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DiskFull(text)
    return SheetfedError(text)


def guess(word: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest known word; empty where none is near."""
    near = nearest(word, known)
    return f" Did you mean '{near}'?" if near else ""


def unsure(delivery: Mapping[str, Any]) -> str:
    """Return why what was given up may be at its target all the same."""
    error = delivery["error"]
    return str(error["detail"]) if error and error["code"] == "delivery-unsure" else ""


def clean(text: object) -> str:
    """Return text that cannot steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in str(text))


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"\n    {name}: {_shown(inner)}" for name, inner in value.items())
    text = value if isinstance(value, str) else json.dumps(value)
    lines = [clean(line) for line in text.splitlines()]
    return lines[0] if len(lines) == 1 else "".join(f"\n      {line}" for line in lines)
