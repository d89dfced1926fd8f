"""Takes out of a line what no log may keep."""

from __future__ import annotations

import re

LONGEST = 2000
"""Characters of a line that are kept."""

_ADDRESS = re.compile(
    r"\b([a-z][a-z0-9+.-]{1,15}://)(?=[^\s/?#'\"<>)])(?:[^\s\"<>]*@)?([^\s/?#'\"<>)]*)[^\s'\"<>)]*",
    re.IGNORECASE,
)
"""A password may hold any sign, so the host begins after the last `@`."""

_SECRET = re.compile(
    r"""
    ( \bbearer\s+
    | (?: token | nonce | password | passwd | secret | api[_-]?key | authorization )
      \\*['"]? \s*[=:]\s* )
    (?: (?:basic|bearer)\s+ )?
    (?: [bru]{0,2} (?P<quote>\\*['"]) .*? (?: (?<!\\)(?P=quote) | \Z )
      | digest\s.*
      | (?: [^\s,;&'"\\] | [,;&\\](?=[^\s'"]) )+ )
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
"""A name with a value, quoted or not, also where JSON has quoted both once more."""

_BULK = re.compile(r"[A-Za-z0-9+/_=-]{160,}")
"""No word is so long; bytes of a picture in base64 are, or a certificate."""


def discreet(text: str) -> str:
    """Return a line without secrets, without what follows the host of an address, and not endless.

    A secret is known by the name before it. What could steer a terminal or begin another line is
    a blank.
    """
    text = _BULK.sub("(…)", text[: 4 * LONGEST])
    text = _SECRET.sub(r"\1\g<quote>(…)\g<quote>", text)
    text = _ADDRESS.sub(_host_only, text)
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}(…)"


def _host_only(found: re.Match[str]) -> str:
    whole, scheme, host = found[0], found[1], found[2]
    return whole if whole == f"{scheme}{host}" else f"{scheme}{host}/(…)"
