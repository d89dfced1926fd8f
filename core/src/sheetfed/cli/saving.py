"""Documents become files: written beside, then renamed."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from sheetfed.api.errors import NotFound, UnsupportedType
from sheetfed.cli.client import Client, quoted
from sheetfed.server.filetypes import SINGLE

TYPES = {
    "pdf": "application/pdf",
    "tiff": "image/tiff",
    "tif": "image/tiff",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "bmp": "image/bmp",
}
"""Media types by the ending of a file's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Out:
    """Where a document goes; `path` is None for standard output."""

    path: Path | None
    media_type: str
    force: bool

    @classmethod
    def plan(cls, name: str, *, kind: str | None, force: bool) -> Out:
        """Check a file's name before any paper moves. Raises UnsupportedType, UsageError."""
        if name == "-":
            return cls(path=None, media_type=TYPES[kind or "pdf"], force=True)
        path = Path(name)
        ending = kind or path.suffix.lower().removeprefix(".")
        if ending not in TYPES:
            raise UnsupportedType(
                f"{name}: nobody here writes '{path.suffix or 'no ending'}'",
                advice="Let it end in .pdf, .tiff, .jpg, .png or .bmp, or use --type.",
            )
        out = cls(path=path, media_type=TYPES[ending], force=force)
        out.check()
        return out

    def check(self) -> None:
        """Refuse what could not be written later."""
        if self.path is None:
            return
        folder = self.path.parent
        if self.path.is_dir():
            raise click.UsageError(f"{self.path} is a folder; name a file in it.")
        if not folder.is_dir():
            raise click.UsageError(f"{folder}: there is no such folder.")
        if not os.access(folder, os.W_OK | os.X_OK) and not _is_device(self.path):
            raise click.UsageError(f"{folder}: this account may not write there.")
        if not self.force:
            self._refuse_existing()

    def numbered(self, number: int) -> Out:
        """Return where one of several documents goes."""
        assert self.path
        return replace(self, path=_numbered(self.path, number))

    def write(self, client: Client, document: str, pages: Sequence[str]) -> list[Path]:
        """Write the document's pages; return the files. Whole or not at all, file by file."""
        if not pages:
            raise NotFound("The document has no page")
        route = f"/v1/documents/{quoted(document)}/file"
        if self.media_type not in SINGLE or len(pages) == 1:
            self._fetch(client, route, self.path, None)
            return [self.path] if self.path else []
        if self.path is None:
            raise click.UsageError(f"{self.media_type} holds one page; here are {len(pages)}.")
        names = [_numbered(self.path, number) for number in range(1, len(pages) + 1)]
        for name, page in zip(names, pages, strict=True):
            self._fetch(client, route, name, page)
        return names

    def _refuse_existing(self) -> None:
        assert self.path
        found = []
        if os.path.lexists(self.path) and not _is_device(self.path):  # a link to nowhere too
            found.append(self.path)
        if self.media_type in SINGLE:
            found += _numbered_files(self.path)
        if found:
            raise click.UsageError(f"{found[0]} exists already; --force overwrites it.")

    def _fetch(self, client: Client, route: str, path: Path | None, page: str | None) -> None:
        wish = {"type": self.media_type, "pages": [page] if page else None}
        with client.stream(route, wish) as pieces:
            if path is None:
                for piece in pieces:
                    sys.stdout.buffer.write(piece)
                sys.stdout.buffer.flush()
            elif _is_device(path):
                with path.open("wb") as stream:
                    stream.writelines(pieces)
            else:
                part = path.with_name(f".sheetfed-{os.getpid()}.part")  # as short as any name
                try:
                    with part.open("xb") as stream:
                        stream.writelines(pieces)
                    self._place(part, path)
                finally:
                    part.unlink(missing_ok=True)

    def _place(self, part: Path, path: Path) -> None:
        """Give the finished file its name, and never take another file's by accident."""
        if self.force:
            part.replace(path)
            return
        try:
            try:
                path.hardlink_to(part)
            except FileExistsError:
                raise
            except OSError:  # a file system without links: take the name, then fill it
                path.touch(exist_ok=False)
                part.replace(path)
        except FileExistsError as error:
            message = f"{path} appeared in the meantime; save the document under another name."
            raise click.UsageError(message) from error


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}-{number:03}{path.suffix}")


def _numbered_files(path: Path) -> list[Path]:
    """Return the files that are named as the pages of this one would be."""
    name = re.compile(f"{re.escape(path.stem)}-[0-9]{{3,}}{re.escape(path.suffix)}")
    return sorted(other for other in path.parent.iterdir() if name.fullmatch(other.name))


def _is_device(path: Path) -> bool:
    """Tell whether this is a pipe or a device, which is written as it stands."""
    return path.exists() and not path.is_file() and not path.is_dir()
