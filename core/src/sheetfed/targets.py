"""Targets: places that the configuration names.

A page says a target's name and fills in its fields. Where that is, and with which password, only
the configuration says.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sheetfed.api.errors import AddonMissing, BadConfig, BadRequest, BadSettings, NotAllowed
from sheetfed.api.hooks import TargetSpec
from sheetfed.api.model import Choice, Option, OptionKind, Settings, Value
from sheetfed.api.options import fitted, misfit
from sheetfed.config import Config
from sheetfed.credentials import FORMS, Reference, fetch, reference
from sheetfed.events import LOCAL
from sheetfed.naming import check
from sheetfed.origins import is_web_origin, origin_hint
from sheetfed.specs import NAME
from sheetfed.spelling import nearest

OWN = ("protocol", "title", "sites", "type", "name", "fields", "bandwidth", "at-once")
"""The keys of a target's table that are the service's; the others are its protocol's."""

DEFAULT_NAME = "{document}-{date:%Y%m%d-%H%M%S}"
DEFAULT_TYPE = "application/pdf"

_ASKING = ThreadPoolExecutor(4, thread_name_prefix="secrets")
"""A keyring that is locked waits for a person; the threads of all others go on."""

_FIELD_KEYS = ("title", "kind", "default", "choices", "minimum", "maximum", "description")
_FIELD_KINDS: tuple[OptionKind, ...] = ("text", "int", "float", "bool", "choice", "secret")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*")
_PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]*@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Where a document is to go, as what, and the fields that the target asks for."""

    target: str
    type: str = ""
    options: Settings = field(default_factory=dict)
    fields: Settings = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One configured target. `sites` is None where every approved site may use it."""

    name: str
    title: str
    protocol: str
    sites: frozenset[str] | None
    type: str
    naming: str
    fields: tuple[Option, ...]
    settings: Mapping[str, Value]
    secrets: Mapping[str, Reference]
    bandwidth: int
    at_once: int

    @property
    def whereabouts(self) -> frozenset[str]:
        """What says where it is, or where its secrets are: no site's to know."""
        said = {str(value) for value in self.settings.values() if "/" in str(value)}
        said |= {found.name for found in self.secrets.values()}
        lines = {line for text in said for line in text.splitlines()}
        return frozenset(lines | {_expanded(line) for line in lines})

    def lets(self, owner: str) -> bool:
        """Tell whether somebody may send there."""
        return owner == LOCAL or self.sites is None or owner in self.sites


class Targets:
    """The targets of the configuration, each with the addon's spec of its protocol."""

    def __init__(
        self,
        places: Mapping[str, Place],
        *,
        specs: Mapping[str, TargetSpec],
        package_for: Callable[[str, str], str | None],
    ) -> None:
        self._places = places
        self._specs = specs
        self._package_for = package_for

    def offered(self, owner: str) -> Sequence[Place]:
        """Return the targets that somebody may use."""
        return [place for place in self._places.values() if place.lets(owner)]

    def missing(self, place: Place) -> AddonMissing | None:
        """Return why a target cannot be used: no addon brings its protocol."""
        if place.protocol in self._specs:
            return None
        package = self._package_for("target", place.protocol)
        if package is None:
            return AddonMissing(f"No installed addon brings the protocol {place.protocol!r}")
        words = f"The protocol {place.protocol!r} comes with {package}"
        return AddonMissing(words, package=package)

    def find(self, owner: str, name: str) -> tuple[Place, TargetSpec]:
        """Return a target and its protocol.

        Raises NotAllowed, in the same words for one that is not there and one that others may use,
        and AddonMissing.
        """
        place = self._places.get(name)
        if place is None or not place.lets(owner):
            raise NotAllowed(
                "There is no such target for you",
                advice="Choose one that is listed; the configuration names no other one.",
            )
        if missing := self.missing(place):
            raise missing
        return place, self._specs[place.protocol]

    def checked(self, owner: str, asked: Mapping[str, Any], *, pointer: str = "") -> Wish:
        """Return what a request asks for, its fields as the target wants them.

        Raises NotAllowed, AddonMissing, and BadSettings with a pointer to the field.
        """
        place, spec = self.find(owner, asked["target"])
        fields = _filled((*spec.fields, *place.fields), asked.get("fields") or {}, pointer)
        return Wish(
            target=place.name,
            type=asked.get("type") or place.type,
            options=dict(asked.get("options") or {}),
            fields=fields,
        )

    def secret_fields(self, name: str) -> frozenset[str]:
        """Return the fields of a target that are told to nobody."""
        place = self._places.get(name)
        spec = self._specs.get(place.protocol) if place else None
        asked = (*(spec.fields if spec else ()), *(place.fields if place else ()))
        return frozenset(option.name for option in asked if option.kind == "secret")

    def naming(self, name: str) -> str:
        """Return the template of a target's names."""
        place = self._places.get(name)
        return place.naming if place else DEFAULT_NAME

    def fields_of(self, place: Place) -> tuple[Option, ...]:
        """Return what a delivery to a target is asked for."""
        spec = self._specs.get(place.protocol)
        return (*(spec.fields if spec else ()), *place.fields)


