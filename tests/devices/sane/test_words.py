"""Drivers have many words for the same thing."""

from __future__ import annotations

import math

import pytest

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Option
from sheetfed.api.options import fitted
from sheetfed_sane.words import feeds, is_glass, mode_meanings, side_of, source_meanings

SOURCES = [
    (["Flatbed", "Automatic Document Feeder"], ["flatbed", "feeder"]),
    (["Flatbed", "ADF", "ADF Duplex"], ["flatbed", "feeder", "duplex"]),
    (
        ["Flatbed", "ADF Front", "ADF Back", "ADF Duplex"],
        ["flatbed", "feeder", "ADF Back", "duplex"],
    ),
    (["ADF Front", "ADF Back", "ADF Duplex"], ["feeder", "ADF Back", "duplex"]),
    (["Normal", "Transparency", "Negative"], ["flatbed", "Transparency", "Negative"]),
    (["Normal", "ADF", "ADF Rear", "ADF Duplex"], ["flatbed", "feeder", "ADF Rear", "duplex"]),
    (["FB", "ADF"], ["flatbed", "feeder"]),
    (["Document Table", "Automatic Document Feeder"], ["flatbed", "feeder"]),
    (
        ["FlatBed", "Automatic Document Feeder(left aligned)", "ADF(left aligned,Duplex)"],
        ["flatbed", "feeder", "duplex"],
    ),
    (["Auto", "Flatbed", "ADF", "Duplex"], ["Auto", "flatbed", "feeder", "duplex"]),
    (["Flatbed", "Transparency Unit"], ["flatbed", "Transparency Unit"]),
    (["Card Front", "Card Duplex", "ADF Duplex"], ["Card Front", "Card Duplex", "duplex"]),
]


@pytest.mark.parametrize(("theirs", "ours"), SOURCES)
def test_sources(theirs: list[str], ours: list[str]) -> None:
    assert list(source_meanings(theirs).values()) == ours


MODES = [
    (["Lineart", "Gray", "Color"], ["lineart", "gray", "color"]),
    (["Lineart", "Halftone", "Gray", "Color"], ["lineart", "Halftone", "gray", "color"]),
    (["Halftone", "Gray", "Color"], ["lineart", "gray", "color"]),
    (["Binary", "Grayscale", "Colour"], ["lineart", "gray", "color"]),
    (
        ["Black & White", "Gray[Error Diffusion]", "True Gray", "24bit Color", "24bit Color[Fast]"],
        ["lineart", "Gray[Error Diffusion]", "gray", "color", "24bit Color[Fast]"],
    ),
    (
        ["Color", "Gray", "48 bits color", "16 bits gray", "Lineart"],
        ["color", "gray", "48 bits color", "16 bits gray", "lineart"],
    ),
    (["16 bits gray", "48 bits color"], ["gray", "color"]),
]


@pytest.mark.parametrize(("theirs", "ours"), MODES)
def test_modes(theirs: list[str], ours: list[str]) -> None:
    assert list(mode_meanings(theirs).values()) == ours


def test_sides() -> None:
    assert [side_of("ADF Duplex", page) for page in range(3)] == ["front", "back", "front"]
    assert side_of("Automatic Document Feeder(left aligned,Duplex)", 1) == "back"
    assert (side_of("ADF Front", 1), side_of("ADF Back", 0)) == ("front", "back")
    assert (side_of("ADF", 0), side_of("Flatbed", 0), side_of("", 0)) == ("", "", "")


def test_what_feeds_and_what_is_glass() -> None:
    assert [feeds(word) for word in ("ADF", "Duplex", "Card Front", "Flatbed", "Auto", "")] == [
        *[True] * 3,
        *[False] * 3,
    ]
    assert [is_glass(word) for word in ("Flatbed", "FB", "Auto", "ADF")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_are_finite(value: float) -> None:
    with pytest.raises(BadSettings):
        fitted(Option(name="x", title="X", kind="float"), value)
