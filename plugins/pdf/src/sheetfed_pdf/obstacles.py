"""What keeps a page of another file out of a PDF/A."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf

from sheetfed_pdf import structure

_MOST_OBJECTS = 50_000

_COMMANDS = frozenset(
    b"b B b* B* BDC BI BMC BT BX c cm cs CS d d0 d1 Do DP EI EMC ET EX f F f* g G gs h i ID INLINE"
    b" IMAGE j J l m M MP n q Q re rg RG ri s S sc SC scn SCN sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts"
    b" Tw Tz v w W W* y ' \"".decode().split()
)
"""Every command but those of ink, `k` and `K`, which mean nothing without a profile of a press."""

_FILTERS = frozenset({"/FlateDecode", "/DCTDecode", "/CCITTFaxDecode", "/ASCII85Decode",
                      "/ASCIIHexDecode", "/RunLengthDecode", "/JBIG2Decode"})  # fmt: skip
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


def obstacle(page: Any, *, part: int) -> str:
    """Say in words why PDF/A does not allow a page as it stands; empty where nothing is seen.

    What is asked is on the safe side; what needs a certified validator is not asked.
    """
    try:
        return next(filter(None, _obstacles(page, part)), "")
    except structure.DAMAGE as error:
        return f"it is damaged: {error}"


def _obstacles(page: Any, part: int) -> Iterator[str]:
    if part == 1 and "/Group" in page:
        yield "it is transparent"
    for note in page.get("/Annots", ()):
        if not isinstance(note, pikepdf.Dictionary) or note.get("/Subtype") != "/Link":
            yield "it has notes or fields"
    yield _in_commands(page)
    for value in _reached(structure.inherited(page, "/Resources")):
        yield from _in_entries(value, part)
        if isinstance(value, pikepdf.Stream):
            yield _in_stream(value, part)


def _reached(value: Any) -> Iterator[Any]:
    """Yield every dictionary and stream that resources lead to."""
    waiting, seen = [value], set[tuple[int, int]]()
    tally = 0
    while waiting:
        value = waiting.pop()
        tally += 1
        if tally > _MOST_OBJECTS:
            raise ValueError("it leads to too many objects")
        if isinstance(value, pikepdf.Array):
            waiting += [entry for entry in value if isinstance(entry, pikepdf.Object)]
        elif isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            if value.is_indirect:
                if value.objgen in seen:
                    continue
                seen.add(value.objgen)
            yield value
            waiting += [entry for key, entry in value.items() if key != "/Parent"]


def _in_entries(value: Any, part: int) -> Iterator[str]:
    for entry in value.values():
        for item in entry if isinstance(entry, pikepdf.Array) else (entry,):
            if isinstance(item, pikepdf.Name) and item == "/DeviceCMYK":
                yield "it has colours of a press"
    if value.get("/Type") == "/Font" or "/BaseFont" in value:
        yield _in_font(value)
    if "/TR" in value or "/HTP" in value:
        yield "it changes how a press prints"
    if part == 1:
        yield "it is transparent" if _is_transparent(value) else ""
        yield "it has layers" if value.get("/Type") in ("/OCG", "/OCMD") else ""


def _is_transparent(value: Any) -> bool:
    return (
        value.get("/SMask", "/None") != "/None"
        or value.get("/BM", "/Normal") != "/Normal"
        or float(value.get("/ca", 1)) != 1
        or float(value.get("/CA", 1)) != 1
        or value.get("/S") == "/Transparency"
    )


def _in_font(font: Any) -> str:
    if font.get("/Subtype") in ("/Type0", "/Type3"):
        return ""  # the one's descendant is asked, the other is drawn by commands
    descriptor = font.get("/FontDescriptor")
    if not isinstance(descriptor, pikepdf.Dictionary):
        return f"the font {font.get('/BaseFont')} is not in the file"
    if not any(name in descriptor for name in _FONT_FILES):
        return f"the font {font.get('/BaseFont')} is not in the file"
    return ""


def _in_stream(stream: Any, part: int) -> str:
    filters = stream.get("/Filter")
    names = list(filters) if isinstance(filters, pikepdf.Array) else [filters] if filters else []
    allowed = _FILTERS | ({"/JPXDecode"} if part > 1 else set())
    if any(str(name) not in allowed for name in names):
        return f"it is packed as {', '.join(map(str, names))}"
    if "/F" in stream or "/OPI" in stream or "/Alternates" in stream:
        return "it leads out of the file"
    if stream.get("/Subtype") == "/PS" or stream.get("/Interpolate", False):
        return "it asks a printer for something"
    if part == 1 and int(stream.get("/BitsPerComponent", 8)) == 16:
        return "it has pictures of 16 bits"
    return _in_commands(stream) if stream.get("/Subtype") == "/Form" else ""


def _in_commands(drawn: Any) -> str:
    for instruction in pikepdf.parse_content_stream(drawn):
        command = str(instruction.operator)
        if command not in _COMMANDS:
            return f"it uses the command {command}"
        if command == "INLINE IMAGE":
            return "it has pictures among its commands"
    return ""
