"""The JSON of sites: how they ask, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, Len
from typing_extensions import TypedDict

from sheetfed.server.shapes.parts import STRICT

Origin = Annotated[str, Len(1, 300)]
Key = Annotated[str, Len(1, 200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPairing:
    """The key of a browser that a site wants to use."""

    __pydantic_config__ = STRICT

    key: Key
    """Public, P-256, as SPKI in base64url without padding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingQuery:
    """Whether to wait for the decision."""

    __pydantic_config__ = STRICT

    wait: Annotated[int, Ge(0), Le(30)] = 0
    """Answer after so many seconds at the latest, or as soon as it is decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovePairing:
    """What the person compared."""

    __pydantic_config__ = STRICT

    code: Annotated[str, Len(1, 20)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChallenge:
    """The key that is going to sign."""

    __pydantic_config__ = STRICT

    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSiteToken:
    """A challenge, signed."""

    __pydantic_config__ = STRICT

    key: Key
    challenge: Annotated[str, Len(1, 100)]
    signature: Annotated[str, Len(1, 200)]
    """Over `sheetfed-v1|origin|service id|challenge`: r and s, base64url."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDecision:
    """What is to hold for a site in every browser of this account."""

    __pydantic_config__ = STRICT

    origin: Origin
    state: Literal["approved", "blocked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteQuery:
    """Which site is meant; all of them where nothing is said."""

    __pydantic_config__ = STRICT

    origin: Origin | None = None
    documents: Literal["delete", "keep"] = "delete"
    """What becomes of the documents that only the site could see."""


class Pairing(TypedDict):
    """A site's wish to be approved, as the site sees it."""

    id: str
    state: Literal["pending", "approved", "blocked", "expired"]
    code: str
    """Six digits to show; empty where the site was approved before."""


class BegunPairing(Pairing):
    """What a site needs to go on."""

    expires_in: int
    """Seconds in which a person must decide."""
    service: str
    """The service's own public key, to be kept: its signatures prove that it is the same one."""


class Challenge(TypedDict):
    """What is to be signed, and our own signature."""

    challenge: str
    service_id: str
    signature: str
    """By the service, over `sheetfed-v1|service|origin|challenge`."""


class PendingSite(TypedDict):
    """A site's wish to be approved, as the person sees it."""

    id: str
    origin: str
    display: str
    code: str
    expires_in: int


Site = TypedDict(
    "Site",
    {
        "origin": str,
        "display": str,
        "state": Literal["approved", "blocked", "expired"],
        "keys": int,
        "approved": float | None,
        "first_used": float | None,
        "last_used": float | None,
        "from": Literal["person", "configuration"],
        "scanning": str | None,
    },
)
Site.__doc__ = """A site that somebody decided about.

`keys` counts the browsers it was approved for, 0 where that is every one; `scanning` names the
device that it uses now.
"""


class Revoked(TypedDict):
    """What was deleted with the decision."""

    documents: int


class Sites(TypedDict):
    """What was decided, and what waits to be decided."""

    items: list[Site]
    pending: list[PendingSite]
