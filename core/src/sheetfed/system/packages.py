"""Packages of addons, put into our environment by pip or uv."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sheetfed.addons import discover
from sheetfed.api.errors import BadRequest, SystemRefused
from sheetfed.system.commands import attempt
from sheetfed.system.environment import Environment

PATIENCE = 3600.0
"""Seconds that downloading and building may take."""

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_WISH = re.compile(rf"({_NAME.pattern})(?:\s*(?:==|>=|<=|~=|<|>|!=)\s*[A-Za-z0-9.*+!-]+,?)*")

_NO_OTHER: Mapping[str, str | None] = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_EXTRA_INDEX_URL": None,
    "PIP_FIND_LINKS": None,
    "PIP_INDEX_URL": None,
    "UV_NO_CONFIG": "1",
    "UV_DEFAULT_INDEX": None,
    "UV_EXTRA_INDEX_URL": None,
    "UV_FIND_LINKS": None,
    "UV_INDEX": None,
    "UV_INDEX_URL": None,
}
"""What has pip and uv look nowhere else than where they are told."""

_LOOK = """
import json
from dataclasses import asdict
from sheetfed.addons import discover
print(json.dumps([asdict(row) for row in discover().rows]))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Where packages come from: the usual index, one other index, or a folder of wheels.

    One place alone: with two, a stranger's package of the same name might be taken. So what pip or
    uv are set up for counts only where no place is named.
    """

    index: str = ""
    user: str = ""
    token: str = ""
    wheels: Path | None = None


Row = Mapping[str, Any]


def add(wishes: Sequence[str], shop: Shop) -> list[Row]:
    """Install packages, all of them or none, and return the rows of the addons they bring.

    Raises BadRequest for what is no name, SystemRefused where it could not be done: then the
    environment is as before.
    """
    for wish in wishes:
        if not _WISH.fullmatch(wish.strip()):
            raise BadRequest(
                f"{wish!r} is no name of a package, as sheetfed-pdf or sheetfed-pdf==1.2"
            )
    environment = Environment()
    environment.check()
    with environment.unharmed():
        before = _rows_here()
        with _access(shop) as (words, environ):
            _run(("install", *words, *wishes), environ)
        after = _rows()
        _check_ready(before, after)
        names = {_key(_named(wish)) for wish in wishes}
        brought = [row for row in after if _key(row["distribution"]) in names]
        if not brought:
            raise SystemRefused(f"There is no addon in {', '.join(wishes)}; nothing was installed")
    return brought


def remove(names: Sequence[str]) -> None:
    """Take packages of addons away, all of them or none. Raises BadRequest, SystemRefused."""
    for name in names:
        if _key(name) not in installed():
            raise BadRequest(f"{name!r} is no installed package of an addon")
    environment = Environment()
    environment.check()
    with environment.unharmed():
        before = [row for row in _rows_here() if _key(row["distribution"]) not in map(_key, names)]
        _run(("uninstall", *(() if _has_uv() else ("--yes",)), *names), {})
        _check_ready(before, _rows())


def installed() -> dict[str, str]:
    """Return the packages that bring addons, by name, and their versions; not our own."""
    found = {}
    for each in distributions():
        if any(entry.group.startswith("sheetfed.v") for entry in each.entry_points):
            found[_key(each.metadata["Name"] or "")] = each.version
    found.pop("sheetfed", None)
    return found


def satisfies(wish: str, here: Mapping[str, str]) -> bool:
    """Tell whether a package is installed, in the version that is named with `==` if one is."""
    version = here.get(_key(_named(wish)))
    _, pinned, wanted = wish.partition("==")
    return version is not None and (not pinned or version == wanted.strip())


def _rows_here() -> list[Row]:
    return [asdict(row) for row in discover().rows]


def _rows() -> list[Row]:
    """Return how the addons fare in a process that sees what is installed now."""
    told = attempt([sys.executable, "-P", "-c", _LOOK], patience=PATIENCE)
    try:
        rows: list[Row] = json.loads(told.stdout)
    except ValueError as error:
        said = told.stderr.strip().splitlines()
        reason = said[-1] if said else "it says nothing"
        raise SystemRefused(f"sheetfed does not work with what is installed: {reason}") from error
    return rows


def _check_ready(before: Sequence[Row], after: Sequence[Row]) -> None:
    """Refuse a change that spoils an addon that worked."""
    known = {row["name"]: row for row in after}
    for row in before:
        now = known.get(row["name"])
        if row["state"] == "ready" and (now is None or now["state"] != "ready"):
            reason = now["reason"] if now else "it is gone"
            raise SystemRefused(f"The addon {row['name']} would not work any more: {reason}")


@contextmanager
def _access(shop: Shop) -> Iterator[tuple[list[str], Mapping[str, str | None]]]:
    """Give the words and variables for a shop; a password goes by a file that lives as long."""
    if shop.wheels is not None:
        if not shop.wheels.is_dir():
            raise BadRequest(f"{shop.wheels} is no folder of wheels")
        yield ["--no-index", "--find-links", str(shop.wheels)], _NO_OTHER
        return
    words = ["--index-url", shop.index] if shop.index else []
    alone = _NO_OTHER if shop.index else {}
    parts = urlsplit(shop.index)
    if parts.username or parts.password:
        raise BadRequest(
            "An address with a password in it can be read by every account while it is used",
            advice="Give --user and --token-file or --token-env instead.",
        )
    if not shop.token:
        yield words, alone
        return
    with tempfile.TemporaryDirectory() as folder:
        netrc = Path(folder) / "netrc"
        number = os.open(netrc, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w") as file:
            user = shop.user or "__token__"
            file.write(f"machine {parts.hostname}\nlogin {user}\npassword {shop.token}\n")
        yield words, {**alone, "NETRC": str(netrc)}


def _run(words: Sequence[str], environ: Mapping[str, str | None]) -> None:
    done = attempt([*_program(), *words], environ={**_quiet(), **environ}, patience=PATIENCE)
    if not done.returncode:
        return
    said = [line.strip() for line in f"{done.stdout}\n{done.stderr}".splitlines() if line.strip()]
    errors = [line for line in said if line.lower().startswith(("error", "\u00d7", "\u2570"))]
    reason = (errors or said or ["it says nothing"])[-1]
    advice = "Correct that, then try again."
    if "--index-url" in words:
        advice = (
            "An index shows nothing to those whom it does not know: check --user and the token, and"
            " with the vendor what your licence has."
        )
    raise SystemRefused(f"Nothing was changed: {reason}", advice=advice)


def _program() -> list[str]:
    if _has_uv():
        return [shutil.which("uv") or "uv", "pip"]
    return [sys.executable, "-m", "pip"]


def _has_uv() -> bool:
    """Tell whether uv has to do it: an environment that uv made has no pip."""
    return importlib.util.find_spec("pip") is None


def _quiet() -> dict[str, str]:
    if _has_uv():
        return {"VIRTUAL_ENV": sys.prefix, "UV_NO_PROGRESS": "1"}
    return {"PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_COLOR": "1"}


def _named(wish: str) -> str:
    found = _NAME.match(wish)
    return found[0] if found else wish


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
