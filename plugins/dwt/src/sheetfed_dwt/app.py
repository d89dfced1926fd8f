"""Their interface as an application behind our guard."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiohttp import web
from aiohttp.typedefs import Handler as Answer

from sheetfed.api.contracts import Client, WebApp
from sheetfed.api.errors import SheetfedError
from sheetfed_dwt import faults, refusals, telling
from sheetfed_dwt.asking import Asked, Route
from sheetfed_dwt.calls import Calls, version
from sheetfed_dwt.description import describe
from sheetfed_dwt.faults import INVALID, Fault
from sheetfed_dwt.jobs import Jobs
from sheetfed_dwt.legacy import Legacy
from sheetfed_dwt.processing import Processing
from sheetfed_dwt.scanning import Scanning
from sheetfed_dwt.server import Server
from sheetfed_dwt.storage import Storage

LARGEST = 1 << 20
"""Bytes that a body may have."""

HINT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>sheetfed</title>
<h1>sheetfed answers here</h1>
<p>It takes the place of another scanning service. Its own page opens with
<code>sheetfed open</code>.</p></html>
"""

ClientOf = Callable[[web.Request], Client]


class Guarded(WebApp):
    """An interface that tells in their shape what the guard refuses."""

    def refusal(self, request: web.Request, error: SheetfedError, status: int) -> web.Response:
        """Return it."""
        return refusals.told(request, error, status)


class Dwt(Guarded):
    """Every published call."""

    def app(self, client: ClientOf) -> web.Application:
        """Return the application."""
        jobs = Jobs()
        scanning = Scanning(jobs)
        rooms = (
            Server(),
            scanning,
            Storage(jobs),
            Processing(jobs),
            Legacy(jobs, scanning),
            Calls(),
        )
        routes = [route for room in rooms for route in room.routes]
        made = _made(client, [*routes, Route(method="GET", path=DESCRIPTION, handler=_describe)])

        async def leave(app: web.Application) -> None:
            del app
            await jobs.close()

        made.on_shutdown.append(leave)
        return made


class Welcome(Guarded):
    """What clients and people ask at the port where they look first."""

    def app(self, client: ClientOf) -> web.Application:
        """Return the application."""
        return _made(
            client,
            [
                Route(method="GET", path="/", handler=_hint),
                Route(method="GET", path="/fa/VersionInfo", handler=version),
            ],
        )


DESCRIPTION = "/api/openapi.json"


async def _describe(asked: Asked) -> web.StreamResponse:
    del asked
    return web.json_response(describe())


async def _hint(asked: Asked) -> web.StreamResponse:
    del asked
    return web.Response(text=HINT, content_type="text/html")


def _made(client: ClientOf, routes: Iterable[Route]) -> web.Application:
    """Return an application; a method that a path has no answer for gets one all the same."""
    made = web.Application(middlewares=[_tell_faults], client_max_size=LARGEST)
    paths: dict[str, list[Route]] = {}
    for route in routes:
        paths.setdefault(route.path, []).append(route)
    for path, here in paths.items():
        resource = made.router.add_resource(_forgiving(path))
        for route in here:
            resource.add_route(route.method, _answering(route, client))
        resource.add_route("*", _refusing([route.method for route in here]))
    made.router.add_route("*", "/{nowhere:.*}", _nowhere)
    return made


def _forgiving(path: str) -> str:
    """Return a path that is also found with slashes at its end, and with more at its beginning.

    They are there where a client joins the address of the service and that of a call.
    """
    return path if path == "/" else f"/{{before:/*}}{path[1:]}{{after:/*}}"


def _answering(route: Route, client: ClientOf) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return await route.handler(Asked(request=request, client=client(request)))

    return answer


def _refusing(allowed: list[str]) -> Answer:
    fault = faults.wrong_method(allowed)

    async def refuse(request: web.Request) -> web.StreamResponse:
        return telling.answer(request, fault, {"Allow": ", ".join(allowed)})

    return refuse


async def _nowhere(request: web.Request) -> web.StreamResponse:
    del request
    raise Fault(404, INVALID, "There is no such endpoint.")


@web.middleware
async def _tell_faults(request: web.Request, handler: Answer) -> web.StreamResponse:
    """Tell every fault in their shape."""
    try:
        return await handler(request)
    except (Fault, SheetfedError) as error:
        told = faults.of(error)
    except web.HTTPRequestEntityTooLarge:
        told = Fault(413, INVALID, f"The body must not have more than {LARGEST} bytes.")
    return telling.answer(request, told)
