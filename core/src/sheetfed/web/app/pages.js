/** The pages of the document as sheets on a table. */

import { OpenDocument } from "./document.js";
import { el, icon, put } from "./dom.js";
import { Pictures } from "./pictures.js";
import { Scan } from "./scan.js";
import { Selection } from "./selection.js";
import { say } from "./words.js";

/** @typedef {import("./api.js").Page} Page */

/**
 * What can be done with pages; the page's other rooms do it.
 * @typedef {object} Deeds
 * @property {(id: string) => void} open
 * @property {(ids: string[]) => void} remove
 * @property {(ids: string[], by: -1 | 1) => void} shift
 */

/** Draws the sheets and keeps them in step with the document. */
export class Pages {
  #root;
  #document;
  #scan;
  #selection;
  #pictures;
  #deeds;
  #list = el("ol", { class: "sheets" });
  /** @type {Map<string, HTMLLIElement>} */ #sheets = new Map();
  #coming = el("li", { class: "page coming", "aria-hidden": "true" },
    el("div", { class: "sheet" }, el("div", { class: "lamp" })), el("div", { class: "caption" }));
  #sight = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: "400px" });
  #focus = "";

  /**
   * @param {HTMLElement} root
   * @param {{document: OpenDocument, scan: Scan, selection: Selection, pictures: Pictures, deeds: Deeds}} rooms
   */
  constructor(root, { document, scan, selection, pictures, deeds }) {
    this.#root = root;
    this.#document = document;
    this.#scan = scan;
    this.#selection = selection;
    this.#pictures = pictures;
    this.#deeds = deeds;
    document.addEventListener("change", () => this.draw());
    selection.addEventListener("change", () => this.#mark());
    scan.addEventListener("change", () => this.#lamp());
    this.#list.addEventListener("focusin", (event) => this.#focused(event));
  }

  /** The page that has the keyboard's attention, else an empty string. */
  get current() {
    return this.#list.contains(globalThis.document.activeElement) ? this.#focus : "";
  }

  draw() {
    const pages = this.#document.pages;
    const hadFocus = this.current;
    const place = this.#order().indexOf(hadFocus);
    this.#drop(pages);
    pages.forEach((page, index) => this.#place(page, index));
    this.#list.append(this.#coming);
    this.#selection.prune(pages.map((page) => page.id));
    this.#lamp();
    this.#rove();
    if (hadFocus && this.current !== hadFocus) {
      this.focus(this.#sheets.has(hadFocus) ? hadFocus : pages[Math.min(place, pages.length - 1)]?.id ?? "");
    }
  }

  /**
   * Gives a page the keyboard's attention.
   * @param {string} id
   */
  focus(id) {
    const sheet = this.#sheets.get(id);
    if (!sheet) return this.#root.focus();
    this.#focus = id;
    this.#rove();
    /** @type {HTMLElement | null} */ (sheet.querySelector(".sheet"))?.focus();
  }

  /**
   * The page that is `by` further; up and down go by rows.
   * @param {"ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "Home" | "End"} key
   */
  beside(key) {
    const order = this.#order();
    const columns = getComputedStyle(this.#list).gridTemplateColumns.split(" ").length;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -Infinity, End: Infinity };
    const to = order.indexOf(this.#focus) + steps[key];
    return order[Math.max(0, Math.min(to, order.length - 1))] ?? "";
  }

  #order() {
    return [...this.#sheets.keys()].sort((a, b) => this.#number(a) - this.#number(b));
  }

  /** @param {string} id */
  #number(id) {
    return Number(this.#sheets.get(id)?.dataset["number"]);
  }

  /** @param {Page[]} pages */
  #drop(pages) {
    const there = new Set(pages.map((page) => page.id));
    for (const [id, sheet] of this.#sheets) {
      if (there.has(id)) continue;
      this.#sight.unobserve(sheet);
      sheet.remove();
      this.#sheets.delete(id);
      this.#pictures.forget(id);
    }
  }

  /**
   * @param {Page} page
   * @param {number} index
   */
  #place(page, index) {
    const sheet = this.#sheets.get(page.id) ?? this.#sheet(page);
    number(sheet, index + 1, page.side);
    const there = this.#list.children[index];
    if (there !== sheet) this.#list.insertBefore(sheet, there ?? null);
  }

  /** @param {Page} page */
  #sheet(page) {
    const { id } = page;
    const pick = el("input", { type: "checkbox", onclick: (/** @type {MouseEvent} */ event) => this.#pick(event, id) });
    const sheet = el("li", { class: "page", "data-id": id, draggable: "true" },
      el("button", {
        type: "button", class: "sheet",
        onclick: (/** @type {MouseEvent} */ event) => this.#click(event, id),
      }, el("img", { alt: "", draggable: "false", width: 3, height: 4 })),
      el("label", { class: "pick" }, pick),
      el("div", { class: "tools" },
        tool("left", () => this.#deeds.shift([id], -1)),
        tool("bin", () => this.#deeds.remove([id])),
        tool("right", () => this.#deeds.shift([id], 1))),
      el("div", { class: "caption" }));
    this.#shape(sheet, page);
    this.#sheets.set(id, sheet);
    this.#sight.observe(sheet);
    return sheet;
  }

  /**
   * Gives the empty sheet the page's shape, so that nothing jumps when its picture comes.
   * @param {HTMLElement} sheet
   * @param {Page} page
   */
  #shape(sheet, page) {
    const [x, y] = page.dpi;
    const ratio = x > 0 && y > 0 ? (page.width / x) / (page.height / y) : page.width / page.height;
    const paper = /** @type {HTMLElement} */ (sheet.querySelector(".sheet"));
    paper.style.setProperty("--ratio", String(ratio || 0.7));
  }

  /** @param {IntersectionObserverEntry[]} entries */
  async #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      this.#sight.unobserve(target);
      this.#show(/** @type {HTMLElement} */ (target));
    }
  }

  /** @param {HTMLElement} sheet */
  async #show(sheet) {
    const page = this.#document.pages.find((each) => each.id === sheet.dataset["id"]);
    const img = sheet.querySelector("img");
    if (!page || !img) return;
    try {
      img.src = await this.#pictures.thumbnail(page);
      sheet.classList.add("shown");
    } catch {
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

  #mark() {
    this.#list.classList.toggle("choosing", this.#selection.size > 0);
    for (const [id, sheet] of this.#sheets) {
      const chosen = this.#selection.has(id);
      sheet.classList.toggle("chosen", chosen);
      const pick = sheet.querySelector("input");
      if (pick) pick.checked = chosen;
    }
  }

  /** Shows the sheet that is being scanned, as far as it has come. */
  #lamp() {
    const running = this.#scan.running && !this.#scan.stopping;
    const done = this.#scan.job?.done ?? null;
    this.#coming.hidden = !running;
    this.#coming.classList.toggle("unknown", done === null);
    this.#coming.style.setProperty("--done", String(done ?? 0));
    this.#coming.lastElementChild?.replaceChildren(el("span", { class: "number" }, String(this.#sheets.size + 1)));
    const empty = !running && this.#sheets.size === 0;
    const wanted = empty ? this.#emptiness() : this.#list;
    if (empty || this.#root.firstElementChild !== this.#list) this.#root.replaceChildren(wanted);
  }

  #emptiness() {
    if (this.#document.opening) return el("p", { class: "empty muted" }, say("opening"));
    const section = el("div", { class: "empty" });
    put(section, el("div", { class: "blank", "aria-hidden": "true" }), el("h2", {}, say("noPages")),
      el("p", { class: "muted" }, say("noPagesAdvice")), el("p", { class: "muted small" }, say("noPagesKey")));
    return section;
  }

  /** @param {FocusEvent} event */
  #focused(event) {
    const sheet = /** @type {HTMLElement} */ (event.target).closest("li");
    this.#focus = sheet?.dataset["id"] ?? this.#focus;
    this.#rove();
  }

  /** Lets Tab reach one page only: the current one. Arrow keys go to the others. */
  #rove() {
    if (!this.#sheets.has(this.#focus)) this.#focus = this.#order()[0] ?? "";
    for (const [id, sheet] of this.#sheets) {
      const reachable = id === this.#focus ? 0 : -1;
      for (const each of sheet.querySelectorAll("button, input")) /** @type {HTMLElement} */ (each).tabIndex = reachable;
    }
  }
}

/**
 * @param {string} drawing
 * @param {() => void} act
 */
function tool(drawing, act) {
  return el("button", { type: "button", class: "icon-only", "data-tool": drawing, onclick: act }, icon(drawing));
}

/**
 * Writes a sheet's number wherever it is read or heard.
 * @param {HTMLElement} sheet
 * @param {number} value
 * @param {string} side
 */
function number(sheet, value, side) {
  if (sheet.dataset["number"] === String(value)) return;
  sheet.dataset["number"] = String(value);
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
  sheet.querySelector(".caption")?.replaceChildren(
    el("span", { class: "number" }, String(value)),
    side === "back" ? el("span", { class: "side" }, say("pageBack")) : "");
}
