/** All pages below one another, as large as wanted; only those in sight are there. */

import { el } from "./dom.js";
import { hasText, Lettering, write } from "./lettering.js";
import { draw, overlay, point } from "./marks.js";
import { Pictures } from "./pictures.js";
import { scaleOf, stepFrom } from "./zoom.js";
import { say } from "./words.js";

/**
 * @typedef {import("../shapes.js").Page} Page
 * @typedef {{page: Page, place: number, top: number, width: number, height: number}} Spot   in CSS pixels
 * @typedef {{paper: HTMLElement, img: HTMLImageElement, text: HTMLElement, marks: SVGSVGElement, shown: string, lost: boolean, seen: AbortController}} Paper
 */

const MARGIN = 20;
const GAP = 16;
const OVER = 400; // pixels beyond what is seen in which pages stand ready

/** Sends `page` when another page is the one that is looked at, `zoom` when another zoom holds. */
export class Roll extends EventTarget {
  /** @type {import("./zoom.js").Zoom} */ zoom = "width";
  #pictures;
  #lettering;
  /** @type {Spot[]} */ #spots = [];
  /** @type {Map<string, Paper>} */ #papers = new Map();
  /** @type {Page[]} */ #pages = [];
  #id = "";
  #due = 0;
  #long = el("div", { class: "long" });
  element = el("div", { class: "stage roll", part: "stage", tabindex: "0", role: "group", "aria-label": say("continuous") }, this.#long);

  /**
   * @param {Pictures} pictures
   * @param {Lettering} lettering
   */
  constructor(pictures, lettering) {
    super();
    this.#pictures = pictures;
    this.#lettering = lettering;
    new ResizeObserver(() => this.#lay()).observe(this.element);
    this.element.addEventListener("scroll", () => this.#soon(), { passive: true });
    this.element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  /** The page that is looked at. */
  get id() {
    return this.#id;
  }

  /** How many percent of a pixel's true size are shown. */
  get percent() {
    const spot = this.#spots.find(({ page }) => page.id === this.#id);
    return spot ? Math.round((spot.width / spot.page.width) * 100) : 100;
  }

  /**
   * Shows pages, one of them in sight; the same one again stays where it is.
   * @param {Page[]} pages
   * @param {string} id
   */
  show(pages, id) {
    const stays = id === this.#id && pages.length === this.#pages.length;
    this.#pages = pages;
    this.#id = id;
    for (const made of this.#papers.values()) if (made.lost) made.shown = "";
    this.#lay(!stays);
  }

  /** @param {import("./zoom.js").Zoom} zoom */
  set(zoom) {
    this.zoom = zoom;
    this.#lay(true);
    this.dispatchEvent(new Event("zoom"));
  }

  /**
   * Shows one of the marks of the page that is looked at.
   * @param {number} index
   */
  point(index) {
    const paper = this.#papers.get(this.#id);
    if (paper) point(paper.marks, index);
  }

  /** @param {-1 | 1} by */
  step(by) {
    this.set(stepFrom(this.percent / 100, by));
  }

  /**
   * Gives every page its place.
   * @param {boolean} [go]   to the page that is looked at
   */
  #lay(go = false) {
    const { clientWidth, clientHeight } = this.element;
    if (!clientWidth) return;
    const room = { width: clientWidth - 2 * MARGIN, height: clientHeight - 2 * MARGIN };
    let top = MARGIN;
    this.#spots = this.#pages.map((page, place) => {
      const scale = scaleOf(this.zoom, page, room);
      const spot = { page, place, top, width: page.width * scale, height: page.height * scale };
      top += spot.height + GAP;
      return spot;
    });
    const widest = Math.max(0, ...this.#spots.map(({ width }) => width));
    this.#long.style.height = `${top - GAP + MARGIN}px`;
    this.#long.style.width = `${Math.max(clientWidth, widest + 2 * MARGIN)}px`;
    const spot = this.#spots.find(({ page }) => page.id === this.#id);
    if (go && spot) this.element.scrollTop = spot.top - MARGIN;
    this.#fill();
  }

  #soon() {
    cancelAnimationFrame(this.#due);
    this.#due = requestAnimationFrame(() => {
      this.#fill();
      this.#look();
    });
  }

  /** The page in the middle is the one that is looked at. */
  #look() {
    const middle = this.element.scrollTop + this.element.clientHeight / 2;
    const spot = this.#spots.find(({ top, height }) => top + height + GAP > middle) ?? this.#spots.at(-1);
    if (!spot || spot.page.id === this.#id) return;
    this.#id = spot.page.id;
    this.dispatchEvent(new Event("page"));
  }

  /** Puts up the pages in sight, or nearly, and takes down the others. */
  #fill() {
    const { scrollTop, clientHeight } = this.element;
    const seen = this.#spots.filter(({ top, height }) =>
      top + height > scrollTop - OVER && top < scrollTop + clientHeight + OVER);
    const there = new Set(seen.map(({ page }) => page.id));
    for (const [id, { paper, seen: left }] of this.#papers) {
      if (there.has(id)) continue;
      left.abort();
      paper.remove();
      this.#papers.delete(id);
    }
    for (const spot of seen) this.#put(spot);
  }

  /** @param {Spot} spot */
  #put(spot) {
    const { page, place, top, width, height } = spot;
    const made = this.#papers.get(page.id) ?? this.#paper(page.id);
    const { paper, img, marks } = made;
    Object.assign(paper.style, { top: `${top}px`, width: `${width}px`, height: `${height}px` });
    paper.style.insetInlineStart = `${Math.max(MARGIN, (this.#long.offsetWidth - width) / 2)}px`;
    const wanted = `${page.etag} ${Math.ceil(width * devicePixelRatio)}`;
    img.alt = made.lost && made.shown === wanted ? say("pageGone") : say("page", { number: place + 1 });
    if (made.shown === wanted) return;
    made.shown = wanted;
    made.lost = false;
    draw(marks, page);
    const show = (/** @type {string} */ url) => { if (made.shown === wanted) img.src = url; };
    const { signal } = made.seen;
    if (!img.src) this.#pictures.thumbnail(page, signal).then((url) => { if (!img.src) show(url); }, () => undefined);
    this.#pictures.large(page, width * devicePixelRatio, signal)
      .then(show, () => {
        if (signal.aborted || made.shown !== wanted) return;
        made.lost = true;
        img.alt = say("pageGone");
      })
      .then(() => this.#write(made, page, wanted));
  }

  /**
   * Lays the words of a page over it, once it is seen.
   * @param {Paper} made
   * @param {Page} page
   * @param {string} wanted
   */
  async #write(made, page, wanted) {
    const there = () => made.shown === wanted && made.paper.isConnected;
    if (!hasText(page) || !there()) return;
    const lines = await this.#lettering.of(page);
    if (there()) write(made.text, page, lines);
  }

  /** @param {string} id */
  #paper(id) {
    const img = el("img", { alt: "", draggable: "false" });
    const marks = overlay();
    const text = el("div", { class: "text" });
    const made = { paper: el("div", { class: "paper", "data-page": id }, img, text, marks), img, text, marks, shown: "", lost: false, seen: new AbortController() };
    this.#long.append(made.paper);
    this.#papers.set(id, made);
    return made;
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.step(event.deltaY < 0 ? 1 : -1);
  }
}
