"""Folders as devices: their pictures come as pages."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sheetfed.api.contracts import Session, Source
from sheetfed.api.errors import BadSettings, DeviceGone, FeederEmpty, TooLarge, Unreadable
from sheetfed.api.model import Choice, Device, Option, Page, Settings, Value
from sheetfed.api.options import fitted
from sheetfed.builtin.folder.listing import files_of
from sheetfed.builtin.folder.pictures import PictureFile

OPTIONS = (
    Option(
        name="on-error",
        title="A file that cannot be read",
        kind="choice",
        default="stop",
        choices=(
            Choice(value="stop", title="Stop and say which"),
            Choice(value="skip", title="Leave it out"),
        ),
    ),
    Option(
        name="pages",
        title="Most pages",
        kind="int",
        default=0,
        minimum=0,
        maximum=1_000_000,
        description="0 takes all there are.",
    ),
)


class FolderSource(Source):
    """The folders that the settings name."""

    def devices(self) -> list[Device]:
        """Return the folders that are there now."""
        return [
            Device(id=device_id, title=f"Folder {folder.name or folder}", kind="folder")
            for device_id, folder in self._folders().items()
            if folder.is_dir()
        ]

    def open(self, device_id: str) -> FolderSession:
        """Open a folder."""
        folder = self._folders().get(device_id)
        if folder is None:
            raise DeviceGone(f"No folder of the settings is {device_id!r}.", device=device_id)
        files_of(folder)
        return FolderSession(folder)

    def _folders(self) -> dict[str, Path]:
        """Return them by their ids, which tell a web page nothing about where they lie."""
        named = str(self.settings.get("folders") or "").splitlines()
        lines = [part.strip() for line in named for part in line.split(os.pathsep)]
        folders = [Path(line).expanduser().resolve() for line in lines if line]
        return {_device_id(folder): folder for folder in folders}


class FolderSession(Session):
    """One folder, and what of it was handed over already."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._options = {option.name: option for option in OPTIONS}
        self._done: set[str] = set()
        self._next: dict[str, int] = {}  # the page that comes next, of files that were begun
        self._closed = False

    def options(self) -> Sequence[Option]:
        """Return the settings in force."""
        return list(self._options.values())

    def set(self, name: str, value: Value) -> Sequence[Option]:
        """Set one option."""
        self._options = _adjusted(self._options, {name: value})
        return [self._options[name]]

    def scan(self, settings: Settings) -> Generator[Page]:
        """Yield the pictures that were not handed over yet, new ones too."""
        options = _adjusted(self._options, settings)
        most, given = options["pages"].default, 0
        for name, index, count, page in self._pages(skips=options["on-error"].default == "skip"):
            given += 1
            yield page
            self._pass(name, index, count)
            if given == most or self._closed:
                return
        if not given:
            raise FeederEmpty(f"There is no new picture in {self._folder.name}.")

    def close(self) -> None:
        """Let go."""
        self._closed = True

    def _pass(self, name: str, index: int, count: int) -> None:
        """Go on behind this page next time."""
        self._next[name] = index + 1
        if index + 1 == count:
            self._done.add(name)

    def _pages(self, *, skips: bool) -> Iterator[tuple[str, int, int, Page]]:
        for file in files_of(self._folder):
            if file.name in self._done:
                continue
            try:
                pictures = PictureFile(file)
            except (Unreadable, TooLarge):
                self._done.add(file.name)
                if skips:
                    continue
                raise
            with pictures:
                yield from self._pages_of(file.name, pictures, skips=skips)

    def _pages_of(
        self, name: str, pictures: PictureFile, *, skips: bool
    ) -> Iterator[tuple[str, int, int, Page]]:
        for index in range(self._next.get(name, 0), pictures.count):
            try:
                page = pictures.page(index)
            except (Unreadable, TooLarge):
                self._pass(name, index, pictures.count)
                if skips:
                    continue
                raise
            yield name, index, pictures.count, page


def _device_id(folder: Path) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", folder.name.casefold()).strip("-")
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]
    return f"{name}-{digest}" if name else digest


def _adjusted(options: dict[str, Option], settings: Settings) -> dict[str, Option]:
    made = dict(options)
    for name, value in settings.items():
        if name not in made:
            raise BadSettings(f"There is no option {name!r}.", option=name)
        made[name] = replace(made[name], default=fitted(made[name], value))
    return made
