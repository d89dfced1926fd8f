"""Edits by name; and pages as they are seen through them.

An edit is a value: its name and its options. The original stays as it came, and every picture is
made from it when somebody looks.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from sheetfed.api.contracts import UNMOVED
from sheetfed.api.errors import AddonMissing, Conflict
from sheetfed.api.hooks import EditSpec
from sheetfed.api.model import Option, Page, PageInfo, Settings
from sheetfed.benches import AT_ONCE
from sheetfed.documents import Documents
from sheetfed.easels import Easels
from sheetfed.imaging import EVERYWHERE, Imaging
from sheetfed.store.documents import DocumentRow
from sheetfed.store.edits import Turn
from sheetfed.store.history import Done, History
from sheetfed.store.pages import PageRow
from sheetfed.store.pictures import STAMP
from sheetfed.transforms import then
from sheetfed.wishes import fitting
from sheetfed.worker.files import File, Held
from sheetfed.worker.wire import Deed, Measured, Sheet, Wanted

LOOK = 800
"""Pixels of the longer side that are enough to find something in a page."""

STAMPED = 1200
"""Pixels of the longer side of such a picture."""

SAVED_QUALITY = 92
"""Of a page that came as JPEG and was edited."""


class Edits:
    """The edits that installed addons bring, and what they make of pages."""

    def __init__(
        self,
        specs: Mapping[str, EditSpec],
        *,
        settings: Mapping[str, Settings],
        documents: Documents,
        imaging: Imaging,
        easels: Easels,
        package_for: Callable[[str, str], str | None],
    ) -> None:
        self._specs = specs
        self._settings = settings
        self._documents = documents
        self._imaging = imaging
        self._easels = easels
        self._package_for = package_for

    def offered(self) -> Sequence[EditSpec]:
        """Return the edits, each option with the value in force."""
        return [replace(spec, options=self._in_force(spec)) for spec in self._specs.values()]

    def checked(self, wishes: Sequence[Mapping[str, Any]]) -> tuple[Deed, ...]:
        """Return the edits that a request asks for, every option with its value.

        Raises AddonMissing, and BadSettings with a pointer to each value that does not fit.
        """
        deeds = []
        for place, wish in enumerate(wishes):
            spec = self._spec(wish["name"])
            asked = wish.get("options") or {}
            given = {name: value for name, value in asked.items() if value is not None}
            options = fitting(spec, "edit", given, place=f"/edits/{place}/options")
            deeds.append(
                Deed(name=spec.name, options=_dated({**self._settings[spec.name], **options}))
            )
        return tuple(deeds)

    def missing(self, page: PageRow) -> list[str]:
        """Return the edits that were done and that no installed addon brings."""
        history = page.history.since
        done = history.edits[: history.count]
        return [edit.name for edit in done if edit.name not in self._specs]

    def left_out(self, page: PageRow) -> list[str]:
        """Return the edits that are there, and that a later one was made without."""
        return [name for name in page.history.since.left_out if name in self._specs]

    async def settled(self, owner: str, page: PageRow) -> PageRow:
        """Return a page as it is shown: without the edits that nobody can do any more.

        Where another picture took its place it begins with that.
        """
        page = page.standing
        if all(edit.name in self._specs for edit in page.history.in_force):
            return page
        known = [edit for edit in page.history.in_force if edit.name in self._specs]
        measured = await self._measured(
            owner, page, [Deed(name=edit.name, options=edit.options) for edit in known], new=0
        )
        done = [
            replace(edit, page=one.page, transform=transform)
            for edit, one, transform in zip(known, measured, _composed(measured), strict=True)
        ]
        return replace(page, history=History(edits=tuple(done), count=len(done)))

    async def add(
        self,
        owner: str,
        document_id: str,
        pages: Sequence[PageRow],
        deeds: Sequence[Deed],
        *,
        replace_last: bool = False,
        version: int | None = None,
    ) -> DocumentRow:
        """Edit pages of a document, all or none; undone edits cannot be done again then.

        With `replace_last` the new ones take the place of each page's last one. Raises NotFound,
        Conflict, BadSettings, TooLarge, and Stale where a page was edited meanwhile.
        """
        memory: dict[Any, list[Measured]] = {}
        stamps: dict[str, Page] = {}

        async def turn(page: PageRow) -> Turn:
            base, chain = await self._chain(owner, page, deeds, stamps, without_last=replace_last)
            new = len(deeds)
            key = (base.width, base.height, base.dpi, repr(chain))
            measured = memory.get(key)
            if measured is None:
                measured = await self._measured(owner, base, chain, new=new, slow=len(pages) > 1)
                if not any(one.looks for one in measured[len(chain) - new :]):
                    memory[key] = measured
            return self._turned(page, chain, measured, new=new, without_last=replace_last)

        turns = await _each(pages, turn)
        return await self._documents.edit(owner, document_id, turns, version=version)

    async def turn(self, owner: str, page: PageRow, deeds: Sequence[Deed]) -> Turn:
        """Return what edits would make of a page's history. Raises as `add` does."""
        base, chain = await self._chain(owner, page, deeds, {})
        measured = await self._measured(owner, base, chain, new=len(deeds), slow=True)
        return self._turned(page, chain, measured, new=len(deeds))

    async def undo(
        self,
        owner: str,
        document_id: str,
        pages: Sequence[PageRow],
        *,
        every: bool = False,
        version: int | None = None,
    ) -> DocumentRow:
        """Take back the last edit of each page, or every one.

        Raises NotFound, Stale, and Conflict where there is nothing to take back.
        """
        turns = {
            page.id: Turn(before=page.history, after=page.history.undone(every=every))
            for page in pages
        }
        if all(turn.before == turn.after for turn in turns.values()):
            raise Conflict("There is nothing to undo")
        return await self._documents.edit(owner, document_id, turns, version=version)

    async def redo(
        self,
        owner: str,
        document_id: str,
        pages: Sequence[PageRow],
        *,
        every: bool = False,
        version: int | None = None,
    ) -> DocumentRow:
        """Do again what was taken back last on each page, or all of it.

        Raises NotFound, Stale, and Conflict where nothing was taken back.
        """
        turns = {
            page.id: Turn(before=page.history, after=page.history.redone(every=every))
            for page in pages
        }
        if all(turn.before == turn.after for turn in turns.values()):
            raise Conflict("There is nothing to do again")
        return await self._documents.edit(owner, document_id, turns, version=version)

    async def picture(
        self, owner: str, page: PageRow, wanted: Wanted, *, edited: bool = True, slow: bool = False
    ) -> Page:
        """Return a picture of a page as its edits leave it, or as it came.

        Raises Unreadable, TooLarge, UnsupportedType, StoreDamaged, AddonMissing, Conflict where
        the page as it came is not to be seen.
        """
        if not edited:
            check_bare(page)
        self._check_covers(page)
        page = await self.settled(owner, page) if edited else replace(page, history=History())
        deeds = [Deed(name=name, options=options) for name, options in page.deeds]
        deeds, others = await self._supplied(owner, page, deeds)
        _, _, width, height = wanted.region or (0.0, 0.0, page.shown.width, page.shown.height)
        scale = min(1.0, (wanted.width or width) / width, (wanted.height or height) / height)
        if page.history.hides:  # what a small picture mixes with its surroundings is not covered
            wanted, scale = replace(wanted, from_whole=True), 1.0
        wish = wanted.media_type
        if wish not in (None, "image/jpeg", "image/png"):
            wanted = replace(wanted, media_type="image/png")
        async with self._source(owner, page, scale) as (sheet, file, media_type):
            names = {deed.name for deed in deeds}
            easel = self._easels.easel(media_type, names, document=page.document, slow=slow)
            async with easel as worker:
                made = await worker.render(sheet, file, deeds, wanted, others=others)
        return await self._imaging.converted(made, wish or made.media_type)

    async def shown(self, owner: str, page: PageRow) -> Page:
        """Return a page whole, as it is to be saved: as it came where it has no edits.

        Raises as `picture` does.
        """
        base = page.standing
        if not base.history.count and (not base.beside or base.media_type in EVERYWHERE):
            return await self._documents.loaded(owner, base)
        lossy = base.media_type == "image/jpeg"
        wanted = Wanted(lossy=lossy, quality=SAVED_QUALITY, as_came=True)
        made = await self.picture(owner, page, wanted, slow=True)
        page = await self.settled(owner, page)
        return replace(made, dpi=page.shown.dpi, side=page.side, marks=page.shown_marks)

    async def _chain(
        self,
        owner: str,
        page: PageRow,
        deeds: Sequence[Deed],
        stamps: dict[str, Page],
        *,
        without_last: bool = False,
    ) -> tuple[PageRow, list[Deed]]:
        """Return what a page begins with, and all edits that it is to have from there on."""
        kept = page.history.kept(without_last=without_last)
        base = replace(page, history=History(edits=kept, count=len(kept))).standing
        self._check_covers(base)
        chain = [
            Deed(name=edit.name, options=edit.options)
            for edit in base.history.in_force
            if edit.name in self._specs
        ]
        chain += [await self._stamped(owner, page, deed, stamps) for deed in deeds]
        return base, chain

    def _check_covers(self, page: PageRow) -> None:
        """Raise AddonMissing where something would be seen uncovered because an addon is gone.

        That is where it covers itself, or where it moved the page under what covers.
        """
        lost, before = "", UNMOVED
        for edit in page.history.since.in_force:
            known = edit.name in self._specs
            if edit.hides and (lost or not known):
                self._spec(lost or edit.name)
            if not known and edit.transform != before:
                lost = lost or edit.name
            before = edit.transform

    def _absent(self, page: PageRow) -> tuple[str, ...]:
        """Return the edits of a page that no addon brings and that leave it as another one.

        What is made now is made on what is seen, the page without them.
        """
        found, before, size = set[str](), UNMOVED, original_of(page)
        for edit in page.history.in_force:
            if edit.name not in self._specs and (edit.transform, edit.page) != (before, size):
                found.add(edit.name)
            before, size = edit.transform, edit.page
        return tuple(sorted(found))

    def _turned(
        self,
        page: PageRow,
        chain: Sequence[Deed],
        measured: Sequence[Measured],
        *,
        new: int,
        without_last: bool = False,
    ) -> Turn:
        kept = page.history.kept(without_last=without_last)
        without = self._absent(replace(page, history=History(edits=kept, count=len(kept))).standing)
        added = [
            Done(
                name=deed.name,
                options={**deed.options, **one.found},
                page=one.page,
                transform=transform,
                hides=self._specs[deed.name].hides,
                without=without,
            )
            for deed, one, transform in zip(chain, measured, _composed(measured), strict=True)
        ][len(chain) - new :]
        after = page.history.grown(added, without_last=without_last)
        return Turn(before=page.history, after=after)

    async def _stamped(
        self, owner: str, page: PageRow, deed: Deed, stamps: dict[str, Page]
    ) -> Deed:
        """Keep with a page the pictures of other pages that an edit puts on it. Raises NotFound."""
        options = dict(deed.options)
        for option in self._specs[deed.name].options:
            value = options.get(option.name)
            if option.kind != "page" or not isinstance(value, str) or not value:
                continue
            if value.startswith(STAMP) and await self._documents.stamp(owner, page.id, value):
                continue
            stamp = stamps.get(value)
            if stamp is None:
                whose = await self._documents.page(owner, value)
                wanted = Wanted(width=STAMPED, height=STAMPED, media_type="image/png")
                stamp = stamps[value] = await self.picture(owner, whose, wanted)
            name = f"{STAMP}{hashlib.sha256(stamp.data).hexdigest()[:24]}"
            await self._documents.keep_stamp(owner, page.id, name, stamp)
            options[option.name] = name
        return replace(deed, options=options)

    async def _supplied(
        self, owner: str, page: PageRow, deeds: Sequence[Deed]
    ) -> tuple[list[Deed], dict[str, File]]:
        """Return edits with the sizes of the pictures that they put on a page, and these."""
        found: dict[str, File] = {}
        supplied = []
        for deed in deeds:
            sizes = {}
            for option in self._specs[deed.name].options:
                name = str(deed.options.get(option.name) or "")
                if option.kind == "page" and name:
                    data = await self._documents.stamp(owner, page.id, name)
                    found[name] = Held(data or b"")
                    sizes[option.name] = found[name].size
            supplied.append(replace(deed, files=sizes))
        return supplied, found

    def _in_force(self, spec: EditSpec) -> tuple[Option, ...]:
        settings = self._settings[spec.name]
        return tuple(replace(option, default=settings[option.name]) for option in spec.options)

    async def _measured(
        self, owner: str, page: PageRow, chain: Sequence[Deed], *, new: int, slow: bool = False
    ) -> list[Measured]:
        scale = LOOK / max(1, page.width, page.height)
        async with self._source(owner, page, min(1.0, scale)) as (sheet, file, media_type):
            names = {deed.name for deed in chain}
            deeds, others = await self._supplied(owner, page, chain)
            easel = self._easels.easel(media_type, names, document=page.document, slow=slow)
            async with easel as worker:
                return await worker.measure(
                    sheet, file, deeds, known=len(chain) - new, others=others
                )

    @asynccontextmanager
    async def _source(
        self, owner: str, page: PageRow, scale: float
    ) -> AsyncIterator[tuple[Sheet, File, str]]:
        """Give what a page is drawn from: its kept preview where that is large enough."""
        small = scale < 1 and not page.beside
        preview = await self._documents.picture(owner, page.id, "preview") if small else None
        if preview is not None and preview.width >= page.width * scale:
            held = Held(preview.data)
            name = f"{page.etag} preview"
            sheet = Sheet(file=name, size=held.size, index=0, page=original_of(page))
            yield sheet, held, preview.media_type
            return
        original = await self._documents.file_of(owner, page)
        try:
            sheet = Sheet(
                file=page.beside or page.blob,
                size=original.size,
                index=page.blob_index,
                page=original_of(page),
                options=page.reading,
            )
            yield sheet, original, page.media_type
        finally:
            await original.close()

    def _spec(self, name: str) -> EditSpec:
        if name in self._specs:
            return self._specs[name]
        package = self._package_for("edit", name)
        if package is None:
            raise AddonMissing(f"No installed addon brings the edit {name!r}", edit=name)
        raise AddonMissing(f"The edit {name!r} comes with {package}", edit=name, package=package)


