"""Browsers' policies that keep pages from this computer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sheetfed.system.findings import Finding
from sheetfed.trust.policies import Untouchable, read

CHROMIUM = (
    "etc/chromium/policies/managed",
    "etc/opt/chrome/policies/managed",
    "etc/opt/edge/policies/managed",
    "etc/brave/policies/managed",
)
FIREFOX = "etc/firefox/policies/policies.json"

BLOCKING = ("LoopbackNetworkBlockedForUrls", "LocalNetworkAccessBlockedForUrls")
ALLOWING = ("LoopbackNetworkAllowedForUrls", "LocalNetworkAccessAllowedForUrls")


def findings(root: Path = Path("/")) -> Iterator[Finding]:
    """Say which browsers are told to keep pages away from programs on this computer."""
    name = "Browsers' policy"
    blocked, allowed = [*_named(root, BLOCKING)], [*_named(root, ALLOWING), *_firefox(root)]
    if blocked:
        text = f"these may not reach this computer: {', '.join(blocked)}"
        advice = "Have the administrator take the site out of the policy; restart the browser."
        yield Finding(name=name, state="weak", text=text, advice=advice)
    elif allowed:
        yield Finding(name=name, state="ok", text=f"allows without asking: {', '.join(allowed)}")
    else:
        text = "there is none: the browser asks once for each site"
        yield Finding(name=name, state="ok", text=text)


def _named(root: Path, keys: tuple[str, ...]) -> Iterator[str]:
    for folder in CHROMIUM:
        for file in sorted((root / folder).glob("*.json")):
            for key in keys:
                sites = _policies(file).get(key)
                if isinstance(sites, list):
                    yield from (f"{site} ({file})" for site in sites)


def _firefox(root: Path) -> Iterator[str]:
    """Yield the sites that Firefox lets through without asking."""
    file = root / FIREFOX
    policies = _policies(file).get("policies")
    access = policies.get("LocalNetworkAccess") if isinstance(policies, dict) else None
    sites = access.get("SkipDomains") if isinstance(access, dict) else None
    if isinstance(sites, list):
        yield from (f"{site} ({file})" for site in sites)


def _policies(file: Path) -> dict[str, Any]:
    try:
        return read(file) or {}
    except Untouchable:
        return {}
