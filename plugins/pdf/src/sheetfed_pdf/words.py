"""Text that is found and copied, but not seen."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

from sheetfed.api.model import Mark
from sheetfed_pdf.output import Output
from sheetfed_pdf.syntax import numbers, reference

FONT = "SheetfedText"
"""The name of the font among a page's resources."""

_DESCENT = 0.2
"""How much of a line lies below its base."""

_ADVANCE = 0.5
"""The width of every sign in the font, of its size."""

_EM = 1000

_FIRST_RARE, _RARE_CODES = 0xD800, 0x800
"""Codes that are no sign's own, for signs whose own number is larger than two bytes."""

_UNKNOWN = 0xFFFD

Matrix = tuple[float, float, float, float, float, float]


def texts_of(marks: Iterable[Mark]) -> list[Mark]:
    """Return the marks that say what is written where."""
    return [mark for mark in marks if mark.kind == "text" and mark.box and mark.value.strip()]


class Layer:
    """The invisible text of one file, in one font that is written last."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._number = 0
        self._rare: dict[str, int] = {}

    @property
    def font(self) -> bytes:
        """A reference to the font."""
        self._number = self._number or self._output.reserve()
        return reference(self._number)

    def commands(self, texts: Iterable[Mark], place: Matrix) -> bytes:
        """Return the commands that write marks.

        `place` brings a point of the page, in pixels from its top left corner, to where it lies in
        the PDF; it turns and scales alike in both directions.
        """
        written = [b"BT", b"3 Tr"]
        for mark in texts:
            box = mark.box
            if box is None or box.width <= 0 or box.height <= 0:
                continue
            codes = [self._code(sign) for sign in mark.value]
            stretch = 100 * box.width / (box.height * _ADVANCE * len(codes))
            a, b, c, d, e, f = place
            x, y = box.left, box.top + box.height * (1 - _DESCENT)
            # the page's y axis points down, a line's up
            line = (a, b, -c, -d, a * x + c * y + e, b * x + d * y + f)
            written.append(
                b"/%s %s Tf %s Tz %s Tm <%s> Tj"
                % (
                    FONT.encode(),
                    numbers([box.height]),
                    numbers([stretch]),
                    b" ".join(b"%.6f" % value for value in line),
                    b"".join(b"%04x" % code for code in codes),
                )
            )
        written.append(b"ET")
        return b"\n".join(written)

    def finish(self) -> None:
        """Write the font, if any page used it: it knows every sign, and has the shape of none."""
        if not self._number:
            return
        output = self._output
        program = _program()
        file = output.deflated({"Length1": b"%d" % len(program)}, program)
        descriptor = output.add(
            b"<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[0 -200 500 800]/ItalicAngle 0"
            b"/Ascent 800/Descent -200/CapHeight 800/StemV 80/FontFile2 %s>>"
            % (FONT.encode(), reference(file))
        )
        glyphs = output.deflated({}, b"\0\1" * 65536)
        descendant = output.add(
            b"<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/DW %d/FontDescriptor %s/CIDToGIDMap %s"
            b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>"
            % (FONT.encode(), _ADVANCE * 1000, reference(descriptor), reference(glyphs))
        )
        meaning = output.deflated({}, _meaning(self._rare))
        output.add(
            b"<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%s]"
            b"/ToUnicode %s>>" % (FONT.encode(), reference(descendant), reference(meaning)),
            self._number,
        )

    def _code(self, sign: str) -> int:
        """Return two bytes for a sign: its own number, or for a rare one a number of no sign."""
        if sign < "\ud800" or "\udfff" < sign <= "\uffff":
            return ord(sign)
        if sign not in self._rare and len(self._rare) < _RARE_CODES and sign > "\uffff":
            self._rare[sign] = _FIRST_RARE + len(self._rare)
        return self._rare.get(sign, _UNKNOWN)


def _meaning(rare: Mapping[str, int]) -> bytes:
    """Return the map that says which sign each code is."""
    lines = [
        b"/CIDInit /ProcSet findresource begin",
        b"12 dict begin",
        b"begincmap",
        b"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def",
        b"/CMapName /Adobe-Identity-UCS def",
        b"/CMapType 2 def",
        b"1 begincodespacerange",
        b"<0000> <FFFF>",
        b"endcodespacerange",
    ]
    own = [high for high in range(256) if not _FIRST_RARE <= high << 8 < _FIRST_RARE + _RARE_CODES]
    for start in range(0, len(own), 100):
        part = own[start : start + 100]
        lines.append(b"%d beginbfrange" % len(part))
        lines += [b"<%02X00> <%02XFF> <%02X00>" % (high, high, high) for high in part]
        lines.append(b"endbfrange")
    signs = [*rare.items()]
    for start in range(0, len(signs), 100):
        some = signs[start : start + 100]
        lines.append(b"%d beginbfchar" % len(some))
        lines += [
            b"<%04X> <%s>" % (code, sign.encode("utf-16-be").hex().upper().encode())
            for sign, code in some
        ]
        lines.append(b"endbfchar")
    lines += [
        b"endcmap",
        b"CMapName currentdict /CMap defineresource pop",
        b"end",
        b"end",
    ]
    return b"\n".join(lines) + b"\n"


def _program() -> bytes:
    """Return a TrueType program of two glyphs: none, and a box as large as a sign.

    The box is never drawn, but without it some readers take turned text for nothing.
    """
    head = struct.pack(
        ">IIIIHHQQhhhhHHhhh",
        0x10000, 0x10000, 0, 0x5F0F3CF5, 3, _EM, 0, 0, 0, -200, 500, 800, 0, 8, 2, 0, 0,
    )  # fmt: skip
    hhea = struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, 800, -200, 0, 500, 0, 0, 500, 1, 0, 0, 0, 0,
                       0, 0, 0, 2)  # fmt: skip
    maxp = struct.pack(">IHHHHHHHHHHHHHH", 0x10000, 2, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
    advance = round(_ADVANCE * _EM)
    low, high = -round(_DESCENT * _EM), round((1 - _DESCENT) * _EM)
    box = struct.pack(">hhhhhHH", 1, 0, low, advance, high, 3, 0) + b"\1" * 4
    box += struct.pack(">8h", 0, advance, 0, -advance, low, 0, high - low, 0)
    tables = {
        b"glyf": box,
        b"head": head,
        b"hhea": hhea,
        b"hmtx": struct.pack(">HhHh", advance, 0, advance, 0),
        b"loca": struct.pack(">HHH", 0, 0, len(box) // 2),
        b"maxp": maxp,
    }
    count = len(tables)
    start = 12 + 16 * count
    entries, bodies = list[bytes](), list[bytes]()
    for tag, body in tables.items():
        padded = body + bytes(-len(body) % 4)
        check = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        entries.append(struct.pack(">4sIII", tag, check, start, len(body)))
        bodies.append(padded)
        start += len(padded)
    return struct.pack(">IHHHH", 0x10000, count, 64, 2, 32) + b"".join(entries) + b"".join(bodies)
