"""Policy files: read strictly, written whole, given back."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

LARGEST = 1024 * 1024
KEPT = ".before-sheetfed"
"""What the copy of somebody's file is called while ours is in its place."""


class Untouchable(Exception):
    """A file is somebody's and not to be understood; the message says what is wrong with it."""


def read(file: Path) -> dict[str, Any] | None:
    """Return a policy file's object, None where there is no file. Raises Untouchable."""
    try:
        facts = file.stat()
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > LARGEST:
            raise Untouchable(f"{file} is no policy file")
        found = json.loads(
            file.read_bytes(), object_pairs_hook=_without_twins, parse_constant=_no_number
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Untouchable(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise Untouchable(f"{file} does not parse: {error}") from error
    if not isinstance(found, dict):
        raise Untouchable(f"{file} does not parse: it holds no object")
    return found


def write(file: Path, policies: dict[str, Any]) -> None:
    """Put an object in a file's place, with the rights of what was there. Raises OSError."""
    place(file, (json.dumps(policies, indent=2, ensure_ascii=False) + "\n").encode())


def keep(file: Path) -> None:
    """Keep a copy of somebody's file, once. Raises OSError."""
    copy = file.with_name(file.name + KEPT)
    if file.exists() and not copy.exists():
        place(copy, file.read_bytes(), like=file)


def give_back(file: Path, policies: dict[str, Any]) -> None:
    """Write what is left without ours: to the byte what was there, if it says the same."""
    copy = file.with_name(file.name + KEPT)
    try:
        same = read(copy) == policies
    except Untouchable:
        same = False
    if same:
        place(file, copy.read_bytes())
    elif policies:
        write(file, policies)
    else:
        file.unlink()
    copy.unlink(missing_ok=True)


def place(file: Path, data: bytes, *, like: Path | None = None) -> None:
    """Write a file that everybody may read, whole or not at all. Raises OSError."""
    target = file.resolve()  # what a link leads to is changed, the link stays
    try:
        facts: os.stat_result | None = (like or target).stat()
    except FileNotFoundError:
        facts = None
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    descriptor, new = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if facts is not None:
            os.chown(new, facts.st_uid, facts.st_gid)
        os.chmod(new, stat.S_IMODE(facts.st_mode) if facts else 0o644)  # noqa: PTH101 - a name of mkstemp
        Path(new).replace(target)
    except BaseException:
        Path(new).unlink(missing_ok=True)
        raise


def tidy(*folders: Path) -> None:
    """Remove folders that hold nothing any more, innermost first."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _without_twins(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse what a parser would silently lose."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key!r} stands there twice")
        found[key] = value
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")
