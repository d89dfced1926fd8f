"""Policy files: read strictly, written whole, given back."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
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
        with file.open("rb") as stream:
            place(copy, stream.read(LARGEST), like=os.fstat(stream.fileno()))


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


def place(file: Path, data: bytes, *, like: os.stat_result | None = None) -> None:
    """Write a file that everybody may read, whole or not at all. Raises OSError.

    It gets the rights of what was there, or those of `like`. They are given to what is open, not to
    a name: root may write here into a folder of somebody who puts a link in its place meanwhile.
    """
    target = file.resolve()  # what a link leads to is changed, the link stays
    facts = like
    if facts is None:
        with suppress(FileNotFoundError):
            facts = target.stat()
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    descriptor, new = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            if facts is not None:
                os.fchown(stream.fileno(), facts.st_uid, facts.st_gid)
            os.fchmod(stream.fileno(), stat.S_IMODE(facts.st_mode) if facts else 0o644)
            os.fsync(stream.fileno())
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
