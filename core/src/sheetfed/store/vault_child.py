"""Asks the keyring one question, in a process of its own."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

import keyring.backend
import keyring.errors

from sheetfed.secrecy import keep_memory

SERVICE = "sheetfed"

SAFE = {
    "darwin": ("keyring.backends.macOS",),
    "win32": ("keyring.backends.Windows",),
}.get(
    sys.platform,
    ("keyring.backends.SecretService", "keyring.backends.kwallet", "keyring.backends.libsecret"),
)
"""The system's own; others keep keys in plain files, and that we can do ourselves.

Those of other systems are left alone: one of them has a compiler look for its libraries.
"""


def main() -> None:
    """Answer the question on standard input."""
    keep_memory()
    question = json.load(sys.stdin)
    try:
        answer = _answer(question)
    except keyring.errors.KeyringLocked:
        answer = {"error": "locked"}
    except keyring.errors.KeyringError as error:
        answer = {"error": "failed", "told": str(error)[:200]}
    except Exception as error:  # noqa: BLE001 - a keyring's own library may raise anything
        answer = {"error": "failed", "told": type(error).__name__}
    sys.stdout.write(json.dumps(answer))


def _answer(question: dict[str, str]) -> dict[str, Any]:
    vaults = _vaults()
    if not vaults:
        return {"error": "gone"}
    vault = max(vaults, key=lambda found: float(found.priority))
    name = question["name"]
    match question["do"]:
        case "put":
            vault.set_password(SERVICE, name, question["key"])
            kept = vault.get_password(SERVICE, name) == question["key"]
            return {} if kept else {"error": "failed", "told": "it gives back another key"}
        case "drop":
            if vault.get_password(SERVICE, name) is not None:
                vault.delete_password(SERVICE, name)
            return {}
        case _:
            key = vault.get_password(SERVICE, name)
            return {"error": "missing"} if key is None else {"key": key}


def _vaults() -> list[keyring.backend.KeyringBackend]:
    for name in SAFE:
        with suppress(Exception):  # what it needs may not be here, and may fail in any way
            import_module(name)
    kinds = keyring.backend.KeyringBackend.get_viable_backends()
    found = []
    for kind in kinds:
        if kind.__module__ in SAFE:
            with suppress(TypeError):  # one that others are made from
                found.append(kind())
    return found


if __name__ == "__main__":
    main()
