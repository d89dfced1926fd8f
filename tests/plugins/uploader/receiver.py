"""A web server that takes forms and files. Usage: receiver.py FOLDER HOME PORT PASSWORD.

Forms' files lie in the folder; what was put, and the keys of deliveries, in its home: all of it is
there after it was killed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import quote

from aiohttp import BodyPartReader, web


class Receiver:
    """Takes what is whole, and knows a delivery by its key."""

    def __init__(self, folder: Path, home: Path, password: str) -> None:
        self._folder = folder
        self._home = home
        self._password = password

    def app(self) -> web.Application:
        """Return what it serves."""
        made = web.Application(client_max_size=1 << 30)
        made.router.add_route("*", "/in", self._take)
        made.router.add_route("*", "/raw/{name:.*}", self._take_raw)
        made.router.add_put("/put/{name}", self._put)
        return made

    async def _put(self, request: web.Request) -> web.Response:
        if request.query.get("sign", self._password) != self._password:
            return web.Response(status=403, text="Signed by somebody else")
        data = await request.read()
        try:
            self._keep(self._home / "put" / quote(request.raw_path, safe=""), data)
        except OSError as error:
            return web.Response(status=507, text=str(error.strerror))
        return web.Response(status=201)

    async def _take_raw(self, request: web.Request) -> web.Response:
        if answer := self._before(request):
            return answer
        name = request.match_info["name"].rpartition("/")[2]
        return self._taken(request, name, await request.read())

    async def _take(self, request: web.Request) -> web.Response:
        if answer := self._before(request):
            return answer
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            data = await part.read()
            if part.filename:
                name = part.filename
        return self._taken(request, name, data)

    def _before(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") != f"Bearer {self._password}":
            return web.Response(status=401, text="<b>Who</b> are you?", content_type="text/html")
        return web.Response(status=204) if request.method == "OPTIONS" else None

    def _taken(self, request: web.Request, name: str, data: bytes) -> web.Response:
        """Answer to a file that is whole; one that is there already is kept once."""
        key = self._home / "keys" / request.headers["Idempotency-Key"]
        if not key.exists():
            try:
                self._keep(self._folder / name, data)
            except OSError as error:
                return web.Response(status=507, text=str(error.strerror))
            key.touch()
        return web.json_response({"id": 42}, headers={"X-Id": "42", "X-Other": "no"})

    def _keep(self, file: Path, data: bytes) -> None:
        half = self._home / "half"
        try:
            half.write_bytes(data)
            half.rename(file)
        finally:
            half.unlink(missing_ok=True)


if __name__ == "__main__":
    FOLDER, HOME, PORT, PASSWORD = sys.argv[1:]
    web.run_app(
        Receiver(Path(FOLDER), Path(HOME), PASSWORD).app(),
        host="127.0.0.1",
        port=int(PORT),
        access_log=None,
        print=None,
    )
