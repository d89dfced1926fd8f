"""Secrets by reference: keyring, environment, private file.

The configuration says where a secret is and never what it is. It is fetched anew for each try, so
that one that was changed holds at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from sheetfed.api.errors import BadConfig, KeyUnavailable, TargetRefused
from sheetfed.config import expanded
from sheetfed.disk import read_private
from sheetfed.store import vault

Where = Literal["keyring", "env", "file"]

FORMS = '{ keyring = "NAME" }, { env = "NAME" } or { file = "PATH" }'

_LARGEST = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Where a secret is."""

    where: Where
    name: str

    def __str__(self) -> str:
        return f"{self.where}:{self.name}"


def reference(value: object, folder: Path) -> Reference | None:
    """Return the reference that a table of the configuration is; None where it is none.

    The path of a file is taken from `folder`.
    """
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    where, name = next(iter(value.items()))
    if not isinstance(name, str) or not name:
        return None
    for known in get_args(Where):
        if where == known:
            path = str(folder / expanded(name)) if where == "file" else name
            return Reference(where=known, name=path)
    return None


def fetch(found: Reference) -> str:
    """Return the secret. Blocks, the keyring for a minute at most.

    Raises TargetRefused, with the name of the place and not of what is there.
    """
    try:
        secret = _fetched(found)
    except (KeyUnavailable, BadConfig, UnicodeDecodeError) as error:
        words = "it is no text" if isinstance(error, UnicodeDecodeError) else error.message
        raise _missing(found, words) from error
    if not secret:
        raise _missing(found, "it is not there, or empty")
    return secret


def _fetched(found: Reference) -> str | None:
    match found.where:
        case "env":
            return os.environ.get(found.name)
        case "file":
            data: Any = read_private(Path(found.name), _LARGEST)
            return None if data is None else bytes(data).decode().rstrip("\r\n")
        case "keyring":
            return vault.secret(found.name, patience=vault.PATIENT)


def _missing(found: Reference, words: str) -> TargetRefused:
    return TargetRefused(
        f"A secret of this target cannot be read: {found}: {words}",
        again=found.where == "keyring",
        advice="Put the secret where the configuration says, then retry.",
    )
