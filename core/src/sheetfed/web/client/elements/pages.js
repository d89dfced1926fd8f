/** The pages of a document as sheets on a table; only those in sight are there. */

import { OpenDocument } from "./document.js";
import { el, icon } from "./dom.js";
import { Pictures } from "./pictures.js";
import { Selection } from "./selection.js";
import { say } from "./words.js";

/** @typedef {import("../shapes.js").Page} Page */

const OVER = 600; // pixels above and below what is seen in which sheets stand ready
const RUSH = 2.5; // pixels in a millisecond: three screens a second, at which nobody can look at pictures
const REST = 120; // milliseconds after which they are fetched all the same

/**
 * What can be done with pages; the viewer's other rooms do it.
 * @typedef {object} Deeds
 * @property {(id: string) => void} open
 * @property {(ids: string[]) => void} remove
 * @property {(ids: string[], by: -1 | 1) => void} shift
 */

/** A page that is being scanned: how far it has come, null where nobody knows. */
/** @typedef {{done: number | null} | null} Coming */

/** The picture of a page that is not there yet, and its width by its height. */
/** @typedef {{url: string, ratio: number} | null} Ahead */

/** Draws the sheets and keeps them in step with the document. */
export class Pages {
  #root;
  #document;
  #selection;
  #pictures;
  #deeds;
  #list = el("ol", { class: "sheets", part: "pages" });
  #spot = el("li", { class: "place", "aria-hidden": "true" });
  /** @type {Map<string, {sheet: HTMLLIElement, seen: AbortController, etag: string}>} */ #sheets = new Map();
  /** @type {Set<string>} */ #known = new Set();
  /** @type {Set<string>} */ #fresh = new Set(); // came while the document was open, and were not seen yet
  /** @type {Page[]} */ #pages = [];
  /** @type {Coming} */ #coming = null;
  #lamp = el("li", { class: "page coming", "aria-hidden": "true" },
    el("div", { class: "sheet" }, el("div", { class: "lamp" })), el("div", { class: "caption" }));
  /** @type {HTMLLIElement | null} */ #ahead = null;
  #focus = "";
  /** @type {HTMLElement | null} */ #reached = null; // the sheet that Tab reaches
  #due = 0;
  #window = ""; // which places are in sight
  #seen = { top: 0, at: 0 }; // where the table was last, and when
  #resting = 0;
  /** @type {string | null} */ #document_id = null;

  /**
   * @param {HTMLElement} root
   * @param {{document: OpenDocument, selection: Selection, pictures: Pictures, deeds: Deeds}} rooms
   */
  constructor(root, { document, selection, pictures, deeds }) {
    this.#root = root;
    this.#document = document;
    this.#selection = selection;
    this.#pictures = pictures;
    this.#deeds = deeds;
    document.addEventListener("change", () => this.draw());
    selection.addEventListener("change", () => this.#markChosen());
    this.#list.addEventListener("focusin", (event) => this.#focused(event));
  }

  /**
   * Follows the window: what is scrolled into sight is drawn.
   * @param {AbortSignal} signal
   */
  follow(signal) {
    const soon = () => this.#soon();
    const size = new ResizeObserver(soon);
    size.observe(this.#root);
    signal.addEventListener("abort", () => size.disconnect());
    window.addEventListener("scroll", soon, { capture: true, passive: true, signal });
    this.#root.addEventListener("scroll", soon, { passive: true, signal }); // no word of it leaves the element
    window.addEventListener("resize", soon, { signal });
  }

  /** The page that has the keyboard's attention, else an empty string. */
  get current() {
    const root = /** @type {Document | ShadowRoot} */ (this.#list.getRootNode());
    return this.#list.contains(root.activeElement) ? this.#focus : "";
  }

  /** The sheet that is in the scanner now. */
  set coming(/** @type {Coming} */ coming) {
    const began = (coming === null) !== (this.#coming === null);
    this.#coming = coming;
    this.#lamp.classList.toggle("unknown", coming?.done === null);
    this.#lamp.style.setProperty("--done", String(coming?.done ?? 0));
    if (began) this.draw();
  }

  /** The first page of a file that is on its way, until pages come. */
  set ahead(/** @type {Ahead} */ ahead) {
    if (!ahead && !this.#ahead) return;
    this.#ahead?.remove();
    this.#ahead = ahead && el("li", { class: "page shown ahead", "aria-hidden": "true" },
      el("div", { class: "sheet" }, el("img", { alt: "", draggable: "false", src: ahead.url })),
      el("div", { class: "caption" }, el("span", { class: "number" }, String(this.#pages.length + 1))));
    this.#ahead?.style.setProperty("--ratio", String(ahead?.ratio));
    this.draw();
  }

  draw() {
    const hadFocus = this.current;
    const place = this.#pages.findIndex((page) => page.id === hadFocus);
    this.#pages = this.#document.pages;
    if (this.#document.id !== this.#document_id) this.#another();
    this.#learn();
    this.#selection.prune(this.#pages.map((page) => page.id));
    this.#root.classList.toggle("bare", this.#pages.length === 0 && !this.#coming && !this.#ahead);
    if (!this.#list.isConnected) this.#root.append(this.#list);
    this.#window = "";
    this.#fill();
    this.#markChosen();
    if (hadFocus && this.current !== hadFocus) {
      const still = this.#pages.some((page) => page.id === hadFocus);
      this.focus(still ? hadFocus : this.#pages[Math.min(place, this.#pages.length - 1)]?.id ?? "");
    }
  }

  /**
   * Gives a page the keyboard's attention.
   * @param {string} id
   */
  focus(id) {
    const index = this.#pages.findIndex((page) => page.id === id);
    if (index < 0) return this.#root.focus();
    this.#focus = id;
    if (!this.#sheets.has(id)) this.#bring(index);
    this.#rove();
    /** @type {HTMLElement | null | undefined} */ (this.#sheets.get(id)?.sheet.querySelector(".sheet"))?.focus();
  }

  /**
   * The page that is `by` further; up and down go by rows.
   * @param {"ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "Home" | "End"} key
   */
  beside(key) {
    const { columns } = this.#measures();
    const on = getComputedStyle(this.#root).direction === "rtl" ? -1 : 1;
    const steps = { ArrowLeft: -on, ArrowRight: on, ArrowUp: -columns, ArrowDown: columns, Home: -Infinity, End: Infinity };
    const to = this.#pages.findIndex((page) => page.id === this.#focus) + steps[key];
    return this.#pages[Math.max(0, Math.min(to, this.#pages.length - 1))]?.id ?? "";
  }

  /** How the table is divided; the style sheet says how large a place is. */
  #measures() {
    const style = getComputedStyle(this.#list);
    const columns = style.gridTemplateColumns.split(" ").length;
    return { columns, height: parseFloat(style.gridAutoRows) + parseFloat(style.rowGap) };
  }

  /** Puts up the sheets that are in sight, or nearly, and takes down the others; nothing where none came or went. */
  #fill() {
    const { columns, height } = this.#measures();
    const count = this.#pages.length + (this.#ahead ? 1 : 0) + (this.#coming ? 1 : 0);
    const rows = Math.ceil(count / columns);
    const top = this.#list.getBoundingClientRect().top;
    const first = clamp(Math.floor((-top - OVER) / height), 0, Math.max(0, rows - 1));
    const last = clamp(Math.ceil((innerHeight - top + OVER) / height), first + 1, rows);
    const rushing = this.#rushes(top);
    const now = [first, last, columns, height].join(" ");
    if (now === this.#window) return;
    const anew = !this.#window;
    this.#window = now;
    const shown = this.#pages.slice(first * columns, last * columns);
    this.#list.style.paddingBlock = `${first * height}px ${Math.max(0, rows - last) * height}px`;
    this.#drop(new Set(shown.map((page) => page.id)));
    shown.forEach((page, index) => {
      if (anew || !this.#sheets.has(page.id)) this.#place(page, index, first * columns + index);
    });
    clearTimeout(this.#resting);
    const rest = () => {
      this.#root.classList.remove("rushing");
      shown.forEach((page) => this.#renew(page));
    };
    if (rushing) {
      this.#root.classList.add("rushing");
      this.#resting = setTimeout(rest, REST);
    } else rest();
    if (this.#ahead && last === rows) this.#list.append(this.#ahead);
    else this.#ahead?.remove();
    if (this.#coming && last === rows) this.#list.append(this.#lamp);
    else this.#lamp.remove();
    this.#lamp.lastElementChild?.replaceChildren(el("span", { class: "number" }, String(this.#pages.length + 1)));
    this.#rove();
  }

  /**
   * Whether the table rushes by.
   * @param {number} top
   */
  #rushes(top) {
    const at = performance.now();
    const { top: before, at: then } = this.#seen;
    this.#seen = { top, at };
    return Math.abs(top - before) > RUSH * (at - then);
  }

  /** Draws once the window has moved; many moves become one. */
  #soon() {
    cancelAnimationFrame(this.#due);
    this.#due = requestAnimationFrame(() => this.#fill());
  }

  /** Another document is open: what was known of the last one is of no use. */
  #another() {
    this.#document_id = this.#document.id;
    for (const id of this.#sheets.keys()) this.#pictures.forget(id);
    this.#known = new Set();
    this.#fresh = new Set();
    this.#focus = "";
    this.#ahead?.remove(); // its file goes into the one before
    this.#ahead = null;
  }

  /**
   * Scrolls to a page whose sheet is not there.
   * @param {number} index
   */
  #bring(index) {
    const { columns, height } = this.#measures();
    this.#spot.style.top = `${Math.floor(index / columns) * height}px`;
    this.#spot.style.height = `${height}px`;
    this.#list.append(this.#spot);
    this.#spot.scrollIntoView({ block: "center", behavior: "instant" });
    this.#spot.remove();
    this.#fill();
  }

  /** @param {Set<string>} there */
  #drop(there) {
    for (const [id, { sheet, seen }] of this.#sheets) {
      if (there.has(id)) continue;
      seen.abort();
      sheet.remove();
      this.#sheets.delete(id);
    }
  }

  /** Takes note of pages that came, and lets go of those that are no longer in the document. */
  #learn() {
    const all = new Set(this.#pages.map((page) => page.id));
    const opened = this.#known.size === 0;
    const came = [...all].filter((id) => !this.#known.has(id));
    if (came.length) {
      this.#ahead?.remove();
      this.#ahead = null;
    }
    if (!opened) for (const id of came) this.#fresh.add(id);
    for (const id of this.#known) if (!all.has(id)) this.#pictures.forget(id);
    this.#known = all;
  }

  /**
   * @param {Page} page
   * @param {number} index   among those that are there
   * @param {number} place   in the document
   */
  #place(page, index, place) {
    const sheet = this.#sheets.get(page.id)?.sheet ?? this.#sheet(page);
    number(sheet, place + 1, this.#pages.length);
    caption(sheet, page, place + 1);
    const there = this.#list.children[index];
    if (there !== sheet) this.#list.insertBefore(sheet, there ?? null);
  }

  /** @param {Page} page */
  #sheet(page) {
    const { id } = page;
    const pick = el("input", { type: "checkbox", tabindex: "-1", onclick: (/** @type {MouseEvent} */ event) => this.#pick(event, id) });
    const sheet = el("li", { class: "page", part: "page", "data-id": id, draggable: "true" },
      el("button", {
        type: "button", class: "sheet", part: "sheet", tabindex: "-1",
        onclick: (/** @type {MouseEvent} */ event) => this.#click(event, id),
      }, el("img", { alt: "", draggable: "false", width: 3, height: 4 })),
      el("label", { class: "pick" }, pick),
      el("div", { class: "tools" },
        tool("left", () => this.#deeds.shift([id], -1)),
        tool("bin", () => this.#deeds.remove([id])),
        tool("right", () => this.#deeds.shift([id], 1))),
      el("div", { class: "caption", part: "caption" }));
    sheet.classList.toggle("arrives", this.#fresh.delete(id));
    this.#mark(sheet, id);
    this.#sheets.set(id, { sheet, seen: new AbortController(), etag: "" });
    return sheet;
  }

  /**
   * Shows a page's picture, where it is another one than before.
   * @param {Page} page
   */
  async #renew(page) {
    const entry = this.#sheets.get(page.id);
    if (!entry || entry.etag === page.etag) return;
    const { sheet, seen } = entry;
    const img = sheet.querySelector("img");
    if (!img) return;
    entry.etag = page.etag;
    shape(sheet, page);
    try {
      const url = await this.#pictures.thumbnail(page, seen.signal);
      if (entry.etag !== page.etag) return; // it was changed meanwhile, and that picture may have come sooner
      img.src = url;
      sheet.classList.add("shown");
      sheet.classList.remove("lost");
      sheet.removeAttribute("title");
    } catch {
      if (seen.signal.aborted || entry.etag !== page.etag) return;
      entry.etag = ""; // asked for again when the document changes
      sheet.classList.add("lost");
      sheet.title = say("pageGone");
    }
  }

  /**
   * @param {MouseEvent} event
   * @param {string} id
   */
  #click(event, id) {
    if (event.shiftKey) this.#selection.reach(id, this.#order());
    else if (event.ctrlKey || event.metaKey) this.#selection.toggle(id);
    else this.#deeds.open(id);
  }

  /**
   * @param {MouseEvent} event
   * @param {string} id
   */
  #pick(event, id) {
    if (event.shiftKey && this.#selection.size) this.#selection.reach(id, this.#order());
    else this.#selection.toggle(id);
  }

  #order() {
    return this.#pages.map((page) => page.id);
  }

  #markChosen() {
    this.#list.classList.toggle("choosing", this.#selection.size > 0);
    for (const [id, { sheet }] of this.#sheets) this.#mark(sheet, id);
  }

  /**
   * @param {HTMLElement} sheet
   * @param {string} id
   */
  #mark(sheet, id) {
    const chosen = this.#selection.has(id);
    sheet.classList.toggle("chosen", chosen);
    const pick = sheet.querySelector("input");
    if (pick) pick.checked = chosen;
  }

  /** @param {FocusEvent} event */
  #focused(event) {
    const sheet = /** @type {HTMLElement} */ (event.target).closest("li");
    this.#focus = sheet?.dataset["id"] ?? this.#focus;
    this.#rove();
  }

  /** Lets Tab reach one page only: the current one. Arrow keys go to the others. */
  #rove() {
    if (!this.#pages.some((page) => page.id === this.#focus)) this.#focus = this.#pages[0]?.id ?? "";
    const reached = (this.#sheets.get(this.#focus) ?? this.#sheets.values().next().value)?.sheet ?? null;
    if (reached === this.#reached) return;
    for (const [sheet, tabIndex] of /** @type {const} */ ([[this.#reached, -1], [reached, 0]])) {
      for (const each of sheet?.querySelectorAll("button, input") ?? []) /** @type {HTMLElement} */ (each).tabIndex = tabIndex;
    }
    this.#reached = reached;
  }
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
function clamp(value, least, most) {
  return Math.max(least, Math.min(value, most));
}

/**
 * @param {string} drawing
 * @param {() => void} act
 */
function tool(drawing, act) {
  return el("button", { type: "button", class: "icon-only", tabindex: "-1", "data-tool": drawing, onclick: act }, icon(drawing));
}

/**
 * Gives the empty sheet the page's shape, so that nothing jumps when its picture comes.
 * @param {HTMLElement} sheet
 * @param {Page} page
 */
function shape(sheet, page) {
  const [x, y] = page.dpi;
  const ratio = x > 0 && y > 0 ? (page.width / x) / (page.height / y) : page.width / page.height;
  sheet.style.setProperty("--ratio", String(ratio || 0.7));
}

/**
 * Writes a sheet's number wherever it is read or heard.
 * @param {HTMLElement} sheet
 * @param {number} value
 * @param {number} count
 */
function number(sheet, value, count) {
  sheet.setAttribute("aria-setsize", String(count));
  if (sheet.dataset["number"] === String(value)) return;
  sheet.dataset["number"] = String(value);
  sheet.setAttribute("aria-posinset", String(value));
  const names = /** @type {const} */ ({
    ".sheet": "pageOpen", ".pick input": "pageSelect", "[data-tool=left]": "pageLeft",
    "[data-tool=right]": "pageRight", "[data-tool=bin]": "pageDelete",
  });
  for (const [place, word] of Object.entries(names)) {
    const text = say(word, { number: value });
    const element = /** @type {HTMLElement} */ (sheet.querySelector(place));
    element.setAttribute("aria-label", text);
    if (place.startsWith("[")) element.title = text;
  }
}

/**
 * Writes under a sheet what is known of its page.
 * @param {HTMLElement} sheet
 * @param {Page} page
 * @param {number} value
 */
function caption(sheet, { side, marks, tags = [] }, value) {
  const codes = marks.filter(({ kind }) => kind === "barcode" || kind === "patch");
  const chips = [
    ...(marks.some(({ kind }) => kind === "blank") ? [say("blankPage")] : []),
    ...(codes.length ? [say("codes", { count: codes.length })] : []), ...tags,
  ];
  const text = [value, side, ...chips].join(" ");
  const place = sheet.querySelector(".caption");
  if (!place || place.getAttribute("data-text") === text) return;
  place.setAttribute("data-text", text);
  place.replaceChildren(el("span", { class: "number" }, String(value)),
    side === "back" ? el("span", { class: "side" }, say("pageBack")) : "",
    ...chips.map((chip) => el("span", { class: "chip" }, chip)));
}
