"""What a person meets, one after the other: usable by everybody, and pictured to be looked at."""

from __future__ import annotations

import base64
import http.server
import io
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Locator, Page, Route, expect

Visit = Callable[..., Page]
_REFUSALS = (400, 403)


CROSSED = """async (picture) => {
    const viewer = document.querySelector("sheetfed-viewer");
    const {id, pages: [page]} = viewer.document;
    const begin = () => {
        const file = {tell: () => viewer.hear({topic: "file", data: {watch: file.watch, picture}})};
        const answer = new Promise((resolve) => { file.answer = (pages) => resolve({pages}); });
        const ask = (watch) => { file.watch = watch; return answer; };
        file.over = viewer.ahead.during(ask, async () => {});
        return file;
    };
    const shown = async () => {
        const img = viewer.shadowRoot.querySelector(".page.ahead img");
        await img?.decode();
        return img?.src ?? "";
    };
    const [one, made] = [begin(), {...page, etag: "new"}];
    one.tell();
    const seen = {alone: await shown()};
    const two = begin();
    seen.overtaken = await shown();
    two.answer([made]);
    one.answer([]);
    await Promise.all([one.over, two.over]);
    seen.kept = await viewer.pictures.thumbnail(made);
    const three = begin();
    three.tell();
    seen.before = await shown();
    await viewer.show(null);
    seen.left = await shown();
    three.answer([]);
    const four = begin();
    await viewer.show(id);
    four.tell();
    seen.elsewhere = await shown();
    await viewer.show(null);
    four.tell();
    seen.again = await shown();
    four.answer([]);
    await Promise.all([three.over, four.over]);
    await viewer.show(id);
    return seen;
}"""
"""Takes files in that overtake each other, and whose document is left meanwhile."""


class _Slow(http.server.ThreadingHTTPServer):
    """Takes half of what is sent when it is told to, and then the rest; refuses the first times."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking, bind_and_activate=False)
        # The system is not to take in megabytes that nobody has read.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        self.server_bind()
        self.server_activate()
        self.tries = 0
        self.half, self.rest = threading.Event(), threading.Event()


class _Taking(http.server.BaseHTTPRequestHandler):
    server: _Slow

    def do_POST(self) -> None:
        """Take what is sent, once it was refused often enough."""
        length = int(self.headers["Content-Length"])
        self.server.tries += 1
        refused = self.server.tries <= len(_REFUSALS)
        for part, wait in (
            (length // 2, self.server.half),
            (length - length // 2, self.server.rest),
        ):
            assert refused or wait.wait(60)
            self.rfile.read(part)
        self.send_response(_REFUSALS[self.server.tries - 1] if refused else 201)
        self.send_header("Content-Length", "0")
        self.send_header("X-Id", "A-4711")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
        """Say nothing."""


@pytest.fixture(scope="module")
def browser(whole_browser: Browser) -> Browser:
    """Chromium whole, as people have it."""
    return whole_browser


@pytest.fixture(scope="module")
def archive() -> Iterator[_Slow]:
    """A place to send documents to."""
    with _Slow() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def served(
    serve: Callable[..., Any], archive: _Slow, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """A service that knows a place to send documents to."""
    home = tmp_path_factory.mktemp("states") / "home"
    home.mkdir(mode=0o700)
    (home / "sheetfed.toml").write_text(
        f"""disabled = ["sane"]

[targets.archive]
protocol = "http"
url = "http://127.0.0.1:{archive.server_port}/documents"
title = "The archive"
internal = true
plain = true
answer-headers = "X-Id"

