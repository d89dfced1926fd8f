"""What edits make of pictures, held against what NumPy and Pillow make of them here."""

from __future__ import annotations

import base64
import io
import math
import random
from collections.abc import Callable
from random import Random
from typing import Any

import cv2
import numpy as np
import pytest
from desk import Desk, file_of
from PIL import Image, ImageCms, ImageDraw, ImageOps

from sheetfed.api.errors import BadSettings, TooLarge
from sheetfed.builtin.edits.regions import Redact
from sheetfed.builtin.edits.stamp import Stamp

Array = Any
WIDTH, HEIGHT = 61, 44
"""Odd, and not both: so that nothing falls on a middle by chance."""

RANDOM = np.random.default_rng(7)
GREY = RANDOM.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)
COLOUR = RANDOM.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
DEEP = RANDOM.integers(0, 65536, (HEIGHT, WIDTH), dtype=np.uint16)
BLACK = RANDOM.integers(0, 2, (HEIGHT, WIDTH), dtype=np.uint8).astype(bool)
PAGES: dict[str, Array] = {"grey": GREY, "colour": COLOUR, "deep": DEEP, "black": BLACK}
FILES = {name: file_of(Image.fromarray(array)) for name, array in PAGES.items()}


def filled(array: Array, box: tuple[int, int, int, int], value: Any) -> Array:
    made = array.copy()
    made[box[1] : box[3], box[0] : box[2]] = value
    return made


def outside(array: Array, box: tuple[int, int, int, int], value: Any) -> Array:
    made = np.full_like(array, value)
    made[box[1] : box[3], box[0] : box[2]] = array[box[1] : box[3], box[0] : box[2]]
    return made


def white(array: Array) -> Any:
    return True if array.dtype == bool else np.iinfo(array.dtype).max


def laid(turned: Array, before: Array) -> Array:
    """Return a turned page on the middle of a white one that is as large as it was before."""
    most = max(*turned.shape[:2], *before.shape[:2])
    large = np.full_like(before, white(before), shape=(3 * most, 3 * most, *before.shape[2:]))
    (high, wide), (down, across) = before.shape[:2], turned.shape[:2]
    top, left = most + (high - down) // 2, most + (wide - across) // 2
    large[top : top + down, left : left + across] = turned
    return large[most : most + high, most : most + wide]


def negative(array: Array) -> Array:
    return ~array if array.dtype == bool else np.iinfo(array.dtype).max - array


BOX = {"left": 10, "top": 7, "width": 21, "height": 19}
EDGES = (10, 7, 31, 26)
EXACT: list[tuple[str, dict[str, Any], Callable[[Array], Array]]] = [
    ("rotate", {"angle": 90.0}, lambda a: np.rot90(a, -1)),
    ("rotate", {"angle": -90.0}, np.rot90),
    ("rotate", {"angle": 180.0}, lambda a: a[::-1, ::-1]),
    ("rotate", {"angle": 360.0}, lambda a: a),
    ("mirror", {}, lambda a: a[:, ::-1]),
    ("flip", {}, lambda a: a[::-1]),
    ("crop", BOX, lambda a: a[7:26, 10:31]),
    ("crop", {"left": 50, "top": 40}, lambda a: a[40:, 50:]),
    ("crop", {"left": 50, "width": 500}, lambda a: a[:, 50:]),
    ("erase", BOX, lambda a: filled(a, EDGES, white(a))),
    ("erase", {**BOX, "fill": "#000000", "where": "outside"}, lambda a: outside(a, EDGES, 0)),
    ("redact", BOX, lambda a: filled(a, EDGES, 0)),
    ("invert", {}, negative),
    ("resolution", {"dpi": 150.0}, lambda a: a),
    ("rotate", {"angle": 90.0, "canvas": "keep"}, lambda a: laid(np.rot90(a, -1), a)),
    ("rotate", {"angle": 270.0, "canvas": "keep"}, lambda a: laid(np.rot90(a), a)),
    ("brightness", {}, lambda a: a),
]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("name", "options", "meant"), EXACT)
def test_what_can_be_exact_is(
    desk: Desk, page: str, name: str, options: Any, meant: Callable[[Array], Array]
) -> None:
    """Black and white, grey, colour and 16 bits: no pixel is changed that need not be."""
    made = np.asarray(desk.draw(FILES[page], (name, options)))

    assert np.array_equal(made, meant(PAGES[page]))


