"""Titles, tags and fields made of what is on the pages."""

from __future__ import annotations

from datetime import datetime

import pytest

from sheetfed.api.errors import BadRequest
from sheetfed.api.model import Mark
from sheetfed.naming import LONGEST, Facts, check, fill

MOMENT = datetime(2026, 3, 9, 14, 5).timestamp()  # noqa: DTZ001 - the clock on the wall


def code(value: str, form: str) -> Mark:
    return Mark(kind="barcode", value=value, by="barcode", details={"format": form})


FACTS = Facts(
    moment=MOMENT,
    marks=(
        Mark(kind="patch", value="T", by="patch"),
        code("4006381333931", "EAN-13"),
        code("INV-77", "Code 39"),
        code("second", "Code 39"),
    ),
    number=7,
    pages=3,
    title="Post",
)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", ""),
        ("as it is", "as it is"),
        ("{barcode}", "4006381333931"),
        ("{barcode:CODE39}", "INV-77"),
        ("{barcode:code-39} of {date:%Y}", "INV-77 of 2026"),
        ("{barcode:QR Code}", ""),
        ("{patch} {n} {n:3} {pages} {title}", "T 7 007 3 Post"),
        ("{date}", "2026-03-09"),
        ("{date:%d.%m.%Y %H:%M}", "09.03.2026 14:05"),
        ("{{n}} {{{n}}}", "{n} {7}"),
        ("{title}\u2028{title}", "Post Post"),
    ],
)
def test_a_template_is_filled(template: str, text: str) -> None:
    assert fill(template, FACTS) == text


@pytest.mark.parametrize(
    "template", ["{", "}", "{}", "{owner}", "{n:x}", "{n:12}", "{date:%Q}", "{barcode", "{N}"]
)
def test_a_template_that_nobody_understands_is_refused(template: str) -> None:
    """A mistake is told when a job starts, not when its pages have been scanned."""
    with pytest.raises(BadRequest):
        check(template)


def test_what_a_code_says_cannot_become_a_template_or_a_second_line() -> None:
    """A code is what strangers print: it is text, never an instruction."""
    marks = (code("{title}\r\nBcc: all\x1b[2J" + "x" * 5000, "QR Code"),)

    text = fill("{barcode}", Facts(moment=MOMENT, marks=marks, title="secret"))

    assert text.startswith("{title} Bcc: all [2Jxxx")
    assert len(text) == LONGEST
    assert text.isprintable()
