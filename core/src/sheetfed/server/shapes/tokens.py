"""The JSON of tokens, and of nonces that give one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le, Len
from typing_extensions import TypedDict

from sheetfed.server.shapes.parts import STRICT

Origin = Annotated[str, Len(1, 300)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNonce:
    """How long a nonce is to live, and how it goes to the browser."""

    __pydantic_config__ = STRICT

    lasts: Annotated[int, Ge(1), Le(600)] = 60
    """Seconds."""
    page: Annotated[str, Len(1, 300)] | None = None
    """Our address; with it a file is written that takes a browser there, once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPageToken:
    """What our own page was opened with."""

    __pydantic_config__ = STRICT

    nonce: Annotated[str, Len(1, 100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLocalToken:
    """Whom a token is for."""

    __pydantic_config__ = STRICT

    origin: Origin | None = None
    """An approved site that the token acts as; else the person at this computer."""


class Nonce(TypedDict):
    """Opens our own page, once: it goes behind `/#nonce=`."""

    nonce: str
    file: str | None
    """The file that takes a browser to our page."""


class Token(TypedDict):
    """What stands behind `Authorization: Bearer`."""

    token: str
    expires_in: int
    """Seconds."""
