"""The words that addons add to the command line."""

from __future__ import annotations

import click

from sheetfed.addons import Addons, discover, settings_for
from sheetfed.api.contracts import Command
from sheetfed.api.errors import BadConfig
from sheetfed.api.hooks import CommandSpec
from sheetfed.cli.root import Run
from sheetfed.factories import loaded


def addon_words(run: Run) -> dict[str, click.Command]:
    """Return the addons' commands by their words; none where the configuration is bad."""
    try:
        addons = discover(disabled=run.config.disabled, interpreters=run.config.interpreters)
    except BadConfig:
        return {}
    return {name: _word(run, addons, spec) for name, spec in addons.commands.items()}


def _word(run: Run, addons: Addons, spec: CommandSpec) -> click.Command:
    def call(arguments: tuple[str, ...]) -> int:
        from sheetfed.cli.host import LocalHost  # noqa: PLC0415 - needed once the word is called

        made: Command = loaded(spec, Command)(settings_for(addons, spec, run.config))
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
