"""An easel: a page is drawn, changed by its edits, shown.

The codec draws, the edits change, and the picture leaves as a file: all in one child, so that
pixels cross no pipe. What was drawn and made last stays, for the next question is mostly about it.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image

from sheetfed.api.contracts import UNMOVED, Book, Codec, Edit, Transform
from sheetfed.api.errors import AddonBroken, NotFound, SheetfedError, TooLarge
from sheetfed.api.model import Box, Page, PageInfo, Settings
from sheetfed.transforms import then
from sheetfed.worker import jpeg, sandbox
from sheetfed.worker.drawing import (
    MODES,
    PROFILE,
    Deep,
    encoded,
    fitted,
    picture_of,
    reduced,
    tell_dpi,
)
from sheetfed.worker.frames import Head
from sheetfed.worker.inlet import stream
from sheetfed.worker.link import Link
from sheetfed.worker.lying import reoriented
from sheetfed.worker.pictures import MOST_PIXELS
from sheetfed.worker.wire import (
    Deed,
    Measured,
    Sheet,
    Tool,
    Wanted,
    from_json,
    to_json,
)

LOOK = 1600
"""Pixels of the longer side of what an edit looks at to find something."""

LONGEST = jpeg.LONGEST
"""Pixels that a page may become wide or high."""

KEPT = 80_000_000
"""Pixels of a picture that is remembered; a larger one leaves the room to the work."""

MARGIN = 2
"""Pixels by which a picture's size may miss what was measured; sizes are rounded at each edit."""


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
            found = self._new(sheet, done, deed) if place >= known else {}
            deed = replace(deed, options={**deed.options, **found})  # noqa: PLW2901
            page, transform = self._size(deed, page)
            done.append(deed)
            looks = self._tools[deed.name].find is not Edit.find
            told.append(Measured(looks=looks, found=found, page=page, transform=transform))
        return told

    def _new(self, sheet: Sheet, done: Sequence[Deed], deed: Deed) -> Mapping[str, Any]:
        with _naming(deed):
            self._tools[deed.name](deed.options).check()
        return self._found(sheet, done, deed)

    def _found(self, sheet: Sheet, done: Sequence[Deed], deed: Deed) -> Mapping[str, Any]:
        tool = self._tools[deed.name]
        if tool.find is Edit.find:
            return {}
        scale = LOOK / max(sheet.page.width, sheet.page.height)
        picture, page = self._seen(sheet, done, _step(scale))
        scale = _scale(picture, page)
        if isinstance(picture, Deep):
            picture = picture.shallow()
        tell_dpi(picture, page, scale)
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
        page, transform = sheet.page, UNMOVED
        for deed in deeds:
            page, moved = self._size(deed, page)
            transform = then(transform, moved)
        if wanted.as_came and (made := self._turned(sheet, deeds, page, transform)):
            return made
        left, top, width, height = wanted.region or (0.0, 0.0, page.width, page.height)
        scale = min(1.0, (wanted.width or width) / width, (wanted.height or height) / height)
        near = wanted.region is not None and sheet.page.width * sheet.page.height <= KEPT
        near = near or wanted.from_whole
        if wanted.region and not deeds and not near and _step(scale) == 1.0:
            picture = self._part(sheet, (left, top, left + width, top + height))
        else:
            picture, _ = self._seen(sheet, deeds, _step(scale), near=near)
            across, down = picture.width / page.width, picture.height / page.height
            if wanted.region:
                box = (left * across, top * down, (left + width) * across, (top + height) * down)
                picture = picture.crop(_pixels(box, picture.size))
        picture = fitted(picture, (max(1, round(width * scale)), max(1, round(height * scale))))
        self._link.check()
        scale = picture.width / width
        return encoded(picture, wanted, (page.dpi[0] * scale, page.dpi[1] * scale))

    def _turned(
        self, sheet: Sheet, deeds: Sequence[Deed], page: PageInfo, transform: Transform
    ) -> Page | None:
        """Return a JPEG as it came, saying how it lies now; None where that is not all."""
        if not all(self._tools[deed.name](deed.options).only_turns() for deed in deeds):
            return None
        with self._opened(sheet) as book:
            came = book.page(_index(sheet, book))
        if came.media_type != jpeg.MEDIA_TYPE:
            return None
        data = reoriented(came.data, transform, page.dpi)
        if data is None:
            return None
        return replace(came, data=data, width=page.width, height=page.height, dpi=page.dpi)

    def _part(self, sheet: Sheet, box: tuple[float, float, float, float]) -> Any:
        """Return a part of a page without edits: the codec need not hand over the whole of it."""
        left, top, right, bottom = _pixels(box, (sheet.page.width, sheet.page.height))
        region = Box(left=left, top=top, width=right - left, height=bottom - top)
        with self._opened(sheet) as book:
            return picture_of(book.page(_index(sheet, book), region=region))

    def _seen(
        self, sheet: Sheet, deeds: Sequence[Deed], scale: float, *, near: bool = False
    ) -> tuple[Any, PageInfo]:
        """Return a picture of the page after these edits, and the size that the page then has.

        Whoever looks from `near` looks again: then the page is drawn whole, once for every scale.
        """
        key = json.dumps([sheet.file, sheet.index, scale, to_json([*deeds])])
        page, known = sheet.page, self._changed
        picture = None if known is None or known.key != key else known.picture
        if picture is None and deeds:
            self._changed = None
        before = self._picture(sheet, scale, near=near) if picture is None else None
        for deed in deeds:
            after, moved = self._size(deed, page)
            if before is not None:
                self._link.check()
                before = self._apply(deed, before, page, after, stays=moved == UNMOVED)
            page = after
        if before is not None:
            picture = before
            if deeds and picture.width * picture.height <= KEPT:
                self._changed = _Drawn(key=key, picture=picture)
        return picture, page

    def _apply(
        self, deed: Deed, picture: Any, before: PageInfo, after: PageInfo, *, stays: bool
    ) -> Any:
        scale = _scale(picture, before)
        tell_dpi(picture, before, scale)
        profile = picture.info.get(PROFILE)
        step = _Step(before=before, after=after, scale=scale)
        with _naming(deed):
            edit = self._tools[deed.name](self._supplied(deed))
            made: Any
            if not isinstance(picture, Deep):
                made = _made(edit, picture, picture, step)
            elif edit.by_sample():
                made = Deep(
                    tuple(
                        _made(edit.for_sample(place), plane, picture, step)
                        for place, plane in enumerate(picture.planes)
                    )
                )
            else:
                shallow = picture.shallow()
                made = _made(edit, shallow.copy(), picture, step)
                if stays and not edit.is_shallow():
                    made = picture.with_changes(shallow, made)
        if profile:
            made.info[PROFILE] = profile
        return made

    def _supplied(self, deed: Deed) -> Settings:
        """Return the options of an edit, with files in the place of their names."""
        found = dict(deed.options)
        for option, size in deed.files.items():
            data = stream(self._link, str(found[option]), size).read() if size else b""
            found[option] = base64.b64encode(data).decode()
        return found

    def _picture(self, sheet: Sheet, scale: float, *, near: bool) -> Any:
        """Return the page before its edits, at about this scale of its true size."""
        size = (math.ceil(sheet.page.width * scale), math.ceil(sheet.page.height * scale))
        known = self._drawn
        if known is None or known.key != _place(sheet) or not _serves(known, size):
            self._drawn = None
            known = self._draw(sheet, None if near or scale == 1.0 else size)
            if known.picture.width * known.picture.height <= KEPT:
                self._drawn = known
        picture = known.picture
        factor = min(picture.width // size[0], picture.height // size[1])
        return reduced(picture, factor) if factor > 1 else picture

    def _draw(self, sheet: Sheet, size: tuple[int, int] | None) -> _Drawn:
        width, height = size or (None, None)
        with self._opened(sheet) as book:
            info = book.info(_index(sheet, book))
            page = book.page(sheet.index, width=width, height=height)
        whole = page.width >= info.width and page.height >= info.height
        return _Drawn(key=_place(sheet), picture=picture_of(page), whole=whole)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """A page before an edit and after it, and the scale at which it is seen."""

    before: PageInfo
    after: PageInfo
    scale: float

    def missed(self, size: tuple[int, int], page: PageInfo) -> float:
        """Return by how many pixels a picture has another size than the page at this scale."""
        return max(abs(size[0] - page.width * self.scale), abs(size[1] - page.height * self.scale))

    def margin(self, size: tuple[int, int]) -> float:
        """Return by how many a picture may, made of one of this size.

        A small picture has whole pixels. By what share that makes it too wide or too high, by that
        share, and again as much where one side follows from the other, what is made of it may be.
        """
        longest = max(self.after.width, self.after.height) * self.scale
        return MARGIN + 2 * longest * self.missed(size, self.before) / min(size)


def _made(edit: Edit, picture: Any, like: Any, step: _Step) -> Any:
    """Return what an edit makes of a picture. Raises AddonBroken where that is not as measured."""
    picture.info.update(like.info)
    made = edit.apply(picture, step.scale)
    if not isinstance(made, Image.Image) or made.mode not in MODES:
        shown = made.mode if isinstance(made, Image.Image) else type(made).__name__
        raise AddonBroken(f"it made {shown}, which is no picture of a page")
    meant = (step.after.width * step.scale, step.after.height * step.scale)
    missed = step.missed(made.size, step.after)
    if missed > step.margin(picture.size):
        raise AddonBroken(
            f"it made a picture of {made.width} x {made.height}"
            f" where it measured {meant[0]:g} x {meant[1]:g}"
        )
    if missed <= MARGIN:
        return made
    how = Image.Resampling.BILINEAR if made.mode in {"L", "RGB"} else Image.Resampling.NEAREST
    return made.resize((max(1, round(meant[0])), max(1, round(meant[1]))), how)


def _index(sheet: Sheet, book: Book) -> int:
    """Return a page's place in its file. Raises NotFound."""
    if not 0 <= sheet.index < book.count:
        raise NotFound(f"there is no page {sheet.index + 1} in this file")
    return sheet.index


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
