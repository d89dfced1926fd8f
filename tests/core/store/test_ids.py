"""Ids: 128 bits each, in the one way to write them."""

from __future__ import annotations

import base64

import pytest

from sheetfed.store.ids import new_ids


@pytest.mark.parametrize("count", [0, 1, 3, 500])
def test_an_id_can_be_written_otherwise_and_back(count: int) -> None:
    """Other interfaces write the same bits as GUIDs."""
    ids = new_ids("pg", count)
    bits = [base64.urlsafe_b64decode(f"{each.removeprefix('pg_')}==") for each in ids]

    assert len({*bits}) == count
    assert [len(each) for each in bits] == [16] * count
    assert [f"pg_{base64.urlsafe_b64encode(each).decode().rstrip('=')}" for each in bits] == ids