[targets.archive.fields]
case = "Case number"
"""
    )
    return serve(home)


def picture(words: str) -> bytes:
    """Return a picture as somebody keeps it."""
    drawn = Image.new("RGB", (620, 877), "white")
    ImageDraw.Draw(drawn).text((60, 80), words, fill="black")
    file = io.BytesIO()
    drawn.save(file, "PNG", dpi=(75, 75))
    return file.getvalue()


def give_and_take_back(number: Locator) -> None:
    """Expect that a number which need not be given can be taken back."""
    for value, wrong in (("101", "true"), ("60", "false"), ("", "false")):
        number.fill(value)
        number.press("Tab")
        expect(number).to_have_attribute("aria-invalid", wrong)
    expect(number).to_have_attribute("placeholder", "as it fits")


@pytest.mark.timeout(180)  # forty pictures are taken on the way
def test_from_nothing_to_an_arranged_document(
    visit: Visit, state: Callable[..., None], expected: set[str]
) -> None:
    """Open, drop, scan, tag, arrange, save."""
    expected.update({"415", "422"})
    page = visit(sheets=3, resolution=100)
    expect(page.get_by_text("Press Scan. Each page you see is safe")).to_be_visible()
    state(page, "1-nothing-yet")
    page.locator(".all:not(.steps) > summary").click()
    page.locator("#fold").dispatch_event("click")  # what a phone shows only then
    state(page, "11-all-settings")
    page.locator("#fold").dispatch_event("click")
    page.locator(".all:not(.steps) > summary").click()
    files = [
        {"name": "Receipt.png", "mimeType": "image/png", "buffer": picture("A receipt")},
        {"name": "<b>notes</b>.png", "mimeType": "image/png", "buffer": b"no picture"},
    ]
    page.set_input_files("#files", files)  # type: ignore[arg-type]
    expect(page.locator(".page[data-id]")).to_have_count(1)
    expect(page.locator("#title")).to_have_value("Receipt")
    expect(page.locator(".banner", has_text="<b>notes</b>.png")).to_be_visible()
    state(page, "2-a-file-that-is-none")
    page.locator(".banner").get_by_label("Close").click()

    page.click("#scan-button")
    page.locator(".toast", has_text="3 pages scanned.").wait_for()
    page.evaluate(
        """(bytes) => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(bytes)], "dropped.png", {type: "image/png"}));
            const {shadowRoot} = document.querySelector("sheetfed-viewer");
            const table = shadowRoot.querySelector(".table");
            for (const name of ["dragover", "drop"]) table.dispatchEvent(
                new DragEvent(name, {dataTransfer: files, bubbles: true, cancelable: true}));
        }""",
        list(picture("Dropped")),
    )
    expect(page.locator(".page.shown")).to_have_count(5)
    beside = page.evaluate(
        """() => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File(["x"], "beside.png"));
            const how = {dataTransfer, bubbles: true, cancelable: true};
            const event = new DragEvent("dragover", how);
            document.querySelector("aside").dispatchEvent(event);
            return event.defaultPrevented;
        }"""
    )
    assert beside, "a file that is dropped beside the pages would be shown in place of them"
    page.get_by_label("Select page 2").check()
    page.get_by_label("Select page 3").check()
    state(page, "3-pages-selected")

    page.get_by_role("button", name="Clear selection").click()
    page.click("#tag")
    page.get_by_role("combobox", name="Add a tag").fill("urgent")
    page.keyboard.press("Enter")
    expect(page.locator(".tag")).to_contain_text("urgent")
    page.locator("#arrange summary").click()
    state(page, "6-arrange")
    page.get_by_role("button", name="Reverse the order").click()
    page.locator(".page[data-number='5'] .sheet").wait_for()
    page.get_by_label("More ways to save").click()
    page.get_by_role("button", name="Save as…").click()
    page.get_by_label("Format").select_option(label="TIFF")
    give_and_take_back(page.get_by_label("JPEG quality"))
    state(page, "7-save-as")
    with page.expect_download() as saving:
        page.locator("dialog").get_by_role("button", name="Save").click()
    assert saving.value.suggested_filename == "Receipt.tiff"
    page.get_by_role("button", name="Documents").click()
    page.locator(".document-name").first.wait_for()
    state(page, "12-documents")
    page.keyboard.press("Escape")
    page.click("#about")
    expect(page.get_by_role("meter", name="Storage")).to_be_visible()
    state(page, "13-about")


def test_a_page_is_corrected(visit: Visit, state: Callable[..., None]) -> None:
    """Turned, cut by hand, taken back by key, brightened by a slider; the original stays."""
    page = visit(sheets=2, resolution=100)
    page.click("#scan-button")
    page.locator(".toast", has_text="2 pages scanned.").wait_for()
    page.get_by_label("Page 2, open large").click()
    viewer = page.locator("dialog.viewer")
    expect(viewer.locator(".facts")).to_contain_text(re.compile("^827"))
    page.keyboard.press("]")
    expect(viewer.locator(".facts")).to_contain_text(re.compile("^1169"))
    page.keyboard.press("Control+z")
    expect(viewer.locator(".facts")).to_contain_text(re.compile("^827"))
    page.keyboard.press("Control+y")
    expect(viewer.locator(".facts")).to_contain_text(re.compile("^1169"))
    page.keyboard.press("Control+Shift+ArrowLeft")
    expect(viewer.locator(".facts")).to_contain_text(re.compile("^827"))
    viewer.get_by_label("Crop").click()
    expect(viewer.locator(".region")).to_be_visible()
    state(page, "4-crop")
    offered = viewer.locator(".region").bounding_box()
    assert offered
    page.mouse.move(offered["x"] + offered["width"] / 4, offered["y"] + offered["height"] / 4)
    page.mouse.down()
    page.mouse.move(offered["x"] + offered["width"] * 3 / 4, offered["y"] + offered["height"] / 2)
    page.mouse.up()
    viewer.get_by_role("button", name="Apply", exact=True).click()
    expect(viewer.locator(".facts")).to_contain_text(re.compile(r"^3[23]\d "))
    page.keyboard.press("Control+z")
    expect(viewer.locator(".facts")).to_contain_text(re.compile("^827"))
    viewer.get_by_label("Change…").select_option(label="Brightness")
    seen = viewer.locator(".paper > img")
    before = seen.get_attribute("src") or ""
    viewer.get_by_role("slider", name="Brightness").fill("40")
    expect(seen).not_to_have_attribute("src", before)  # live, and nothing is kept
    state(page, "5-brightness")
    viewer.get_by_role("button", name="Cancel").click()
    for change in ("Erase", "Straighten"):
        viewer.get_by_label("Change…").select_option(label=change)
        with page.expect_response("**/edits") as answer:
            viewer.get_by_role("button", name="Apply", exact=True).click()
        assert answer.value.ok, change
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)


def test_codes_are_found_and_part_the_batch(visit: Visit, state: Callable[..., None]) -> None:
    """What a step found stands on the page to be read and copied, and begins documents."""
    page = visit(sheets=3, resolution=150)
    page.locator("#steps summary").click()
    page.get_by_label("Begin a new document").select_option(label="At each barcode")
    page.click("#scan-button")
    page.locator(".toast", has_text="They are 2 documents now.").wait_for()
    page.get_by_role("button", name="Documents").click()
    page.locator(".document-name").first.click()
    page.locator(".chip", has_text="2 codes").wait_for()

    page.get_by_label("Page 1, open large").click()

    viewer = page.locator("dialog.viewer")
    expect(viewer.locator(".mark")).to_have_count(2)
    expect(viewer.locator(".finding")).to_have_text(
        [re.compile("INV-2025"), re.compile("INV-2025")]
    )
    state(page, "10-codes")


def told_twice(page: Page, delivery: dict[str, Any]) -> list[str]:
    """Return what a delivery's row says after each of two errors in the same state."""
    told: list[str] = page.evaluate(
        """async (delivery) => {
            const loaded = performance.getEntriesByType("resource").map(({name}) => name);
            const {Sending} = await import(loaded.find((name) => name.endsWith("/app/sending.js")));
            const viewer = document.querySelector("sheetfed-viewer");
            const root = document.createElement("div");
            const sending = new Sending(root, {sheetfed: viewer.sheetfed, viewer});
            await sending.load();
            root.querySelector("button").click();
            const dialog = [...document.querySelectorAll("dialog")].at(-1);
            return ["The first", "The second"].map((detail, place) => {
                const error = {...delivery.error, detail};
                sending.hear({...delivery, version: delivery.version + place + 1, error});
                return dialog.querySelector(".mistake").textContent;
            });
        }""",
        delivery,
    )
    page.keyboard.press("Escape")
    return told


