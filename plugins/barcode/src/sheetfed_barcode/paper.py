"""Sheets of bars and words, as a PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

SIZES: Mapping[str, tuple[float, float]] = {"a4": (8.2677, 11.6929), "letter": (8.5, 11.0)}
POINTS = 72.0
LETTER_WIDTH = 0.6
"""Of the font's size: Courier's letters are all equally wide, so that words can be centred."""


@dataclass(slots=True, kw_only=True)
class Sheet:
    """One page in inches from its top left corner."""

    width: float
    height: float
    drawn: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, paper: str) -> Self:
        """Return an empty sheet of this paper."""
        width, height = SIZES[paper]
        return cls(width=width, height=height)

    def bar(self, left: float, top: float, width: float, height: float) -> None:
        """Draw a black rectangle."""
        numbers = (left, self.height - top - height, width, height)
        self.drawn.append(" ".join(f"{number * POINTS:.3f}" for number in numbers) + " re f")

    def words(self, text: str, top: float, *, size: float) -> None:
        """Write a line in the middle; what has no room is left out."""
        room = int(self.width * 0.85 * POINTS / (size * LETTER_WIDTH))
        shown = text if len(text) <= room else f"{text[: room - 3]}..."
        left = self.width * POINTS / 2 - len(shown) * size * LETTER_WIDTH / 2
        bottom = (self.height - top) * POINTS
        self.drawn.append(
            f"BT /F1 {size:g} Tf {left:.2f} {bottom:.2f} Td ({_escaped(shown)}) Tj ET"
        )


class Paper:
    """The sheets of one file."""

    def __init__(self, sheets: Sequence[Sheet]) -> None:
        self._sheets = sheets

    def pdf(self) -> bytes:
        """Return the file."""
        kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(self._sheets)))
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Count {len(self._sheets)} /Kids [{kids}] >>".encode(),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
        ]
        for at, sheet in enumerate(self._sheets):
            box = f"0 0 {sheet.width * POINTS:.2f} {sheet.height * POINTS:.2f}"
            content = "\n".join(sheet.drawn).encode("latin-1", "replace")
            objects.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents {5 + 2 * at} 0 R"
                " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
            )
            head = f"<< /Length {len(content)} >>\nstream\n".encode()
            objects.append(head + content + b"\nendstream")
        return _file(objects)


def _file(objects: Sequence[bytes]) -> bytes:
    data = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    data += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    data += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\n".encode()
    data += f"startxref\n{start}\n%%EOF\n".encode()
    return bytes(data)


def _escaped(text: str) -> str:
    """Return text as a PDF string holds it; what Latin-1 has not becomes a question mark."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in text)
    return plain.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
