"""Which package brings what."""

from __future__ import annotations

import pytest

from sheetfed.catalogue import package_for


@pytest.mark.parametrize(
    ("kind", "name", "package"),
    [
        ("source", "twain", "sheetfed-twain"),
        ("reads", "application/pdf", "sheetfed-pdf"),
        ("target", "http", "sheetfed-uploader"),
        ("webapp", "dwt", "sheetfed-dwt"),
        ("source", "unheard-of", None),
        ("nothing", "sane", None),
    ],
)
def test_package_is_named_where_one_is_known(kind: str, name: str, package: str | None) -> None:
    assert package_for(kind, name) == package
