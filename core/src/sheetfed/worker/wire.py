"""What crosses the pipe, as values.

Nothing that comes from a child is believed: whatever does not fit raises ValueError.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from sheetfed.api.model import Mark, Mode, PageInfo, Settings, Side

MOST = 4 * 1024 * 1024
"""Bytes of a file that cross the pipe as one piece."""

PREVIEW, THUMBNAIL = 1200, 250
"""Pixels that the longer side of a page's two small pictures has at most, or nearly."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBegun:
    """A page has begun; its height is None until its last row where nobody knows."""

    number: int
    media_type: str
    width: int
    height: int | None
    mode: Mode | None
    dpi: tuple[float, float]
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class PageData:
    """The next bytes of the page's kept form."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturePart:
    """A small picture of the page."""

    kind: Literal["preview", "thumbnail"]
    media_type: str
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDone:
    """The page is whole; `size` is the sum of its data."""

    width: int
    height: int
    size: int
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """A range of a file that a codec wants to read."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How a raster is kept."""

    form: Literal["lossless", "jpeg"] = "lossless"
    quality: int = 85


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """An edit that a child is able to do; `settings` are those it is tried with first."""

    name: str
    factory: str
    settings: Settings = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """An edit as it was done, or is to be: every option has its value.

    `files` are options that stand for the file of this name, with its size.
    """

    name: str
    options: Settings = field(default_factory=dict)
    files: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page before its edits: its place in a file, and its true size.

    A name of a file stands for the same bytes for ever. The file may hold a smaller picture of the
    page; it is read where it is needed.
    """

    file: str
    size: int
    index: int
    page: PageInfo
    options: Settings = field(default_factory=dict)
    """What the file is opened with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which picture of a page is wanted: no larger than `width` by `height`, of a region or all.

    Without `media_type` it is JPEG where that is no loss (`lossy` says that it was before), else
    PNG. `as_came` takes a JPEG that edits only turned for what came, which says how it lies.
    `from_whole` has a small picture made of the page at its full size.
    """

    region: tuple[float, float, float, float] | None = None
    width: int | None = None
    height: int | None = None
    media_type: str | None = None
    quality: int = 88
    lossy: bool = False
    as_came: bool = False
    from_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is known of an edit once the page has it: what it found, and the page after it.

    One that looks finds something else on every page.
    """

    looks: bool
    found: Settings
    page: PageInfo
    transform: tuple[float, float, float, float, float, float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a child is made of; `memory` is its limit in bytes, `python` starts its interpreter.

    One that edits has the codec that draws as its own class, and edits as tools.
    """

    kind: Literal["source", "codec", "step", "edit", "target"]
    name: str
    factory: str
    settings: Settings = field(default_factory=dict)
    tools: tuple[Tool, ...] = ()
    memory: int | None = None
    python: tuple[str, ...] = (sys.executable,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long a child may be silent, in seconds, by what it does."""

    start: float = 60.0 if sys.platform == "win32" else 20.0  # it looks into each new library
    devices: float = 15.0
    open: float = 20.0
    options: float = 10.0
    set: float = 10.0
    first_row: float = 60.0
    row: float = 20.0
    frame: float = 15.0
    page: float = 60.0
    close: float = 5.0
    codec: float = 30.0
    target: float = 600.0
    grace: float = 2.0
    rest: float = 30.0


def to_json(value: Any) -> Any:
    """Return an api value as JSON; its `data` stays out, for that is a body."""
    if is_dataclass(value):
        kind: Any = type(value)
        return {name: to_json(getattr(value, name)) for name in _names(kind)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{type(value).__name__} is no value that can travel")


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind) if item.name != "data")


def from_json(kind: type[T], head: Any, data: bytes | None = None) -> T:
    """Return the value of `kind` that `to_json` wrote; ValueError where it is none."""
    wanted: Any = kind
    found: T = _reader(wanted)(head if data is None else {**head, "data": data})
    return found


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """Return what checks and converts a JSON value to `kind`."""
    if is_dataclass(kind):
        return _object_reader(kind)
    origin = get_origin(kind)
    if origin is Literal:
        return _literal_reader(get_args(kind))
    if origin in (Union, UnionType):
        return _union_reader(get_args(kind))
    if origin is tuple:
        return _tuple_reader(get_args(kind))
    if origin in (Mapping, dict) or getattr(origin, "__name__", "") == "Mapping":
        return _mapping_reader(get_args(kind)[1])
    return _PLAIN[kind]


def _object_reader(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    items = [(item, _reader(hints[item.name])) for item in fields(kind)]

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError(f"{kind.__name__} expected")  # noqa: TRY004
        known = {}
        for item, reader in items:
            if item.name in value:
                known[item.name] = reader(value[item.name])
            elif item.default is MISSING and item.default_factory is MISSING:
                raise ValueError(f"{kind.__name__} without {item.name}")
        return kind(**known)

    return read


def _literal_reader(choices: tuple[Any, ...]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not isinstance(value, str) or value not in choices:
            raise ValueError(f"one of {choices} expected")
        return value

    return read


def _union_reader(kinds: tuple[Any, ...]) -> Callable[[Any], Any]:
    readers = [_reader(kind) for kind in kinds]

    def read(value: Any) -> Any:
        for reader in readers:
            try:
                return reader(value)
            except ValueError:
                continue
        raise ValueError("a value of the wrong type")

    return read


def _tuple_reader(kinds: tuple[Any, ...]) -> Callable[[Any], Any]:
    endless = kinds[-1] is Ellipsis
    readers = [_reader(kind) for kind in kinds if kind is not Ellipsis]

    def read(value: Any) -> Any:
        if not isinstance(value, (list, tuple)) or (not endless and len(value) != len(readers)):
            raise ValueError("a list of the right length expected")
        if endless:
            return tuple(readers[0](item) for item in value)
        return tuple(reader(item) for reader, item in zip(readers, value, strict=True))

    return read


def _mapping_reader(kind: Any) -> Callable[[Any], Any]:
    reader = _reader(kind)

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError("an object expected")  # noqa: TRY004
        return {_text(key): reader(item) for key, item in value.items()}

    return read


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("text expected")  # noqa: TRY004
    return value.encode("utf-8", "replace").decode()  # drivers' names hold lone surrogates


def _exactly(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(f"{kind.__name__} expected")
        return value

    return read


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("a number expected")
    return float(value)


_PLAIN: Mapping[Any, Callable[[Any], Any]] = {
    bool: _exactly(bool),
    int: _exactly(int),
    float: _number,
    str: _text,
    bytes: _exactly(bytes),
    NoneType: _exactly(NoneType),
}