def give_up_another(page: Page, archive: _Slow) -> None:
    """Send it once more, and stop that half way: nothing is left to try again."""
    archive.half.clear()
    page.locator("dialog").get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("progressbar", name="on its way").wait_for()
    page.get_by_role("button", name="Give up").click()
    expect(page.locator("[data-delivery].cancelled")).to_be_visible()
    expect(page.locator("[data-delivery].cancelled").get_by_role("button")).to_have_count(0)
    archive.half.set()


@pytest.mark.timeout(180)  # twelve pictures are taken on the way
def test_a_document_is_sent_and_sent_again(
    visit: Visit, state: Callable[..., None], archive: _Slow, served: Any
) -> None:
    """What the place refuses is told, and tried again by the person, who sees how far it is."""
    page = visit()
    noise = io.BytesIO()
    Image.frombytes("RGB", (1600, 1800), os.urandom(1600 * 1800 * 3)).save(noise, "PNG")
    file = {"name": "Plan.png", "mimeType": "image/png", "buffer": noise.getvalue()}
    page.set_input_files("#files", file)  # type: ignore[arg-type]
    expect(page.locator(".page.shown")).to_have_count(1)

    page.click("#send")
    page.get_by_label("Case number").fill("2026/11")
    page.locator("dialog").get_by_role("button", name="Send", exact=True).click()
    page.locator("[data-delivery].failed").wait_for()
    state(page, "8-refused")
    row = page.locator("[data-delivery].failed")
    expect(row.locator(".mistake")).to_contain_text("400")
    with page.expect_response("**/retry"):
        page.get_by_role("button", name="Try again").click()
    expect(row.locator(".mistake")).to_contain_text("403")
    expect(row.locator(".mistake")).not_to_contain_text("400")
    failed = served.ask(f"/v1/deliveries/{row.get_attribute('data-delivery')}")
    assert told_twice(page, failed) == ["The first", "The second"]
    page.get_by_role("button", name="Try again").click()

    bar = page.get_by_role("progressbar", name="on its way")
    stop = page.get_by_role("button", name="Give up")
    expect(stop).to_be_focused()
    begun = bar.evaluate("each => each.value")  # what the line itself holds
    assert begun < 0.5
    archive.half.set()
    expect(bar).not_to_have_js_property("value", begun)
    expect(stop).to_be_focused()
    state(page, "19-on-its-way")
    assert bar.evaluate("each => each.value") < 1
    expect(page.locator("[data-delivery].sending")).to_contain_text(re.compile(r"MB of 8\.\d MB"))
    archive.rest.set()
    done = page.locator("[data-delivery].done")
    expect(done.locator(".answer")).to_have_text("X-Id: A-4711")
    expect(bar).to_have_count(0)
    done.get_by_text("3 tries").click()
    expect(done.locator("details li")).to_contain_text(["400", "403", "arrived"])

    give_up_another(page, archive)

    page.set_viewport_size({"width": 390, "height": 844})
    arrived = page.locator("dialog .toast", has_text="has arrived").last
    assert arrived.evaluate("each => each.scrollHeight <= each.clientHeight"), "its words are cut"
    notice = arrived.bounding_box()
    dialog = page.get_by_role("dialog").bounding_box()
    assert notice
    assert dialog
    assert notice["y"] >= dialog["y"] + dialog["height"], "a notice hides a part of the dialog"
    state(page, "9-sent")


