"""The HTTP interfaces that addons answer, behind our guard."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from aiohttp import web

from sheetfed.addons import failed, settings_for
from sheetfed.api.contracts import Client, WebApp
from sheetfed.api.errors import PortTaken
from sheetfed.api.hooks import WebAppSpec
from sheetfed.api.model import Settings
from sheetfed.factories import loaded
from sheetfed.server.guard import peers
from sheetfed.server.guard.access import Access
from sheetfed.server.guard.door import CALLER, Door, Rule
from sheetfed.server.inside import Inside
from sheetfed.service import Service

log = logging.getLogger(__name__)

PLACE = "/addons"
"""Where the interfaces are that have no port of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """An interface that has a port, and perhaps a twin with TLS, for itself."""

    spec: WebAppSpec
    app: web.Application
    port: int
    tls_port: int | None


class WebApps:
    """Makes the interfaces; one that cannot be made is a broken addon, and nothing else."""

    def __init__(self, service: Service, door: Door, inside: Inside) -> None:
        self._service = service
        self._addons = service.addons
        self._faults: list[tuple[WebAppSpec, str]] = []
        self._door = door
        self._inside = inside
        self.alone: list[Alone] = []

    def mount(self, app: web.Application) -> None:
        """Put every interface in its place."""
        for spec in self._addons.webapps.values():
            settings = settings_for(self._addons, spec, self._service.config)
            if settings.get("enabled") is False:
                continue
            try:
                webapp: WebApp = loaded(spec, WebApp)(settings)
                made = webapp.app(self._client)
                self._place(app, made, webapp, spec, settings)
            except Exception as error:  # an addon may raise anything; that is the point
                log.debug("web app %s", spec.name, exc_info=True)
                self.fail(spec, f"its web app '{spec.name}' cannot be made: {error}")

    def held(self, alone: Alone, error: PortTaken) -> None:
        """Tell that somebody else has an interface's port, and who that may be."""
        rival = f"; it may be {alone.spec.rival}" if alone.spec.rival else ""
        self.fail(alone.spec, f"{error.message}{rival}")

    def fail(self, spec: WebAppSpec, reason: str) -> None:
        """Tell in the addon's row that its interface does not answer."""
        log.warning("web app %s: %s", spec.name, reason)
        self._faults.append((spec, reason))
        self._service.addons = failed(self._addons, self._faults)

    def _client(self, request: web.Request) -> Client:
        return self._inside.of(request[CALLER])

    def _place(
        self,
        app: web.Application,
        made: web.Application,
        webapp: WebApp,
        spec: WebAppSpec,
        settings: Settings,
    ) -> None:
        port = _port("port", spec.port, spec, settings)
        rule = Rule(
            access=_access(spec, settings),
            rate="reading",
            headers=spec.headers,
            credentials=spec.credentials and spec.auth == "origin" and port is not None,
        )
        for route in made.router.routes():
            path = route.resource.canonical if route.resource else ""
            self._door.hold(route, replace(rule, access="open") if path in spec.public else rule)
        if port is None:
            app.add_subapp(f"{PLACE}/{spec.name}/", made)
            return
        made.middlewares.insert(0, self._door.guarding(webapp.refusal))
        made.on_response_prepare.append(self._door.dress)
        twin = _port("tls_port", spec.tls_port, spec, settings)
        self.alone.append(Alone(spec=spec, app=made, port=port, tls_port=twin))


WEBAPPS = web.AppKey("WEBAPPS", WebApps)


def _access(spec: WebAppSpec, settings: Settings) -> Access:
    if spec.auth == "token":
        return "owner"
    if settings.get("programs") is not True:
        return "origin"
    if not peers.are_told():
        log.warning(
            "web app %s: this system does not tell accounts apart, so no program is let in",
            spec.name,
        )
        return "origin"
    return "program"


def _port(option: str, usual: int | None, spec: WebAppSpec, settings: Settings) -> int | None:
    """Return a port as an option has it, the app's own before one that several may share."""
    own = f"{spec.name}-{option.replace('_', '-')}"
    asked = settings.get(own, settings.get(option, usual))
    return asked if isinstance(asked, int) else None
