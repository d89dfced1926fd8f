"""What a spec must be like before anybody trusts it."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from sheetfed.api.hooks import (
    CodecSpec,
    CommandSpec,
    EditSpec,
    Format,
    SourceSpec,
    Spec,
    StepSpec,
    TargetSpec,
    WebAppSpec,
)
from sheetfed.api.model import Option
from sheetfed.api.options import misfit

REPLACED = "replace"
"""The edit that puts the picture of another file in a page's place; no addon brings it."""

KINDS: Mapping[str, type[Spec]] = {
    "sources": SourceSpec,
    "codecs": CodecSpec,
    "steps": StepSpec,
    "targets": TargetSpec,
    "edits": EditSpec,
    "webapps": WebAppSpec,
    "commands": CommandSpec,
}
"""The specs that each hook returns, by the hook's name without its prefix."""

NAME = re.compile(r"[a-z][a-z0-9-]*")
_FACTORY = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
_ENDING = re.compile(r"[a-z0-9]{1,16}")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*")


def spec_fault(spec: Any, kind: str) -> str:
    """Say in words what is wrong with a spec; empty where nothing is."""
    if type(spec) is not KINDS[kind]:
        return f"{type(spec).__name__} where {KINDS[kind].__name__} belongs"
    if not isinstance(spec.title, str) or not spec.title.strip():
        return f"'{spec.name}' has no title"
    faults = [_factory_fault(spec.factory)]
    if isinstance(spec, CodecSpec):
        faults += [
            _media_fault(kinds)
            for kinds in (spec.reads, spec.writes, spec.copies, spec.takes, spec.passes)
        ]
        faults += [_options_fault(spec.reading), _formats_fault(spec)]
    faults.append(_options_fault(spec.options))
    if isinstance(spec, TargetSpec):
        faults.append(_options_fault(spec.fields))
    if isinstance(spec, SourceSpec):
        faults.append(_platforms_fault(spec.platforms))
    if isinstance(spec, EditSpec):
        if spec.name == REPLACED:
            faults.append("the name of what the service itself does")
        if any(option.kind == "secret" for option in spec.options):
            faults.append("a secret, which would be kept with every page")
    fault = next(filter(None, faults), "")
    return f"'{spec.name}' has {fault}" if fault else ""


def _factory_fault(factory: Any) -> str:
    if not isinstance(factory, str) or not _FACTORY.fullmatch(factory):
        return f"the factory {factory!r}, which is not 'module:Class'"
    if not _exists(factory.partition(":")[0]):
        return f"the factory {factory!r}, whose module does not exist"
    return ""


def _exists(module: str) -> bool:
    """Look for a module's file, importing nothing that is not imported yet."""
    package = module.rpartition(".")[0]
    while package and package not in sys.modules:
        module, package = package, package.rpartition(".")[0]
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _platforms_fault(platforms: Any) -> str:
    if platforms is None:
        return ""
    if not isinstance(platforms, tuple) or not all(isinstance(name, str) for name in platforms):
        return "platforms that are no tuple of names"
    return ""


def _media_fault(media_types: Any) -> str:
    if not isinstance(media_types, frozenset):
        return f"{type(media_types).__name__} where a frozenset of media types belongs"
    for media_type in media_types:
        if not isinstance(media_type, str) or not _MEDIA_TYPE.fullmatch(media_type):
            return f"{media_type!r}, which is no media type"
    return ""


def _formats_fault(spec: CodecSpec) -> str:
    if not isinstance(spec.formats, tuple) or not all(isinstance(f, Format) for f in spec.formats):
        return "formats that are no tuple of Format"
    faults = ((one.media_type, _format_fault(one, spec)) for one in spec.formats)
    return next((f"the format {name!r}, {fault}" for name, fault in faults if fault), "")


def _format_fault(one: Format, spec: CodecSpec) -> str:
    if one.media_type not in spec.reads | spec.writes:
        return "which it neither reads nor writes"
    if not isinstance(one.title, str) or not one.title.strip():
        return "which has no title"
    if not all(isinstance(name, str) and _ENDING.fullmatch(name) for name in one.endings):
        return "whose endings are not like 'tif'"
    if not {option.name for option in spec.options}.issuperset(one.options or ()):
        return "which names an option that there is not"
    fault = next(filter(None, map(_sign_fault, one.signs)), "")
    return f"whose sign {fault}" if fault else ""


def _sign_fault(sign: Any) -> str:
    try:
        return "" if not re.compile(sign).match(b"") else f"{sign!r} fits everything"
    except (re.error, TypeError) as error:
        return f"{sign!r} is no pattern of bytes: {error}"


def _options_fault(options: Any) -> str:
    if not isinstance(options, Sequence) or not all(isinstance(o, Option) for o in options):
        return "options that are no tuple of Option"
    names = [option.name for option in options]
    if len(set(names)) != len(names):
        return "two options of one name"
    for option in options:
        fault = "" if option.default is None else misfit(option, option.default)
        if fault:
            return f"the option '{option.name}', whose default {fault}"
    return ""
