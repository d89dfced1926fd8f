"""Options as they were asked for, checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Option, Settings
from sheetfed.api.options import fitted
from sheetfed.api.packing import Packing, Packings
from sheetfed_pdf.archive import LEVELS
from sheetfed_pdf.options import READING, WAYS, WRITING


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is to be read."""

    mode: str
    dpi: float
    max_width: int
    max_height: int
    grey: bool
    format: str
    annotations: bool
    forms: bool
    password: str | None
    pages: str


def reading(asked: Settings) -> Reading:
    """Return how a file is to be read. Raises BadSettings."""
    found = Reading(**_values(READING, asked))
    if found.grey and found.mode == "images":
        raise BadSettings("images takes pictures as they are; grey needs render", option="grey")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How a file is to be written."""

    compression: str
    quality: int | None
    black_white: str
    grey: str
    colour: str
    by_page: str
    paper: str
    orientation: str
    title: str | None
    author: str | None
    subject: str | None
    keywords: str | None
    creator: str | None
    producer: str
    date: str
    modified: str
    language: str
    fields: str
    bookmarks: str
    labels: str
    label_prefix: str
    label_first: int
    text: bool
    archive: str
    version: str
    object_streams: bool
    password: str | None
    owner_password: str | None
    allow_print: bool
    allow_change: bool
    allow_copy: bool
    allow_annotate: bool
    attachment: str
    attachment_name: str
    attachment_type: str
    attachment_relation: str
    attachments: str

    @property
    def packings(self) -> Packings:
        """How each page is packed. Raises BadSettings."""
        asked = {
            "black-white": self.black_white,
            "grey": self.grey,
            "colour": self.colour,
            "by-page": self.by_page,
        }
        ways = [str(way.value) for way in WAYS]
        whole = Packing(way=self.compression, quality=self.quality)
        return Packings(asked, ways=ways, whole=whole)

    @property
    def locked(self) -> bool:
        """Whether a password is asked for."""
        return bool(self.password or self.owner_password)

    @property
    def rights(self) -> frozenset[str]:
        """What those may do who open the file."""
        allowed = {
            "print": self.allow_print,
            "change": self.allow_change,
            "copy": self.allow_copy,
            "annotate": self.allow_annotate,
        }
        return frozenset(name for name, allow in allowed.items() if allow)

    @property
    def words(self) -> Mapping[str, str]:
        """What the file says about itself."""
        names = ("title", "author", "subject", "keywords", "creator", "producer")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    @property
    def own_fields(self) -> Mapping[str, str]:
        """What else it says, by names of the person's own. Raises BadSettings."""
        try:
            found = json.loads(self.fields) if self.fields else {}
        except ValueError as error:
            raise BadSettings(f"fields are no JSON: {error}", option="fields") from error
        if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
            raise BadSettings("fields are no object of names and texts", option="fields")
        return found

    @property
    def pdf_version(self) -> str:
        """The version that the file is written in."""
        if self.archive != "none":
            return LEVELS[self.archive][1]
        if self.version != "auto":
            return self.version
        return "2.0" if self.locked else "1.7"


def writing(asked: Settings) -> Writing:
    """Return how a file is to be written. Raises BadSettings, also where two wishes clash."""
    wish = Writing(**_values(WRITING, asked))
    if wish.archive != "none":
        if wish.locked:
            raise BadSettings("PDF/A allows no password", option="password")
        if wish.version not in {"auto", wish.pdf_version}:
            raise BadSettings(
                f"PDF/A-{wish.archive} is written as {wish.pdf_version}", option="version"
            )
        if (wish.attachment or wish.attachments) and wish.archive != "3b":
            option = "attachment" if wish.attachment else "attachments"
            raise BadSettings("only PDF/A-3b takes attached files", option=option)
        refused = {"lzw", "jpeg2000"} if wish.archive == "1b" else {"lzw"}
        for way in sorted(wish.packings.ways & refused):
            raise BadSettings(f"PDF/A-{wish.archive} does not take {way}", option="compression")
    for asked_for, version, what, option in (
        (wish.locked, "1.7", "AES-256", "version"),
        (wish.object_streams, "1.5", "packing small objects", "object-streams"),
        ("jpeg2000" in wish.packings.ways, "1.5", "JPEG 2000", "compression"),
        ("jbig2" in wish.packings.ways, "1.4", "JBIG2", "compression"),
        (bool(wish.attachment or wish.attachments), "1.4", "an attached file", "version"),
        (bool(wish.language), "1.4", "a language", "language"),
        (wish.labels != "none", "1.3", "labels of pages", "labels"),
        ("deflate" in wish.packings.ways, "1.2", "Deflate", "compression"),
    ):
        if asked_for and wish.pdf_version < version:
            raise BadSettings(f"{what} needs PDF {version}", option=option)
    return wish


def _values(options: Iterable[Option], asked: Settings) -> Mapping[str, Any]:
    """Return a value for every option: the one asked for, or the default."""
    known = {option.name: option for option in options}
    for name in asked:
        if name not in known:
            raise BadSettings(f"there is no option {name}", option=name)
    return {
        name.replace("-", "_"): option.default
        if asked.get(name) is None
        else fitted(option, asked[name])
        for name, option in known.items()
    }
