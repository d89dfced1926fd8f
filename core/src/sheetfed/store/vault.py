"""The account's keyring, asked through a child process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sheetfed.api.errors import KeyUnavailable
from sheetfed.postmortem import command, examine

QUICK = 2.0
"""Seconds that a keyring has to answer before a new store does without."""

PATIENT = 60.0
"""Seconds for a person to unlock the keyring that holds a store's key."""

_MODULE = "sheetfed.store.vault_child"
_WORDS = {
    "missing": "The keyring does not hold the key of this store",
    "locked": "The keyring is locked",
    "gone": "There is no keyring here that can be asked",
    "failed": "The keyring refused",
}


def is_likely() -> bool:
    """Tell whether it is worth asking: the library is there, and so may be a keyring."""
    if find_spec("keyring") is None:
        return False
    if sys.platform != "linux":
        return True
    bus = Path(os.environ.get("XDG_RUNTIME_DIR", "/nowhere"), "bus")
    return "DBUS_SESSION_BUS_ADDRESS" in os.environ or bus.exists()


def get(name: str, *, patience: float) -> bytes:
    """Return the key under a name. Raises KeyUnavailable."""
    return bytes.fromhex(_ask({"do": "get", "name": name}, patience)["key"])


def secret(name: str, *, patience: float) -> str:
    """Return a text that a person keeps there for us. Raises KeyUnavailable."""
    return str(_ask({"do": "get", "name": name}, patience)["key"])


def put(name: str, key: bytes, *, patience: float) -> None:
    """Keep a key under a name, and read it back. Raises KeyUnavailable."""
    _ask({"do": "put", "name": name, "key": key.hex()}, patience)


def drop(name: str, *, patience: float) -> None:
    """Forget the key under a name. Raises KeyUnavailable."""
    _ask({"do": "drop", "name": name}, patience)


def _ask(question: dict[str, str], patience: float) -> dict[str, Any]:
    """Ask in a child, so that this process loads no keyring; the key never is in its words."""
    if find_spec("keyring") is None:
        raise KeyUnavailable(
            "The key of this store is in the keyring, and the package 'keyring' is not installed",
            reason="gone",
        )
    try:
        done = subprocess.run(
            command(_MODULE),
            input=json.dumps(question).encode(),
            capture_output=True,
            timeout=patience,
            check=True,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise KeyUnavailable(
            f"The keyring did not answer within {patience:g} seconds", reason="silent"
        ) from error
    except subprocess.CalledProcessError as error:
        how = examine(_MODULE, error.returncode, error.stderr)
        told = f": {how}" if how else ""
        raise KeyUnavailable(f"The keyring's library failed{told}", reason="failed") from error
    except ValueError as error:
        raise KeyUnavailable("The keyring's library failed", reason="failed") from error
    reason = answer.get("error")
    if reason:
        told = f": {answer['told']}" if answer.get("told") else ""
        raise KeyUnavailable(f"{_WORDS[reason]}{told}", reason=reason)
    return answer
