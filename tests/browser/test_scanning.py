"""From paper to a file, in the browser."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, expect

Visit = Callable[..., Page]
Document = Callable[[Page], dict[str, Any]]

OPTIONS = "**/v1/devices/*/options"

WATCH = """() => {
    window.seen = {counts: [], progress: [], words: []};
    const {shadowRoot} = document.querySelector('sheetfed-viewer');
    const look = () => {
        const count = shadowRoot.querySelectorAll('.page[data-id]').length;
        if (seen.counts.at(-1) !== count) seen.counts.push(count);
        const bar = document.querySelector('#scan progress[value]');
        if (bar && bar.offsetParent) seen.progress.push(bar.value);
        const words = document.querySelector('#scan-words').textContent;
        if (seen.words.at(-1) !== words) seen.words.push(words);
    };
    const all = {subtree: true, childList: true, attributes: true, characterData: true};
    for (const each of [document.body, shadowRoot]) new MutationObserver(look).observe(each, all);
}"""


NEWER = """() => {
    const {fetch} = window;
    const grown = (value) => {
        if (Array.isArray(value)) return value.map(grown);
        if (value === null || typeof value !== "object") return value;
        const pairs = Object.entries(value).map(([key, each]) => [key, grown(each)]);
        const all = Object.fromEntries(pairs);
        return "id" in value || "items" in value ? {...all, unforeseen: {more: [1, null]}} : all;
    };
    const told = new TextEncoder().encode('event: unforeseen\\ndata: {"id": "x"}\\n\\n');
    window.answered = [];
    window.fetch = async (...asked) => {
        const answer = await fetch(...asked);
        const {status, headers} = answer;
        const type = headers.get("content-type") ?? "";
        if (type.includes("event-stream")) {
            window.answered.push("events");
            const first = new TransformStream({start: (stream) => stream.enqueue(told)});
            return new Response(answer.body.pipeThrough(first), {status, headers});
        }
        if (!type.includes("application/json")) return answer;
        window.answered.push(asked[1]?.method ?? "GET");
        return new Response(JSON.stringify(grown(await answer.json())), {status, headers});
    };
}"""
"""Has each answer tell more of everything than is known, and the events begin with one of a topic
that nobody knows: as a newer service might."""


def test_pages_appear_one_by_one_with_progress(visit: Visit) -> None:
    """A person sees what comes while it comes, not a batch at the end."""
    page = visit(sheets=5, speed=120)
    page.evaluate(WATCH)

    page.click("#scan-button")
    expect(page.locator("#scan-button")).to_have_text("Cancel")
    page.locator(".toast", has_text="5 pages scanned.").wait_for(timeout=30_000)

    seen = page.evaluate("seen")
    assert seen["counts"] == [0, 1, 2, 3, 4, 5]
    assert any(0 < done < 1 for done in seen["progress"])
    assert "Scanning page 3" in seen["words"]
    expect(page.locator(".page.shown")).to_have_count(5)
    widths = page.locator(".page img").evaluate_all("all => all.map(each => each.naturalWidth)")
    assert min(widths) > 100
    expect(page.locator("#scan-button")).to_have_text("Scan")


def test_a_saved_pdf_is_read_by_other_programs(scanned: Page, tmp_path: Path) -> None:
    with scanned.expect_download() as saving:
        scanned.click("#save")
    file = tmp_path / saving.value.suggested_filename
    saving.value.save_as(file)

    assert file.suffix == ".pdf"
    subprocess.run(["qpdf", "--check", file], check=True, capture_output=True)
    with pypdfium2.PdfDocument(file) as pdf:
        sizes = [
            (round(pdf[at].get_width()), round(pdf[at].get_height())) for at in range(len(pdf))
        ]
    assert len(sizes) == 5
    assert all(abs(width - 595) <= 1 and abs(height - 842) <= 1 for width, height in sizes)
    scanned.locator(".toast", has_text="is saved").wait_for()


def test_selected_pages_are_saved_alone(scanned: Page, tmp_path: Path) -> None:
    for number in (2, 4):
        scanned.get_by_label(f"Select page {number}").check()

    scanned.get_by_label("More ways to save").click()
    with scanned.expect_download() as saving:
        scanned.get_by_text("Save as TIFF").click()
    file = tmp_path / "saved.tiff"
    saving.value.save_as(file)

    with Image.open(file) as tiff:
        assert tiff.n_frames == 2


def test_a_page_of_an_older_service_works_with_a_newer_one(
    context: BrowserContext, visit: Visit, tmp_path: Path
) -> None:
    """It stays open over an update: of what it does not know it makes nothing."""
    context.add_init_script(f"({NEWER})()")
    page = visit(sheets=2, resolution=75)

    page.click("#scan-button")
    page.locator(".toast", has_text="2 pages scanned.").wait_for()
    with page.expect_download() as saving:
        page.click("#save")
    saving.value.save_as(tmp_path / "all.pdf")

    assert len(pypdfium2.PdfDocument(tmp_path / "all.pdf")) == 2
    assert {"events", "GET", "POST"} <= set(page.evaluate("answered"))


def test_pictures_are_saved_in_one_archive(visit: Visit, tmp_path: Path) -> None:
    """A browser asks about each of many downloads; any program takes the archive apart.

    Their names are what stands on the page.
    """
    scanned = visit(sheets=2, resolution=75)
    scanned.click("#scan-button")
    scanned.locator(".toast", has_text="2 pages scanned.").wait_for()
    scanned.evaluate(
        """() => {
            const {fetch} = window;
            window.fetch = async (...asked) => { // a service that is slow to take a title
                if (asked[1]?.method === "PATCH") await new Promise((go) => setTimeout(go, 3000));
                return fetch(...asked);
            };
        }"""
    )
    scanned.get_by_label("Document title").fill("Briefe <b>ä</b>")
    scanned.get_by_label("Document title").press("Enter")

    scanned.get_by_label("More ways to save").click()
    with scanned.expect_download(timeout=50_000) as saving:
        scanned.get_by_text("Save as PNG pictures").click()
    saving.value.save_as(tmp_path / "pages.zip")

    assert saving.value.suggested_filename.endswith(".zip")
    with zipfile.ZipFile(tmp_path / "pages.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"Briefe b ä b {number}.png" for number in (1, 2)]
        with archive.open("Briefe b ä b 2.png") as file, Image.open(file) as picture:
            assert picture.format == "PNG"


def test_cancel_in_the_middle_keeps_complete_pages(visit: Visit, document: Document) -> None:
    page = visit(sheets=50, speed=200, resolution=100)
    page.click("#scan-button")
    page.locator(".page[data-number='2']").wait_for()

    page.click("#scan-button")
    page.locator(".toast", has_text="Cancelled.").wait_for()

    expect(page.locator("#scan-button")).to_have_text("Scan")
    count = page.locator(".page[data-id]").count()
    assert 2 <= count < 50
    assert len(document(page)["pages"]) == count


def test_a_second_scan_adds_to_the_document(scanned: Page, document: Document) -> None:
    scanned.click("#scan-button")
    expect(scanned.locator(".page[data-id]")).to_have_count(10)

    assert len(document(scanned)["pages"]) == 10


def test_a_reload_keeps_the_document(scanned: Page) -> None:
    scanned.reload()

    expect(scanned.locator(".page.shown")).to_have_count(5)


def test_a_reload_in_the_middle_shows_the_scan_going_on(visit: Visit, expected: set[str]) -> None:
    """The service scans, not the tab."""
    expected.add("409")  # the page that goes may ask for a device that the job has by then
    page = visit(sheets=6, speed=100, resolution=100)
    page.click("#scan-button")
    page.locator(".page[data-number='2']").wait_for()

    page.reload()
    expect(page.locator("#scan-button")).to_have_text("Cancel")

    expect(page.locator(".page[data-id]")).to_have_count(6)
    expect(page.locator("#scan-button")).to_have_text("Scan")


def test_what_was_chosen_is_asked_of_the_device(visit: Visit, document: Document) -> None:
    page = visit(sheets=1)
    page.locator("#settings").get_by_text("Grey", exact=True).click()
    page.locator("#option-resolution").fill("75")
    page.locator("#option-resolution").press("Tab")
    page.locator("#option-page-size").select_option(label="A5")

    page.click("#scan-button")
    page.locator(".page[data-number='1']").wait_for()

    (first,) = document(page)["pages"]
    assert first["dpi"] == [75, 75]
    assert abs(first["width"] - 148 / 25.4 * 75) < 2


def test_an_answer_takes_nothing_away_from_who_types(visit: Visit, document: Document) -> None:
    """The device answers to the mode while the resolution is half written."""
    page = visit(sheets=1)
    asked: list[Route] = []
    hold = lambda route: asked.append(route)  # noqa: E731, PLW0108 - Playwright marks what it is given
    page.route(OPTIONS, hold, times=1)
    with page.expect_request(OPTIONS):
        page.locator("#settings").get_by_text("Grey", exact=True).click()
    page.locator("#option-resolution").fill("75")
    with page.expect_response(OPTIONS):
        asked.pop().continue_()
    page.locator("#option-resolution").press("Tab")

    page.click("#scan-button")
    page.locator(".page[data-number='1']").wait_for()

    (first,) = document(page)["pages"]
    assert first["dpi"] == [75, 75]
    expect(page.locator("#settings").get_by_label("Grey", exact=True)).to_be_checked()


def test_dependent_options_are_redrawn(visit: Visit) -> None:
    """A5 brings its own width along: the form shows what the device would do.

    When the page is opened again, that stands there before the device has answered.
    """
    page = visit()
    page.locator(".all:not(.steps) summary").click()
    expect(page.locator("#option-width")).to_have_value("210")

    page.locator("#option-page-size").select_option(label="A5")

    expect(page.locator("#option-width")).to_have_value("148")
    asked: list[Route] = []
    page.route(OPTIONS, lambda route: asked.append(route))  # noqa: PLW0108 - Playwright marks it
    with page.expect_request(OPTIONS):
        page.reload()
    expect(page.locator("#option-width")).to_have_value("148")
    expect(page.locator("#scan-button")).to_be_enabled()
    with page.expect_response(OPTIONS):
        asked.pop().continue_()
    expect(page.locator("#option-width")).to_have_value("148")


def test_settings_have_names(visit: Visit) -> None:
    """A profile holds what was chosen, how pages are kept, and what is found; reloads, too."""
    page = visit()
    page.locator("#settings").get_by_text("Grey", exact=True).click()
    page.locator(".all:not(.steps) > summary").click()
    page.get_by_label("Kept as").select_option(label="JPEG, smaller")
    page.locator("#steps > summary").click()
    page.get_by_label("Begin a new document").select_option(label="At each blank page")
    page.get_by_role("button", name="Save as a profile…").click()
    page.get_by_label("Name of the profile").fill("<b>Letters</b>")
    page.keyboard.press("Enter")
    profile = page.get_by_label("Profile", exact=True)
    expect(profile.locator("option:checked")).to_have_text("<b>Letters</b>")

    page.locator("#settings").get_by_text("Colour", exact=True).click()
    page.get_by_label("Begin a new document").select_option(label="Never")
    expect(profile.locator("option:checked")).to_have_text("<b>Letters</b>, changed")
    page.reload()
    expect(profile.locator("option:checked")).to_have_text("<b>Letters</b>, changed")
    profile.select_option(label="<b>Letters</b>")

    expect(page.get_by_label("Grey", exact=True)).to_be_checked()
    expect(page.locator("#steps > summary")).to_contain_text("(2)")
    page.get_by_label("Change profiles").click()
    page.get_by_role("button", name="Delete this profile").click()
    expect(profile).to_be_hidden()
    expect(page.get_by_label("Grey", exact=True)).to_be_checked()
