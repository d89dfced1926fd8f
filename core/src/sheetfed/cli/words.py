"""The words that addons add to the command line."""

from __future__ import annotations

import importlib
from typing import Any

import click

from sheetfed.addons import Addons, discover, settings_for
from sheetfed.api.contracts import Command
from sheetfed.api.errors import AddonBroken, BadConfig
from sheetfed.api.hooks import CommandSpec
from sheetfed.cli.root import Run


def addon_words(run: Run) -> dict[str, click.Command]:
    """Return the addons' commands by their words; none where the configuration is bad."""
    try:
        addons = discover(disabled=run.config.disabled)
    except BadConfig:
        return {}
    return {name: _word(run, addons, spec) for name, spec in addons.commands.items()}


def _word(run: Run, addons: Addons, spec: CommandSpec) -> click.Command:
    def call(arguments: tuple[str, ...]) -> int:
        from sheetfed.cli.host import LocalHost  # noqa: PLC0415 - needed once the word is called

        made = _load(spec)(settings_for(addons, spec, run.config))
        with LocalHost(run.config, addons) as host:
            return made.run(host, arguments)

    return click.Command(
        spec.name,
        callback=call,
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
        help=spec.title,
        add_help_option=False,
        context_settings={"ignore_unknown_options": True},
    )


def _load(spec: CommandSpec) -> type[Command]:
    module, _, name = spec.factory.partition(":")
    try:
        found: Any = getattr(importlib.import_module(module), name)
    except Exception as error:
        raise AddonBroken(f"The command '{spec.name}' cannot be loaded: {error}") from error
    if not (isinstance(found, type) and issubclass(found, Command)):
        raise AddonBroken(f"{spec.factory}, behind the command '{spec.name}', is no Command")
    return found