def test_a_file_is_seen_while_it_comes_in(visit: Visit, state: Callable[..., None]) -> None:
    """Its first page stands there before any is kept, and goes again where the file is refused."""
    page = visit()
    expect(page.locator("#scan-button")).to_be_enabled()  # what happens is heard by then
    drawn = [Image.new("RGB", (120, 160), (250, 250 - shade, 90)) for shade in range(0, 240, 20)]
    many = io.BytesIO()
    drawn[0].save(many, "TIFF", save_all=True, append_images=drawn[1:])
    file = {"name": "many.tif", "mimeType": "image/tiff", "buffer": many.getvalue()}
    ahead, pages = page.locator(".page.ahead"), page.locator(".page[data-id]")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(
        """() => {
            const {fetch} = window;
            window.fetch = async (...asked) => { // each answer is held back until it is let go
                const answer = await fetch(...asked);
                if (!asked[0].includes("/v1/imports")) return answer;
                const problem = await new Promise((resolve) => { window.letGo = resolve; });
                if (problem === "proxy") return new Response("<h1>Bad", {status: 502});
                return problem ? Response.json(problem, {status: 507}) : answer;
            };
        }"""
    )

    refusals = (({"code": "quota-reached", "title": "Full"}, "Full"), ("proxy", "HTTP 502"))
    for problem, told in (*refusals, (None, "")):
        page.set_input_files("#files", file)  # type: ignore[arg-type]
        expect(ahead.locator("img")).to_be_visible()
        assert ahead.locator("img").evaluate("each => each.decode().then(() => each.naturalWidth)")
        expect(pages).to_have_count(0)
        page.wait_for_function("() => window.letGo")
        if not problem:
            state(page, "21-a-file-on-its-way")
        page.evaluate("(problem) => { letGo(problem); window.letGo = null; }", problem)
        expect(ahead).to_have_count(0)
        if problem:
            refused = page.locator(".banner", has_text="many.tif could not")
            expect(refused).to_contain_text(told)
            expect(page.get_by_text("Press Scan. Each page you see is safe")).to_be_visible()
    expect(page.locator(".page.shown")).to_have_count(len(drawn))
    first = pages.first.get_attribute("data-id")
    assert not any(f"{first}/image" in url for url in asked), "it was there already"

    page.set_input_files("#files", file)  # type: ignore[arg-type]
    expect(page.locator("#count")).to_have_text(f"{2 * len(drawn)} pages")
    expect(ahead).to_have_count(0)

    page.set_viewport_size({"width": 1280, "height": 3000})  # the end of the table is in sight
    data = base64.b64encode(picture("")).decode()
    shape = {"type": "image/png", "width": 620, "height": 877, "data": data}
    seen = page.evaluate(CROSSED, shape)
    assert seen["kept"] != seen["alone"], "another file's picture stands for the page"
    assert all(seen[each] for each in ("alone", "before", "again")), "not shown where it belongs"
    assert (seen["overtaken"], seen["left"], seen["elsewhere"]) == ("", "", "")


