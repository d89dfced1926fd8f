"""How trust stands, in rows that a person can act on."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sheetfed.api.errors import TrustBroken
from sheetfed.trust import everywhere, leaf, places
from sheetfed.trust.leaf import LeafUnfit
from sheetfed.trust.stores import Root, State

INSTALL = "Run `sheetfed trust install`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing, how it is, and what to do about it."""

    name: str
    state: Literal["ok", "weak", "missing", "broken"]
    text: str
    advice: str = ""


def status(
    folder: Path,
    runtime: Path,
    *,
    home: Path | None = None,
    environ: Mapping[str, str] | None = None,
    machine: Path = Path("/"),
) -> list[Row]:
    """Return rows about the authority in `folder`, the port, and each store of this account."""
    rows = [_authority(folder), *_port(runtime)]
    try:
        root = everywhere.root_of(folder)
    except TrustBroken:  # a row says so already
        root = None
    rows += _stores(
        root,
        home=everywhere.home_of_account() if home is None else home,
        environ=os.environ if environ is None else environ,
        machine=machine,
    )
    return rows


def _authority(folder: Path) -> Row:
    name = "TLS certificate"
    if not places.made(folder):
        advice = "It is made when the service starts, or by `sheetfed trust install`."
        return Row(name=name, state="missing", text="there is none yet", advice=advice)
    try:
        places.check(folder)
        life = leaf.meet(folder)
    except TrustBroken as error:
        advice = str(error.details.get("advice", error.advice))
        return Row(name=name, state="broken", text=error.message, advice=advice)
    except LeafUnfit as unfit:
        advice = "The running service makes a new one within minutes; start it."
        return Row(name=name, state="weak", text=str(unfit), advice=advice)
    ends = datetime.fromtimestamp(life.ends, UTC)
    text = f"good until {ends:%Y-%m-%d}, for localhost, 127.0.0.1 and ::1 only"
    if life.is_due(time.time()):
        advice = "The running service renews it within minutes; start it."
        return Row(name=name, state="weak", text=f"due for renewal; {text}", advice=advice)
    return Row(name=name, state="ok", text=f"{text}; it renews itself")


def _port(runtime: Path) -> Iterator[Row]:
    """Say where TLS is served, or why not; nothing where no service runs."""
    fault, port = (_told(runtime / file) for file in (places.FAULT, places.PORT))
    if fault:
        advice = "Put that right, then start the service again."
        yield Row(name="TLS port", state="broken", text=fault, advice=advice)
    elif port:
        yield Row(name="TLS port", state="ok", text=f"https://127.0.0.1:{port}")


def _told(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def _stores(
    root: Root | None, *, home: Path, environ: Mapping[str, str], machine: Path
) -> Iterator[Row]:
    states: Mapping[State, Literal["ok", "weak", "missing", "broken"]] = {
        "trusted": "ok",
        "missing": "missing",
        "stale": "broken",
        "refused": "weak",
    }
    for store in everywhere.stores(home, environ, machine=machine):
        now = store.status(root)
        if store.for_everybody and now.state == "missing":
            continue  # nobody asked for it
        advice = now.advice or ("" if now.state == "trusted" else INSTALL)
        yield Row(
            name=now.store,
            state=states[now.state],
            text=f"{now.place}: {now.text}",
            advice=advice.format(command="sheetfed trust install --machine"),
        )
