"""An easel: a page is drawn, changed by its edits, shown.

The codec draws, the edits change, and the picture leaves as a file: all in one child, so that
pixels cross no pipe. What was drawn and made last stays, for the next question is mostly about it.
"""

from __future__ import annotations

import base64
import io
import json
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image, ImageOps

from sheetfed.api.contracts import Book, Codec, Edit
from sheetfed.api.errors import AddonBroken, NotFound, SheetfedError, TooLarge, Unreadable
from sheetfed.api.model import Box, Mode, Page, PageInfo, Settings
from sheetfed.worker import jpeg, sandbox
from sheetfed.worker.bands import Band, Shape
from sheetfed.worker.inlet import stream
from sheetfed.worker.link import Link
from sheetfed.worker.pictures import DAMAGE, MOST_PIXELS, flattened
from sheetfed.worker.png import Png
from sheetfed.worker.wire import (
    Deed,
    Head,
    Measured,
    Sheet,
    Tool,
    Wanted,
    from_json,
    to_json,
)

MODES = ("1", "L", "I;16", "RGB")
"""What edits are given and give back."""

LOOK = 1600
"""Pixels of the longer side of what an edit looks at to find something."""

LONGEST = jpeg.LONGEST
"""Pixels that a page may become wide or high."""

KEPT = 80_000_000
"""Pixels of a picture that is remembered; a larger one leaves the room to the work."""

MOST_PROFILE = 1024 * 1024
"""Bytes of a colour profile that goes along."""

_PROFILE = "icc_profile"
_COLOURS = {b"RGB ": "RGB", b"GRAY": "L"}

MARGIN = 2
"""Pixels by which a picture's size may miss what was measured; sizes are rounded at each edit."""

