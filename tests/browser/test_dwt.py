"""A page written for another product's interface, in a real browser."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, expect
from spare import free_port
from web_site import web_site

if TYPE_CHECKING:
    from conftest import Served

SCAN = """async ({base, speed}) => {
    const api = (method, path, body) => fetch(base + path, {
        method, credentials: "include", headers: {
        "DWT-PRODUCT-KEY": "key", "DWT-DOC-PASSWORD": "pw",
        ...(body && {"Content-Type": "application/json"}),
    }, body: body && JSON.stringify(body)});
    const told = {};
    told.version = (await (await fetch(base + "/fa/VersionInfo?ts=1")).json()).method;
    const [scanner] = await (await api("GET", "/api/device/scanners")).json();
    const made = await api("POST", "/api/device/scanners/jobs", {
        autoRun: false, device: scanner.device, scannerFailureTimeout: 60,
        config: {Resolution: 100, PixelType: 1, IfFeederEnabled: true, XferCount: 2},
        caps: {capabilities: [{capability: speed, curValue: 0}]},
    });
    told.made = made.status;
    const job = `/api/device/scanners/jobs/${(await made.json()).jobuid}`;
    told.run = (await api("PATCH", job, {status: "running"})).status;
    told.pages = [];
    const [info] = await (await api("GET", `${job}/next-page-info`)).json();
    for (;;) {
        const answer = await api("GET", `${job}/next-page?type=image/jpeg`);
        if (answer.status !== 200) {
            told.end = answer.status;
            break;
        }
        const picture = await createImageBitmap(await answer.blob());
        told.pages.push([picture.width, picture.height]);
    }
    const shown = (way) => new Promise((done) => {
        const picture = new Image();
        picture.onload = () => done(picture.naturalWidth);
        picture.onerror = () => done(0);
        picture.crossOrigin = way;
        picture.src = info.url;
    });
    told.shown = [await shown("anonymous"), await shown("use-credentials"), await shown(null)];
    const document = await (await api("POST", "/api/storage/documents", {password: "pw"})).json();
    const shelf = `/api/storage/documents/${document.uid}`;
    told.inserted = (await api("POST", `${shelf}/pages`, {source: info.url})).status;
    const file = await (await api("GET", `${shelf}/content`)).text();
    told.file = file.slice(0, 5);
    told.deleted = [(await api("DELETE", job)).status, (await api("DELETE", shelf)).status];
    told.after = (await api("GET", job)).status;
    return told;
}"""

WAIT = """async ({base}) => (await fetch(base + "/api/device/scanners/jobs", {
    method: "POST", body: JSON.stringify({autoRun: false}),
})).status"""


@pytest.mark.timeout(120)
def test_a_page_of_an_approved_site_scans_as_it_was_written_to(
    serve: Callable[[Path], Served], browser: Browser, tmp_path: Path
) -> None:
    """With preflights, credentials and its own headers; before the person agrees, nothing.

    While a job of it waits, our own page says for whom the scanner is kept, and takes it back.
    """
    home, port = tmp_path / "home", free_port()
    home.mkdir(mode=0o700)
    (home / "sheetfed.toml").write_text(
        f"[addons.dwt]\nenabled = true\ndwt-port = {port}\ndwt-tls-port = {port + 1}\n"
        f"welcome-port = {free_port()}\n"
    )
    served = serve(home)
    wish = {
        "base": f"http://127.0.0.1:{port}",
        "speed": 0x8000 + zlib.crc32(b"speed") % 0x7000,
    }
    with web_site() as origin:
        page, own = browser.new_page(), browser.new_page()
        try:
            page.goto(origin)
            refused = page.evaluate(f"(wish) => ({SCAN})(wish).catch((e) => e.name)", wish)
            served.tell("/v1/sites", {"origin": origin, "state": "approved"})
            told: dict[str, Any] = page.evaluate(SCAN, wish)
            own.goto(served.door)
            state = own.locator(".device-state")
            expect(state).to_have_text("sheetfed Paper · ready")
            expect(own.locator("#free")).to_be_hidden()
            assert page.evaluate(WAIT, wish) == 201
            expect(state).to_have_text(f"sheetfed Paper · kept for {origin}")
            own.get_by_role("button", name="Take it back").click()
            expect(state).to_have_text("sheetfed Paper · ready")
            expect(own.locator("#free")).to_be_hidden()
        finally:
            page.close()
            own.close()

    assert refused == "TypeError"
    assert told == {
        "version": "VersionInfo",
        "made": 201,
        "run": 200,
        "pages": [[827, 1169], [827, 1169]],
        "end": 204,
        "shown": [827, 827, 0],
        "inserted": 200,
        "file": "%PDF-",
        "deleted": [204, 204],
        "after": 410,
    }