def check_bare(page: PageRow) -> None:
    """Raise Conflict where nobody is to be given the page as it came."""
    if page.history.hides:
        raise Conflict("Something on this page is redacted; undo that to get the page without")


def original_of(page: PageRow) -> PageInfo:
    """Return size and resolution of a page as it came."""
    return PageInfo(width=page.width, height=page.height, dpi=page.dpi)


def _dated(options: Settings) -> Settings:
    """Fill in the day, which stays what it was when the edit was made."""
    today = time.strftime("%Y-%m-%d")
    return {
        name: value.replace("{date}", today) if isinstance(value, str) else value
        for name, value in options.items()
    }


def _composed(measured: Sequence[Measured]) -> list[Any]:
    """Return for each edit where the original's points are after it."""
    found, so_far = [], UNMOVED
    for one in measured:
        so_far = then(so_far, one.transform)
        found.append(so_far)
    return found


async def _each(
    pages: Sequence[PageRow], work: Callable[[PageRow], Awaitable[Turn]]
) -> dict[str, Turn]:
    """Do something for every page: the first alone, for it may answer for others, then the rest.

    Only few of them have their files open at the same time.
    """
    done = {page.id: await work(page) for page in pages[:1]}
    rest = iter(pages[1:])

    async def lane() -> None:
        for page in rest:
            done[page.id] = await work(page)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE + 1):  # one is made ready while the others are worked on
                group.create_task(lane())
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return {page.id: done[page.id] for page in pages}
