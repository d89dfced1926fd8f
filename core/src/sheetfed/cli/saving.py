"""Documents become files: written beside, then renamed."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from sheetfed.api.errors import NotFound, UnsupportedType
from sheetfed.cli.client import Client, quoted

PACE = 0.2
"""Seconds between two words about a file that is being written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Out:
    """Where a document goes; `path` is None for standard output."""

    path: Path | None
    media_type: str
    gathers: bool
    """Whether one file holds every page."""
    force: bool
    several: bool = False
    """Whether there may be several documents, each with a number in its name."""
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def plan(
        cls,
        formats: Sequence[Mapping[str, Any]],
        name: str,
        *,
        kind: str | None,
        force: bool,
        several: bool = False,
        options: Mapping[str, Any] | None = None,
    ) -> Out:
        """Check a file's name before any paper moves. Raises UnsupportedType, UsageError."""
        path = None if name == "-" else Path(name)
        ending = kind or ("pdf" if path is None else path.suffix.lower().removeprefix("."))
        written = [one for one in formats if one["writes"]]
        found = next((one for one in written if ending in one["endings"]), None)
        if found is None:
            shown = f"'.{ending}'" if ending else "a file of no ending"
            usual = ", ".join(f".{one['endings'][0]}" for one in written if one["endings"])
            raise UnsupportedType(
                f"{name}: nobody here writes {shown}",
                advice=f"Let it end in one of {usual}, or use --type.",
            )
        out = cls(
            path=path,
            media_type=found["type"],
            gathers=found["gathers"],
            force=force or path is None,
            several=several,
            options=options or {},
        )
        out.check()
        return out

    def check(self) -> None:
        """Refuse what could not be written later."""
        if self.path is None:
            return
        folder = self.path.parent
        try:
            is_folder = self.path.is_dir()
        except OSError as error:  # a name longer than the disk takes
            raise click.UsageError(f"{self.path}: {error.strerror}.") from error
        if is_folder:
            raise click.UsageError(f"{self.path} is a folder; name a file in it.")
        if not folder.is_dir():
            raise click.UsageError(f"{folder}: there is no such folder.")
        if not os.access(folder, os.W_OK | os.X_OK) and not _is_device(self.path):
            raise click.UsageError(f"{folder}: this account may not write there.")
        if not _is_device(self.path):
            _try(self.path)
        if not self.force:
            self._refuse_existing()

    def numbered(self, number: int) -> Out:
        """Return where one of several documents goes."""
        assert self.path
        return replace(self, path=_numbered(self.path, number))

    def write(
        self, client: Client, document: str, pages: Sequence[str], *, after: str | None = None
    ) -> list[Path]:
        """Write the document's pages; return the files. Whole or not at all, file by file.

        The pages of another document come first where one is named.
        """
        if not pages:
            raise NotFound("The document has no page")
        route = f"/v1/documents/{quoted(document)}/file"
        if self.gathers or len(pages) == 1:
            self._fetch(client, route, self.path, {"after": after} if after else {})
            return [self.path] if self.path else []
        if self.path is None:
            raise click.UsageError(f"{self.media_type} holds one page; here are {len(pages)}.")
        names = [_numbered(self.path, number) for number in range(1, len(pages) + 1)]
        for name, page in zip(names, pages, strict=True):
            self._fetch(client, route, name, {"pages": [page]})
        return names

    def _refuse_existing(self) -> None:
        assert self.path
        found = []
        if os.path.lexists(self.path) and not _is_device(self.path):  # a link to nowhere too
            found.append(self.path)
        if self.several or not self.gathers:
            found += _numbered_files(self.path)
        if found:
            raise click.UsageError(f"{found[0]} exists already; --force overwrites it.")

    def _fetch(
        self, client: Client, route: str, path: Path | None, which: Mapping[str, Any]
    ) -> None:
        wish = {"type": self.media_type, **which}
        if self.options:
            wish["options"] = dict(self.options)
        with client.stream(route, wish) as pieces:
            if path is None:
                for piece in pieces:
                    sys.stdout.buffer.write(piece)
                sys.stdout.buffer.flush()
            elif _is_device(path):
                with path.open("wb") as stream:
                    stream.writelines(pieces)
            else:
                part = _part(path)
                try:
                    with part.open("xb") as stream:
                        stream.writelines(_shown(pieces, path))
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


def _part(path: Path) -> Path:
    """Return where a file is written before it gets its name; as short as any name."""
    return path.with_name(f".sheetfed-{os.getpid()}.part")


def _try(path: Path) -> None:
    """Make a file beside, since a folder may allow what its disk refuses. Raises UsageError."""
    part = _part(path)
    try:
        part.touch(exist_ok=False)
        part.unlink()
    except OSError as error:
        words = f"{path.parent}: no file can be made there: {error.strerror}."
        raise click.UsageError(words) from error


def _shown(pieces: Iterator[bytes], path: Path) -> Iterator[bytes]:
    """Yield the pieces of a file, and tell a person who looks on how much of it is written."""
    if not sys.stderr.isatty():
        yield from pieces
        return
    written, told = 0, time.monotonic()
    shown = False
    try:
        for piece in pieces:
            yield piece
            written += len(piece)
            if time.monotonic() - told > PACE:
                told, shown = time.monotonic(), True
                print(f"\rWriting {path.name}: {written / 1e6:.1f} MB", end="", file=sys.stderr)
    finally:
        if shown:
            print("\r\x1b[K", end="", file=sys.stderr)


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}-{number:03}{path.suffix}")


def _numbered_files(path: Path) -> list[Path]:
    """Return the files that are named as pages or documents of this one would be."""
    name = re.compile(f"{re.escape(path.stem)}-[0-9]{{3,}}{re.escape(path.suffix)}")
    return sorted(other for other in path.parent.iterdir() if name.fullmatch(other.name))


def _is_device(path: Path) -> bool:
    """Tell whether this is a pipe or a device, which is written as it stands."""
    return path.exists() and not path.is_file() and not path.is_dir()
