"""`sheetfed trust`: which browsers know our certificate."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

import click

from sheetfed.api.errors import TrustBroken
from sheetfed.cli import table
from sheetfed.cli.root import Run
from sheetfed.config import prepare
from sheetfed.trust import certificate, everywhere, places
from sheetfed.trust.report import status
from sheetfed.trust.stores import Finding, Root, TrustStore

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
machine = click.option(
    "--machine", is_flag=True, help="For every account of this computer, as an administrator."
)


@click.group("trust")
def command() -> None:
    """Let this computer's browsers know the service's own certificate."""


@command.command("install")
@machine
@as_json
@click.pass_obj
def install(run: Run, *, machine: bool, as_json: bool) -> int:
    """Make the authority where there is none, and let each store trust it."""
    from sheetfed.trust.authority import check_root  # noqa: PLC0415 - loads cryptography

    root = _root(run)
    check_root(root.der)
    chosen = [store for store in _stores() if store.for_everybody or not machine]
    findings = [everywhere.install(root, store, machine=machine) for store in chosen]
    _tell(run, findings, as_json=as_json)
    if not as_json and not run.quiet:
        print(f"\nThe root's SHA-256 is {root.fingerprint}.")
    return int(any(each.state == "refused" for each in findings))


@command.command("remove")
@machine
@as_json
@click.pass_obj
def remove(run: Run, *, machine: bool, as_json: bool) -> int:
    """Take every root of ours out of each store, and delete the authority."""
    stores: Iterable[TrustStore] = _stores()
    if machine:
        stores = [store for store in stores if store.for_everybody]
        here = everywhere.home_of_account()
        stores += everywhere.of_others(here) if _is_administrator() else []
    findings = [everywhere.remove(store) for store in stores]
    folder = run.config.trust
    if not machine:
        changed = places.clear(folder)
        text = "the authority and its keys were deleted" if changed else "there was none"
        findings.append(
            Finding(
                store="Authority",
                place=str(folder),
                state="missing",
                text=text,
                changed=changed,
            )
        )
    _tell(run, findings, as_json=as_json)
    return int(any(each.state != "missing" for each in findings))


@command.command("list")
@as_json
@click.pass_obj
def list_stores(run: Run, *, as_json: bool) -> None:
    """List every store of this computer and say whether it trusts us."""
    root = everywhere.root_of(run.config.trust)
    _tell(run, [store.status(root) for store in _stores()], as_json=as_json)


@command.command("status")
@as_json
@click.pass_obj
def show_status(run: Run, *, as_json: bool) -> int:
    """Say how the certificate, its port and each store are; leave with 1 if TLS is broken."""
    rows = status(run.config.trust, run.config.runtime)
    if as_json:
        print(json.dumps({"items": [asdict(row) for row in rows]}, indent=2))
    else:
        lines = [(row.name, row.state, row.text) for row in rows]
        table.show(("what", "state", "how"), lines, color=run.color)
        _advise(f"{row.name}: {row.advice}" for row in rows if row.advice)
    return int(any(row.state == "broken" for row in rows))


def _root(run: Run) -> Root:
    """Return the authority's root, made where there is none. Raises TrustBroken."""
    folder = run.config.trust
    if not places.made(folder):
        if sys.platform != "win32" and _is_somebody_elses(run.config.home):
            raise TrustBroken(
                f"There is no authority in {folder} yet",
                advice="Start the service once as the account that it belongs to.",
            )
        prepare(run.config)
        asyncio.run(certificate.work("make", folder))
    root = everywhere.root_of(folder)
    assert root
    return root


def _is_somebody_elses(home: Path) -> bool:
    return home.exists() and home.stat().st_uid != os.getuid()


def _is_administrator() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _stores() -> list[TrustStore]:
    return [*everywhere.stores(everywhere.home_of_account(), os.environ)]


def _tell(run: Run, findings: list[Finding], *, as_json: bool) -> None:
    """Print what was found or done, then what is left to do."""
    context = click.get_current_context()
    word = context.info_name if context.info_name in ("install", "remove") else "install"
    line = f"sudo {_program()} --home {shlex.quote(str(run.config.home))} trust {word} --machine"
    told = [replace(each, advice=each.advice.replace("{command}", line)) for each in findings]
    if as_json:
        print(json.dumps({"items": [asdict(each) for each in told]}, indent=2))
        return
    lines = [(each.store, each.state, f"{each.place}: {each.text}") for each in told]
    table.show(("store", "state", "what"), lines, color=run.color)
    _advise(each.advice if "sudo" in each.advice else f"{each.place}: {each.advice}"
            for each in told if each.advice)  # fmt: skip


def _advise(sentences: Iterable[str]) -> None:
    for sentence in dict.fromkeys(sentences):
        print(f"\n{sentence}")


def _program() -> str:
    return shlex.quote(str(Path(sys.argv[0]).resolve()))