async def settled(place: Place) -> Settings:
    """Return what a target's class is made with, secrets fetched. Raises TargetRefused."""

    def look() -> dict[str, Value]:
        return {name: fetch(found) for name, found in place.secrets.items()}

    if not place.secrets:
        return place.settings
    found = await asyncio.get_running_loop().run_in_executor(_ASKING, look)
    return {**place.settings, **found}


def read(config: Config, specs: Mapping[str, TargetSpec]) -> dict[str, Place]:
    """Return the targets of the configuration. Raises BadConfig with the line that is wrong."""
    return {
        name: _Table(config, name, table).place(specs) for name, table in config.targets.items()
    }


class _Table:
    """One `[targets.NAME]` table."""

    def __init__(self, config: Config, name: str, table: Mapping[str, Any]) -> None:
        self._config = config
        self._name = name
        self._table = table

    def place(self, specs: Mapping[str, TargetSpec]) -> Place:
        if not NAME.fullmatch(self._name):
            raise self._fault("", f"the name {self._name!r} is not lower-case letters, digits, -")
        protocol = self._text("protocol", "")
        if not protocol:
            known = f"; known are: {', '.join(specs)}" if specs else ""
            raise self._fault("", f"'protocol' is missing{known}")
        spec = specs.get(protocol)
        settings, secrets = self._settings(spec) if spec else ({}, {})
        template = self._text("name", DEFAULT_NAME)
        try:
            check(template)
        except BadRequest as error:
            raise self._fault("name", error.message) from error
        media_type = self._text("type", DEFAULT_TYPE)
        if not _MEDIA_TYPE.fullmatch(media_type):
            raise self._fault("type", "'type' must be a media type, as application/pdf")
        return Place(
            name=self._name,
            title=self._text("title", self._name),
            protocol=protocol,
            sites=self._sites(),
            type=media_type,
            naming=template,
            fields=self._fields(),
            settings=settings,
            secrets=secrets,
            bandwidth=self._number("bandwidth", 0, most=10_000_000),
            at_once=self._number("at-once", 2, least=1, most=16),
        )

    def _settings(self, spec: TargetSpec) -> tuple[dict[str, Value], dict[str, Reference]]:
        options = {option.name: option for option in spec.options}
        settings: dict[str, Value] = {
            option.name: option.default for option in spec.options if option.kind != "secret"
        }
        secrets: dict[str, Reference] = {}
        for key, value in self._table.items():
            if key in OWN:
                continue
            if key not in options:
                near = nearest(key, (*options, *OWN))
                known = f"it knows: {', '.join((*OWN, *options))}"
                hint = f"did you mean '{near}'?" if near else known
                raise self._fault(key, f"the protocol '{spec.name}' has no setting '{key}'; {hint}")
            if options[key].kind == "secret":
                found = reference(value, self._folder())
                if found is None:
                    raise self._fault(key, f"'{key}' must say where the secret is: {FORMS}")
                secrets[key] = found
            else:
                settings[key] = self._fitting(options[key], _flat(value))
        return settings, secrets

    def _fitting(self, option: Option, value: Any) -> Value:
        if isinstance(value, str) and _PASSWORD.search(value):
            raise self._fault(option.name, "a password must not stand in a URL; see 'password'")
        try:
            return fitted(option, value)
        except BadSettings as error:
            raise self._fault(option.name, error.message) from error

    def _sites(self) -> frozenset[str] | None:
        sites = self._table.get("sites")
        if sites is None:
            return None
        if not isinstance(sites, list):
            raise self._fault("sites", "'sites' must be a list of origins")
        for origin in sites:
            if not isinstance(origin, str) or not is_web_origin(origin):
                hint = origin_hint(str(origin))
                raise self._fault("sites", f"{origin!r} is no origin of a site; {hint}")
        return frozenset(sites)

    def _fields(self) -> tuple[Option, ...]:
        table = self._table.get("fields", {})
        if not isinstance(table, dict):
            raise self._fault("fields", "'fields' must be a table, as fields.case = \"Case\"")
        return tuple(self._field(name, found) for name, found in table.items())

    def _field(self, name: str, found: object) -> Option:
        key = f"fields.{name}"
        table: Any = {"title": found} if isinstance(found, str) else found
        if not isinstance(table, dict) or not re.fullmatch(r"[A-Za-z_][\w-]{0,60}", name):
            raise self._fault(key, f"'{key}' must be a title, or a table with: {_FIELD_KEYS}")
        if unknown := [word for word in table if word not in _FIELD_KEYS]:
            words = f"a field has no '{unknown[0]}'; known are: {', '.join(_FIELD_KEYS)}"
            raise self._fault(key, words)
        choices = table.get("choices", ())
        kind = table.get("kind", "choice" if choices else "text")
        if kind not in _FIELD_KINDS:
            raise self._fault(key, f"'kind' must be one of {', '.join(_FIELD_KINDS)}")
        option = Option(
            name=name,
            title=str(table.get("title", name)),
            kind=kind,
            default=table.get("default"),
            description=str(table.get("description", "")),
            choices=tuple(Choice(value=one, title=str(one)) for one in choices),
            minimum=table.get("minimum"),
            maximum=table.get("maximum"),
        )
        fault = "" if option.default is None else misfit(option, option.default)
        if fault:
            raise self._fault(key, f"the default of '{name}' {fault}")
        return option

    def _text(self, key: str, default: str) -> str:
        value = self._table.get(key, default)
        if not isinstance(value, str):
            raise self._fault(key, f"'{key}' must be text")
        return value

    def _number(self, key: str, default: int, *, most: int, least: int = 0) -> int:
        value = self._table.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self._fault(key, f"'{key}' must be a number from {least} to {most}")
        return value

    def _folder(self) -> Any:
        return self._config.file.parent if self._config.file else self._config.home

    def _fault(self, key: str, words: str) -> BadConfig:
        path = ("targets", self._name, *key.split(".")) if key else ("targets", self._name)
        while len(path) > 2 and ".".join(path) not in self._config.origins:
            path = path[:-1]
        return BadConfig(f"{self._config.place(*path)}: {words}")


