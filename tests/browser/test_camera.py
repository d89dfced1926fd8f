"""A camera in the page: seen live, its sheet outlined, taken, corrected, saved."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pytest
import tabletops
from axe import faults
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Route, expect
from web_site import web_site

CORNERS = """camera => {
    const canvas = camera.shadowRoot.querySelector("canvas");
    const points = camera.shadowRoot.querySelector(".mark.sheet").getAttribute("points");
    return points.split(" ").map(each => each.split(",").map(Number))
        .map(([x, y]) => [x / canvas.width, y / canvas.height]);
}"""
FRAMES = """camera => new Promise(done => {
    let count = 0;
    camera.addEventListener("frame", () => { count += 1; if (count === 3) done(count); });
})"""
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SEEN = tabletops.photograph("wood", 0)


@pytest.fixture(scope="module")
def served(serve: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A service with a film as its camera: a sheet on a table."""
    folder = tmp_path_factory.mktemp("camera")
    film = cv2.VideoWriter(
        str(folder / "desk.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, SEEN.picture.shape[1::-1]
    )
    chance = np.random.default_rng(1)
    for _ in range(6):
        grain = chance.integers(-3, 4, SEEN.picture.shape, np.int16)
        film.write((SEEN.picture[:, :, ::-1] + grain).clip(0, 255).astype(np.uint8))
    film.release()
    home = folder / "home"
    home.mkdir(mode=0o700)
    (home / "sheetfed.toml").write_text(
        f'disabled = ["sane"]\n[addons.webcam]\ncameras = """\nDesk = {folder / "desk.avi"}\n"""\n'
    )
    return serve(home)


@pytest.fixture
def desk(context: BrowserContext, served: Any) -> Page:
    """The page, its camera chosen and seen."""
    page = context.new_page()
    page.goto(served.door)
    page.locator("#devices").wait_for()
    page.locator("#devices").select_option(label="Desk")
    expect(page.locator("sheetfed-camera .seen")).to_have_text("The sheet is seen.", timeout=30_000)
    return page


def off(found: Any) -> float:
    """Return how far off the worst corner is, in shares of the sheet's diagonal."""
    size = np.array(SEEN.picture.shape[1::-1])
    apart = np.array(found) * size - SEEN.corners
    return float(np.hypot(*apart.T).max() / np.hypot(*(SEEN.corners[0] - SEEN.corners[2])))


def test_a_sheet_is_seen_taken_corrected_and_saved(
    desk: Page,
    document: Callable[[Page], dict[str, Any]],
    state: Callable[[Page, str], None],
    tmp_path: Path,
) -> None:
    """From the live picture to the file, and back to the photograph in between."""
    camera = desk.locator("sheetfed-camera")
    assert camera.evaluate(FRAMES) == 3
    assert off(camera.evaluate(CORNERS)) <= 0.01
    state(desk, "14-camera")

    desk.get_by_role("button", name="Take a picture").click()
    expect(desk.locator(".page.shown")).to_have_count(1, timeout=30_000)
    expect(desk.locator("#scan-button")).to_have_text("Scan", timeout=30_000)
    expect(desk.locator("sheetfed-camera .seen")).to_have_text("The sheet is seen.")
    (page,) = document(desk)["pages"]
    assert [edit["name"] for edit in page["edits"]] == ["sheet"]
    assert page["edited"] == 1

    desk.get_by_label("Page 1, open large").click()
    desk.get_by_label("Change…").select_option(label="Lay the sheet flat")
    handle = desk.get_by_role("button", name="Corner 1 of 4")
    expect(handle).to_be_visible()
    state(desk, "15-corners")
    before = handle.bounding_box()
    assert before
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    desk.mouse.move(x, y)
    desk.mouse.down()
    desk.mouse.move(x + 12, y + 10, steps=3)
    desk.mouse.up()
    expect(handle).to_be_focused()
    handle.press("ArrowRight")
    after = handle.bounding_box()
    assert after
    assert after["x"] > before["x"] + 12
    desk.get_by_role("button", name="Apply", exact=True).click()
    expect(handle).to_be_hidden()
    expect(desk.get_by_role("button", name="Undo")).to_be_enabled()
    expect(desk.locator(".corners")).to_be_hidden()
    (moved,) = document(desk)["pages"]
    assert [edit["name"] for edit in moved["edits"]] == ["sheet"]
    assert moved["edits"][0]["options"]["corners"] != page["edits"][0]["options"]["corners"]
    desk.keyboard.press("Escape")

    with desk.expect_download() as saving:
        desk.click("#save")
    saving.value.save_as(tmp_path / "sheet.pdf")
    with pypdfium2.PdfDocument(tmp_path / "sheet.pdf") as pdf:
        assert len(pdf) == 1
        drawn = np.asarray(pdf[0].render(scale=0.5).to_pil().convert("L"))
    assert np.median(drawn) > 235  # white paper, from edge to edge


def test_anybody_can_use_it_also_where_something_goes_wrong(desk: Page) -> None:
    """Who sees little of it, by day and by night; what fails is said in words, with a way on."""
    for scheme in ("light", "dark"):
        desk.emulate_media(color_scheme=scheme)
        assert faults(desk) == [], scheme

    desk.evaluate("document.querySelector('sheetfed-camera').setAttribute('device', 'webcam:gone')")

    cover = desk.locator("sheetfed-camera .cover")
    expect(cover.get_by_role("alert")).to_contain_text("not there")
    expect(cover.get_by_role("button", name="Try again")).to_be_visible()
    assert faults(desk) == [], "no camera"


def test_nobody_looks_on_where_nobody_sees_it(desk: Page) -> None:
    """The light of the camera goes off with the tab, and with the element."""
    camera = desk.locator("sheetfed-camera").element_handle()
    hide = (
        "hidden => Object.defineProperty(document, 'hidden', {value: hidden, configurable: true})"
    )
    told = "document.dispatchEvent(new Event('visibilitychange'))"

    desk.evaluate(hide, arg=True)
    desk.evaluate(told)
    assert camera.evaluate("camera => camera.looking") is False
    desk.evaluate(hide, arg=False)
    desk.evaluate(told)
    assert camera.evaluate(FRAMES) == 3

    desk.locator("#devices").select_option(index=0)
    expect(desk.locator("sheetfed-camera")).to_have_count(0)
    assert camera.evaluate("camera => camera.looking") is False


def test_the_element_stands_alone_in_somebody_elses_page(desk: Page, served: Any) -> None:
    """With settings of its own, and pictures that it takes itself."""
    made = desk.evaluate(
        """async () => {
            const SheetfedCamera = customElements.get("sheetfed-camera");
            const shown = document.querySelector("sheetfed-camera");
            const camera = new SheetfedCamera();
            camera.sheetfed = shown.sheetfed;
            camera.setAttribute("device", shown.getAttribute("device"));
            shown.parentElement.replaceChildren(camera);
            await new Promise(done => camera.addEventListener("frame", done, {once: true}));
            camera.shadowRoot.querySelector("#many").value = 2;
            camera.shadowRoot.querySelector("#correct").value = "";
            const pages = [];
            camera.addEventListener("page", ({detail}) => pages.push(detail.id));
            const done = new Promise(job => camera.addEventListener("done", job, {once: true}));
            await camera.press();
            await done;
            const said = camera.shadowRoot.querySelector("[part=words]").textContent;
            return {pages, document: camera.document, said};
        }"""
    )

    pages = served.ask(f"/v1/documents/{made['document']}")["pages"]
    assert [page["id"] for page in pages] == made["pages"]
    assert len(pages) == 2
    assert all(page["edits"] == [] for page in pages)
    assert made["said"] == "2 pictures taken."
    desk.locator("sheetfed-camera summary", has_text="Camera settings").click()
    expect(desk.locator("sheetfed-camera").get_by_label("Mirror")).to_be_attached()


def test_what_is_set_on_one_camera_is_not_asked_of_another(desk: Page) -> None:
    """Another one is chosen before the first has answered."""
    desk.evaluate(
        """() => {
            const shown = document.querySelector("sheetfed-camera");
            const camera = new (customElements.get("sheetfed-camera"))();
            camera.sheetfed = shown.sheetfed;
            camera.setAttribute("device", shown.getAttribute("device"));
            shown.parentElement.replaceChildren(camera);
        }"""
    )
    camera = desk.locator("sheetfed-camera")
    expect(camera.locator(".seen")).to_have_text("The sheet is seen.", timeout=30_000)
    camera.locator("summary", has_text="Camera settings").click()
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        ours = {**route.request.headers, "sec-fetch-site": "same-origin"}
        held.append((route, route.fetch(headers=ours)))

    desk.route("**/options", hold, times=1)
    camera.get_by_label("Mirror").click()
    while not held:
        desk.wait_for_timeout(50)

    camera.evaluate("each => each.setAttribute('device', 'webcam:gone')")
    ((route, answer),) = held
    assert answer.ok
    with desk.expect_response("**/options"):
        route.fulfill(response=answer)
    desk.evaluate("fetch('/livez').then((answer) => answer.blob())")  # which comes after it

    assert camera.evaluate("each => each.wish.settings") == {}


@pytest.fixture
def photographer(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A page of a browser with a camera of its own, which sees the same sheet."""
    film = tmp_path / "film.mjpeg"
    _, frame = cv2.imencode(".jpg", SEEN.picture[:, :, ::-1])
    film.write_bytes(frame.tobytes() * 3)
    words = [f"--use-fake-{what}-for-media-stream" for what in ("device", "ui")]
    words += [f"--use-file-for-fake-video-capture={film}", "--no-sandbox", "--disable-gpu"]
    where = shutil.which("chromium")
    own = browser.browser_type.launch(executable_path=where, args=words)
    yield own.new_page()
    own.close()


def test_the_browsers_own_camera_takes_sheets_too(photographer: Page, served: Any) -> None:
    """The example in the docs, as it stands there: from getUserMedia to a sheet laid flat."""
    files = {
        f"/camera.{kind}": (EXAMPLES / f"camera.{kind}").read_text() for kind in ("html", "js")
    }
    with web_site(files) as origin:
        photographer.goto(f"{origin}/camera.html")
        photographer.evaluate("a => { window.example = {addresses: [a]}; }", served.address)
        photographer.wait_for_function("document.querySelector('video').videoWidth > 0")
        photographer.get_by_role("button", name="Take a picture").click()
        photographer.get_by_text("Approve").wait_for()
        (asking,) = served.ask("/v1/sites")["pending"]
        served.tell(f"/v1/pairings/{asking['id']}/approve", {"code": asking["code"]})
        expect(photographer.locator("#notice")).to_have_text("1 pages", timeout=30_000)
        expect(photographer.locator(".page.shown")).to_have_count(1)
        (page,) = photographer.evaluate(
            "document.querySelector('sheetfed-viewer').document.pages.map(each => each.edits)"
        )
    (laid,) = page
    corners = [[float(x) for x in point.split(",")] for point in laid["options"]["corners"].split()]
    assert off(np.array(corners) / SEEN.picture.shape[1::-1]) <= 0.01
