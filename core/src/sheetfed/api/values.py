"""Frozen dataclasses that are quick to make.

Python writes and compiles six functions for each frozen dataclass while its module is imported,
which was a quarter of what the service took to start. Most are never called in one process. Here
each is written when it is first asked for, and is then what `dataclasses` would have written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, fields, is_dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")


def _dataclass(
    *, frozen: bool = False, slots: bool = False, kw_only: bool = False
) -> Callable[[type[T]], type[T]]:
    """Make a class a dataclass, as `dataclasses.dataclass` does; a value so, and quickly."""
    if not (frozen and slots):
        return dataclasses.dataclass(frozen=frozen, slots=slots, kw_only=kw_only)
    return partial(_made, kw_only=kw_only)


class _Late:
    """A method that is written when it is first asked for."""

    def __init__(self, owner: type, name: str, write: Callable[[type], Any]) -> None:
        self._owner = owner
        self._name = name
        self._write = write

    def __get__(self, value: object, kind: type) -> Any:
        method = self._write(self._owner)
        method.__module__ = self._owner.__module__
        method.__qualname__ = f"{self._owner.__qualname__}.{self._name}"
        setattr(self._owner, self._name, method)
        return method.__get__(value, kind)


def _made(kind: type[T], *, kw_only: bool) -> Any:
    own = vars(kind).keys()
    kind.__doc__ = kind.__doc__ or kind.__name__  # else Python makes one of the signature, slowly
    derived = any(is_dataclass(base) for base in kind.__mro__[1:])  # must be as frozen as that
    made: Any = dataclasses.dataclass(
        init=False, repr=False, eq=False, frozen=derived, slots=True, kw_only=kw_only
    )(kind)
    made.__dataclass_params__.frozen = True
    for name, write in _WRITERS.items():
        if name not in own:
            setattr(made, name, _Late(made, name, write))
    for name, method in _SHARED.items():
        if name not in own:
            setattr(made, name, method)
    return made


def _init(kind: type) -> Any:
    known: dict[str, Any] = {"MISSING": MISSING, "put": object.__setattr__}
    asked = [field for field in fields(kind) if field.init]
    named = [field for field in asked if field.kw_only]
    taken = ["self", *(_taken(field, known) for field in asked if not field.kw_only)]
    taken += ["*", *(_taken(field, known) for field in named)] if named else []
    lines = [
        f" put(self, {field.name!r}, {_value(field, known)})"
        for field in fields(kind)
        if field.init or field.default_factory is not MISSING
    ]
    if hasattr(kind, "__post_init__"):
        lines.append(" self.__post_init__()")
    made = _compiled("__init__", taken, lines or [" pass"], known)
    made.__annotations__ = {field.name: field.type for field in asked} | {"return": None}
    return made


def _taken(field: Field[Any], known: dict[str, Any]) -> str:
    if field.default_factory is not MISSING:
        return f"{field.name}=MISSING"
    if field.default is MISSING:
        return field.name
    known[f"default_{field.name}"] = field.default
    return f"{field.name}=default_{field.name}"


def _value(field: Field[Any], known: dict[str, Any]) -> str:
    if field.default_factory is MISSING:
        return field.name
    known[f"make_{field.name}"] = field.default_factory
    made = f"make_{field.name}()"
    return f"{made} if {field.name} is MISSING else {field.name}" if field.init else made


def _repr(kind: type) -> Any:
    shown = ", ".join(f"{one.name}={{self.{one.name}!r}}" for one in fields(kind) if one.repr)
    line = f' return self.__class__.__qualname__ + f"({shown})"'
    return _compiled("__repr__", ["self"], [line], {})


def _eq(kind: type) -> Any:
    names = [one.name for one in fields(kind) if one.compare]
    lines = [
        " if other.__class__ is not self.__class__:",
        "  return NotImplemented",
        f" return {_tuple('self', names)} == {_tuple('other', names)}",
    ]
    return _compiled("__eq__", ["self", "other"], lines, {})


def _hash(kind: type) -> Any:
    names = [one.name for one in fields(kind) if (one.compare if one.hash is None else one.hash)]
    return _compiled("__hash__", ["self"], [f" return hash({_tuple('self', names)})"], {})


def _tuple(value: str, names: list[str]) -> str:
    return "(" + "".join(f"{value}.{name}, " for name in names) + ")"


def _compiled(name: str, taken: list[str], lines: list[str], known: dict[str, Any]) -> Any:
    written = "\n".join([f"def {name}({', '.join(taken)}):", *lines])
    exec(written, known)  # noqa: S102 - of a class's own names, as `dataclasses` does
    return known[name]


def _setattr(self: object, name: str, value: object) -> None:  # noqa: ARG001 - as Python asks
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(self: object, name: str) -> None:  # noqa: ARG001 - as above
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in fields(self)]


def _setstate(self: Any, state: list[Any]) -> None:
    for field, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


_WRITERS = {"__init__": _init, "__repr__": _repr, "__eq__": _eq, "__hash__": _hash}
_SHARED = {
    "__setattr__": _setattr,
    "__delattr__": _delattr,
    "__getstate__": _getstate,
    "__setstate__": _setstate,
}


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - so that it is checked as one
else:
    dataclass = _dataclass
