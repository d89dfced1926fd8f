"""How PDF writes numbers, names, text and references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

_TOKEN = re.compile(
    rb"(?P<text>\((?:[^\\()]|\\.)*\))"
    rb"|(?<!<)<(?P<hex>[0-9a-fA-F\s]*)>"
    rb"|(?<![\w.#+/-])(?P<number>\d{1,10}) (?P<generation>\d{1,5}) R(?!\w)",
    re.DOTALL,
)
"""What has to be found in an object as qpdf or this addon writes it: parentheses are escaped."""

_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|.))", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_NO_NAME = re.compile(rb"[^A-Za-z0-9_.:+-]")


def number(value: float) -> bytes:
    """Return a number without an exponent and without needless digits."""
    return f"{value:.5f}".rstrip("0").rstrip(".").encode() or b"0"


def numbers(values: Iterable[float]) -> bytes:
    """Return numbers with spaces between them."""
    return b" ".join(map(number, values))


def name(value: str) -> bytes:
    """Return a name, with its slash."""
    return b"/" + _NO_NAME.sub(lambda found: b"#%02x" % found[0][0], value.encode())


def text(value: str) -> bytes:
    """Return words for people: as they are where they are ASCII, otherwise in UTF-16."""
    if value.isascii() and value.isprintable():
        return b"(%s)" % re.sub(rb"([\\()])", rb"\\\1", value.encode())
    return b"<%s>" % (b"\xfe\xff" + value.encode("utf-16-be", "replace")).hex().encode()


def reference(value: int) -> bytes:
    """Return a reference to an object."""
    return b"%d 0 R" % value


def dictionary(entries: Mapping[str, bytes]) -> bytes:
    """Return a dictionary of written values."""
    return b"<<%s>>" % b"".join(b"%s %s" % (name(key), value) for key, value in entries.items())


def array(values: Iterable[bytes]) -> bytes:
    """Return an array of written values."""
    return b"[%s]" % b" ".join(values)


def renumbered(body: bytes, number_of: Callable[[int, int], int | None]) -> bytes:
    """Return an object whose references are other ones; those that have no number become null."""

    def replaced(found: re.Match[bytes]) -> bytes:
        if found["number"] is None:
            return found[0]
        new = number_of(int(found["number"]), int(found["generation"]))
        return b"null" if new is None else reference(new)

    return _TOKEN.sub(replaced, body)


def with_texts(body: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return an object whose strings are changed, each one's bytes on their own."""

    def replaced(found: re.Match[bytes]) -> bytes:
        if found["text"] is not None:
            value = _ESCAPE.sub(_unescaped, found["text"][1:-1])
        elif found["hex"] is not None:
            digits = b"".join(found["hex"].split())
            value = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
        else:
            return found[0]
        return b"<%s>" % change(value).hex().encode()

    return _TOKEN.sub(replaced, body)


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1] is not None:
        return bytes([int(found[1], 8) & 0xFF])
    if found[2] in {b"\n", b"\r", b"\r\n"}:
        return b""
    return _ESCAPES.get(found[2], found[2])