_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/jp2": "JPEG2000",
    "image/x-portable-anymap": "PPM",
}
_RASTERS: Mapping[str, Mode] = {"L": "gray", "I;16": "gray16", "RGB": "color"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """A picture that was made; `whole` where there is no larger one."""

    key: str
    picture: Any
    whole: bool = True


class Easel:
    """Answers for a codec and the edits beside it."""

    def __init__(self, codec: Codec, link: Link) -> None:
        self._codec = codec
        self._link = link
        self._tools: dict[str, type[Edit]] = {}
        self._book: tuple[tuple[str, Settings], Book] | None = None
        self._drawn: _Drawn | None = None
        self._changed: _Drawn | None = None

    def hold(self, tool: Tool, kind: type[Edit]) -> None:
        """Have one more edit at hand.

        It is tried at once: what a library loads late cannot be loaded in a box.
        """
        self._tools[tool.name] = kind
        for mode in MODES:
            with suppress(Exception):  # what it fails at is told when it is asked
                picture = Image.new(mode, (16, 16))
                picture.info["dpi"] = (100.0, 100.0)
                edit = kind(tool.settings)
                edit.find(picture, 1.0)
                edit.apply(picture, 1.0)

    def answer(self, head: Head, body: bytes) -> dict[str, Any]:
        """Return the answer to one question."""
        del body
        sandbox.grant_time()
        sheet = from_json(Sheet, head["sheet"])
        deeds = [from_json(Deed, deed) for deed in head["deeds"]]
        if head["ask"] == "measure":
            return {"measured": to_json(self._measure(sheet, deeds, head["known"]))}
        page = self._render(sheet, deeds, from_json(Wanted, head["wanted"]))
        self._link.say("page", page, page.data)
        return {}

    def _measure(self, sheet: Sheet, deeds: Sequence[Deed], known: int) -> list[Measured]:
        page, done, told = sheet.page, list[Deed](), list[Measured]()
        for place, deed in enumerate(deeds):
            found = self._found(sheet, done, deed) if place >= known else {}
            deed = replace(deed, options={**deed.options, **found})  # noqa: PLW2901
            page, transform = self._size(deed, page)
            done.append(deed)
            looks = self._tools[deed.name].find is not Edit.find
            told.append(Measured(looks=looks, found=found, page=page, transform=transform))
        return told

    def _found(self, sheet: Sheet, done: Sequence[Deed], deed: Deed) -> Mapping[str, Any]:
        tool = self._tools[deed.name]
        if tool.find is Edit.find:
            return {}
        scale = LOOK / max(sheet.page.width, sheet.page.height)
        picture, page = self._seen(sheet, done, _step(scale))
        scale = _scale(picture, page)
        _tell_dpi(picture, page, scale)
        with _naming(deed):
            return dict(tool(self._supplied(deed)).find(picture, scale))

    def _size(self, deed: Deed, page: PageInfo) -> tuple[PageInfo, Any]:
        with _naming(deed):
            after, transform = self._tools[deed.name](deed.options).measure(page)
            if not (after.width >= 1 and after.height >= 1):
                raise AddonBroken(f"it makes a page of {after.width} x {after.height}")
            if max(after.width, after.height) > LONGEST or after.width * after.height > MOST_PIXELS:
                raise TooLarge(
                    f"The page would have {after.width} x {after.height} pixels",
                    width=after.width,
                    height=after.height,
                )
            numbers = tuple(float(number) for number in transform)
            if len(numbers) != 9 or not all(math.isfinite(number) for number in numbers):
                raise AddonBroken("it tells no 3 x 3 transform")
        return after, numbers

    def _render(self, sheet: Sheet, deeds: Sequence[Deed], wanted: Wanted) -> Page:
        page = sheet.page
        for deed in deeds:
            page, _ = self._size(deed, page)
        left, top, width, height = wanted.region or (0.0, 0.0, page.width, page.height)
        scale = min(1.0, (wanted.width or width) / width, (wanted.height or height) / height)
        if wanted.region and not deeds and _step(scale) == 1.0:
            picture = self._part(sheet, (left, top, left + width, top + height))
        else:
            picture, _ = self._seen(sheet, deeds, _step(scale))
            across, down = picture.width / page.width, picture.height / page.height
            if wanted.region:
                box = (left * across, top * down, (left + width) * across, (top + height) * down)
                picture = picture.crop(_pixels(box, picture.size))
        picture = _fitted(picture, (max(1, round(width * scale)), max(1, round(height * scale))))
        self._link.check()
        scale = picture.width / width
        return _encoded(picture, wanted, (page.dpi[0] * scale, page.dpi[1] * scale))

    def _part(self, sheet: Sheet, box: tuple[float, float, float, float]) -> Any:
        """Return a part of a page without edits: the codec need not hand over the whole of it."""
        left, top, right, bottom = _pixels(box, (sheet.page.width, sheet.page.height))
        region = Box(left=left, top=top, width=right - left, height=bottom - top)
        with self._opened(sheet) as book:
            if not 0 <= sheet.index < book.count:
                raise NotFound(f"there is no page {sheet.index + 1} in this file")
            return _picture_of(book.page(sheet.index, region=region))

    def _seen(self, sheet: Sheet, deeds: Sequence[Deed], scale: float) -> tuple[Any, PageInfo]:
        """Return a picture of the page after these edits, and the size that the page then has."""
        key = json.dumps([sheet.file, sheet.index, scale, to_json([*deeds])])
        page, known = sheet.page, self._changed
        picture = None if known is None or known.key != key else known.picture
        if picture is None and deeds:
            self._changed = None
        before = self._picture(sheet, scale) if picture is None else None
        for deed in deeds:
            after, _ = self._size(deed, page)
            if before is not None:
                self._link.check()
                before = self._apply(deed, before, page, after)
            page = after
        if before is not None:
            picture = before
            if deeds and picture.width * picture.height <= KEPT:
                self._changed = _Drawn(key=key, picture=picture)
        return picture, page

    def _apply(self, deed: Deed, picture: Any, before: PageInfo, after: PageInfo) -> Any:
        scale = _scale(picture, before)
        _tell_dpi(picture, before, scale)
        profile = picture.info.get(_PROFILE)
        with _naming(deed):
            made = self._tools[deed.name](self._supplied(deed)).apply(picture, scale)
            if not isinstance(made, Image.Image) or made.mode not in MODES:
                shown = made.mode if isinstance(made, Image.Image) else type(made).__name__
                raise AddonBroken(f"it made {shown}, which is no picture of a page")
            meant = (after.width * scale, after.height * scale)
            missed = [abs(size - wanted) for size, wanted in zip(made.size, meant, strict=True)]
            if max(missed) > MARGIN:
                raise AddonBroken(
                    f"it made a picture of {made.width} x {made.height}"
                    f" where it measured {meant[0]:g} x {meant[1]:g}"
                )
        if profile:
            made.info[_PROFILE] = profile
        return made

    def _supplied(self, deed: Deed) -> Settings:
        """Return the options of an edit, with files in the place of their names."""
        found = dict(deed.options)
        for option, size in deed.files.items():
            data = stream(self._link, str(found[option]), size).read() if size else b""
            found[option] = base64.b64encode(data).decode()
        return found

    def _picture(self, sheet: Sheet, scale: float) -> Any:
        """Return the page before its edits, at about this scale of its true size."""
        size = (math.ceil(sheet.page.width * scale), math.ceil(sheet.page.height * scale))
        known = self._drawn
        if known is None or known.key != _place(sheet) or not _serves(known, size):
            self._drawn = None
            known = self._draw(sheet, None if scale == 1.0 else size)
            if known.picture.width * known.picture.height <= KEPT:
                self._drawn = known
        picture = known.picture
        factor = min(picture.width // size[0], picture.height // size[1])
        return _reduced(picture, factor) if factor > 1 else picture

    def _draw(self, sheet: Sheet, size: tuple[int, int] | None) -> _Drawn:
        width, height = size or (None, None)
        with self._opened(sheet) as book:
            if not 0 <= sheet.index < book.count:
                raise NotFound(f"there is no page {sheet.index + 1} in this file")
            info = book.info(sheet.index)
            page = book.page(sheet.index, width=width, height=height)
        whole = page.width >= info.width and page.height >= info.height
        return _Drawn(key=_place(sheet), picture=_picture_of(page), whole=whole)

    @contextmanager
    def _opened(self, sheet: Sheet) -> Iterator[Book]:
        """Give the book of a page's file, which stays open for its next page."""
        known, self._book = self._book, None  # who fails is not asked again
        if known is not None and known[0] == (sheet.file, sheet.options):
            book = known[1]
        else:
            if known is not None:
                known[1].close()
            book = self._codec.open(stream(self._link, sheet.file, sheet.size), sheet.options)
        try:
            yield book
        except BaseException:
            book.close()
            raise
        self._book = (sheet.file, sheet.options), book


@contextmanager
def _naming(deed: Deed) -> Iterator[None]:
    """Say in an error which edit it is about."""
    try:
        yield
    except SheetfedError as error:
        error.details["edit"] = deed.name
        raise


def _place(sheet: Sheet) -> str:
    return f"{sheet.file} {sheet.index}"


def _step(scale: float) -> float:
    """Return the scale that is worked at: halves, so that pictures of many sizes share one."""
    return min(1.0, 2.0 ** math.ceil(math.log2(max(scale, 1 / 4096))))


def _scale(picture: Any, page: PageInfo) -> float:
    """Return a picture's size over the page's, told by the longer side."""
    if page.width >= page.height:
        return float(picture.width / page.width)
    return float(picture.height / page.height)


def _serves(drawn: _Drawn, size: tuple[int, int]) -> bool:
    return drawn.whole or (drawn.picture.width >= size[0] and drawn.picture.height >= size[1])


def _pixels(box: tuple[float, float, float, float], size: tuple[int, int]) -> tuple[int, ...]:
    """Return whole pixels of a picture, one at least, that a box covers."""
    left = min(max(0, round(box[0])), size[0] - 1)
    top = min(max(0, round(box[1])), size[1] - 1)
    right = min(max(left + 1, round(box[2])), size[0])
    return left, top, right, min(max(top + 1, round(box[3])), size[1])


def _picture_of(page: Page) -> Any:
    """Return what a codec drew as a picture, upright, in a mode that edits take."""
    name = _FORMATS.get(page.media_type)
    if name is None:
        raise AddonBroken(f"the codec draws {page.media_type}, which is no picture")
    Image.MAX_IMAGE_PIXELS = None  # checked here, before anything is unpacked
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(page.data), formats=[name]) as found:
                most = 5 * MOST_PIXELS if found.mode == "1" else MOST_PIXELS
                if found.width * found.height > most:
                    raise TooLarge(f"the page has {found.width} x {found.height} pixels")
                found.load()
                ImageOps.exif_transpose(found, in_place=True)
                return _plain(found)
        except DAMAGE as error:
            raise Unreadable(f"the {page.media_type} cannot be read: {error}") from error


def _plain(picture: Any) -> Any:
    if picture.mode in {"I", "I;16B", "I;16L", "I;16N"}:
        return picture.convert("I;16")
    return picture.copy() if picture.mode in MODES else flattened(picture)


def _reduced(picture: Any, factor: tuple[int, int] | int) -> Any:
    return _eight(picture).reduce(factor)


def _eight(picture: Any) -> Any:
    """Return a picture of 8 bits a sample."""
    return picture if picture.mode in {"L", "RGB"} else flattened(picture)


def _fitted(picture: Any, size: tuple[int, int]) -> Any:
    """Return a picture of exactly this size."""
    if picture.size == size:
        return picture
    factors = (max(1, picture.width // size[0]), max(1, picture.height // size[1]))
    small = _reduced(picture, factors) if max(factors) > 1 else _eight(picture)
    return small if small.size == size else small.resize(size, Image.Resampling.BILINEAR)


def _tell_dpi(picture: Any, page: PageInfo, scale: float) -> None:
    """Have a picture say its resolution and what its colours mean, and nothing else."""
    profile = picture.info.get(_PROFILE)
    picture.info = {"dpi": (page.dpi[0] * scale, page.dpi[1] * scale)}
    if profile:
        picture.info[_PROFILE] = profile


def _profile_of(picture: Any) -> bytes:
    """Return what the colours of a picture mean, where its profile is for its mode."""
    profile = picture.info.get(_PROFILE)
    if not isinstance(profile, bytes) or not 128 <= len(profile) <= MOST_PROFILE:
        return b""
    return profile if _COLOURS.get(profile[16:20]) == picture.mode else b""


def _encoded(picture: Any, wanted: Wanted, dpi: tuple[float, float]) -> Page:
    media_type = wanted.media_type
    if media_type is None:
        small = wanted.lossy and picture.mode in {"L", "RGB"}
        media_type = jpeg.MEDIA_TYPE if small else Png.media_type
    if media_type == jpeg.MEDIA_TYPE:
        picture = _eight(picture)
        samples = 3 if picture.mode == "RGB" else 1
        data = jpeg.encode(picture.tobytes(), picture.size, samples, quality=wanted.quality)
        data = jpeg.with_profile(jpeg.with_dpi(data, dpi), _profile_of(picture))
    else:
        media_type, data = Png.media_type, _png(picture, dpi)
    return Page(
        data=data, media_type=media_type, width=picture.width, height=picture.height, dpi=dpi
    )


def _png(picture: Any, dpi: tuple[float, float]) -> bytes:
    if picture.mode == "1":
        stream = io.BytesIO()
        known = {"dpi": dpi} if min(dpi) > 0 else {}
        picture.save(stream, "PNG", **known)
        return stream.getvalue()
    shape = Shape(width=picture.width, mode=_RASTERS[picture.mode], dpi=dpi, rows=picture.height)
    form, band = Png(shape, _profile_of(picture)), Band(shape)
    band.follow(None)
    band.take(memoryview(picture.tobytes()))
    body = form.join(form.pack(band))
    return b"".join((form.head(picture.height), body, form.tail(picture.height)))
