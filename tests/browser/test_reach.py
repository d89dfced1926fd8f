"""Everybody can use the page: by keyboard, on small screens, by ear."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from axe import faults
from playwright.sync_api import Page, expect

Visit = Callable[..., Page]

ALL = """const all = (root, what) => [...root.querySelectorAll('*')].flatMap((each) =>
    [...each.matches(what) ? [each] : [], ...each.shadowRoot ? all(each.shadowRoot, what) : []]);
    const controls = all(document, 'button, summary, select, input, a');"""

SMALL = f"""() => {{ {ALL} return controls
    .filter(each => each.checkVisibility() && !each.matches('.unseen, .skip'))
    .map(each => [each, each.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.width < 24 || box.height < 24))
    .filter(([each]) => !each.closest('label'))
    .map(([each, box]) => `${{each.outerHTML.slice(0, 80)}} ${{box.width}}x${{box.height}}`); }}"""

HIDDEN = f"""() => {{ {ALL}
    const open = all(document, "dialog[open]").at(-1);
    const at = (x, y, root = document) => {{
        const hit = root.elementFromPoint(x, y);
        return hit?.shadowRoot && hit.shadowRoot !== root ? at(x, y, hit.shadowRoot) ?? hit : hit;
    }};
    return controls
        .filter(each => !each.disabled && !each.closest("[inert]"))
        .filter(each => !each.matches(".unseen, .skip") && each.checkVisibility())
        .filter(each => open?.contains(each) ?? true)
        .filter((each) => {{
            each.scrollIntoView({{block: "center", inline: "center"}});
            const {{x, y, width, height}} = each.getBoundingClientRect();
            const hit = at(x + width / 2, y + height / 2);
            return width && !each.contains(hit) && !each.closest("label")?.contains(hit);
        }}).map(each => each.outerHTML.slice(0, 100)); }}"""
"""What cannot be scrolled to where a pointer hits it."""

NAMELESS = f"""() => {{ {ALL} return controls
    .filter(each => each.checkVisibility())
    .filter(each => !(each.textContent.trim() || each.ariaLabel || each.labels?.length))
    .map(each => each.outerHTML.slice(0, 100)); }}"""


def test_the_keyboard_is_enough(visit: Visit) -> None:
    page = visit(sheets=3, resolution=100)
    press = page.keyboard.press

    press("Control+Enter")
    page.locator(".toast", has_text="3 pages scanned.").wait_for()
    for _ in range(60):
        press("Tab")
        if page.locator(".page .sheet:focus").count():
            break
    ids = page.locator(".page[data-id]").evaluate_all("all => all.map(each => each.dataset.id)")
    expect(page.locator(".page .sheet:focus")).to_have_attribute("aria-label", "Page 1, open large")

    with page.expect_response("**/move"):
        press(">")
    focused = page.locator(".page:has(.sheet:focus)")
    expect(focused).to_have_attribute("data-id", ids[0])
    expect(focused).to_have_attribute("data-number", "2")

    with page.expect_response("**/move"):
        press("Alt+ArrowLeft")
    expect(focused).to_have_attribute("data-number", "1")
    with page.expect_response("**/move"):
        press("Alt+ArrowRight")
    for key in ("]", "Control+Shift+ArrowLeft"):
        with page.expect_response("**/edits"):
            press(key)

    press("ArrowRight")
    expect(focused).to_have_attribute("data-number", "3")
    press("Space")
    expect(page.locator("#selection")).to_contain_text("1 page selected")
    press("Escape")
    expect(page.locator("#selection")).to_be_hidden()

    press("Delete")
    expect(page.locator(".page[data-id]")).to_have_count(2)
    expect(focused).to_have_attribute("data-number", "2")
    press("Control+z")
    expect(page.locator(".page[data-id]")).to_have_count(3)

    press("Enter")
    expect(page.locator("dialog.viewer")).to_be_visible()
    press("Escape")
    press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    press("Escape")
    with page.expect_download() as saving:
        press("Control+s")
    assert saving.value.suggested_filename.endswith(".pdf")


def test_escape_cancels(visit: Visit) -> None:
    page = visit(sheets=30, speed=120, resolution=100)
    page.keyboard.press("Control+Enter")
    page.locator(".page[data-number='1']").wait_for()

    page.keyboard.press("Escape")

    page.locator(".toast", has_text="Cancelled.").wait_for()


def test_arrivals_are_said_aloud(visit: Visit) -> None:
    page = visit(sheets=2, resolution=100)

    page.click("#scan-button")

    expect(page.locator("#live")).to_have_text("Page 2 arrived.")


def test_nothing_sticks_out_and_all_can_be_hit(
    scanned: Page, state: Callable[[Page, str], None]
) -> None:
    settings = scanned.locator(".all:not(.steps) summary")

    for width, direction in product((360, 800, 1280), ("ltr", "rtl")):
        scanned.set_viewport_size({"width": width, "height": 700})
        settings.evaluate("each => each.parentElement.open = true")
        scanned.evaluate("way => { document.documentElement.dir = way; }", direction)
        sticks_out = scanned.evaluate("document.documentElement.scrollWidth")
        assert sticks_out <= width, (width, direction)
        assert scanned.evaluate(SMALL) == [], (width, direction)
        assert scanned.evaluate(NAMELESS) == [], (width, direction)
        if direction == "rtl":
            scanned.get_by_label("Page 1, open large").focus()
            scanned.keyboard.press("ArrowLeft")
            second = scanned.locator(".page:has(.sheet:focus)")
            expect(second).to_have_attribute("data-number", "2")
    state(scanned, "22-right-to-left")
    scanned.get_by_label("Page 1, open large").click()
    state(scanned, "23-large-right-to-left")


def test_all_is_there_at_twice_the_size(scanned: Page) -> None:
    """A window of 1280 by 800 has half as many points each way at a zoom of 200 %."""
    devtools = scanned.context.new_cdp_session(scanned)
    zoomed = {"width": 640, "height": 400, "deviceScaleFactor": 2, "mobile": False}
    devtools.send("Emulation.setDeviceMetricsOverride", zoomed)
    scanned.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
    expect(scanned.locator(".table.rushing")).to_have_count(0)  # what rushes by has no tools

    def whole(what: str) -> None:
        assert scanned.evaluate("document.documentElement.scrollWidth") <= 640, what
        assert scanned.evaluate(HIDDEN) == [], what
        assert faults(scanned) == [], what

    scanned.locator(".toast").wait_for(state="detached")
    whole("pages")
    scanned.get_by_label("Select page 2").check()
    whole("selected")
    scanned.get_by_role("button", name="Clear selection").click()
    for opened in ("#about", "#help", "#documents", "#sites"):
        scanned.locator(opened).click()
        scanned.get_by_role("dialog").wait_for()
        whole(opened)
        scanned.keyboard.press("Escape")
    scanned.get_by_label("Page 2, open large").click()
    whole("large")


def test_pages_keep_the_shape_of_paper(scanned: Page) -> None:
    box = scanned.locator(".page[data-number='1'] .sheet").bounding_box()

    assert box
    assert abs(box["height"] / box["width"] - 297 / 210) < 0.02
