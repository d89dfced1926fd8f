"""`sheetfed config`: the settings, and where they come from."""

from __future__ import annotations

import json
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from sheetfed import targets
from sheetfed.addons import check_settings, discover, options_of
from sheetfed.api.errors import BadConfig, NotAllowed
from sheetfed.api.model import Option
from sheetfed.cli.root import Run
from sheetfed.config import FILE, Config, load
from sheetfed.disk import write_whole
from sheetfed.layers import is_locked
from sheetfed.schema import SETTINGS, schema
from sheetfed.system.values import values_of


@click.group("config")
def command() -> None:
    """Show, check and change the configuration."""


@command.command("show")
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show(run: Run, *, origin: bool, as_json: bool) -> None:
    """Print every setting in force; secrets stay hidden. A mistake in the file is an error."""
    config = run.config
    addons = discover(disabled=config.disabled, interpreters=config.interpreters)
    warnings = [*config.notes, *check_settings(addons, config)]
    values = [*values_of(config, addons)]
    if as_json:
        found = {
            key: {"value": value, "origin": config.origins.get(key, "default")} if origin else value
            for key, value in values
        }
        file = str(config.file) if config.file else None
        print(json.dumps({"file": file, **found, "warnings": warnings}, indent=2))
        return
    for key, value in values:
        where = f"  # {config.origins.get(key, 'default')}" if origin else ""
        line = f"# {key} is not set" if value is None else f"{key} = {_toml(value)}"
        print(line + where)
    for warning in warnings:
        print(f"# {warning}")


@command.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def check(run: Run, *, as_json: bool) -> None:
    """Look for mistakes in all that is configured; the first one is an error.

    What has no effect is told, and is no error.
    """
    config = run.config
    notes = _checked(config)
    if as_json:
        print(json.dumps({"file": str(config.file) if config.file else None, "notes": notes}))
        return
    for note in notes:
        print(note)
    if not run.quiet:
        print(f"{config.file or 'The configuration'} has no mistake.", file=sys.stderr)


@command.command("set")
@click.argument("key")
@click.argument("value")
@click.pass_obj
def set_(run: Run, *, key: str, value: str) -> None:
    """Set one value in the file, as `tls false` or `addons.sane.binding ctypes`.

    Comments stay. A value that would be a mistake is not written. Text needs no quotes; what it
    would be taken for otherwise does: '"12"'.
    """
    _write(run, key, _read(value))


@command.command("unset")
@click.argument("key")
@click.pass_obj
def unset(run: Run, *, key: str) -> None:
    """Take one value out of the file, so that the default counts again."""
    _write(run, key, None)


@command.command("schema")
@click.option("--addons", "with_addons", is_flag=True, help="Say what installed addons can be set.")
@click.pass_obj
def schema_(run: Run, *, with_addons: bool) -> None:
    """Print the JSON Schema of the file, for an editor."""
    known = None
    if with_addons:
        addons = discover(disabled=run.config.disabled, interpreters=run.config.interpreters)
        ready = (row for row in addons.rows if row.state == "ready")
        known = {
            row.name: {name: _form(option) for name, option in options.items()}
            for row in ready
            if (options := options_of(addons, row))
        }
    print(json.dumps(schema(known), indent=2))


def _checked(config: Config) -> list[str]:
    """Return what has no effect. Raises what is a mistake."""
    addons = discover(disabled=config.disabled, interpreters=config.interpreters)
    notes = [*config.notes, *check_settings(addons, config)]
    targets.read(config, addons.targets)
    return notes


def _read(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _write(run: Run, key: str, value: Any) -> None:
    """Change the file, if it is right afterwards. Raises BadConfig, NotAllowed."""
    import tomlkit  # noqa: PLC0415 - slow, and only needed to write
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 - as above

    config = run.config
    path = _parts(key)
    if place := is_locked(".".join(path), config.locked):
        raise NotAllowed(f"The administrator decides '{key}' ({place})", advice="Ask them.")
    file = config.file or _file(run)
    text = file.read_text("utf-8-sig") if file.exists() else ""
    document = tomlkit.parse(text)
    try:
        _change(document, path, value)
    except TOMLKitError as error:
        raise BadConfig(f"{file}: '{key}' cannot be set: {error}") from error
    changed = tomlkit.dumps(document)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _try(run, file, changed)
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
    write_whole(file.resolve(), changed.encode(), mode=mode)
    if value is not None and not run.quiet:
        _tell_what_counts(run, file, path)


def _tell_what_counts(run: Run, file: Path, path: list[str]) -> None:
    """Say what lies above the file, where that says something else."""
    place = load(file=run.file, home=run.home).place(*path)
    if place.partition(", line ")[0] != str(file.absolute()):
        print(f"{place} says otherwise, and that counts.", file=sys.stderr)


def _file(run: Run) -> Path:
    """Return the file that is read where it is there. There is none yet."""
    from platformdirs import user_config_path  # noqa: PLC0415 - slow, and only needed here

    if run.file or run.home:
        return run.file or run.config.home / FILE
    return user_config_path("sheetfed", appauthor=False) / FILE


def _parts(key: str) -> list[str]:
    """Return a dotted key's parts; a part with a dot in it stands in quotes. Raises BadConfig."""
    import tomlkit  # noqa: PLC0415 - as above
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 - as above

    try:
        table: Any = tomlkit.parse(f"{key} = 0").unwrap()
    except TOMLKitError as error:
        raise BadConfig(f"'{key}' is no name of a setting", advice="As: quota.pages") from error
    parts = []
    while isinstance(table, dict):
        ((part, table),) = table.items()
        parts.append(part)
    if parts[0] not in SETTINGS:
        raise BadConfig(f"There is no setting '{parts[0]}'; known are: {', '.join(SETTINGS)}")
    return parts


def _change(document: Any, path: list[str], value: Any) -> None:
    import tomlkit  # noqa: PLC0415 - as above

    table = document
    for depth, part in enumerate(path[:-1]):
        if part not in table:
            if value is None:
                return
            table[part] = tomlkit.table(is_super_table=depth < len(path) - 2)
        table = table[part]
        if not isinstance(table, dict):
            raise BadConfig(f"'{'.'.join(path[: depth + 1])}' is a value, and no table")
    if value is None:
        table.pop(path[-1], None)
    else:
        table[path[-1]] = value


def _try(run: Run, file: Path, text: str) -> None:
    """Raise what would be a mistake if the file said this."""
    trial = file.with_name(f".{file.name}.trial")
    write_whole(trial, text.encode())
    try:
        _checked(replace(load(file=trial, home=run.home), file=file))
    except BadConfig as error:
        told = error.message.replace(str(trial), str(file))
        raise BadConfig(told, advice="Nothing was changed.") from error
    finally:
        trial.unlink()


def _form(option: Option) -> dict[str, Any]:
    """Return an addon's option as the schema has it."""
    kinds = {"int": "integer", "float": "number", "bool": "boolean"}
    form: dict[str, Any] = {"type": kinds.get(option.kind, "string"), "title": option.title}
    if option.choices:
        form["enum"] = [choice.value for choice in option.choices]
    if option.minimum is not None:
        form["minimum"] = option.minimum
    if option.maximum is not None:
        form["maximum"] = option.maximum
    return form


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
