"""Finds addons, loads each alone, says how each one fared."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import re
import sys
import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import Distribution, EntryPoint, distributions
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Literal, TypeVar

import pluggy

from sheetfed.api import hooks
from sheetfed.api.errors import BadConfig, SheetfedError
from sheetfed.api.hooks import (
    CONTRACT,
    CodecSpec,
    CommandSpec,
    EditSpec,
    SourceSpec,
    Spec,
    StepSpec,
    TargetSpec,
    WebAppSpec,
)
from sheetfed.api.model import Option, Settings
from sheetfed.api.options import misfit
from sheetfed.catalogue import keeper_of
from sheetfed.config import Config
from sheetfed.interrupts import Interrupts, hearing
from sheetfed.ownership import owner_of, strangers
from sheetfed.specs import KINDS, NAME, spec_fault
from sheetfed.spelling import nearest

log = logging.getLogger(__name__)

State = Literal["ready", "disabled", "incompatible", "broken"]

_GROUP = re.compile(r"sheetfed\.v(\d+)")
_HEADER = re.compile(r"^(Name|Version): *(\S+)", re.MULTILINE)
_MOST = 100
"""More specs than this from one hook are a mistake, or an endless generator."""
_NOT_THEIRS = (__file__, importlib.__file__.rpartition("__init__")[0], "<")
_HOOKS = ModuleType("hooks")
vars(_HOOKS).update(
    {name: hook for name, hook in vars(hooks).items() if name.startswith("sheetfed_")}
)
"""The contract alone: every name of what a manager is given is looked at."""
_WORDS: Mapping[str, str] = {
    "sources": "source",
    "codecs": "codec",
    "steps": "step",
    "targets": "target",
    "edits": "edit",
    "webapps": "webapp",
    "commands": "command",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AddonRow:
    """How one installed addon fared.

    `owner` is the account that its file belongs to; `warning` says which other one could change it.
    """

    name: str
    state: State
    reason: str = ""
    distribution: str = ""
    version: str = ""
    location: str = ""
    owner: str = ""
    warning: str = ""
    contract: int | None = None
    hooks: tuple[str, ...] = ()
    offers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addons:
    """Every installed addon, and by name what the ready ones offer."""

    rows: tuple[AddonRow, ...]
    sources: Mapping[str, SourceSpec]
    codecs: Mapping[str, CodecSpec]
    steps: Mapping[str, StepSpec]
    targets: Mapping[str, TargetSpec]
    edits: Mapping[str, EditSpec]
    webapps: Mapping[str, WebAppSpec]
    commands: Mapping[str, CommandSpec]


def discover(*, disabled: Collection[str] = (), interpreters: Collection[str] = ()) -> Addons:
    """Look at every installed addon; an addon's fault becomes a row, never an exception.

    `interpreters` are the sources that have one of their own.
    """
    found = _Found(interpreters)
    with hearing() as interrupts:
        for entry, row in _installed():
            found.take(entry, row, disabled, interrupts)
    return Addons(
        rows=tuple(found.rows),
        sources=found.offered("sources", SourceSpec),
        codecs=found.offered("codecs", CodecSpec),
        steps=found.offered("steps", StepSpec),
        targets=found.offered("targets", TargetSpec),
        edits=found.offered("edits", EditSpec),
        webapps=found.offered("webapps", WebAppSpec),
        commands=found.offered("commands", CommandSpec),
    )


def settings_for(addons: Addons, spec: Spec, config: Config) -> Settings:
    """Return what the class behind this spec is made with: the addon's table, else defaults."""
    owners = [row.name for row in addons.rows if any(s is spec for s in _specs(addons, row))]
    table = config.addons.get(owners[0], {}) if owners else {}
    return {option.name: table.get(option.name, option.default) for option in spec.options}


def failed(addons: Addons, faults: Sequence[tuple[Spec, str]]) -> Addons:
    """Return the addons where those that bring these specs do not work after all."""

    def judged(row: AddonRow) -> AddonRow:
        mine = [*_specs(addons, row)]
        reasons = [reason for spec, reason in faults if any(spec is known for known in mine)]
        return replace(row, state="broken", reason="; ".join(reasons)) if reasons else row

    return replace(addons, rows=tuple(judged(row) for row in addons.rows))


