"""The word `sheetfed`: its options, commands, exit codes."""

from __future__ import annotations

import faulthandler
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click

from sheetfed.api.errors import AddonMissing, SheetfedError
from sheetfed.cli import faults, streams, uncollected
from sheetfed.config import Config, load
from sheetfed.secrecy import keep_memory
from sheetfed.system import account

COMMANDS = (
    "serve",
    "service",
    "monitor",
    "scan",
    "devices",
    "documents",
    "edits",
    "import",
    "formats",
    "send",
    "targets",
    "deliveries",
    "addons",
    "config",
    "provision",
    "doctor",
    "audit",
    "key",
    "open",
    "sites",
    "token",
    "trust",
    "completion",
)
"""In the order in which a person meets them; each is a module of this package."""

_ROOMS = {"import": "importing"}
"""Where a command's word is no name for a module."""

AS_ROOT = ("trust", "service", "provision")
"""What an administrator may do for the computer; all else is the caller's of sudo."""


@dataclass(kw_only=True)
class Run:
    """What the options before the command say."""

    file: Path | None
    home: Path | None
    verbosity: int
    color: bool

    @cached_property
    def config(self) -> Config:
        """The configuration. Raises BadConfig."""
        return load(file=self.file, home=self.home)

    @property
    def quiet(self) -> bool:
        """Whether only errors are to be told."""
        return self.verbosity < 0


class Words(click.Group):
    """Commands that are imported when they are called, and those that addons bring."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return ours, then the addons'."""
        return [*COMMANDS, *sorted(set(_addon_words(ctx)) - set(COMMANDS))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its word."""
        if cmd_name in COMMANDS:
            room = _ROOMS.get(cmd_name, cmd_name)
            with uncollected():
                module = importlib.import_module(f"sheetfed.cli.{room}")
            command: click.Command = module.command
            return command
        return _addon_words(ctx).get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a wrong word gets the nearest right one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            _check_addon(args[0])
            hint = faults.guess(args[0], self.list_commands(ctx))
            raise click.UsageError(f"There is no command '{args[0]}'.{hint}", ctx) from error


def _check_addon(word: str) -> None:
    """Raise AddonMissing where an addon that is not here brings this command."""
    from sheetfed.catalogue import package_for  # noqa: PLC0415 - only a wrong word needs it

    if package := package_for("command", word):
        raise AddonMissing(f"The command '{word}' comes with {package}", package=package)


def _addon_words(ctx: click.Context) -> dict[str, click.Command]:
    from sheetfed.cli.words import addon_words  # noqa: PLC0415 - looks at every addon: slow

    asked = ctx.find_root().params  # while a shell completes, nothing has run yet
    home, file = asked.get("home"), asked.get("file")
    return addon_words(ctx.find_object(Run) or Run(file=file, home=home, verbosity=0, color=False))


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415 - slow, and seldom asked

        click.echo(f"sheetfed {version('sheetfed')}")
        ctx.exit()


@click.group(cls=Words, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home", type=click.Path(path_type=Path), metavar="DIR", help="Keep all state in this folder."
)
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the configuration from this file.",
)
@click.option("-v", "--verbose", count=True, help="Tell more; twice for everything.")
@click.option("-q", "--quiet", is_flag=True, help="Tell only errors.")
@click.option("--no-color", is_flag=True, help="Do not color the output.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and leave.",
)
@click.pass_context
def sheetfed(
    ctx: click.Context,
    *,
    home: Path | None,
    file: Path | None,
    verbose: int,
    quiet: bool,
    no_color: bool,
) -> None:
    """Scan paper with this computer's scanners, and let web pages do so."""
    if ctx.invoked_subcommand not in AS_ROOT:
        account.leave_root(os.environ)
    verbosity = -1 if quiet else verbose
    ctx.obj = Run(
        file=file,
        home=home,
        verbosity=verbosity,
        color=not no_color and not os.environ.get("NO_COLOR"),
    )
    levels = {-1: logging.CRITICAL, 0: logging.ERROR, 1: logging.INFO}
    logging.basicConfig(
        level=levels.get(verbosity, logging.DEBUG), format="%(levelname)s %(name)s: %(message)s"
    )


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every error ends here, in words."""
    streams.have_them()
    os.umask(os.umask(0) & 0o077)  # one that hides from us what we make is a mistake of somebody's
    faulthandler.enable()
    keep_memory()
    asked = list(sys.argv[1:] if arguments is None else arguments)
    verbose = any(word in ("-v", "-vv", "--verbose") for word in asked)
    try:
        code = sheetfed.main(asked, "sheetfed", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        print("Stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read our output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (SheetfedError, OSError) as error:
        ours = error if isinstance(error, SheetfedError) else faults.of_system(error)
        faults.show(ours, verbose=verbose)
        return ours.exit_code
    return code if isinstance(code, int) else 0
