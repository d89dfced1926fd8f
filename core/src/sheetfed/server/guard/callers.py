"""Who asks: tool, script, our page, a site or a stranger."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from sheetfed.events import LOCAL
from sheetfed.server.guard import fetches, hosts
from sheetfed.server.tokens import Grant, Tokens

_BEARER = re.compile(r"(?i:bearer) +([!-~]{1,200})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, whose things they may see, and the Origin of their page where it is not ours."""

    kind: Literal["tool", "script", "page", "site", "stranger"]
    owner: str = ""
    origin: str = ""


TOOL = Caller(kind="tool", owner=LOCAL)
SCRIPT = Caller(kind="script", owner=LOCAL)
PAGE = Caller(kind="page", owner=LOCAL)
STRANGER = Caller(kind="stranger")


def identify(request: web.Request, foreign: str, tokens: Tokens) -> Caller:
    """Return who asks; `foreign` is the Origin of their page where it is not ours.

    Through the local socket who has a token is whoever it says, and no tool.
    """
    told = "Origin" in request.headers or fetches.is_told(request)
    if hosts.is_tool(request) and not told and "Authorization" not in request.headers:
        return TOOL
    grant = tokens.check(bearer(request))
    is_page = not foreign and fetches.is_same_origin(request)
    return of_grant(grant, foreign, is_page=is_page, is_script=not told)


def without_token(request: web.Request, foreign: str, *, approved: bool, programs: bool) -> Caller:
    """Return who asks where no token is needed: the page of an approved site, or a program."""
    if foreign and not approved:
        return Caller(kind="stranger", origin=foreign)
    if foreign:
        return Caller(kind="site", owner=foreign, origin=foreign)
    told = "Origin" in request.headers or fetches.is_told(request)
    return SCRIPT if programs and not told else STRANGER


def of_grant(grant: Grant | None, foreign: str, *, is_page: bool, is_script: bool) -> Caller:
    """Return who uses a token, from our page, from a script or from the page of a site."""
    if grant is not None and fits(grant, foreign):
        if grant.origin is not None:
            return Caller(kind="site", owner=grant.owner, origin=foreign)
        if grant.kind == "page" and is_page:
            return PAGE
        if grant.kind == "local" and is_script:
            return SCRIPT
    return Caller(kind="stranger", origin=foreign)


def fits(grant: Grant, foreign: str) -> bool:
    """Tell whether a token is used from the page that it is bound to."""
    return (grant.origin or "") == foreign


def bearer(request: web.Request) -> str:
    """Return the token of a request, "" where there is none or more than one."""
    given = request.headers.getall("Authorization", [])
    match = _BEARER.fullmatch(given[0]) if len(given) == 1 else None
    return match[1] if match else ""
