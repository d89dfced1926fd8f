"""Plants an addon with web apps, as pip would leave it."""

from __future__ import annotations

from pathlib import Path

MODULE = """
from sheetfed.api.hooks import WebAppSpec, hookimpl
from sheetfed.api.model import Option

PORTS = (
    Option(name="port", title="Port", kind="int", default=0),
    Option(name="tls_port", title="TLS port", kind="int", default=0),
    Option(name="programs", title="Programs", kind="bool", default=False),
)


@hookimpl
def sheetfed_webapps():
    return [
        WebAppSpec(name="kiosk", title="Kiosk", factory="kiosk_app:Kiosk"),
        WebAppSpec(
            name="kiosk-old",
            title="Old protocol",
            factory="kiosk_app:Kiosk",
            auth="origin",
            port=18999,
            options=PORTS,
            headers=("X-Kiosk-Key",),
            credentials=True,
            public=("/door",),
            rival="an older till",
        ),
        WebAppSpec(
            name="kiosk-side",
            title="Side entrance",
            factory="kiosk_app:Kiosk",
            auth="origin",
            port=18999,
            options=(
                Option(name="kiosk-side-port", title="Port", kind="int", default=0),
                Option(name="enabled", title="Enabled", kind="bool", default=False),
            ),
        ),
        WebAppSpec(name="kiosk-broken", title="Broken", factory="kiosk_app:Broken"),
    ]
"""

APP = """
from aiohttp import web

from sheetfed.api.contracts import WebApp


class Kiosk(WebApp):
    def refusal(self, request, error, status):
        if request.path == "/pages/x":
            return web.Response(text=f"till says {error.code}", headers={"X-Till": "1"})
        return None

    def app(self, client):
        async def documents(request):
            found = await client(request).ask("GET", "/v1/documents", query={"limit": 5})
            answer = web.json_response([item["title"] for item in found["items"]])
            answer.set_cookie("kiosk", "1")
            answer.headers["Access-Control-Allow-Origin"] = "*"
            return answer

        async def make(request):
            await client(request).ask("POST", "/v1/documents", body={"title": "from the kiosk"})
            return web.json_response({})

        async def page(request):
            here = client(request)
            path = f"/v1/pages/{request.match_info['page']}/image"
            data = b"".join([piece async for piece in here.stream("GET", path)])
            return web.Response(body=data, content_type="image/jpeg")

        async def explode(request):
            raise RuntimeError("the kiosk's secret")

        @web.middleware
        async def curious(request, handler):
            if request.path.endswith("/nowhere"):
                return await documents(request)
            return await handler(request)

        made = web.Application(middlewares=[curious])
        made.router.add_get("/documents", documents)
        made.router.add_post("/documents", make)
        made.router.add_get("/pages/{page}", page)
        async def ask(request):
            here, way = client(request), request.match_info["way"]
            method = "POST" if way.startswith("local") or way.startswith("page-n") else "GET"
            found = await here.ask(method, f"/v1/{way}", body={} if method == "POST" else None)
            return web.json_response(found)

        async def door(request):
            return web.Response(text="come in")

        made.router.add_get("/explode", explode)
        made.router.add_get("/ask/{way}", ask)
        made.router.add_get("/door", door)
        return made


class Broken(WebApp):
    def app(self, client):
        raise RuntimeError("no till")
"""


def plant(folder: Path) -> None:
    """Put the addon where an interpreter that has this folder on its path finds it."""
    info = folder / "kiosk-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "kiosk.py").write_text(MODULE)
    (folder / "kiosk_app.py").write_text(APP)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kiosk\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[sheetfed.v1]\nkiosk = kiosk\n")