TONES: list[tuple[str, dict[str, Any], Callable[[Array], Array]]] = [
    ("brightness", {"amount": 20.0}, lambda x: x + 0.2),
    ("brightness", {"amount": -100.0}, lambda x: x * 0),
    ("contrast", {"amount": 50.0}, lambda x: (x - 0.5) * (1 + math.sqrt(2)) + 0.5),
    ("contrast", {"amount": -100.0}, lambda x: x * 0 + 0.5),
    ("gamma", {"gamma": 2.0}, np.sqrt),
    ("levels", {"black": 51, "white": 204}, lambda x: (x - 0.2) / 0.6),
    ("levels", {"black": 0, "white": 255, "gamma": 0.5}, lambda x: x**2),
]


@pytest.mark.parametrize("page", ["grey", "colour", "deep"])
@pytest.mark.parametrize(("name", "options", "curve"), TONES)
def test_tones_follow_their_curve(
    desk: Desk, page: str, name: str, options: Any, curve: Callable[[Array], Array]
) -> None:
    """To the last level, at 8 bits and at 16."""
    most = 65535 if page == "deep" else 255
    meant = (curve(PAGES[page] / most).clip(0, 1) * most).round()

    made = np.asarray(desk.draw(FILES[page], (name, options))).astype(float)

    assert np.abs(made - meant).max() <= 1


