"""Pages through: codecs, found by media type.

What a codec reads was made by strangers. It sits in a box, and a child that has seen one document
never sees another: a file that takes it over finds nobody else's pages.
"""

from __future__ import annotations

import asyncio
import mimetypes
import re
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from sheetfed.api.errors import (
    AddonMissing,
    BadSettings,
    Unreadable,
    UnsupportedType,
)
from sheetfed.api.hooks import CodecSpec, Format
from sheetfed.api.model import Box, Mark, Option, Page, PageInfo, Settings, Value
from sheetfed.api.options import fitted, misfit, refusal
from sheetfed.benches import AT_ONCE, Bench
from sheetfed.worker.files import Data, File, Opener
from sheetfed.worker.parent import NOTHING
from sheetfed.worker.wire import Recipe

NO_CHOICE: Mapping[str, str] = MappingProxyType({})

EVERYWHERE = frozenset({"image/jpeg", "image/png"})
"""Types that hold any picture, or are known to hold 8 bits a sample and no more."""

SEEN: Settings = MappingProxyType({"depth": "8"})
"""What a codec is asked that knows it, where a picture is only looked at."""

BEGINNING = 4096
"""Bytes of a file that its type is told by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFormat:
    """A type as everybody may ask for it: who reads and who writes it, with which options."""

    media_type: str
    title: str
    endings: tuple[str, ...]
    many: bool
    gathers: bool
    reads: str | None
    writes: str | None
    reading: tuple[Option, ...]
    writing: tuple[Option, ...]


class Imaging:
    """Reads, draws and writes pages in children.

    `document` says whose pages a child may see: the same words, the same child while it is warm.
    Without it, and for every file that is written, there is a child that ends with the question.
    """

    def __init__(
        self,
        recipes: Mapping[str, Recipe],
        *,
        specs: Mapping[str, CodecSpec],
        crashes: Path,
        package_for: Callable[[str, str], str | None],
        chosen: Mapping[str, str] = NO_CHOICE,
        at_once: int = AT_ONCE,
    ) -> None:
        self._specs = specs
        self._chosen = chosen
        self._package_for = package_for
        self._benches = {name: Bench(recipe, crashes, at_once) for name, recipe in recipes.items()}

    def recipe(self, media_type: str) -> Recipe:
        """Return what a child is made of that draws this type.

        Raises UnsupportedType, AddonMissing.
        """
        return self._reading(media_type)[0].recipe

    def type_of(self, beginning: bytes) -> str:
        """Return the media type of a file that begins so. Raises UnsupportedType, AddonMissing.

        A sign that may stand further in, as one that begins with a dot says, is looked for last:
        what a picture has to say may name another type.
        """
        known = [
            (sign, one.media_type)
            for spec in reversed([*self._specs.values()])
            for one in spec.formats
            for sign in one.signs
        ]
        for sign, media_type in sorted(known, key=lambda one: one[0].startswith(b".")):
            if re.match(sign, beginning, re.DOTALL):
                self._reading(media_type)
                return media_type
        if not beginning:
            raise Unreadable("The file is empty")
        raise UnsupportedType("This is no file of a type that is read here")

    def reading(self, media_type: str, options: Settings) -> Settings:
        """Return what a file of this type is opened with, as its codec's options hold it.

        Raises BadSettings.
        """
        spec = self._reading(media_type)[1]
        known = {option.name: option for option in spec.reading}
        for name in options:
            if name not in known:
                raise BadSettings(f"{name} cannot be asked of {media_type}", option=name)
        return {name: fitted(known[name], value) for name, value in options.items()}

    def check_asked(self, media_type: str, options: Settings) -> None:
        """Raise BadSettings where a file of this type cannot be asked this when it is written."""
        known = {option.name: option for option in self._writing(media_type)[1].options}
        for name, value in options.items():
            if name not in known:
                raise BadSettings(f"{name} cannot be asked of {media_type}", option=name)
            if value is not None and (reason := misfit(known[name], value)):
                raise refusal(known[name], reason)

    def formats(self) -> Sequence[KnownFormat]:
        """Return every type that is read or written, with the options of its codecs."""
        types = sorted(self.reads() | self.writes())
        return [self.format(media_type) for media_type in types]

    def format(self, media_type: str) -> KnownFormat:
        """Return what is known of a type."""
        read = self._spec("reads", media_type)
        written = self._spec("writes", media_type)
        known = _format_of(written, media_type) or _format_of(read, media_type)
        asked = written.options if written else ()
        if known and known.options is not None:
            asked = tuple(option for option in asked if option.name in known.options)
        endings = known.endings if known else ()
        guessed = (mimetypes.guess_extension(media_type) or "").removeprefix(".")
        return KnownFormat(
            media_type=media_type,
            title=known.title if known else media_type,
            endings=endings or ((guessed,) if guessed else ()),
            many=bool(known and known.many),
            gathers=bool(known and known.gathers),
            reads=read.name if read else None,
            writes=written.name if written else None,
            reading=read.reading if read else (),
            writing=asked,
        )

    def _spec(self, kind: Literal["reads", "writes"], media_type: str) -> CodecSpec | None:
        """Return the codec for a type: the chosen one, else an addon's, else the core's own."""
        found = [spec for spec in self._specs.values() if media_type in getattr(spec, kind)]
        chosen = [spec for spec in found if spec.name == self._chosen.get(media_type)]
        return (found + chosen)[-1] if found else None

    def copies(self, media_type: str) -> frozenset[str]:
        """Return the types whose untouched pages a file of this type takes over as they stand.

        What another codec reads goes only into files of its own type: of a PDF the core's codec
        takes scans alone, while an addon draws any page.
        """
        spec = self._writing(media_type)[1]
        return frozenset(
            kind for kind in spec.copies if kind == media_type or self._spec("reads", kind) is spec
        )

    def passes(self, media_type: str) -> frozenset[str]:
        """Return the types of which the codec for this type needs to see the beginning alone."""
        return self._writing(media_type)[1].passes

    def takes(self, media_type: str) -> frozenset[str]:
        """Return the types of pages that the codec for this type can be given as they stand."""
        spec = self._writing(media_type)[1]
        return spec.reads | spec.takes

    def holds_many(self, media_type: str) -> bool:
        """Tell whether a file of this type may hold more than one page."""
        return any(
            one.many
            for spec in self._specs.values()
            for one in spec.formats
            if one.media_type == media_type
        )

    def reads(self) -> frozenset[str]:
        """Return the media types that can be read."""
        return frozenset[str]().union(*(spec.reads for spec in self._specs.values()))

    def writes(self) -> frozenset[str]:
        """Return the media types that can be written."""
        return frozenset[str]().union(*(spec.writes for spec in self._specs.values()))

    def check_writes(self, media_type: str) -> None:
        """Raise AddonMissing, UnsupportedType where a type cannot be written."""
        self._writing(media_type)

    async def info(
        self,
        file: File,
        media_type: str,
        *,
        name: str = "",
        options: Settings = NOTHING,
        document: str | None = None,
    ) -> list[PageInfo]:
        """Return what a file says of its pages. Raises Unreadable, UnsupportedType.

        A file that has a name is always the same one, and may stay open for what is asked next.
        """
        with self._naming_package(media_type):
            async with self._reading(media_type)[0].worker(document) as worker:
                return await worker.info(file, name=name, options=options)

    async def about(
        self,
        file: File,
        media_type: str,
        *,
        name: str = "",
        options: Settings = NOTHING,
        document: str | None = None,
    ) -> dict[str, Value]:
        """Return what a file says about itself."""
        with self._naming_package(media_type):
            async with self._reading(media_type)[0].worker(document) as worker:
                return await worker.about(file, name=name, options=options)

    async def marks(
        self,
        file: File,
        media_type: str,
        index: int,
        *,
        name: str = "",
        options: Settings = NOTHING,
        document: str | None = None,
    ) -> list[Mark]:
        """Return what a file knows of one of its pages: its text with boxes, for one."""
        with self._naming_package(media_type):
            async with self._reading(media_type)[0].worker(document) as worker:
                return await worker.marks(file, index, name=name, options=options)

    async def draw(
        self,
        file: File,
        media_type: str,
        index: int,
        *,
        as_type: str | None,
        width: int | None = None,
        height: int | None = None,
        region: Box | None = None,
        name: str = "",
        options: Settings = NOTHING,
        document: str | None = None,
    ) -> Page:
        """Draw a page of a file or a region of it, no larger than asked, its shape kept.

        Without `as_type` it comes as its codec likes, nothing lost where no size is asked for.
        """
        reader = self._reading(media_type)[0]
        wanted = as_type if as_type and self._writing(as_type)[0] is reader else None
        writing = self._shown(wanted) if wanted else NOTHING
        with self._naming_package(media_type):
            async with reader.worker(document) as worker:
                page = await worker.draw(
                    file,
                    index,
                    width=width,
                    height=height,
                    region=region,
                    media_type=wanted,
                    writing=writing,
                    name=name,
                    options=options,
                )
        return page if as_type is None else await self.converted(page, as_type)

    async def converted(self, page: Page, media_type: str) -> Page:
        """Return a page as a file of another type, to be looked at."""
        if page.media_type == media_type:
            return page
        options = self._shown(media_type)
        pieces = [piece async for piece in self.export(_alone(page), media_type, options)]
        return replace(page, data=b"".join(pieces), media_type=media_type)

    async def export(
        self,
        pages: AsyncIterator[Page],
        media_type: str,
        options: Settings,
        files: Opener | None = None,
    ) -> AsyncGenerator[Data, None]:
        """Yield a file made of the pages; few of them are in memory at a time.

        A page of the types that are copied may have an origin instead of data; `files` opens it.
        """
        async with (
            self._writing(media_type)[0].worker(None, slow=True) as worker,
            aclosing(worker.encode(pages, media_type, options, files)) as pieces,
        ):
            async for piece in pieces:
                yield piece

    async def close(self) -> None:
        """End every child."""
        await asyncio.gather(*(bench.close() for bench in self._benches.values()))

    def _shown(self, media_type: str) -> Settings:
        """Return how a picture is written that is to be seen, and need not keep every bit."""
        if media_type in EVERYWHERE:
            return NOTHING
        known = {option.name for option in self.format(media_type).writing}
        return {name: value for name, value in SEEN.items() if name in known}

    def _reading(self, media_type: str) -> tuple[Bench, CodecSpec]:
        return self._found("reads", media_type)

    def _writing(self, media_type: str) -> tuple[Bench, CodecSpec]:
        return self._found("writes", media_type)

    def _found(self, kind: Literal["reads", "writes"], media_type: str) -> tuple[Bench, CodecSpec]:
        spec = self._spec(kind, media_type)
        if spec is None:
            raise self._missing(kind, media_type)
        return self._benches[spec.name], spec

    @contextmanager
    def _naming_package(self, media_type: str) -> Iterator[None]:
        """Say which package reads more of a type than the codec that was asked."""
        try:
            yield
        except AddonMissing as error:
            package = self._package_for("reads", media_type)
            if package and "package" not in error.details:
                told = f"{error.message}; the package {package} reads it"
                raise AddonMissing(told, package=package) from error
            raise

    def _missing(self, kind: str, media_type: str) -> AddonMissing | UnsupportedType:
        package = self._package_for(kind, media_type)
        if package is None:
            return UnsupportedType(f"Nothing here {kind} {media_type}")
        return AddonMissing(f"{media_type} comes with {package}", package=package)


def _format_of(spec: CodecSpec | None, media_type: str) -> Format | None:
    formats = spec.formats if spec else ()
    return next((one for one in formats if one.media_type == media_type), None)


async def _alone(page: Page) -> AsyncGenerator[Page, None]:
    yield page
