"""What travels is frozen, slotted and named."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from typing import Any

import pytest

from sheetfed.api import errors, hooks, model, values

VALUES = [
    value
    for room in (model, hooks)
    for _, value in inspect.getmembers(room, dataclasses.is_dataclass)
    if value.__module__ == room.__name__
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__name__)
def test_a_value_is_frozen_slotted_and_keyword_only(value: type) -> None:
    """A value that nobody can change may be shared between threads and kept for ever."""
    assert value.__dataclass_params__.frozen
    assert "__slots__" in vars(value)
    assert all(field.kw_only for field in dataclasses.fields(value))


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """A value as Python makes it."""

    first: int
    second: str = "so"
    third: list[int] = dataclasses.field(default_factory=list, hash=False)
    fourth: float = dataclasses.field(default=0.0, compare=False, kw_only=True)
    fifth: int = dataclasses.field(default_factory=int, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.first < 0:
            raise ValueError("below zero")


@values.dataclass(frozen=True, slots=True)
class Ours:
    """The same, as we make it."""

    first: int
    second: str = "so"
    third: list[int] = dataclasses.field(default_factory=list, hash=False)
    fourth: float = dataclasses.field(default=0.0, compare=False, kw_only=True)
    fifth: int = dataclasses.field(default_factory=int, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.first < 0:
            raise ValueError("below zero")


@values.dataclass(frozen=True, slots=True)
class Derived(Ours):
    """A value made of another."""

    sixth: int = 6


@pytest.mark.parametrize("kind", [Theirs, Ours], ids=["python's", "ours"])
def test_a_value_is_what_python_s_own_dataclass_is(kind: Any) -> None:
    """Addons read our values with the tools that Python has for dataclasses."""
    one, same, other = kind(1), kind(1, "so", fourth=2.0), kind(2, third=[5])

    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != Derived(1)
    assert repr(other) == f"{kind.__name__}(first=2, second='so', third=[5], fourth=0.0)"
    assert kind(3).third is not kind(3).third
    assert dataclasses.replace(one, second="else").second == "else"
    assert dataclasses.astuple(other) == (2, "so", [5], 0.0, 0)
    assert copy.deepcopy(other) == pickle.loads(pickle.dumps(other)) == other
    assert str(inspect.signature(kind)).startswith("(first: 'int', second: 'str' = 'so'")
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'first'"):
        one.first = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'first'"):
        del one.first
    with pytest.raises(ValueError, match="below zero"):
        kind(-1)
    with pytest.raises(TypeError, match=r"__init__\(\) missing 1 required positional argument"):
        kind()


def test_a_value_made_of_another_has_what_both_have() -> None:
    """Specs of addons are made of one another, by us and by them."""

    @dataclasses.dataclass(frozen=True, slots=True)
    class Plain(Ours):
        sixth: int = 6

    for kind in (Derived, Plain):
        assert kind(1, sixth=7) == kind(1, "so", [], 7)
        assert kind(1) != Ours(1)


def test_a_method_of_a_value_is_written_when_it_is_first_asked_for() -> None:
    """To write them all took a quarter of the time in which the service starts."""

    @values.dataclass(frozen=True, slots=True, kw_only=True)
    class Fresh:
        number: int = 0

    assert not any(inspect.isfunction(vars(Fresh)[name]) for name in ("__init__", "__eq__"))
    assert Fresh(number=1).number == 1
    assert inspect.isfunction(vars(Fresh)["__init__"])
    assert not inspect.isfunction(vars(Fresh)["__eq__"])


def test_every_error_has_its_own_code_and_says_what_to_do() -> None:
    """Codes travel to HTTP, exit codes and pages: one code, one error."""
    kinds = errors.SheetfedError.__subclasses__()

    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert {"code", "status", "title", "advice"} <= vars(kind).keys(), kind
        assert 400 <= kind.status < 600
        assert kind.exit_code in {1, 2, 3, 4, 5, 6, 130}


@pytest.mark.parametrize("kind", errors.CODES.values(), ids=lambda kind: kind.code)
def test_an_error_survives_the_way_through_json(kind: type[errors.SheetfedError]) -> None:
    """A driver's error reaches the page as the same error."""
    error = kind("It is so", option="resolution")

    again = errors.from_json(errors.to_json(error))

    assert type(again) is kind
    assert (again.message, again.details) == (error.message, error.details)