def test_an_automatic_level_spreads_the_tones_there_are(desk: Desk) -> None:
    """A faint page becomes a strong one: all but the outliers lie between black and white."""
    faint = (GREY // 4 + 100).astype(np.uint8)
    (found,) = desk.find(faint, ("levels", {}))

    assert abs(found["black"] - np.percentile(faint, 0.5)) <= 1
    assert abs(found["white"] - np.percentile(faint, 99.5)) <= 1


def test_a_threshold_is_found_where_two_tones_part_best(desk: Desk) -> None:
    """Otsu's method, by trying every threshold here."""
    ink = np.where(RANDOM.random((HEIGHT, WIDTH)) < 0.2, 60, 190)
    page = (ink + RANDOM.integers(-25, 25, ink.shape)).astype(np.uint8)

    def parting(threshold: int) -> float:
        dark, light = page[page < threshold], page[page >= threshold]
        if not len(dark) or not len(light):
            return -1.0
        return len(dark) * len(light) * float(light.mean() - dark.mean()) ** 2

    (found,) = desk.find(page, ("depth", {"bits": "1"}))

    assert parting(found["threshold"]) == pytest.approx(max(map(parting, range(1, 256))))


@pytest.mark.parametrize("page", PAGES)
def test_depths_are_those_of_pillow(desk: Desk, page: str) -> None:
    """Grey by the usual weights, black below the threshold, dots by Floyd and Steinberg."""
    whole = PAGES[page]
    grey = Image.fromarray((whole >> 8).astype(np.uint8)) if page == "deep" else whole
    grey = grey if isinstance(grey, Image.Image) else Image.fromarray(grey).convert("L")
    levels = np.asarray(grey)

    def drawn(**options: Any) -> Array:
        return np.asarray(desk.draw(FILES[page], ("depth", options)))

    assert np.array_equal(drawn(bits="8"), levels)
    assert np.array_equal(drawn(bits="1", method="fixed", threshold=90), levels >= 90)
    assert drawn(bits="24").shape == (HEIGHT, WIDTH, 3)
    dots = np.asarray(grey.convert("1"))
    assert page == "black" or np.array_equal(drawn(bits="1", method="dither"), dots)


def test_resizing_mixes_as_asked(desk: Desk) -> None:
    """Bilinear is Pillow's; nearest takes pixels as they are; the size on paper stays."""
    data = file_of(Image.fromarray(GREY), dpi=(200, 200))
    bilinear = desk.draw(data, ("resize", {"width": 122}))
    nearest = desk.draw(data, ("resize", {"percent": 300.0, "interpolation": "nearest"}))

    own = Image.fromarray(GREY).resize((122, 88), Image.Resampling.BILINEAR)
    assert np.array_equal(np.asarray(bilinear), np.asarray(own))
    assert np.array_equal(np.asarray(nearest), GREY.repeat(3, 0).repeat(3, 1))
    assert bilinear.info["dpi"][0] == pytest.approx(400, abs=0.1)


def test_a_resolution_is_said_or_resampled(desk: Desk) -> None:
    said, resampled = (
        desk.measure((100, 200), ("resolution", {"dpi": 100.0, "resample": resample}),
                     dpi=(200.0, 50.0))[0].page
        for resample in (False, True)
    )  # fmt: skip

    assert (said.width, said.height, said.dpi) == (100, 200, (100.0, 100.0))
    assert (resampled.width, resampled.height, resampled.dpi) == (50, 400, (100.0, 100.0))
    with pytest.raises(BadSettings, match="resolution is known"):
        desk.measure((100, 200), ("resolution", {"resample": True}))


@pytest.mark.parametrize("canvas", ["grow", "keep"])
def test_a_turn_by_any_angle_takes_points_where_geometry_says(desk: Desk, canvas: str) -> None:
    """Dots, found by their darkness in the turned picture."""
    size, angle = (400, 300), 17.0
    picture = Image.new("L", size, 255)
    dots = [(120, 100), (280, 100), (200, 210)]
    for x, y in dots:
        ImageDraw.Draw(picture).ellipse((x - 4, y - 4, x + 4, y + 4), 0)
    made = np.asarray(desk.draw(file_of(picture), ("rotate", {"angle": angle, "canvas": canvas})))

    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    for x, y in dots:
        across, down = x - 200, y - 150
        there = (
            made.shape[1] / 2 + across * cosine - down * sine,
            made.shape[0] / 2 + across * sine + down * cosine,
        )
        part = (
            255.0
            - made[int(there[1]) - 8 : int(there[1]) + 8, int(there[0]) - 8 : int(there[0]) + 8]
        )
        ys, xs = np.mgrid[
            int(there[1]) - 8 : int(there[1]) + 8, int(there[0]) - 8 : int(there[0]) + 8
        ]
        centre = ((xs * part).sum() / part.sum() + 0.5, (ys * part).sum() / part.sum() + 0.5)
        assert math.dist(centre, there) < 1.0
    grown = (round(400 * cosine + 300 * sine), round(400 * sine + 300 * cosine))
    assert made.shape[::-1] == (grown if canvas == "grow" else size)


def test_a_turned_page_is_filled_in_its_corners(desk: Desk) -> None:
    made = desk.draw(FILES["colour"], ("rotate", {"angle": 45.0, "fill": "#0a141e"}))

    assert made.getpixel((0, 0)) == (10, 20, 30)


@pytest.mark.parametrize("page", PAGES)
def test_four_quarter_turns_are_none(desk: Desk, page: str) -> None:
    """And two mirrors, two flips, two negatives."""
    for name, times in (("rotate", 4), ("mirror", 2), ("flip", 2), ("invert", 2)):
        made = desk.draw(FILES[page], *[(name, {})] * times)

        assert np.array_equal(np.asarray(made), PAGES[page]), name


def test_edits_follow_one_another(desk: Desk) -> None:
    """Each is measured on the page that the one before it left."""
    made = desk.draw(
        FILES["grey"], ("rotate", {}), ("crop", {"left": 3, "width": 20}), ("invert", {})
    )

    assert np.array_equal(np.asarray(made), 255 - np.rot90(GREY, -1)[:, 3:23])


@pytest.mark.parametrize("seed", range(6))
def test_a_region_of_a_page_is_a_region_of_its_picture(desk: Desk, seed: int) -> None:
    """Whatever was done to the page, at its full size."""
    chance = random.Random(seed)
    deeds = chance.sample([("rotate", {}), ("mirror", {}), ("crop", BOX), ("invert", {})], 2)
    whole = np.asarray(desk.draw(FILES["colour"], *deeds))
    left, top = chance.randrange(whole.shape[1] - 9), chance.randrange(whole.shape[0] - 9)

    part = desk.draw(FILES["colour"], *deeds, region=(float(left), float(top), 9.0, 8.0))

    assert np.array_equal(np.asarray(part), whole[top : top + 8, left : left + 9])


def test_small_pictures_keep_their_shape(desk: Desk) -> None:
    page = file_of(Image.new("L", (1200, 900), 200))

    for wanted, meant in (
        ({"width": 90}, (90, 120)),
        ({"height": 100}, (75, 100)),
        ({"width": 30, "height": 100}, (30, 40)),
        ({"width": 5000}, (900, 1200)),
    ):
        assert desk.draw(page, ("rotate", {}), **wanted).size == meant


@pytest.mark.parametrize("name", ["erase", "redact", "crop"])
def test_a_strip_at_the_edge_is_in_small_pictures_too(desk: Desk, name: str) -> None:
    """Their shorter side is rounded down, so that the strip begins behind it."""
    page = file_of(Image.new("L", (2479, 3508), 200))
    deed = (name, {"left": 2468, "top": 3500, **({} if name == "crop" else {"fill": "#000000"})})
    meant = {"erase": 0, "redact": 0, "crop": 200}[name]

    for size in (180, 90):
        small = desk.draw(page, deed, width=size, height=size)
        assert small.getpixel((small.width - 1, small.height - 1)) == pytest.approx(meant, abs=150)


def stamped(page: Image.Image, stamp: Image.Image, **options: Any) -> Array:
    """Return a page that was stamped; the edit gets the picture as a child gives it."""
    text = base64.b64encode(file_of(stamp)).decode()
    return np.asarray(Stamp({"picture": text, **options}).apply(page, 1.0))


def test_a_stamp_is_ink_on_every_kind_of_page() -> None:
    """Its paper is not seen: what it does not darken keeps every bit."""
    seal = Image.new("L", (100, 100), 255)
    seal.paste(0, (40, 0, 60, 100))
    where = {"size": 50.0, "position": "top-left", "margin": 0.0}
    for mode, meant in (("L", GREY), ("RGB", COLOUR), ("I;16", DEEP), ("1", BLACK)):
        page = Image.fromarray(meant).resize((200, 200), Image.Resampling.NEAREST)
        assert page.mode == mode
        made, before = stamped(page, seal, **where), np.asarray(page)

        assert not made[5:95, 45:55].any(), mode
        assert np.array_equal(made[:, 110:], before[:, 110:]), mode
        assert np.array_equal(made[5:95, 5:35], before[5:95, 5:35]), mode


def test_a_stamp_may_cover() -> None:
    page, seal = Image.new("RGB", (200, 100), "red"), Image.new("RGB", (10, 10), "white")

    made = stamped(page, seal, size=10.0, position="bottom-right", margin=0.0, ink=False)

    assert made[85, 185].tolist() == [255, 255, 255]
    assert made[75, 185].tolist() == [255, 0, 0]


@pytest.mark.parametrize("page", PAGES)
def test_text_is_ink_where_it_was_asked_for_and_nowhere_else(desk: Desk, page: str) -> None:
    """A page number at the bottom leaves the rest of the page alone."""
    blank = np.full_like(np.resize(PAGES[page], (400, 300, *PAGES[page].shape[2:])), 0)
    blank[...] = white(blank)
    options = {"text": "12", "position": "bottom-right", "size": 5.0, "margin": 5.0}

    made = np.asarray(desk.draw(file_of(Image.fromarray(blank)), ("text", options)))

    changed = (made != blank).reshape(400, 300, -1).any(axis=2)
    ys, xs = np.nonzero(changed)
    assert 30 < changed.sum() < 1000
    assert xs.min() > 240
    assert 275 <= xs.max() < 280
    assert ys.min() > 350
    assert 375 <= ys.max() < 380


def test_a_watermark_leaves_what_is_below_it_readable(desk: Desk) -> None:
    """Faint in grey; as scattered dots on a page of black and white."""
    options = {"text": "COPY", "position": "middle-centre", "size": 30.0, "opacity": 25.0}
    grey = np.asarray(desk.draw(file_of(Image.new("L", (300, 300), 255)), ("text", options)))
    black = np.asarray(desk.draw(file_of(Image.new("1", (300, 300), 255)), ("text", options)))

    assert grey.min() == pytest.approx(191, abs=1)
    assert 0.15 < (~black)[grey < 200].mean() < 0.35
    assert black[grey == 255].all()


def test_a_jpeg_stays_small_and_black_and_white_stays_whole(desk: Desk) -> None:
    """What came lossy may leave lossy, what came whole may not."""
    data = file_of(Image.fromarray(COLOUR), "JPEG")
    lossy = desk.draw(data, ("flip", {}), media_type=None, lossy=True)
    assert lossy.format == "JPEG"
    asked = {"bits": "1", "threshold": 99}
    black = desk.draw(data, ("depth", asked), media_type=None, lossy=True)
    assert (black.format, black.mode) == ("PNG", "1")
    assert desk.draw(FILES["grey"], ("flip", {}), media_type=None).format == "PNG"


EXACT_DEEP = [(name, options, meant) for name, options, meant in EXACT if name != "brightness"]


@pytest.mark.parametrize("form", [".png", ".tiff"])
def test_48_bits_stay_through_every_edit(desk: Desk, form: str) -> None:
    """As OpenCV writes and reads them: a file of other people's filters, none of ours."""
    deep = RANDOM.integers(0, 65536, (HEIGHT, WIDTH, 3), dtype=np.uint16)
    _, file = cv2.imencode(form, deep)
    for name, options, meant in EXACT_DEEP:
        made = desk.data(file.tobytes(), (name, options), media_type=None)

        found = cv2.imdecode(np.frombuffer(made, np.uint8), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(found, meant(deep)), name
    for name in ("erase", "redact"):
        made = desk.data(file.tobytes(), (name, {**BOX, "fill": "#0a141e"}), media_type=None)
        found = cv2.imdecode(np.frombuffer(made, np.uint8), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(found, filled(deep, EDGES, [30 * 257, 20 * 257, 10 * 257])), name
    turned = desk.data(file.tobytes(), ("rotate", {"angle": 10.0, "fill": "#0a141e"}))
    found = cv2.imdecode(np.frombuffer(turned, np.uint8), cv2.IMREAD_UNCHANGED)
    assert (found.dtype, [*found[0, 0]]) == (np.uint16, [30 * 257, 20 * 257, 10 * 257])


def test_24_bits_a_pixel_are_8_a_colour(desk: Desk) -> None:
    """Who asks a page of 48 bits to have 24 wants it smaller."""
    deep = RANDOM.integers(0, 65536, (HEIGHT, WIDTH, 3), dtype=np.uint16)
    file = cv2.imencode(".png", deep)[1].tobytes()

    made = desk.data(file, ("depth", {"bits": "24"}), media_type=None)

    found = cv2.imdecode(np.frombuffer(made, np.uint8), cv2.IMREAD_UNCHANGED)
    assert found.dtype == np.uint8
    assert np.abs(found - deep / 257).max() <= 1


@pytest.mark.parametrize("name", ["text", "stamp", "mix"])
def test_what_an_edit_leaves_alone_keeps_its_48_bits(desk: Desk, name: str) -> None:
    """A page number, a seal, and an edit that mixes colours: elsewhere nothing changes at all."""
    deep = RANDOM.integers(0, 65536, (300, 200, 3), dtype=np.uint16)
    file = cv2.imencode(".png", deep)[1].tobytes()
    seal = Image.new("RGB", (40, 40), "white")
    seal.paste((200, 10, 60), (5, 5, 35, 35))
    told: dict[str, dict[str, Any]] = {
        "text": {"text": "7", "size": 10.0, "colour": "#c80a3c"},
        "stamp": {"picture": base64.b64encode(file_of(seal)).decode(), "size": 10.0},
        "mix": {},
    }

    made = desk.data(file, (name, told[name]), media_type=None)

    found = cv2.imdecode(np.frombuffer(made, np.uint8), cv2.IMREAD_UNCHANGED)
    differ = (found != deep).any(axis=2)
    assert found.dtype == np.uint16
    assert 0 < differ.sum() < 0.05 * differ.size
    rows, columns = np.nonzero(differ)
    if name == "text":
        inked = found[(found == [0x3C * 257, 0x0A * 257, 0xC8 * 257]).all(axis=2)]
        assert len(inked) > 30
    if name == "stamp":
        middle = (
            slice(rows.min() + 3, rows.max() - 3),
            slice(columns.min() + 3, columns.max() - 3),
        )
        ink = np.array([60, 10, 200]) / 255
        assert np.abs(found[middle] - deep[middle] * ink).max() <= 1
    if name == "mix":
        assert (found[:4, :4] == 0).all()


TURNS = [(name, options, meant) for name, options, meant in EXACT[:6]]


@pytest.mark.parametrize("orientation", [1, 6, 7])
def test_a_jpeg_that_is_only_turned_is_what_came(desk: Desk, orientation: int) -> None:
    """Not one coefficient is packed anew: its head says how it lies, and every reader obeys."""
    exif = Image.Exif()
    exif[274] = orientation
    data = file_of(Image.fromarray(COLOUR), "JPEG", exif=exif, dpi=(200, 300))
    came = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    scan = data[data.index(b"\xff\xda") :]
    for name, options, meant in TURNS:
        made = desk.data(data, (name, options), as_came=True, media_type=None, lossy=True)

        assert made.endswith(scan), name
        seen = cv2.imdecode(np.frombuffer(made, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
        told = Image.open(io.BytesIO(made))
        assert np.array_equal(np.asarray(ImageOps.exif_transpose(told)), meant(came)), name
        assert np.abs(seen.astype(int) - meant(came)).max() <= 8, name
    thrice = [("rotate", {}), ("resolution", {"dpi": 100.0, "dpi-down": 50.0}), ("mirror", {})]
    made = desk.data(data, *thrice, as_came=True, media_type=None, lossy=True)
    assert made.endswith(scan)
    lies = Image.open(io.BytesIO(made)).getexif()[274] >= 5
    assert Image.open(io.BytesIO(made)).info["dpi"] == ((50, 100) if lies else (100, 50))
    more = desk.data(data, ("rotate", {}), ("invert", {}), as_came=True, media_type=None)
    assert more.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("size", "name", "options"),
    [
        ((100, 100), "crop", {"left": 100}),
        ((100, 100), "crop", {"top": 4000}),
        ((100, 100), "redact", {"left": 101, "width": 5}),
        ((100, 100), "erase", {"fill": "red"}),
        ((100, 100), "rotate", {"fill": "#12345"}),
        ((100, 100), "text", {"text": "a" * 1001}),
        ((100, 100), "text", {"text": "W" * 900, "size": 100.0}),
    ],
)
def test_what_does_not_fit_the_page_is_refused(
    desk: Desk, size: tuple[int, int], name: str, options: Any
) -> None:
    """Before anything is kept, by name."""
    with pytest.raises(BadSettings) as caught:
        desk.measure(size, (name, options))
    assert caught.value.details["edit"] == name


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("resize", {"percent": 1000.0}),
        ("resize", {"width": 65500, "height": 65500}),
        ("rotate", {"angle": 45.0}),
        ("resolution", {"dpi": 9600.0, "resample": True}),
    ],
)
def test_a_page_that_would_be_too_large_is_refused(desk: Desk, name: str, options: Any) -> None:
    """R26: before any memory is taken."""
    with pytest.raises(TooLarge):
        desk.measure((65_000, 2_000), (name, options), dpi=(300.0, 300.0))


def test_a_page_of_one_pixel_can_be_edited(desk: Desk) -> None:
    data = file_of(Image.new("RGB", (1, 1), (1, 2, 3)))
    for name in ("rotate", "mirror", "crop", "erase", "resize", "invert", "depth", "text"):
        made = desk.draw(data, (name, {}))
        assert made.size == (1, 1), name


def test_a_page_of_65_000_pixels_can_be_edited(desk: Desk) -> None:
    """A long strip: turned, seen small, and a part of it seen whole."""
    strip = np.zeros((4, 65_000), np.uint8)
    strip[:, 64_990:] = 255
    data = file_of(Image.fromarray(strip))

    small = desk.draw(data, ("rotate", {}), height=650)
    part = desk.draw(data, ("rotate", {}), region=(0.0, 64_980.0, 4.0, 20.0))

    assert small.size == (1, 650)
    assert np.array_equal(np.asarray(part), np.rot90(strip, -1)[64_980:])


def test_an_edited_page_keeps_what_its_colours_mean(desk: Desk) -> None:
    """A profile that is lost on the way turns the red of a print into another one."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = file_of(Image.fromarray(COLOUR), icc_profile=profile)
    turn = ("rotate", {"angle": 90.0})

    for media_type in ("image/png", "image/jpeg"):
        made = desk.draw(data, turn, ("brightness", {"amount": 10}), media_type=media_type)
        assert made.info["icc_profile"] == profile
    again = desk.draw(data, turn, media_type="image/png")
    grey = desk.draw(data, turn, ("depth", {"bits": "8"}), media_type="image/png")

    assert again.info["icc_profile"] == profile
    assert np.array_equal(np.asarray(again), np.rot90(COLOUR, -1))
    assert (grey.mode, grey.info.get("icc_profile")) == ("L", None)  # it was for three samples


@pytest.mark.parametrize("hidden", [0, 255])
@pytest.mark.parametrize(
    "box", [(40, 30, 200, 8), (301, 77, 33, 331), (0, 0, 7, 400), (390, 0, 0, 0)]
)
def test_what_is_covered_is_in_no_small_picture(
    desk: Desk, hidden: int, box: tuple[int, int, int, int]
) -> None:
    """Two pages that differ under the cover alone give the same pictures, to the last bit."""
    grain = np.random.default_rng(9).integers(0, 256, (413, 401), dtype=np.uint8)
    left, top, width, height = box
    part = (slice(top, top + height or None), slice(left, left + width or None))
    other = grain.copy()
    other[part] = hidden
    names = ("left", "top", "width", "height")
    cover = ("redact", dict(zip(names, box, strict=True)))

    for wanted in ({}, *({"width": width} for width in (390, 300, 201, 150, 101, 60, 25, 7))):
        wish = {**wanted, "from_whole": True}
        one, two = (
            desk.draw(file_of(Image.fromarray(page)), cover, **wish) for page in (grain, other)
        )

        assert np.array_equal(np.asarray(one), np.asarray(two)), wanted


def test_a_cover_hides_every_pixel_that_has_some_of_it() -> None:
    """At any size: the shorter side is rounded, so that a region lies a little aside."""
    chance, random = np.random.default_rng(1), Random(2)
    for _ in range(300):
        width, height = random.randrange(100, 600), random.randrange(100, 600)
        page = chance.integers(0, 256, (height, width), dtype=np.uint8)
        left, top = random.randrange(width - 5), random.randrange(height - 5)
        wide, high = random.randrange(1, width - left), random.randrange(1, height - top)
        other = page.copy()
        other[top : top + high, left : left + wide] ^= 255
        cover = Redact({"left": left, "top": top, "width": wide, "height": high})
        factor = random.randrange(1, 12)

        one, two = (Image.fromarray(whole).reduce(factor) for whole in (page, other))
        scale = one.width / width if width >= height else one.height / height

        assert cover.apply(one, scale).tobytes() == cover.apply(two, scale).tobytes()


LARGER: list[tuple[tuple[int, int], int, list[tuple[str, dict[str, Any]]]]] = [
    ((805, 768), 293, [("resize", {"height": 1111}),
                       ("resolution", {"dpi": 338.0, "resample": True})]),
    ((30, 37), 7, [("crop", {"left": 13, "top": 36, "width": 9}), ("rotate", {"angle": 252.4}),
                   ("resize", {"width": 422})]),
    ((41, 32), 28, [("resize", {"height": 1984}), ("mirror", {})]),
    ((55, 59), 14, [("resize", {"height": 211}),
                    ("resolution", {"dpi": 293.3, "resample": True}), ("rotate", {"angle": 37.2})]),
]  # fmt: skip
"""Pages that were made larger, and a width of small pictures of them."""


@pytest.mark.parametrize(("size", "width", "deeds"), LARGER)
def test_a_page_that_was_made_larger_has_small_pictures(
    desk: Desk, size: tuple[int, int], width: int, deeds: list[tuple[str, dict[str, Any]]]
) -> None:
    """Their whole pixels miss the page by a part of one, which grows with it, and is no lie."""
    page = file_of(Image.effect_noise(size, 60), dpi=(200, 200))
    whole = desk.draw(page, *deeds)

    small = desk.draw(page, *deeds, width=width)

    height = max(1, round(whole.height * width / whole.width))
    assert small.size == (width, pytest.approx(height, abs=1))
