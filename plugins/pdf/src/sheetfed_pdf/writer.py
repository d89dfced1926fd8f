"""A PDF, written as its pages come."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from typing import BinaryIO

from sheetfed.api.contracts import Files
from sheetfed.api.errors import BadRequest, Unreadable
from sheetfed.api.model import Mark, Origin, Page
from sheetfed_pdf import about, archive, asked, attachment, outline, structure, words
from sheetfed_pdf.asked import Writing
from sheetfed_pdf.book import Pages
from sheetfed_pdf.catalog import Beside
from sheetfed_pdf.copying import Copied, password_of
from sheetfed_pdf.lock import Lock
from sheetfed_pdf.obstacles import obstacle
from sheetfed_pdf.outline import Bookmark
from sheetfed_pdf.output import Output
from sheetfed_pdf.pictures import KINDS, Picture, Wish, kind_of, picture_of, untouched
from sheetfed_pdf.placing import Sheet, over_copied, sheet_of
from sheetfed_pdf.ranges import pages_of
from sheetfed_pdf.syntax import array, dictionary, numbers, reference

_PIECE = 1024 * 1024
_BRANCH = 64
"""Pages below one node of the tree of pages."""

_OPEN = 8
"""Files that stay open at a time: each holds some megabytes."""

_OWN = "pdf"
"""By whom the text is marked that a PDF has already."""


def write(pages: Iterator[Page], stream: BinaryIO, wish: Writing, files: Files) -> None:
    """Write pages; if they are one file, whole and untouched, and nothing is asked, that file."""
    held: list[Page] = []
    if wish == asked.writing({}):
        for page in pages:
            held.append(page)
            if not _goes_on(held):
                break
        else:
            if held and _is_whole(held, files):
                _copy(held[0], stream, files)
                return
    document = Document(stream, wish, files)
    try:
        for page in chain(held, pages):
            document.add(page)
        document.finish()
    finally:
        document.close()


def _goes_on(held: list[Page]) -> bool:
    """Say whether the last page is the next of the same file, and nothing is to be added to it."""
    origin, first = held[-1].origin, held[0].origin
    return (
        origin is not None
        and first is not None
        and (origin.file, origin.options) == (first.file, first.options)
        and not held[-1].data
        and not origin.options.get("pages")
        and origin.index == len(held) - 1
        and not _added(held[-1])
    )


def _is_whole(held: list[Page], files: Files) -> bool:
    origin = held[0].origin
    assert origin is not None
    with files.open(origin.file) as stream:
        try:
            objects = structure.opened(stream, password_of(origin))
        except Unreadable:
            return False
        try:
            return len(objects.pages) == len(held) and not objects.get_warnings()
        finally:
            objects.close()


def _copy(page: Page, stream: BinaryIO, files: Files) -> None:
    assert page.origin is not None
    with files.open(page.origin.file) as source:
        shutil.copyfileobj(source, stream, _PIECE)


class Document:
    """Writes pages; holds where they are, and the files open that pages are copied from."""

    def __init__(self, stream: BinaryIO, wish: Writing, files: Files) -> None:
        self._wish = wish
        self._attached = attachment.attachments_of(wish)
        self._own = wish.own_fields
        self._files = files
        lock = None
        if wish.locked:
            lock = Lock(
                user=wish.password or "", owner=wish.owner_password or "", rights=wish.rights
            )
        self._output = Output(
            stream, version=wish.pdf_version, packed=wish.object_streams, lock=lock
        )
        self._packings = wish.packings
        self._root = self._output.reserve()
        self._branches: list[int] = []
        self._pages: list[int] = []
        self._bookmarks: list[Bookmark] = []
        self._copied: dict[tuple[str, str | None], Copied] = {}
        self._open: list[Copied] = []
        self._layer = words.Layer(self._output)
        self._profiles: dict[bytes, int] = {}

    def add(self, page: Page) -> None:
        """Write one page."""
        if len(self._pages) % _BRANCH == 0:
            self._branches.append(self._output.reserve())
        if page.origin is None:
            number = self._add_picture(page)
        elif page.data:
            number = self._add_begun(page, page.origin)
        else:
            number = self._add_copy(page, page.origin)
        self._pages.append(number)
        self._bookmarks += [
            Bookmark(title=mark.value, page=number)
            for mark in page.marks
            if mark.kind == self._wish.bookmarks and mark.value.strip()
        ]

    def finish(self) -> None:
        """Write all that stands beside the pages."""
        if not self._pages:
            raise BadRequest("there is no page to write")
        output, wish = self._output, self._wish
        self._layer.finish()
        for index, branch in enumerate(self._branches):
            kids = self._pages[index * _BRANCH : (index + 1) * _BRANCH]
            output.add(_node(kids, len(kids), self._root), branch)
        output.add(_node(self._branches, len(self._pages)), self._root)
        entries = {"Type": b"/Catalog", "Pages": reference(self._root)}
        beside = Beside()
        for copied in self._copied.values():
            beside.take(copied)
            copied.rest()
        bookmarks = beside.bookmarks if wish.bookmarks == "kept" else self._bookmarks
        if bookmarks:
            entries["Outlines"] = outline.add(output, bookmarks)
            entries["PageMode"] = b"/UseOutlines"
        entries |= beside.entries(wish)
        if wish.archive != "none":
            entries["OutputIntents"] = b"[%s]" % archive.add_intent(output)
        if self._attached:
            entries |= attachment.add(output, self._attached, wish.date)
        level = "" if wish.archive == "none" else wish.archive
        info, packet = about.add(
            output,
            wish.words,
            own=self._own,
            made=wish.date,
            modified=wish.modified,
            archive=level,
        )
        if packet:
            entries["Metadata"] = packet
        output.finish(root=output.add(dictionary(entries)), info=info)

    def close(self) -> None:
        """Let go of the files that pages were copied from."""
        for copied in self._copied.values():
            copied.rest()

    @property
    def _lays_text(self) -> bool:
        """Whether text is laid over pictures: its font is made of what PDF 1.3 has."""
        return self._wish.text and self._output.allows("1.3")

    @property
    def _parent(self) -> int:
        return self._branches[-1]

    def _add_begun(self, page: Page, origin: Origin) -> int:
        """Write a page of whose file the beginning came: unseen, if it may stay as it is."""
        picture = None
        if not self._wish.locked:
            with suppress(Unreadable):  # the beginning does not tell enough
                picture = untouched(page, self._wish_for(page))
        with self._files.open(origin.file) as file:
            if picture is None:
                return self._add_picture(replace(page, data=file.read(), origin=None))
            size = file.seek(0, os.SEEK_END)
        picture = self._coloured(picture)
        drawn = self._output.copied(picture.head(), origin.file, size, self._files)
        return self._add_drawn(page, picture, drawn)

    def _add_picture(self, page: Page) -> int:
        picture = self._coloured(picture_of(page, self._wish_for(page)))
        drawn = self._output.stream(picture.head(), picture.data)
        return self._add_drawn(page, picture, drawn)

    def _wish_for(self, page: Page) -> Wish:
        packing = self._packings.of(len(self._pages) + 1, kind_of(page))
        return Wish.of(
            packing, version=self._wish.pdf_version, archive=self._wish.archive != "none"
        )

    def _add_drawn(self, page: Page, picture: Picture, drawn: int) -> int:
        sheet = sheet_of(picture, self._wish.paper, self._wish.orientation)
        commands = b"q %s cm /P Do Q" % numbers(sheet.picture)
        resources = {"XObject": b"<</P %s>>" % reference(drawn)}
        texts = words.texts_of(page.marks) if self._lays_text else []
        if texts and page.width and page.height:
            place = sheet.place(page.width, page.height)
            commands += b"\n" + self._layer.commands(texts, place)
            resources["Font"] = b"<</%s %s>>" % (words.FONT.encode(), self._layer.font)
        return self._add_page(sheet, commands, resources)

    def _coloured(self, picture: Picture) -> Picture:
        """Return a picture whose colours mean what its profile says, which is written once."""
        if not picture.profile or not self._output.allows("1.3"):
            return picture
        name = hashlib.sha256(picture.profile).digest()
        if name not in self._profiles:
            samples = KINDS[picture.profile[16:20]]
            self._profiles[name] = self._output.deflated({"N": b"%d" % samples}, picture.profile)
        return picture.meaning(b"[/ICCBased %s]" % reference(self._profiles[name]))

    def _add_page(self, sheet: Sheet, commands: bytes, resources: dict[str, bytes]) -> int:
        if len(commands) > 1000:
            drawing = self._output.deflated({}, commands)
        else:
            drawing = self._output.stream(b"<<>>", [commands])
        entries = {
            "Type": b"/Page",
            "Parent": reference(self._parent),
            "MediaBox": b"[0 0 %s]" % numbers([sheet.width, sheet.height]),
            "Contents": reference(drawing),
            "Resources": dictionary(resources),
        }
        if sheet.unit > 1:
            entries["UserUnit"] = b"%d" % sheet.unit
        return self._output.add(dictionary(entries))

    def _add_copy(self, page: Page, origin: Origin) -> int:
        try:
            return self._add_kept(page, origin)
        except Unreadable:  # damaged beyond what qpdf repairs; what can be seen is kept
            return self._add_picture(self._drawn(origin))

    def _add_kept(self, page: Page, origin: Origin) -> int:
        copied = self._source(origin)
        index = _index(origin, copied.count)
        part = archive.LEVELS[self._wish.archive][0] if self._wish.archive != "none" else 0
        if part and obstacle(copied.page(index), part=part):
            return self._add_picture(self._drawn(origin))
        added = _added(page) if self._lays_text else []
        if not added:
            return copied.add(index, parent=self._parent, printed=bool(part))
        place = over_copied(copied.page(index), page.width, page.height)
        before = self._output.stream(b"<<>>", [b"q\n"])
        after = self._output.deflated({}, b"\nQ\n" + self._layer.commands(added, place))
        return copied.add(
            index,
            parent=self._parent,
            around=(before, after),
            font=(words.FONT, self._layer.font),
            printed=bool(part),
        )

    def _source(self, origin: Origin) -> Copied:
        key = origin.file, password_of(origin)
        if key not in self._copied:
            self._copied[key] = Copied(self._files, origin, self._output)
        copied = self._copied[key]
        if copied not in self._open:
            self._open.append(copied)
            if len(self._open) > _OPEN:
                self._open.pop(0).rest()
        return copied

    def _drawn(self, origin: Origin) -> Page:
        """Return a page that cannot stay as it is as a picture, with the text that it had."""
        with self._files.open(origin.file) as stream:
            book = Pages(stream, asked.reading({"password": password_of(origin), "mode": "render"}))
            try:
                index = _index(origin, book.count)
                page = book.page(index)
                return Page(
                    data=page.data,
                    media_type=page.media_type,
                    width=page.width,
                    height=page.height,
                    dpi=page.dpi,
                    marks=tuple(book.marks(index)),
                )
            finally:
                book.close()


def _node(kids: list[int], count: int, parent: int = 0) -> bytes:
    above = b"/Parent %s" % reference(parent) if parent else b""
    return b"<</Type/Pages/Count %d/Kids%s%s>>" % (count, array(map(reference, kids)), above)


def _added(page: Page) -> list[Mark]:
    """Return the text that was found on a page beside what its file says already."""
    return [mark for mark in words.texts_of(page.marks) if mark.by != _OWN]


def _index(origin: Origin, count: int) -> int:
    """Return where a page stands in its file; the range that was asked for counts from its own."""
    indices = pages_of(str(origin.options.get("pages") or ""), count)
    if not 0 <= origin.index < len(indices):
        raise Unreadable(f"there is no page {origin.index + 1} in the range of the file")
    return indices[origin.index]