def check_settings(addons: Addons, config: Config) -> list[str]:
    """Compare what is set for addons, and which codecs, with what they offer. Raises BadConfig.

    Returns what is no mistake but worth a word: tables of addons that are not installed.
    """
    rows = {row.name: row for row in reversed(addons.rows)}
    absent = []
    for name, table in config.addons.items():
        row = rows.get(name)
        if row is None:
            _check_absent(name, rows, config)
            absent.append(f"{config.place('addons', name)}: no addon '{name}' is installed")
        elif row.state == "ready":
            _check_table(name, table, options_of(addons, row), config)
    for media_type, codec in config.codecs.items():
        _check_codec(media_type, codec, addons, config)
    for source in config.interpreters:
        if source not in addons.sources:
            place = config.place("interpreters", source)
            absent.append(f"{place}: no addon brings the source '{source}'")
    return absent


def options_of(addons: Addons, row: AddonRow) -> dict[str, Option]:
    """Return by name what can be set in the addon's table; a target's options have their own."""
    specs = (spec for spec in _specs(addons, row) if not isinstance(spec, TargetSpec))
    return {option.name: option for spec in specs for option in spec.options}


_S = TypeVar("_S", bound=Spec)


class _Fault(Exception):
    """Why an addon is broken, in words."""


class _Manager(pluggy.PluginManager):
    """Holds one addon against the contract, which is the same for all and read once."""

    _known: ClassVar[dict[str, pluggy.HookspecOpts | None]] = {}

    def parse_hookspec_opts(self, module_or_class: Any, name: str) -> pluggy.HookspecOpts | None:
        """Return how a hook is to be called, None for other names of the contract."""
        if name not in self._known:
            self._known[name] = super().parse_hookspec_opts(module_or_class, name)
        return self._known[name]


class _Found:
    """What was found so far: the rows, and who brings which name."""

    def __init__(self, interpreters: Collection[str]) -> None:
        self.rows: list[AddonRow] = []
        self._interpreters = interpreters
        self._owners: dict[tuple[str, str], AddonRow] = {}
        self._specs: dict[str, list[Spec]] = {kind: [] for kind in KINDS}

    def offered(self, kind: str, form: type[_S]) -> dict[str, _S]:
        """Return the specs of one kind by name."""
        return {spec.name: spec for spec in self._specs[kind] if isinstance(spec, form)}

    def take(
        self,
        entry: EntryPoint | None,
        row: AddonRow,
        disabled: Collection[str],
        interrupts: Interrupts,
    ) -> None:
        """Judge one entry point and keep what comes of it."""
        specs: Mapping[str, list[Spec]] = {}
        if entry is not None:
            row, specs = self._judge(entry, row, disabled)
            interrupts.check()
        if row.state == "broken":
            log.warning("addon %s of %s is broken: %s", row.name, row.distribution, row.reason)
        row = _watched(row)
        if row.warning:
            log.warning("addon %s of %s: %s", row.name, row.distribution, row.warning)
        self.rows.append(row)
        self._owners.setdefault(("addon", row.name), row)
        for kind, offered in specs.items():
            self._specs[kind] += offered
            self._owners.update({(_WORDS[kind], spec.name): row for spec in offered})

    def _judge(
        self, entry: EntryPoint, row: AddonRow, disabled: Collection[str]
    ) -> tuple[AddonRow, Mapping[str, list[Spec]]]:
        row = replace(row, location=_location(entry))
        if row.contract != CONTRACT:
            reason = f"it is made for contract {row.contract}; this service speaks {CONTRACT}"
            return replace(row, state="incompatible", reason=reason), {}
        if row.name in disabled:
            return replace(row, state="disabled", reason="switched off in the configuration"), {}
        try:
            self._check_name("addon", row.name, row)
            # What an addon prints must not end up in an answer of ours.
            with contextlib.redirect_stdout(sys.stderr):
                return self._load(entry, row)
        except BaseException as error:  # an addon may raise anything; that is the point
            log.debug("addon %s", row.name, exc_info=True)
            return replace(row, state="broken", reason=_words(error)), {}

    def _load(self, entry: EntryPoint, row: AddonRow) -> tuple[AddonRow, Mapping[str, list[Spec]]]:
        addon = _import(entry)
        manager = _register(addon, row.name)
        callers = sorted(manager.get_hookcallers(addon) or [], key=lambda caller: caller.name)
        if not callers:
            raise _Fault("it has no hook; is @hookimpl missing?")
        specs: dict[str, list[Spec]] = {}
        for caller in callers:
            kind = caller.name.removeprefix("sheetfed_")
            specs[kind] = _answer(caller)
            for spec in specs[kind]:
                self._check_spec(spec, kind, row, caller.name)
        specs, reason = self._working(specs)
        if reason:
            return replace(row, state="disabled", reason=reason), {}
        row = replace(
            row,
            location=getattr(addon, "__file__", None) or row.location,
            hooks=tuple(caller.name for caller in callers),
            offers={kind: tuple(spec.name for spec in offered) for kind, offered in specs.items()},
        )
        for kind, names in row.offers.items():
            if len(set(names)) < len(names):
                raise _Fault(f"its hook sheetfed_{kind} offers one name twice")
        return row, specs

    def _working(self, specs: Mapping[str, list[Spec]]) -> tuple[dict[str, list[Spec]], str]:
        """Return the specs that work on this system, and why where none does."""
        working = {kind: [*filter(self._works, offered)] for kind, offered in specs.items()}
        if any(working.values()) or not any(specs.values()):
            return working, ""
        sources = [spec for spec in specs["sources"] if isinstance(spec, SourceSpec)]
        systems = sorted({name for spec in sources for name in spec.platforms or ()})
        return working, (
            f"it works on {', '.join(systems)}, this is {sys.platform}; elsewhere it needs an"
            f" interpreter of its own, see [interpreters]"
        )

    def _works(self, spec: Spec) -> bool:
        """Whether this system is one for the spec, or another interpreter was named."""
        if not isinstance(spec, SourceSpec) or spec.platforms is None:
            return True
        return sys.platform in spec.platforms or spec.name in self._interpreters

    def _check_spec(self, spec: Any, kind: str, row: AddonRow, hook: str) -> None:
        if isinstance(spec, Spec):
            self._check_name(_WORDS[kind], spec.name, row)
        fault = spec_fault(spec, kind)
        if fault:
            raise _Fault(f"its hook {hook} answers nonsense: {fault}")

    def _check_name(self, kind: str, name: Any, row: AddonRow) -> None:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise _Fault(f"the {kind} name {name!r} is not lower-case letters, digits and dashes")
        other = self._owners.get((kind, name))
        if other is not None:
            raise _Fault(f"the {kind} '{name}' already comes from {_origin(other)}")
        package = keeper_of(kind, name)
        if package is not None and package != row.distribution:
            raise _Fault(f"the {kind} name '{name}' belongs to the package {package}")


