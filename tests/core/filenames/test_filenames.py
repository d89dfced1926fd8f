"""Names made of what paper and pages say lead nowhere but where they should."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetfed.api.model import Mark
from sheetfed.filenames import path, safe
from sheetfed.naming import Facts

AT = datetime(2026, 3, 9, 14, 5, 6).astimezone().timestamp()
MARKS = (
    Mark(kind="barcode", value="4006381333931", by="barcode", details={"format": "EAN-13"}),
    Mark(kind="barcode", value="CASE/17", by="barcode", details={"format": "Code39"}),
)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{date:%Y}/{document}-{n:04}", "2026/Letter-0007"),
        ("{date}", "2026-03-09"),
        ("{barcode}", "4006381333931"),
        ("{barcode:CODE39}", "CASE_17"),
        ("{barcode:QR}/{n}", "7"),
        ("{field:case}/{pages} pages", "A_B/3 pages"),
        ("{field:nothing}", "unknown"),
        ("{{{n}}}", "{7}"),
        ("{target}", "dms"),
        ("a//./../b", "a/b"),
        ("", "unknown"),
    ],
)
def test_a_template_is_filled(template: str, name: str) -> None:
    """The words of the documentation mean this."""
    facts = Facts(
        moment=AT,
        title="Letter",
        number=7,
        pages=3,
        target="dms",
        marks=MARKS,
        fields={"case": "A/B"},
    )

    assert path(template, facts) == name


@given(st.text(), st.text())
def test_no_text_leads_out_of_the_folder(title: str, code: str) -> None:
    """Titles come from pages, codes from paper: both may hold anything."""
    mark = Mark(kind="barcode", value=code, by="barcode")
    name = path("{document}/{barcode}.pdf", Facts(moment=AT, title=title, marks=[mark]))

    assert name.count("/") <= 1
    for part in name.split("/"):
        assert part.strip(". ")
        assert len(part.encode()) <= 255
        assert part.isprintable()
        assert not set(part) & set('<>:"\\|?*')


@pytest.mark.parametrize("text", ["con", "NUL.txt", "lpt1.pdf"])
def test_names_that_windows_keeps_for_itself_are_changed(text: str) -> None:
    """A file called NUL on a share is lost."""
    assert safe(text) == f"_{text}"


def test_a_long_name_keeps_its_ending() -> None:
    """The ending says what to open it with."""
    assert safe(f"{'a' * 300}.pdf").endswith("a.pdf")


def test_behind_a_long_name_is_room_for_an_ending_and_a_number() -> None:
    """File systems count bytes: a hundred letters of Japanese are three hundred."""
    assert len(f"{safe('領収書' * 40)}-9999.pdf".encode()) <= 255