def test_two_thousand_pages_scroll(visit: Visit, served: Any) -> None:
    """Only what is seen is there: as sheets, and as pictures on the wire."""
    page = visit(sheets=5, resolution=75)
    page.click("#scan-button")
    page.locator(".toast", has_text="5 pages scanned.").wait_for()
    made = page.evaluate("location.hash.slice(1)")
    ids = [each["id"] for each in served.ask(f"/v1/documents/{made}")["pages"]]
    while len(ids) < 2000:
        more = {"pages": ids[: 2000 - len(ids)]}
        ids = [each["id"] for each in served.tell(f"/v1/documents/{made}/copy", more)["pages"]]
    expect(page.locator("#count")).to_have_text("2000 pages", timeout=20_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.locator(".table").evaluate("each => { each.scrollTop = each.scrollHeight / 2; }")
    expect(page.locator(".page[data-number='1000'].shown")).to_be_visible()
    assert page.locator(".page[data-id]").count() < 80

    page.locator(".table").evaluate("each => { each.scrollTop = 0; }")
    page.get_by_label("Page 1, open large").focus()
    page.keyboard.press("End")

    expect(page.locator(".page[data-number='2000'] .sheet")).to_be_focused()
    expect(page.locator(".page[data-number='2000'].shown")).to_be_visible()
    assert page.locator(".page[data-id]").count() < 80
    assert len([url for url in asked if "/image" in url]) < 160

    page.locator(".page[data-number='2000'] .sheet").click()
    page.get_by_role("button", name="All pages below one another").click()
    roll = page.locator("dialog.viewer .roll")
    expect(roll.get_by_role("img", name="Page 2000")).to_be_visible()
    held: list[Route] = []  # large pictures never come
    page.route(re.compile(r"/image\?.*width=(?!180\b)"), lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    with page.expect_event("requestfailed") as left:
        with page.expect_request(lambda request: f"{ids[0]}/image" in request.url):
            roll.evaluate("each => { each.scrollTop = 0; }")
        roll.evaluate("each => { each.scrollTop = each.scrollHeight; }")
    assert left.value.failure == "net::ERR_ABORTED"
