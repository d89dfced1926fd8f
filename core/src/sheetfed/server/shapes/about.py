"""The JSON about the service itself."""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict


class Hello(TypedDict):
    """Who answers here."""

    product: Literal["sheetfed"]
    api: int


class Health(TypedDict):
    """It answers."""

    status: Literal["ok"]


class Readiness(TypedDict):
    """Whether it can do its work, and what hinders it."""

    status: Literal["ok", "limited"]
    """`limited`: it answers, but keeps no new page."""
    reasons: list[str]
    """Codes of errors, as `disk-full`; empty where all is well."""


class Description(TypedDict):
    """An OpenAPI document."""

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]
    components: dict[str, Any]


class Quota(TypedDict):
    """How much you may keep; 0 is no limit but the disk's."""

    pages: int
    bytes: int


class ServiceStatus(TypedDict):
    """How the service is."""

    version: str
    home: str
    """The folder that holds its state; sites are not told."""
    addons_not_ready: int
    pages: int
    """Pages of yours that are kept."""
    bytes: int
    """What they and their pictures take."""
    quota: Quota
    retention: float | None
    """Seconds after which a document that nobody uses is deleted; null for never."""
    free_bytes: int
    low_disk: bool
    """The disk fills up: pages will soon be refused with `disk-full`."""


class Addon(TypedDict):
    """How an installed addon fared."""

    name: str
    state: Literal["ready", "disabled", "incompatible", "broken"]
    reason: str
    distribution: str
    version: str
    location: str
    """Its file; empty for a site."""
    owner: str
    """The account that the file belongs to; empty for a site."""
    warning: str
    """Which other account could change it; empty for a site, and where all is well."""
    contract: int | None
    hooks: list[str]
    offers: dict[str, list[str]]


class AbsentAddon(TypedDict):
    """An addon that is known and not installed."""

    package: str
    brings: dict[str, list[str]]
    """By kind, as `source` or `step`."""


class Addons(TypedDict):
    """Every installed addon, and those that are not."""

    items: list[Addon]
    absent: list[AbsentAddon]
