"""Scanners on USB, and whether this account may use them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from sheetfed.system.findings import Finding

DEVICES = Path("/sys/bus/usb/devices")
NODES = Path("/dev/bus/usb")

KINDS = ("06", "07")
"""USB classes of still images and printers; scanners are among both, and among neither."""


def findings(devices: Path = DEVICES, nodes: Path = NODES) -> Iterator[Finding]:
    """Say for each that may be a scanner whether it can be opened; nothing where there is none."""
    if sys.platform != "linux":
        return
    for device in sorted(devices.glob("*-*")):
        if ":" in device.name or not _may_scan(devices, device.name):
            continue
        title = " ".join(_read(device / part) for part in ("manufacturer", "product")).strip()
        name = f"USB {title or device.name}"
        node = nodes / _read(device / "busnum").zfill(3) / _read(device / "devnum").zfill(3)
        if os.access(node, os.R_OK | os.W_OK):
            yield Finding(name=name, state="ok", text=f"this account may use it ({node})")
            continue
        advice = (
            "Log in at the computer itself, or have the administrator add you to the group"
            " `scanner` and log in again."
        )
        text = f"this account may not use it ({node})"
        yield Finding(name=name, state="broken", text=text, advice=advice)


def _may_scan(devices: Path, name: str) -> bool:
    parts = devices.glob(f"{name}:*")
    return any(_read(part / "bInterfaceClass") in KINDS for part in parts)


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""
