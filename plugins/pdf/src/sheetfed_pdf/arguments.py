"""Options of the codec as words of the command line."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from sheetfed.api.model import Option, Settings, Value
from sheetfed.api.options import in_words


def add(parser: argparse.ArgumentParser, options: Iterable[Option], *, prefix: str = "") -> None:
    """Add one word for each option, in the option's own groups."""
    groups: dict[str, argparse._ArgumentGroup] = {}
    for option in options:
        title = option.group or "options of pages"
        if title not in groups:
            groups[title] = parser.add_argument_group(title.lower())
        group = groups[title]
        word = f"--{prefix}{option.name}"
        dest = f"{prefix}{option.name}"
        words = _help(option)
        if option.kind == "bool":
            action = argparse.BooleanOptionalAction
            group.add_argument(word, dest=dest, action=action, default=None, help=words)
        elif option.choices:
            values = [str(choice.value) for choice in option.choices]
            group.add_argument(word, dest=dest, choices=values, help=words)
        elif option.kind in {"int", "float"}:
            number = int if option.kind == "int" else float
            group.add_argument(word, dest=dest, type=number, metavar="N", help=words)
        else:
            group.add_argument(word, dest=dest, metavar="TEXT", help=words)


def given(asked: argparse.Namespace, options: Iterable[Option], *, prefix: str = "") -> Settings:
    """Return what was asked for, by the names of the options."""
    values: dict[str, Value] = {}
    for option in options:
        value = getattr(asked, f"{prefix}{option.name}", None)
        if value is not None:
            values[option.name] = value
    return values


def _help(option: Option) -> str:
    said = option.description or option.title
    if option.kind in {"int", "float"} and option.minimum is not None:
        said = f"{said.rstrip('.')} ({in_words(option)})."
    if option.default not in {None, ""} and option.kind != "bool":
        said = f"{said.rstrip('.')}; {option.default} if not given."
    return said.replace("%", "%%")
