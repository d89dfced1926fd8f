"""The door of every application: all checks, in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sheetfed.api.errors import SheetfedError
from sheetfed.server import problems
from sheetfed.server.guard import (
    access,
    callers,
    connections,
    cors,
    fetches,
    headers,
    hosts,
    origins,
    rates,
)
from sheetfed.server.guard.access import Access
from sheetfed.server.guard.callers import Caller
from sheetfed.server.guard.rates import Kind, Rates
from sheetfed.server.guard.refusals import Refusals
from sheetfed.server.guard.visits import Visits
from sheetfed.server.problems import Refusal
from sheetfed.server.tokens import Tokens

CALLER = web.RequestKey("CALLER", Caller)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Who may use a route, and how its requests count."""

    access: Access
    rate: Kind
    headers: tuple[str, ...] = ()
    credentials: bool = False


Tell = Callable[[web.Request, SheetfedError, int], web.Response | None]
"""Tells what was refused under a status, None where that is left to a problem of ours."""

SHUT = Rule(access="owner", rate="control")
"""The rule of every route that has none."""

NOWHERE = Rule(access="open", rate="control")
"""The rule where there is no route: at home, what is not there needs no token to be missed."""


class Door:
    """Lets a request through to its handler, or says no.

    One door may stand before several applications: before one with its `guard` as the first
    middleware and its `dress` among the signals, and so before whatever is mounted in that one.
    """

    def __init__(
        self, tokens: Tokens, *, approved: Callable[[str], bool], note: Callable[[str, str], None]
    ) -> None:
        self.visits = Visits()
        self.refusals = Refusals()
        self._tokens = tokens
        self._approved = approved
        self._note = note
        self._rates = Rates()
        self._rules: dict[web.AbstractRoute, Rule] = {}
        tokens.on_revoke(self.visits.end)

    def rule(self, route: web.AbstractRoute, access: Access, *, rate: Kind = "control") -> None:
        """Say who may use a route; without this it needs a token."""
        self.hold(route, Rule(access=access, rate=rate))

    def hold(self, route: web.AbstractRoute, rule: Rule) -> None:
        """Hold a route to a rule."""
        self._rules[route] = rule

    @property
    def guard(self) -> Middleware:
        """The middleware: it also turns every error into a problem."""
        return self.guarding(_as_problem)

    def guarding(self, tell: Tell) -> Middleware:
        """Return the middleware of an app that tells in its own words what is refused."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                return await self._enter(request, handler)
            except Refusal as refused:
                self._refused(request, refused)
                answer = tell(request, refused.error, refused.status)
                if answer is None:
                    answer = problems.answer(refused.error, status=refused.status)
                answer.set_status(refused.status)
                answer.headers.update(refused.headers)
                return answer
            except SheetfedError as error:
                caller = request.get(CALLER, callers.STRANGER)
                return problems.answer(error, owner=caller.owner)
            except web.HTTPException as error:
                return problems.of_http(error)

        return guard

    async def dress(self, request: web.Request, response: web.StreamResponse) -> None:
        """Put our headers on an answer that is about to leave."""
        headers.put(response)
        cors.put(request, response)

    async def _enter(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        hosts.check(request)
        connections.check(request)
        foreign = origins.foreign(request)
        fetches.check(request, foreign)
        rule = await self._rule(request, foreign)
        approved = bool(foreign) and self._approved(foreign)
        if approved or (foreign and rule.access in access.FOREIGN):
            request[cors.READABLE] = foreign
            request[cors.CREDENTIALS] = rule.credentials
            if cors.is_preflight(request):
                return cors.preflight(rule.headers)
        caller = callers.identify(request, foreign, self._tokens)
        if rule.access in access.TOKENLESS and caller.kind == "stranger":
            programs = rule.access == "program"
            caller = callers.without_token(request, foreign, approved=approved, programs=programs)
        request[CALLER] = caller
        access.check(request, caller, rule.access, approved=approved)
        rates.check(self._rates, caller, rule.rate, approved=approved)
        if rule.access == "socket":  # it says goodbye by itself
            return await handler(request)
        with self.visits.of(caller, lambda: _hang_up(request)):
            return await handler(request)

    async def _rule(self, request: web.Request, foreign: str) -> Rule:
        """Return the rule of the route that is meant: a preflight asks for another method."""
        match = request.match_info
        if cors.is_preflight(request):
            meant = request.headers["Access-Control-Request-Method"]
            match = await request.app.router.resolve(request.clone(method=meant))
        if match.http_exception and not foreign:
            return NOWHERE
        return self._rules.get(match.route, SHUT)

    def _refused(self, request: web.Request, refusal: Refusal) -> None:
        self.refusals.note(refusal.status, refusal.error.code)
        self._note(request.get(cors.READABLE, "stranger"), str(refusal.status))


def _as_problem(request: web.Request, error: SheetfedError, status: int) -> None:
    """Leave it to a problem of ours."""
    del request, error, status


def _hang_up(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()


DOOR = web.AppKey("DOOR", Door)
