"""One TOML file: what it says, and where in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sheetfed.api.errors import BadConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Settings of one origin; `places` says of each key, as `addons.sane.binding`, where it is."""

    origin: str
    values: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    def place(self, *path: str) -> str:
        """Return where a key is, or the table that it is in, or else where all of this is."""
        for length in range(len(path), 0, -1):
            if found := self.places.get(".".join(path[:length])):
                return found
        return self.origin


def read(path: Path, *, must_exist: bool = False) -> Layer | None:
    """Return what a file says, None where there is none. Raises BadConfig with file and line."""
    table, lines = _read(path, must_exist=must_exist)
    if not table and not path.exists():
        return None
    places = {key: f"{path}, line {line}" for key, line in lines.items()}
    return Layer(origin=str(path), values=table, places=places)


def _read(path: Path, *, must_exist: bool) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the file's table, and the line of each of its keys."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        if must_exist:
            raise BadConfig(f"{path}: there is no such file") from error
        return {}, {}
    except NotADirectoryError as error:
        raise BadConfig(f"{path}: a file stands where a folder is needed") from error
    except OSError as error:
        raise BadConfig(f"{path}: it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadConfig(f"{path}, line {line}: this is not UTF-8 text") from error
    try:
        return tomllib.loads(text), _lines(text)
    except tomllib.TOMLDecodeError as error:
        words, line = _toml_fault(str(error), text)
        raise BadConfig(f"{path}, line {line}: {words}; {_toml_hint(text, line)}") from error
    except RecursionError as error:
        raise BadConfig(f"{path}: it is nested too deeply") from error


def _toml_fault(message: str, text: str) -> tuple[str, int]:
    found = re.search(r"^(.*) \(at line (\d+), column \d+\)$", message)
    if found:
        return found[1], int(found[2])
    return message.removesuffix(" (at end of document)"), max(1, len(text.splitlines()))


def _toml_hint(text: str, line: int) -> str:
    lines = text.splitlines()
    written = lines[line - 1].strip() if line <= len(lines) else ""
    if re.match(r"[\w.-]+\s*:", written):
        return "write `key = value`"
    if re.match(r"[\w.-]+\s*=\s*[A-Za-z/~\\]", written):
        return "put text in quotes; true and false are lower-case"
    return f"the line reads: {written}"


def _lines(text: str) -> dict[str, int]:
    """Return the line of each key, as `addons.sane.binding`, as far as plain reading tells."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        head = re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line)
        key = re.match(r"\s*([\w.\"'-]+(?:\s*\.\s*[\w\"'-]+)*)\s*=", line)
        if head:
            table = _plain(head[1])
            found.setdefault(table, number)
        elif key:
            found.setdefault(f"{table}.{_plain(key[1])}".lstrip("."), number)
    return found


def _plain(key: str) -> str:
    return re.sub(r"[\s\"']", "", key)
