"""Stands for Apple's library as PyObjC shows it: what a size is told by."""

# ruff: noqa: N802 - these are Apple's names

from __future__ import annotations

from typing import NamedTuple


class CMVideoDimensions(NamedTuple):
    width: int
    height: int


def CMVideoFormatDescriptionGetDimensions(description: tuple[int, int]) -> CMVideoDimensions:
    return CMVideoDimensions(*description)
