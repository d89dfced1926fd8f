"""A codec that asks for a range of a file as it likes."""

from __future__ import annotations

from typing import BinaryIO

from hostile import slip
from reader import Reader

from sheetfed.api.contracts import Book
from sheetfed.api.model import Settings


class Thief(Reader):
    """Writes its wish into the pipe itself."""

    def open(self, stream: BinaryIO, options: Settings) -> Book:
        wish = f'{{"say":"read",{self.settings["wish"]}}}\n'.encode()
        slip(wish)
        return super().open(stream, options)
