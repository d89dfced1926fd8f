"""Which package brings what."""

from __future__ import annotations

import pytest

from sheetfed.catalogue import keeper_of, package_for


@pytest.mark.parametrize(
    ("kind", "name", "package"),
    [
        ("source", "twain", "sheetfed-twain"),
        ("reads", "application/pdf", "sheetfed-pdf"),
        ("target", "http", "sheetfed-uploader"),
        ("webapp", "dwt", "sheetfed-dwt"),
        ("source", "escl", None),
        ("source", "unheard-of", None),
        ("nothing", "sane", None),
    ],
)
def test_package_is_named_where_one_is_known(kind: str, name: str, package: str | None) -> None:
    assert package_for(kind, name) == package


def test_a_name_that_is_kept_free_has_its_keeper_and_nobody_is_sent_for_it() -> None:
    """A package that is not there yet could be anybody's by the time that it is installed."""
    assert keeper_of("source", "escl") == "sheetfed-escl"
    assert package_for("source", "escl") is None
