"""Lines bound to one another, and whether they still are.

A line is JSON. It ends with `chain`, the SHA-256 of the chain of the line before it and of its own
text; the head, a file beside the lines, says which line is the last. So a line that was changed,
put in or taken out is found, and so is an end that was cut off. Who can write both files can make
a new chain, but not one that holds a head written down elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sheetfed.disk import make_last, open_plain

START = "0" * 64
"""What the very first line is bound to."""

HEAD = "head"

_HEAD_SIZE = 160
_FILE = re.compile(r"audit-(\d{12})\.jsonl")
_LINE = re.compile(rb'(\{.*),"chain":"([0-9a-f]{64})"\}')


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The first line that is kept, the last one, and the chain up to that."""

    first: int = 1
    last: int = 0
    chain: str = START


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What `verify` found: so many lines, up to this one; and the first fault, if there is one."""

    lines: int
    last: int
    chain: str
    fault: str = ""


def bind(chain: str, values: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return a line that follows the one with this chain, and its own chain."""
    body = json.dumps(values, separators=(",", ":"))[:-1].encode()
    bound = _bound(chain, body)
    return b'%b,"chain":"%b"}\n' % (body, bound.encode()), bound


def file_of(folder: Path, number: int) -> Path:
    """Return the file whose first line has this number."""
    return folder / f"audit-{number:012}.jsonl"


def files_of(folder: Path) -> list[Path]:
    """Return the files, the oldest first."""
    return sorted(entry for entry in folder.iterdir() if _FILE.fullmatch(entry.name))


def first_of(file: Path) -> int:
    """Return the number of a file's first line."""
    return int(file.name[6:18])


def last_line(data: bytes) -> tuple[int, str] | None:
    """Return number and chain of the last whole line, None where it is no line of ours."""
    lines = data[: data.rfind(b"\n") + 1].splitlines()
    try:
        return _parsed(lines[-1])[:2]
    except (IndexError, ValueError):
        return None


def read_head(folder: Path) -> Head | None:
    """Return the head, None where there is none that can be read."""
    try:
        found = json.loads((folder / HEAD).read_bytes())
        return Head(first=int(found["first"]), last=int(found["last"]), chain=str(found["chain"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_head(folder: Path, head: Head) -> None:
    """Write the head over the old one: short enough for the disk to take it whole."""
    descriptor = open_plain(folder / HEAD, os.O_WRONLY | os.O_CREAT)
    try:
        os.write(descriptor, json.dumps(asdict(head)).ljust(_HEAD_SIZE).encode())
        make_last(descriptor)
    finally:
        os.close(descriptor)


def lines_of(folder: Path) -> Iterator[dict[str, Any]]:
    """Return every line that can be read, without its chain."""
    for file in files_of(folder):
        for line in file.read_bytes().splitlines():
            try:
                yield _parsed(line)[2]
            except ValueError:
                continue


def verify(folder: Path, *, expect: tuple[int, str] | None = None) -> Verdict:
    """Follow the chain from the first line to the head.

    With `expect`, number and chain of a line that once was there, that must be there as well.
    """
    head = read_head(folder)
    files = files_of(folder)
    pins = [(head.last, head.chain)] if head else []
    pins += [expect] if expect else []
    firsts = [first_of(file) for file in files[:1]] + ([head.first] if head else [])
    begin = min(firsts, default=1)
    expected, chain, place = begin, START, "the log"
    for file in files:
        number = 0
        for number, line in enumerate(_whole_lines(file), 1):
            place = f"{file.name}, line {number}"
            fault, chain = _compare(line, expected, chain, fresh=expected == begin)
            if not fault and any(pin[0] == expected and pin[1] != chain for pin in pins):
                fault = "it is not the line that was there before"
            if fault:
                return _verdict(begin, expected, chain, f"{place}: {fault}")
            expected += 1
        place = f"{file.name}, line {number + 1}"
    fault = ""
    if files and head is None:
        fault = f"the file {HEAD!r} is gone or damaged"
    for number, _ in pins:
        if number >= expected:
            fault = f"{place}: {_missing(expected, number)}"
        elif number < begin and number:
            fault = f"entry {number} is no longer kept"
    return _verdict(begin, expected, chain, fault)


def _verdict(begin: int, expected: int, chain: str, fault: str) -> Verdict:
    return Verdict(lines=expected - begin, last=expected - 1, chain=chain, fault=fault)


def _compare(line: bytes, expected: int, chain: str, *, fresh: bool) -> tuple[str, str]:
    """Return what is wrong with a line, and its chain."""
    try:
        number, bound, values = _parsed(line)
    except ValueError:
        return "this is no line of the log", chain
    if number > expected:
        return _missing(expected, number - 1), chain
    if number < expected:
        return "this line was put in", chain
    if fresh:  # the lines before it are no longer kept; it names what it follows
        chain = str(values.get("after", START))
    if _bound(chain, line[: -len(f',"chain":"{bound}"}}')]) != bound:
        return "it is not as it was written", chain
    return "", bound


def _missing(first: int, last: int) -> str:
    return (
        f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"
    )


def _whole_lines(file: Path) -> list[bytes]:
    """Return a file's lines but not half a one, which is all that a kill leaves."""
    data = file.read_bytes()
    return data[: data.rfind(b"\n") + 1].splitlines()


def _parsed(line: bytes) -> tuple[int, str, dict[str, Any]]:
    """Return number, chain and values of a line. Raises ValueError."""
    match = _LINE.fullmatch(line)
    if not match:
        raise ValueError(line)
    values = json.loads(match[1] + b"}")
    number = values.get("n")
    if not isinstance(number, int):
        raise ValueError(line)  # noqa: TRY004 - whatever is wrong, it is no line of ours
    return number, match[2].decode(), values


def _bound(chain: str, body: bytes) -> str:
    return hashlib.sha256(chain.encode() + body).hexdigest()
