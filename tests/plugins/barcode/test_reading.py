"""Codes on pages as they come: turned, inverted, torn, hostile."""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from sheetfed.api.errors import AddonBroken, BadSettings, Unreadable
from sheetfed.api.model import Page
from sheetfed_barcode import zbar
from sheetfed_barcode.codes import visible
from sheetfed_barcode.formats import FORMATS, UNREAD, chosen
from sheetfed_barcode.step import Barcodes

sys.path.insert(0, str(Path(__file__).parent))
from printing import Printed, marks, page, read, sheet, symbol

SAID = {
    "Code 39": "INV-42",
    "Code 93": "CODE-93",
    "Code 128": "Code 128!",
    "Codabar": "A123456B",
    "ITF": "1234567890",
    "EAN-13": "4006381333931",
    "EAN-8": "96385074",
    "UPC-A": "012345678905",
    "UPC-E": "04963406",
    "DataBar Limited": "0109501101530003",
    "DataBar Expanded": "0109501101530003",
    "Telepen": "Telepen",
    "DX Film Edge": "115-10/12A",
}


def wide(name: str) -> tuple[str, str]:
    known = next(one for one in FORMATS if one.name == name)
    return known.zxing, SAID.get(name, "sheetfed 1")


@pytest.mark.parametrize(
    "name",
    [
        "Code 39", "Code 93", "Code 128", "Codabar", "ITF", "EAN-13", "EAN-8", "UPC-A", "UPC-E",
        "DataBar Expanded", "Telepen", "PDF417", "QR Code", "Micro QR Code", "rMQR Code",
        "Data Matrix", "Aztec", "MaxiCode",
    ],
)  # fmt: skip
def test_every_format_that_is_written_is_read(name: str) -> None:
    """By the name that the documentation gives it, whatever the engine calls it."""
    kind, text = wide(name)
    text = "12345" if name == "Micro QR Code" else text
    options = (("gs1", True),) if name.startswith("DataBar") else ()
    said = f"[01]{text[2:]}" if options else text
    code = Printed(text=said, format=kind, scale=3, options=options)

    found = marks(page(sheet(code, size=(1200, 700))), formats=name)

    assert [(mark.details["format"], mark.value) for mark in found] == [(name, text)]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_corners_begin_at_the_code_s_own_top_left(turn: int) -> None:
    """So that they tell how it lies; the box alone would not."""
    code = Printed(text="which way is up", scale=4, place=(100, 200), turn=turn)

    (mark,) = marks(page(sheet(code)))

    assert mark.box
    width = symbol(code).width
    quiet = 4 * 4
    square = [
        (100 + quiet, 200 + quiet),
        (100 + width - quiet, 200 + quiet),
        (100 + width - quiet, 200 + width - quiet),
        (100 + quiet, 200 + width - quiet),
    ]
    first = (turn // 90 * 3) % 4  # Pillow turns against the clock
    wanted = [square[(first + at) % 4] for at in range(4)]
    assert np.abs(np.array(mark.corners) - np.array(wanted)).max() <= 6
    assert mark.ms > 0


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_corners_are_those_of_the_picture_as_it_is_shown(orientation: int) -> None:
    """A camera's JPEG lies on its side and says so."""
    upright = sheet(Printed(text="camera", place=(40, 300), scale=4), size=(400, 600))
    turned = {3: 180, 6: 90, 8: 270}[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    lying = page(upright.rotate(turned, expand=True), "JPEG", exif=exif, quality=95)
    shown = Page(data=lying.data, media_type="image/jpeg", width=400, height=600)

    (mark,) = marks(shown)

    assert mark.box
    assert (mark.value, round(mark.box.left / 10), round(mark.box.top / 10)) == ("camera", 6, 32)


def test_input_of_every_kind_is_read() -> None:
    """As the store has it: JPEG, one bit, 16 bits, a palette, transparent."""
    plain = sheet(Printed(text="kind", scale=4))
    deep = Image.fromarray(np.asarray(plain).astype(np.uint16) * 257)
    faint = plain.convert("RGBA")
    faint.putalpha(ImageOps.invert(plain))

    for one in (
        page(plain, "JPEG", quality=60),
        page(plain.convert("1"), "TIFF", compression="group4"),
        page(deep),
        page(plain.convert("P")),
        page(faint),
        page(plain.convert("RGB"), "BMP"),
    ):
        assert read(one) == [("QR Code", "kind")], one.media_type


def test_several_codes_come_in_reading_order() -> None:
    codes = [
        Printed(text="third", place=(40, 500)),
        Printed(text="first", place=(60, 60), format="DataMatrix", scale=5),
        Printed(text="second", place=(400, 80), format="Aztec", scale=5),
        Printed(text="4006381333931", place=(300, 640), format="EAN13"),
    ]

    assert [text for _, text in read(page(sheet(*codes)))] == [
        "first", "second", "third", "4006381333931"
    ]  # fmt: skip


def test_a_page_below_200_dpi_is_looked_at_enlarged() -> None:
    """Modules of one and a half pixels: `speed` does not see them, `balance` does."""
    fine = sheet(Printed(text="Doc 12345678", format="Code128", scale=3, place=(50, 50)))
    coarse = fine.resize((350, 450), Image.Resampling.BOX).rotate(4, fillcolor=255)
    one = page(coarse, dpi=100.0)

    assert read(one, preset="balance") == [("Code 128", "Doc 12345678")]


def test_inverted_and_mirrored_and_faint_codes_are_read() -> None:
    plain = sheet(Printed(text="other side", scale=4))
    faint = plain.point(lambda level: 150 + level // 8)

    assert read(page(ImageOps.invert(plain))) == [("QR Code", "other side")]
    assert read(page(ImageOps.invert(plain)), polarity="dark") == []
    assert read(page(ImageOps.mirror(plain))) == [("QR Code", "other side")]
    assert read(page(faint)) == [("QR Code", "other side")]


def test_a_blurred_photograph_is_read_by_coverage() -> None:
    """What one look misses, another sees."""
    small = sheet(Printed(text="4006381333931", format="EAN13", scale=2), size=(320, 220))
    blurred = small.resize((190, 130), Image.Resampling.BICUBIC)
    blurred = blurred.resize((320, 220), Image.Resampling.BICUBIC)

    assert read(page(blurred, dpi=0), preset="coverage") == [("EAN-13", "4006381333931")]


def test_a_code_cut_by_the_edge_is_not_guessed() -> None:
    whole = symbol(Printed(text="1234567890", format="ITF", scale=3))
    cut = whole.crop((0, 0, whole.width * 3 // 5, whole.height))

    for engine in ("zxing", "zbar"):
        assert read(page(cut), engine=engine, preset="coverage") == []


@pytest.mark.parametrize(("kind", "text"), [("ITF", "1234"), ("Code39", "AB"), ("Codabar", "A12B")])
def test_short_codes_without_check_digits_are_not_believed(kind: str, text: str) -> None:
    """A few bars of a table read as such."""
    for engine in ("zxing", "zbar"):
        assert read(page(sheet(Printed(text=text, format=kind))), engine=engine) == []


LEFT = ("0001101", "0011001", "0010011", "0111101", "0100011",
        "0110001", "0101111", "0111011", "0110111", "0001011")  # fmt: skip
RIGHT = tuple(bars.translate({48: 49, 49: 48}) for bars in LEFT)


def ean8(digits: str) -> Image.Image:
    """Draw an EAN-8 with whatever check digit it has."""
    left = "".join(LEFT[int(digit)] for digit in digits[:4])
    right = "".join(RIGHT[int(digit)] for digit in digits[4:])
    modules = np.array([bar == "1" for bar in f"{'0' * 9}101{left}01010{right}101{'0' * 9}"])
    return Image.fromarray(~np.tile(modules.repeat(4), (150, 1)))


def test_a_wrong_check_digit_is_no_code() -> None:
    assert read(page(ean8("96385074"))) == [("EAN-8", "96385074")]
    for preset in ("balance", "coverage"):
        assert read(page(ean8("96385075")), preset=preset) == []


def test_a_page_with_hundreds_of_codes_is_read_whole() -> None:
    codes = [
        Printed(text=f"{at:03}", format="DataMatrix", scale=3, place=(at % 20 * 60, at // 20 * 60))
        for at in range(300)
    ]

    found = read(page(sheet(*codes, size=(1200, 900))), formats="Data Matrix")

    assert sorted(text for _, text in found) == [f"{at:03}" for at in range(300)]


def test_what_does_not_fit_into_marks_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of a hostile person must not fill the pipe."""
    monkeypatch.setattr("sheetfed_barcode.codes.MOST_CODES", 2)
    codes = [Printed(text=f"code {at}", place=(60, 60 + at * 200)) for at in range(4)]

    found = marks(page(sheet(*codes)))

    assert [(mark.kind, mark.value) for mark in found] == [
        ("barcode", "code 0"), ("barcode", "code 1"), ("barcodes-left-out", "2")
    ]  # fmt: skip


def test_hostile_text_is_shown_safely_and_kept_exactly() -> None:
    """P09, X14: a code is what strangers print."""
    text = "<script>alert(1)</script>\x1b[2J\r\n\x00" + "x" * 1500

    (mark,) = marks(page(sheet(Printed(text=text, scale=3), size=(900, 900))))

    assert mark.details["text"] == text
    assert base64.b64decode(str(mark.details["bytes"])) == text.encode()
    assert mark.value.startswith("<script>alert(1)</script>␛[2J␍␊␀xxx")
    assert all(letter.isprintable() for letter in mark.value)
    assert visible("\u202e\x9b\ud800") == "\ufffd" * 3


def test_binary_and_gs1_survive() -> None:
    data = bytes(range(256))
    binary = sheet(Printed(text=data, scale=3), size=(600, 600))
    gs1 = Printed(text="[01]09501101530003[10]AB-1[21]7", options=(("gs1", True),), scale=3)

    (raw,) = marks(page(binary))
    (element,) = marks(page(sheet(gs1)))

    assert base64.b64decode(str(raw.details["bytes"])) == data
    assert element.details["gs1"] is True
    assert element.details["text"] == "010950110153000310AB-1\x1d217"
    assert str(element.details["symbology"]).startswith("]Q")
    assert 0 < float(str(element.details["confidence"])) <= 1
    assert element.details["ec_level"]


def test_a_region_bounds_where_codes_are_looked_for() -> None:
    one = page(sheet(Printed(text="top"), Printed(text="down", place=(60, 600))))

    assert [text for _, text in read(one, region="0, 50%, 100%, 50%")] == ["down"]
    (mark,) = marks(one, region="0,500,700,400")
    assert mark.box
    assert 590 < mark.box.top < 640
    for beyond in ("700,0,10,10", "0,0,0,0", "-500,-500,100,100", "0,0,-10,-10", "1e9,0,1,1"):
        assert read(one, region=beyond) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"region": "1,2,3"},
        {"region": "a,b,c,d"},
        {"region": "nan,0,1,1"},
        {"region": "0,0,inf,1"},
        {"formats": "Code 40"},
        {"formats": "DotCode"},
    ],
)
def test_absurd_settings_are_refused_by_name(settings: dict[str, Any]) -> None:
    with pytest.raises(BadSettings) as refusal:
        read(page(sheet()), **settings)

    assert refusal.value.details["option"] in settings


def test_looking_ends_once_as_many_are_found_as_are_expected() -> None:
    one = page(sheet(Printed(text="one"), Printed(text="two", place=(60, 600))))

    assert len(read(one, expected=1)) >= 1
    assert len(read(one, expected=2)) == 2
    assert len(read(one, expected=3)) == 2


def test_formats_are_chosen_as_people_write_them() -> None:
    names = {one.name for one in chosen("CODE39, gs1-128, qr,interleaved 2 of 5")}

    assert names == {"Code 39", "Code 128", "QR Code", "ITF"}
    assert chosen("") == chosen("all") == FORMATS
    assert {one.group for one in chosen("matrix")} == {"2d"}
    assert not {one.name for one in FORMATS} & set(UNREAD)


def test_text_and_tables_are_no_codes() -> None:
    """A false read is worse than none: it parts batches."""
    paper = Image.new("L", (1240, 900), 250)
    pen = ImageDraw.Draw(paper)
    font = ImageFont.load_default(size=22)
    for line in range(16):
        pen.text((80, 60 + line * 36), "lllIIl1|| illicit fill-in bill 1111 IIII " * 2, 20, font)
    for at in range(40):
        pen.line((80 + at * 9, 660, 80 + at * 9, 860), fill=0, width=1 + at % 3)

    for preset in ("speed", "balance", "coverage"):
        assert read(page(paper, dpi=150.0), preset=preset) == []
    for dpi in (0.0, 150.0, 300.0):
        assert read(page(paper, dpi=dpi), formats="postal") == []


def test_a_page_too_large_for_memory_is_averaged_down() -> None:
    """20 000 pixels wide, black and white: read, not refused, within the box's memory."""
    wide = Image.new("1", (20_000, 7_000), 1)
    wide.paste(symbol(Printed(text="plan", scale=40)).convert("1"), (9_000, 2_000))

    (mark,) = marks(page(wide, "TIFF", compression="group4"), formats="QR Code", polarity="dark")

    assert mark.value == "plan"
    assert 9_000 < mark.corners[0][0] < 9_400
    assert 2_000 < mark.corners[0][1] < 2_400


def test_damaged_pages_are_unreadable() -> None:
    one = page(sheet(Printed(text="x")))

    for data in (b"", b"\x89PNG\r\n\x1a\n", one.data[:60], one.data[: len(one.data) // 2]):
        with pytest.raises(Unreadable):
            marks(Page(data=data, media_type="image/png", width=1, height=1))


def test_a_missing_library_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install, and that the other engine works."""
    monkeypatch.setattr(zbar, "pyzbar", None)
    one = page(sheet(Printed(text="still read")))

    with pytest.raises(AddonBroken, match=r"libzbar0.*engine zxing"):
        Barcodes({"engine": "zbar"})
    assert read(one, preset="coverage") == [("QR Code", "still read")]


def test_both_engines_together_find_a_code_once() -> None:
    one = page(
        sheet(Printed(text="4006381333931", format="EAN13"), Printed(text="q", place=(60, 400)))
    )

    assert len(read(one, preset="coverage")) == 2
    assert [mark.details["engine"] for mark in marks(one, engine="zbar")] == ["zbar"] * 2


def test_an_empty_picture_has_no_codes() -> None:
    data = io.BytesIO()
    Image.new("1", (1, 1)).save(data, "PNG")

    assert read(Page(data=data.getvalue(), media_type="image/png", width=1, height=1)) == []
