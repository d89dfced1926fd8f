"""One zip for support, of plain text."""

from __future__ import annotations

import json
import platform
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib.metadata import distributions
from pathlib import Path
from typing import IO, Any

from sheetfed.addons import check_settings, discover
from sheetfed.api.errors import SheetfedError
from sheetfed.config import Config
from sheetfed.discretion import discreet
from sheetfed.system.findings import Finding
from sheetfed.system.monitor import STATE
from sheetfed.system.values import values_of

ABOUT = """\
What sheetfed knows about this computer, for somebody who helps. All of it is plain text: read it
before you send it. There is no page in it. Secrets in the configuration read "(hidden)"; in what
programs said, a password or a token with its name before it and the way in an address read "(…)".
"""
LARGEST = 2_000_000
"""Bytes of one file that are packed, the last ones: the log's files are no larger."""


def pack(file: IO[bytes], config: Config, findings: Sequence[Finding], devices: Any) -> list[str]:
    """Write the zip and return the names in it; `devices` are the listing, where there is one."""
    parts = dict(_parts(config, findings, devices))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    return [*parts]


def _parts(config: Config, findings: Sequence[Finding], devices: Any) -> Iterator[tuple[str, str]]:
    yield "about.txt", ABOUT
    yield "versions.txt", "\n".join(_versions())
    yield "findings.json", json.dumps([asdict(each) for each in findings], indent=1)
    yield "configuration.txt", "\n".join(_configuration(config))
    if devices is not None:
        yield "devices.json", json.dumps(devices, indent=1)
    for folder, pattern in (
        (config.crashes, "*.json"),
        (config.logs, "*.log*"),
        (config.home, STATE),
    ):
        for found in sorted(folder.glob(pattern)):
            place = found.name if folder == config.home else f"{folder.name}/{found.name}"
            try:
                lines = _lines(found)
            except OSError as error:  # the service has given it another name, or it is not ours
                lines = [f"it cannot be read: {error.strerror}"]
            yield place, "\n".join(discreet(line) for line in lines)


def _lines(file: Path) -> list[str]:
    with file.open("rb") as opened:
        if (beyond := file.stat().st_size - LARGEST) > 0:
            opened.seek(beyond)
            opened.readline()  # the end of a line: a name that it began with would be missed
        return opened.read(LARGEST).decode("utf-8", "replace").splitlines()


def _versions() -> Iterator[str]:
    yield f"{platform.platform()}, Python {sys.version}"
    known = {(each.metadata["Name"] or "?", each.version) for each in distributions()}
    yield from (f"{name} {version}" for name, version in sorted(known))


def _configuration(config: Config) -> Iterator[str]:
    addons = discover(disabled=config.disabled, interpreters=config.interpreters)
    try:
        yield from (f"# {note}" for note in check_settings(addons, config))
    except SheetfedError as error:
        yield f"# {error.message}"
    for key, value in values_of(config, addons):
        yield f"{key} = {json.dumps(value)}  # {config.origins.get(key, 'default')}"
    yield f"# targets: {', '.join(config.targets) or 'none'}"
