"""Every setting in force, as far as it may be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sheetfed.addons import Addons, options_of
from sheetfed.config import Config
from sheetfed.keeping import retention_text


def values_of(config: Config, addons: Addons) -> Iterator[tuple[str, Any]]:
    """Yield every setting in force; what is secret, or may be, is hidden."""
    yield "home", str(config.home)
    yield "port", config.port
    yield "tls", config.tls
    yield "tls_port", config.tls_port
    yield from _keeping(config)
    yield "strict", config.strict
    yield "accounts", [*config.accounts]
    yield "log", config.log
    yield "disabled", [*config.disabled]
    yield "sites.approved", [*config.sites.approved]
    yield "sites.blocked", [*config.sites.blocked]
    yield from ((f"codecs.{kind}", codec) for kind, codec in sorted(config.codecs.items()))
    for source, command in sorted(config.interpreters.items()):
        yield f"interpreters.{source}", [*command]
    for name in sorted(config.targets):  # what else is said of them may be for nobody else
        yield f"targets.{name}.protocol", config.targets[name].get("protocol")
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
