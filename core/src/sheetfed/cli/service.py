"""`sheetfed service`: have the system keep it running."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click

from sheetfed import sids
from sheetfed.api.errors import SystemRefused
from sheetfed.cli.root import Run
from sheetfed.config import Config, load, prepare
from sheetfed.system import account, launchd, logon, monitor, systemd, units
from sheetfed.system.bytecode import compile_installed
from sheetfed.system.upkeep import Upkeep

MACHINE_STATE = Path("/var/lib/sheetfed")

for_machine = click.option(
    "--system", "machine", is_flag=True, help="The computer's own service, not this account's."
)


@click.group("service")
def command() -> None:
    """Have the system start, watch and restart the service."""


@command.command("install")
@for_machine
@click.option("--port", type=click.IntRange(1, 65534), help="Listen on this port and the next.")
@click.option("--print", "prints", is_flag=True, help="Only print the files.")
@click.pass_obj
def install(run: Run, *, machine: bool, port: int | None, prints: bool) -> None:
    """Have the service there from now on, and after each logon.

    Safe to repeat: what is there is brought up to date. With systemd the ports are open at once and
    the service starts with the first connection.
    """
    config = _config(run, machine=machine, port=port)
    if prints:
        for name, text in _files(run, config, machine=machine, fixed=port is not None).items():
            print(f"# {name}\n{text}")
        return
    keeper = _keeper(run, config, machine=machine, fixed=port is not None)
    if machine:
        check_seen([Path(program()[0]), Path(sys.prefix), Path(sys.base_prefix)])
    else:
        prepare(config)
    compile_installed()
    keeper.install()
    _tell(run, keeper)


@command.command("start")
@for_machine
@click.pass_obj
def start(run: Run, *, machine: bool) -> None:
    """Start it now."""
    keeper = _kept(run, machine=machine)
    keeper.start()
    _tell(run, keeper)


@command.command("stop")
@for_machine
@click.pass_obj
def stop(run: Run, *, machine: bool) -> None:
    """Stop it; jobs are parked, and every page is kept. It starts again with the next logon."""
    keeper = _kept(run, machine=machine)
    keeper.stop()
    _tell(run, keeper)


@command.command("status")
@for_machine
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(run: Run, *, machine: bool, as_json: bool) -> int:
    """Say how it stands. Leaves with 1 where it neither runs nor waits for a connection."""
    standing = _kept(run, machine=machine).standing()
    if as_json:
        print(json.dumps({**asdict(standing), "files": [*map(str, standing.files)]}, indent=2))
    else:
        print(f"{standing.kind}: {standing.text}")
        if standing.restarts:
            print(f"Started again after a fault: {standing.restarts}")
    return int(not (standing.runs or standing.waits))


@command.command("remove")
@for_machine
@click.pass_obj
def remove(run: Run, *, machine: bool) -> None:
    """Stop it and take it out of the system. Documents and settings stay."""
    keeper = _kept(run, machine=machine)
    keeper.remove()
    _tell(run, keeper)


def _kept(run: Run, *, machine: bool) -> Upkeep:
    config = _config(run, machine=machine, port=None)
    return _keeper(run, config, machine=machine, fixed=False)


def _config(run: Run, *, machine: bool, port: int | None) -> Config:
    if not machine:
        account.leave_root(os.environ)
        return load(file=run.file, home=run.home, port=port)
    if sys.platform != "linux":
        raise SystemRefused("Only Linux has a service of the whole computer")
    return load(file=run.file, home=run.home or MACHINE_STATE, port=port)


def _keeper(run: Run, config: Config, *, machine: bool, fixed: bool) -> Upkeep:
    files = _files(run, config, machine=machine, fixed=fixed)
    if sys.platform == "darwin":
        return launchd.Launchd(files[f"{launchd.LABEL}.plist"].encode())
    if sys.platform == "win32":
        return logon.Logon(files["task.xml"].encode("utf-16"))
    return systemd.Systemd(files, machine=machine)


def _files(run: Run, config: Config, *, machine: bool, fixed: bool) -> dict[str, str]:
    """Return by name the files that the system is given."""
    serve = (*program(), *options(run, machine=machine), "serve", "--no-open")
    if fixed:
        serve = (*serve, "--port", str(config.port))
    if sys.platform == "darwin":
        return {f"{launchd.LABEL}.plist": launchd.plist(serve, config.logs).decode()}
    if sys.platform == "win32":
        words = (*monitor.command(windowless=True), *serve)
        return {"task.xml": logon.task(words, sids.ours()).decode("utf-16")}
    wanted = units.Wanted(
        command=serve,
        ports=_ports(config, systemd.listens(machine=machine)),
        hosts=[host for host in units.HOSTS if _has(host)],
        local="" if machine else units.of_path(config.socket),
        groups=_groups() if machine else (),
    )
    return units.for_machine(wanted) if machine else units.for_account(wanted)


def check_seen(places: Iterable[Path]) -> None:
    """Refuse what the computer's own service cannot see: it has no homes. Raises SystemRefused."""
    for place in places:
        if place.resolve().is_relative_to("/home") or place.resolve().is_relative_to("/root"):
            raise SystemRefused(
                f"The computer's own service sees no home, and this sheetfed is in one: {place}",
                advice="Install the Debian package, or sheetfed in an environment under /opt.",
            )


def program() -> tuple[str, ...]:
    """Return the words that start sheetfed."""
    beside = Path(sys.executable).with_name("sheetfed")
    if beside.exists():
        return (str(beside),)
    return (sys.executable, "-c", "from sheetfed.cli import main; main()")


def options(run: Run, *, machine: bool) -> list[str]:
    """Return the options that make the service find what this command has found."""
    given = []
    if run.home or (not machine and os.environ.get("SHEETFED_HOME")):
        given += ["--home", str(Path(run.home or os.environ["SHEETFED_HOME"]).absolute())]
    if run.file or os.environ.get("SHEETFED_CONFIG"):
        given += ["--config", str(Path(run.file or os.environ["SHEETFED_CONFIG"]).absolute())]
    return given


def _ports(config: Config, kept: list[int]) -> list[int]:
    """Return the ports to open: plain, and TLS where it is on. The first pair that is free."""
    from sheetfed.server.ports import PORTS  # noqa: PLC0415 - slow, and only needed here

    if kept and config.port is None:
        return kept
    tried = PORTS if config.port is None else (config.port,)
    pairs = [[port, config.tls_port or port + 1] if config.tls else [port] for port in tried]
    return next((pair for pair in pairs if all(map(_is_free, pair))), pairs[0])


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def _has(host: str) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.bind((host.strip("[]"), 0))
    except OSError:
        return False
    return True


def _groups() -> list[str]:
    import grp  # noqa: PLC0415 - not on every system

    known = {each.gr_name for each in grp.getgrall()}
    return [name for name in units.GROUPS if name in known]


def _tell(run: Run, keeper: Upkeep) -> None:
    if not run.quiet:
        standing = keeper.standing()
        print(f"{standing.kind}: {standing.text}")
