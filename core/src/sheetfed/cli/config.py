"""`sheetfed config`: the settings, and where they come from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from sheetfed.addons import Addons, check_settings, discover, options_of
from sheetfed.cli.root import Run
from sheetfed.config import Config
from sheetfed.keeping import retention_text


@click.group("config")
def command() -> None:
    """Show the configuration."""


@command.command("show")
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show(run: Run, *, origin: bool, as_json: bool) -> None:
    """Print every setting in force; secrets stay hidden. A mistake in the file is an error."""
    config = run.config
    addons = discover(disabled=config.disabled)
    warnings = check_settings(addons, config)
    values = [*_values(config, addons)]
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


def _values(config: Config, addons: Addons) -> Iterator[tuple[str, Any]]:
    yield "home", str(config.home)
    yield "port", config.port
    yield "tls", config.tls
    yield "tls_port", config.tls_port
    yield from _keeping(config)
    yield "strict", config.strict
    yield "disabled", [*config.disabled]
    yield "sites.approved", [*config.sites.approved]
    yield "sites.blocked", [*config.sites.blocked]
    ready = {row.name: options_of(addons, row) for row in addons.rows if row.state == "ready"}
    for name in sorted({*ready, *config.addons}):
        table = config.addons.get(name, {})
        options = ready.get(name, {})
        for key in sorted({*table, *options}):
            option = options.get(key)
            value = table.get(key, option.default if option else None)
            hidden = key in table and (option is None or option.kind == "secret")
            yield f"addons.{name}.{key}", "(hidden)" if hidden else value


def _keeping(config: Config) -> Iterator[tuple[str, Any]]:
    keeping = config.keeping
    yield "retention", retention_text(keeping.retention)
    yield "key", keeping.key
    for name, value in asdict(keeping.quota).items():
        yield f"quota.{name}", value


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
