"""What travels is frozen, slotted and named."""

from __future__ import annotations

import dataclasses
import inspect

import pytest

from sheetfed.api import errors, hooks, model

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