def _expanded(path: str) -> str:
    try:
        return str(Path(path).expanduser())
    except RuntimeError:  # the home of nobody here
        return path


def _flat(value: Any) -> Any:
    """Return a list as lines, and a table as lines of `name: value`: options hold plain values."""
    if isinstance(value, dict):
        return "\n".join(f"{name}: {one}" for name, one in value.items())
    if isinstance(value, list):
        return "\n".join(str(one) for one in value)
    return value


def _filled(asked: Sequence[Option], given: Mapping[str, Value], pointer: str) -> Settings:
    options = {option.name: option for option in asked}
    filled: dict[str, Value] = {}
    for name, value in given.items():
        if name not in options:
            known = ", ".join(options) or "none"
            words = f"The target has no field {name!r}; it has: {known}"
            raise _misfilled(BadSettings(words, option=name), pointer, name)
        try:
            filled[name] = fitted(replace(options[name], readonly=False), value)
        except BadSettings as error:
            raise _misfilled(error, pointer, name) from error
    for name, option in options.items():
        if name not in filled and option.default is None:
            words = f"The target needs the field {name!r}: {option.title}"
            raise _misfilled(BadSettings(words, option=name), pointer, name)
        filled.setdefault(name, option.default)
    return filled


def _misfilled(error: BadSettings, pointer: str, name: str) -> BadSettings:
    escaped = name.replace("~", "~0").replace("/", "~1")
    fault = {"pointer": f"{pointer}/fields/{escaped}", "detail": error.message, "where": "body"}
    error.details["errors"] = [fault]
    return error