def _installed() -> list[tuple[EntryPoint | None, AddonRow]]:
    """Return every entry point of ours as a row to be judged: the core's first, then by name.

    Where a distribution serves several contract versions, only the one that fits is looked at.
    """
    found: list[tuple[tuple[Any, ...], EntryPoint | None, AddonRow]] = []
    seen: set[str] = set()
    for distribution in distributions():
        pairs = _entries(distribution)
        key = _key(pairs[0][1].distribution) if pairs else ""
        if key in seen:  # an older copy further down the path
            continue
        seen |= {key} - {""}
        found += [((key != "sheetfed", key, row.name), entry, row) for entry, row in pairs]
    found.sort(key=lambda item: item[0])
    fitting = {place for place, _, row in found if row.contract == CONTRACT}
    return [
        (entry, row)
        for place, entry, row in found
        if row.contract in (CONTRACT, None) or place not in fitting
    ]


def _watched(row: AddonRow) -> AddonRow:
    """Return the row with whose the addon's file is, and who else could change it."""
    if not row.location:
        return row
    place = Path(row.location)
    return replace(row, owner=owner_of(place), warning=strangers(place))


def _key(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _entries(distribution: Distribution) -> list[tuple[EntryPoint | None, AddonRow]]:
    if "sheetfed.v" not in _text(distribution, "entry_points.txt"):
        return []  # as most are: to read them all as what they are takes long
    try:
        entries = list(distribution.entry_points)
        fault = ""
    except Exception as error:  # noqa: BLE001 - a stranger's file may hold anything
        entries = []
        fault = f"its entry_points.txt cannot be read: {_words(error)}"
    ours = [(entry, match) for entry in entries if (match := _GROUP.fullmatch(entry.group))]
    if not ours and not fault:
        return []
    name, version = _identity(distribution)
    if fault:
        row = AddonRow(name=name, state="broken", reason=fault, distribution=name, version=version)
        return [(None, row)]
    return [
        (
            entry,
            AddonRow(
                name=entry.name,
                state="ready",
                distribution=name,
                version=version,
                contract=int(match[1]),
            ),
        )
        for entry, match in ours
    ]


def _text(distribution: Distribution, file: str) -> str:
    try:
        return distribution.read_text(file) or ""
    except Exception:  # noqa: BLE001 - a stranger's file may hold anything
        return ""


def _identity(distribution: Distribution) -> tuple[str, str]:
    """Return name and version; what comes after them, a whole README, is not looked at."""
    told = _text(distribution, "METADATA") or _text(distribution, "PKG-INFO")
    found = dict(_HEADER.findall(told.partition("\n\n")[0]))
    return found.get("Name", "unknown"), found.get("Version", "unknown")


def _location(entry: EntryPoint) -> str:
    """Return the addon's file without importing it."""
    try:
        spec = importlib.util.find_spec(entry.module.partition(".")[0])
    except Exception:  # noqa: BLE001 - as above
        return ""
    return (spec.origin or "") if spec else ""


def _import(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except BaseException as error:
        raise _Fault(f"it cannot be imported: {_words(error)}") from error


def _register(addon: Any, name: str) -> pluggy.PluginManager:
    """Give the addon a manager of its own, and hold its hooks against the contract."""
    manager = _Manager("sheetfed")
    manager.add_hookspecs(_HOOKS)
    try:
        manager.register(addon, name=name)
    except pluggy.PluginValidationError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        hook = re.search(r"sheetfed_\w+", lines[0])
        raise _Fault(
            f"its hook {hook[0] if hook else lines[0]} does not fit the contract: {lines[-1]}"
        ) from error
    unknown = [c.name for c in manager.get_hookcallers(addon) or [] if not c.has_spec()]
    if unknown:
        near = nearest(unknown[0], (f"sheetfed_{kind}" for kind in KINDS))
        hint = f"; was {near} meant?" if near else ""
        raise _Fault(f"contract {CONTRACT} has no hook {unknown[0]}{hint}")
    manager.check_pending()
    return manager


def _answer(hook: pluggy.HookCaller) -> list[Any]:
    try:
        answers = hook()
        return [spec for answer in answers for spec in _listed(answer)]
    except _Fault as error:
        raise _Fault(f"its hook {hook.name} answers nonsense: {error}") from error
    except BaseException as error:
        raise _Fault(f"its hook {hook.name} failed: {_words(error)}") from error


def _listed(answer: Any) -> list[Any]:
    if isinstance(answer, str | bytes | Mapping) or not isinstance(answer, Iterable):
        raise _Fault(f"{type(answer).__name__} where a list of specs belongs")
    specs = list(islice(answer, _MOST + 1))
    if len(specs) > _MOST:
        raise _Fault(f"more than {_MOST} specs")
    return specs


def _words(error: BaseException) -> str:
    """Return an exception as one line, with its place where it comes from the addon's code."""
    if isinstance(error, _Fault | SheetfedError):
        return str(error)
    text = " ".join(str(error).split())
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith(_NOT_THEIRS)
    ]
    place = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{': ' if text else ''}{text}{place}"


def _origin(row: AddonRow) -> str:
    return f"{row.distribution} {row.version}"


def _specs(addons: Addons, row: AddonRow) -> Iterator[Spec]:
    if row.state != "ready":
        return
    for kind, names in row.offers.items():
        by_name: Mapping[str, Spec] = getattr(addons, kind)
        yield from (by_name[name] for name in names)


def _check_absent(name: str, rows: Collection[str], config: Config) -> None:
    place = config.place("addons", name)
    near = nearest(name, rows, likeness=0.75)  # another addon's name may be like one of ours
    if near and keeper_of("addon", name) is None:
        raise BadConfig(f"{place}: no addon '{name}' is installed; did you mean '{near}'?")


def _check_codec(media_type: str, codec: Any, addons: Addons, config: Config) -> None:
    place = config.place("codecs", media_type)
    known = [name for name, spec in addons.codecs.items() if media_type in spec.reads | spec.writes]
    if codec not in known:
        offered = f"these know it: {', '.join(known)}" if known else "no codec here knows it"
        raise BadConfig(f"{place}: {codec!r} is no codec for {media_type}; {offered}")


def _check_table(
    addon: str, table: Mapping[str, Any], options: Mapping[str, Option], config: Config
) -> None:
    for key, value in table.items():
        place = config.place("addons", addon, key)
        if key not in options:
            near = nearest(key, options)
            known = f"it knows: {', '.join(options)}" if options else "it has none"
            hint = f"did you mean '{near}'?" if near else known
            raise BadConfig(f"{place}: the addon '{addon}' has no setting '{key}'; {hint}")
        fault = misfit(options[key], value)
        if fault:
            raise BadConfig(f"{place}: '{key}' {fault}")
