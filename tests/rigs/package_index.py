"""A vendor's package index on loopback: each customer gets what they license, by a password."""

from __future__ import annotations

import base64
import hashlib
import threading
import zipfile
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self


def wheel(
    folder: Path, name: str, version: str, code: str, *, needs: str = "", addon: bool = True
) -> Path:
    """Write a wheel with one module and return it."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {
        f"{module}.py": code,
        f"{info}/METADATA": metadata + (f"Requires-Dist: {needs}\n" if needs else ""),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    if addon:
        entry = f"[sheetfed.v1]\n{module.rpartition('_')[2]} = {module}\n"
        files[f"{info}/entry_points.txt"] = entry
    record = "".join(f"{path},,\n" for path in files) + f"{info}/RECORD,,\n"
    folder.mkdir(exist_ok=True)
    place = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(place, "w") as packed:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            packed.writestr(path, text)
    return place


def spoil(place: Path) -> None:
    """Damage a module in a wheel, so that it downloads, resolves and then does not unpack."""
    data = bytearray(place.read_bytes())
    at = data.index(b"SPOIL")
    data[at : at + 5] = b"DIRTY"
    place.write_bytes(data)


def _link(file: Path) -> str:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return f'<a href="/wheels/{file.name}#sha256={digest}">{file.name}</a>'


class PackageIndex:
    """Serves wheels (PEP 503) to those who have a password, each their own."""

    def __init__(self, folder: Path, licences: Mapping[str, tuple[str, ...]]) -> None:
        self.folder = folder
        self.asked: list[str] = []
        index = self
        allowed = {
            f"Basic {base64.b64encode(who.encode()).decode()}": packages
            for who, packages in licences.items()
        }

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                index.asked.append(self.path)
                packages = allowed.get(self.headers.get("Authorization", ""))
                if packages is None:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="wheels"')
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                body, kind = index.answer(self.path, packages)
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

            def do_HEAD(self) -> None:
                self.do_GET()  # uv asks first what there is

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self._server.server_port}/simple/"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def answer(self, path: str, packages: tuple[str, ...]) -> tuple[bytes, str]:
        """Return a list of links, or a wheel; nothing for what a customer does not license."""
        _, kind, *rest = path.split("/")
        if kind == "simple" and rest and rest[0] in packages:
            module = rest[0].replace("-", "_")
            files = sorted(self.folder.glob(f"{module}-*.whl"))
            page = "".join(_link(file) for file in files)
            return f"<!DOCTYPE html><html><body>{page}</body></html>".encode(), "text/html"
        if kind == "wheels" and rest[0].partition("-")[0].replace("_", "-") in packages:
            return (self.folder / rest[0]).read_bytes(), "application/octet-stream"
        return b"", "text/plain"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
