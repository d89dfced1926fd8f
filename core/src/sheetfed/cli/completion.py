"""`sheetfed completion`: words that a shell can complete."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that completes our words in a shell.

    For bash: sheetfed completion bash > ~/.local/share/bash-completion/completions/sheetfed
    """
    kind = get_completion_class(shell)
    assert kind
    print(kind(ctx.find_root().command, {}, "sheetfed", "_SHEETFED_COMPLETE").source())
