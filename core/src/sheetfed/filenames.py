"""Names of files and folders that are safe everywhere.

What comes from paper or from a page may hold anything; what is made of it can be the name of a
file on every system and leads out of no folder.
"""

from __future__ import annotations

import re

from sheetfed.naming import Facts, fill

LONGEST = 100
"""Characters that one part of a name may have."""

MOST_BYTES = 240
"""Bytes of it: file systems take 255, and an ending or a number may come behind."""

DEEPEST = 10
"""Folders that a name may lead through."""

UNKNOWN = "unknown"
"""What a file is called of whose name nothing is left."""

_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def path(template: str, facts: Facts) -> str:
    """Return the template filled in: parts with `/` between them, where the template has one.

    Raises BadRequest where the template says what nobody understands.
    """
    parts = [safe(part) for part in fill(template, facts, clean=safe).split("/")]
    return "/".join([part for part in parts if part][-DEEPEST:]) or UNKNOWN


def safe(text: str) -> str:
    """Return a text as one part of a path, empty where nothing of it is left."""
    kept = "".join(c if c.isprintable() and c not in '<>:"/\\|?*' else "_" for c in text)
    kept = re.sub(r"\s+", " ", kept).strip(" ").rstrip(" .").lstrip(".")
    if len(kept) > LONGEST:
        stem, dot, ending = kept.rpartition(".")
        ending = f"{dot}{ending}" if stem and len(ending) <= 8 else ""
        kept = kept[: LONGEST - len(ending)].rstrip(" .") + ending
    while len(kept.encode()) > MOST_BYTES:
        stem, dot, ending = kept.rpartition(".")
        kept = f"{stem[:-1]}{dot}{ending}" if stem and len(ending) <= 8 else kept[:-1]
    kept = kept.strip(" ")
    return f"_{kept}" if _RESERVED.fullmatch(kept) else kept
