/** One page, as large as wanted: zoomed, moved about, with what was found on it and a region to choose. */

import { Corners } from "./corners.js";
import { el } from "./dom.js";
import { write } from "./lettering.js";
import { draw, overlay, point } from "./marks.js";
import { Pictures } from "./pictures.js";
import { scaleOf, stepFrom } from "./zoom.js";

/**
 * @typedef {import("../shapes.js").Page} Page
 * @typedef {{left: number, top: number, width: number, height: number}} Region   in pixels of the page
 * @typedef {import("./zoom.js").Zoom} Zoom
 * @typedef {import("./lettering.js").Line} Line
 */

const MARGIN = 20;
const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const LEAST = 8; // pixels of the page that a region has at least

/** Sends `zoom` when another zoom holds, `region` when another region is chosen, `lost` where there is no picture. */
export class Stage extends EventTarget {
  /** @type {Zoom} */ zoom = "page";
  /** @type {Region | null} */ region = null;
  /** @type {Page | null} */ #page = null;
  #pictures;
  #picture = el("img", { alt: "", draggable: "false" });
  #marks = overlay();
  #frame = el("div", { class: "region", role: "group", hidden: true, tabindex: "0" },
    ...HANDLES.map((each) => el("span", { class: "handle", "data-handle": each })));
  #shade = el("div", { class: "shade" });
  #text = el("div", { class: "text" });
  #lights = el("div", { class: "lights", "aria-hidden": "true" });
  corners = new Corners();
  #paper = el("div", { class: "paper" }, this.#picture, this.#lights, this.#text, this.#marks, this.#shade, this.#frame, this.corners.element);
  #presses = 0; // since the page was opened
  #turns = 0; // how often a picture was asked for
  #drawn = 0; // in which of them the one that is seen
  #seen = new AbortController(); // until another page is shown
  #choosing = false;
  #offered = false; // the region is where nobody has put it yet
  element = el("div", { class: "stage", part: "stage", tabindex: "0" }, this.#paper);

  /** @param {Pictures} pictures */
  constructor(pictures) {
    super();
    this.#pictures = pictures;
    new ResizeObserver(() => {
      this.#resize();
      this.dispatchEvent(new Event("zoom")); // what fits the window is another zoom in another window
    }).observe(this.element);
    this.element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.element.addEventListener("pointerdown", (event) => this.#press(event));
    this.element.addEventListener("dblclick", (event) => this.#toggle(event));
    this.#frame.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Begins anew: the page is seen whole. */
  reset() {
    this.zoom = "page";
    this.#presses = 0;
  }

  /**
   * Shows the page whole, or pixel by pixel; not by the second click of two whose first one opened it.
   * A press that moves the page takes the pointer for the stage, so that the stage is what is clicked.
   * @param {MouseEvent} event
   */
  #toggle({ target }) {
    if (this.#presses < 2 || this.#choosing || this.corners.points) return;
    if (target === this.#picture || target === this.element) this.set(this.fits ? 1 : "page");
  }

  /** Whether the page is wholly seen. */
  get fits() {
    return this.zoom === "page";
  }

  /** Whether the pointer draws a region instead of moving the page. */
  set choosing(/** @type {boolean} */ choosing) {
    this.#choosing = choosing;
    this.element.classList.toggle("choosing", choosing);
    if (!choosing) this.choose(null);
    if (!choosing) this.corners.show(null);
  }

  /**
   * Shows a page.
   * @param {Page} page
   * @param {string} name
   */
  async show(page, name) {
    const before = this.#page;
    const other = page.id !== before?.id;
    const reshaped = before?.width !== page.width || before.height !== page.height;
    this.#page = page;
    const turn = this.#turns += 1;
    const put = (/** @type {string} */ url) => {
      if (page !== this.#page || turn < this.#drawn) return; // one that was asked for later is there
      this.#drawn = turn;
      this.#picture.src = url;
    };
    if (other) this.#seen.abort();
    if (other) this.#seen = new AbortController();
    const { signal } = this.#seen;
    this.#picture.alt = name;
    this.corners.page = page;
    if (other) this.corners.show(null);
    if (other) this.choose(null);
    else if (this.region && reshaped) this.choose(this.#within(this.region));
    this.#lay();
    draw(this.#marks, page);
    try {
      if (other || reshaped) put(await this.#pictures.thumbnail(page, signal));
      put(await this.#pictures.large(page, this.#scale() * page.width * devicePixelRatio, signal));
    } catch (error) {
      if (page === this.#page && !signal.aborted) this.dispatchEvent(new CustomEvent("lost", { detail: error }));
    }
  }

  /** @param {Zoom} zoom */
  set(zoom) {
    this.zoom = zoom;
    this.#resize();
    this.dispatchEvent(new Event("zoom"));
  }

  /** @param {-1 | 1} by */
  step(by) {
    this.set(stepFrom(this.#scale(), by));
  }

  /** How many percent of a pixel's true size are shown. */
  get percent() {
    return Math.round(this.#scale() * 100);
  }

  /** @param {Region | null} region */
  choose(region) {
    this.region = region;
    this.#offered = false;
    this.#outline();
    this.dispatchEvent(new Event("region"));
  }

  /**
   * Shows a region to begin with; the pointer draws another one over it.
   * @param {Region} region
   */
  offer(region) {
    this.choose(region);
    this.#offered = true;
  }

  /**
   * Shows one of the marks so that it is seen.
   * @param {number} index
   */
  point(index) {
    point(this.#marks, index);
  }

  /**
   * Lays lines of text over the page, unseen, to be selected.
   * @param {Line[]} lines
   */
  write(lines) {
    write(this.#text, this.#page ?? { width: 1, height: 1 }, lines);
  }

  /**
   * Shows where something was found, and that it is seen.
   * @param {Region[]} boxes
   */
  light(boxes) {
    const { width, height } = this.#page ?? { width: 1, height: 1 };
    this.#lights.replaceChildren(...boxes.map((box) => {
      const made = el("div", {});
      Object.assign(made.style, {
        left: `${(box.left / width) * 100}%`, top: `${(box.top / height) * 100}%`,
        width: `${(box.width / width) * 100}%`, height: `${(box.height / height) * 100}%`,
      });
      return made;
    }));
    this.#lights.firstElementChild?.scrollIntoView({ block: "center", inline: "center" });
  }

  #scale() {
    const { clientWidth, clientHeight } = this.element;
    const room = { width: clientWidth - 2 * MARGIN, height: clientHeight - 2 * MARGIN };
    return this.#page ? scaleOf(this.zoom, this.#page, room) : 1;
  }

  #resize() {
    if (!this.#page || !this.element.clientWidth) return; // it is hidden, or closed
    const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = this.element;
    const way = getComputedStyle(this.element).direction === "rtl" ? -1 : 1;
    const [x, y] = [(way * scrollLeft + clientWidth / 2) / scrollWidth, (scrollTop + clientHeight / 2) / scrollHeight];
    this.#lay();
    this.element.scrollLeft = way * (x * this.element.scrollWidth - clientWidth / 2);
    this.element.scrollTop = y * this.element.scrollHeight - clientHeight / 2;
    this.show(this.#page, this.#picture.alt);
  }

  #lay() {
    if (!this.#page) return;
    const scale = this.#scale();
    this.#paper.style.width = `${this.#page.width * scale}px`;
    this.#paper.style.height = `${this.#page.height * scale}px`;
    this.element.classList.toggle("pans", !this.fits);
    this.#outline();
  }

  #outline() {
    const { region } = this;
    this.#frame.hidden = region === null;
    if (!region || !this.#page) return;
    const { width, height } = this.#page;
    Object.assign(this.#frame.style, {
      left: `${(region.left / width) * 100}%`, top: `${(region.top / height) * 100}%`,
      width: `${(region.width / width) * 100}%`, height: `${(region.height / height) * 100}%`,
    });
    const [left, top, right, bottom] = [region.left / width, region.top / height, (region.left + region.width) / width, (region.top + region.height) / height]
      .map((share) => `${share * 100}%`);
    this.#shade.style.clipPath = `polygon(evenodd, 0 0, 100% 0, 100% 100%, 0 100%, 0 0, ${left} ${top}, ${right} ${top}, ${right} ${bottom}, ${left} ${bottom}, ${left} ${top})`;
    this.#frame.setAttribute("aria-label", `${region.width} × ${region.height}`);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.step(event.deltaY < 0 ? 1 : -1);
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0) return;
    this.#presses += 1;
    const handle = /** @type {HTMLElement} */ (event.target).dataset["handle"];
    const corner = /** @type {HTMLElement} */ (event.target).dataset["corner"];
    const inside = this.#frame.contains(/** @type {Node} */ (event.target));
    const from = this.#place(event);
    const before = this.region;
    if (corner !== undefined) this.#follow(event, (to) => this.corners.move(Number(corner), to.x, to.y), () => this.corners.focus(Number(corner)));
    else if (this.corners.points) return;
    else if (handle && before) this.#follow(event, (to) => this.choose(this.#within(stretched(before, handle, to))));
    else if (inside && before && !this.#offered) this.#follow(event, (to) => this.choose(this.#moved(before, to.x - from.x, to.y - from.y)));
    else if (this.#choosing) this.#follow(event, (to) => this.choose(this.#within(between(from, to))));
    else if (!this.fits && event.pointerType === "mouse" && !this.#text.contains(/** @type {Node} */ (event.target))) this.#pan(event);
  }

  /** @param {PointerEvent} start */
  #pan(start) {
    const { scrollLeft, scrollTop } = this.element;
    this.element.classList.add("panning");
    this.#follow(start, (_, event) => {
      this.element.scrollLeft = scrollLeft - (event.clientX - start.clientX);
      this.element.scrollTop = scrollTop - (event.clientY - start.clientY);
    }, () => this.element.classList.remove("panning"));
  }

  /**
   * Follows the pointer until it is let go.
   * @param {PointerEvent} start
   * @param {(to: {x: number, y: number}, event: PointerEvent) => void} move
   * @param {() => void} [end]
   */
  #follow(start, move, end) {
    start.preventDefault();
    this.element.focus({ preventScroll: true });
    this.element.setPointerCapture(start.pointerId);
    const over = new AbortController();
    const finish = () => { over.abort(); end?.(); };
    this.element.addEventListener("pointermove", (event) => move(this.#place(event), event), { signal: over.signal });
    for (const name of ["pointerup", "pointercancel"]) this.element.addEventListener(name, finish, { signal: over.signal });
  }

  /**
   * Where on the page the pointer is.
   * @param {PointerEvent} event
   */
  #place({ clientX, clientY }) {
    const { left, top } = this.#paper.getBoundingClientRect();
    return { x: (clientX - left) / this.#scale(), y: (clientY - top) / this.#scale() };
  }

  /**
   * @param {Region} region
   * @returns {Region}
   */
  #within({ left, top, width, height }) {
    const page = this.#page ?? { width: 1, height: 1 };
    const x = Math.round(Math.max(0, Math.min(left, page.width - LEAST)));
    const y = Math.round(Math.max(0, Math.min(top, page.height - LEAST)));
    const right = Math.round(Math.min(page.width, Math.max(left + width, x + LEAST)));
    const bottom = Math.round(Math.min(page.height, Math.max(top + height, y + LEAST)));
    return { left: x, top: y, width: right - x, height: bottom - y };
  }

  /**
   * @param {Region} region
   * @param {number} x
   * @param {number} y
   */
  #moved(region, x, y) {
    const page = this.#page ?? { width: 1, height: 1 };
    const left = Math.max(0, Math.min(region.left + x, page.width - region.width));
    const top = Math.max(0, Math.min(region.top + y, page.height - region.height));
    return this.#within({ ...region, left, top });
  }

  /**
   * Moves the region by arrow keys, or stretches it with Shift.
   * @param {KeyboardEvent} event
   */
  #key(event) {
    const by = /** @type {Record<string, [number, number]>} */ ({
      ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
    })[event.key];
    if (!by || !this.region) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.ctrlKey ? 1 : Math.max(1, Math.round((this.#page?.width ?? 100) / 100));
    const [x, y] = [by[0] * step, by[1] * step];
    const { left, top, width, height } = this.region;
    this.choose(event.shiftKey
      ? this.#within({ left, top, width: Math.max(LEAST, width + x), height: Math.max(LEAST, height + y) })
      : this.#moved(this.region, x, y));
  }
}

/**
 * @param {{x: number, y: number}} a
 * @param {{x: number, y: number}} b
 */
function between(a, b) {
  return {
    left: Math.min(a.x, b.x), top: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y),
  };
}

/**
 * The region with one of its edges or corners somewhere else.
 * @param {Region} region
 * @param {string} handle
 * @param {{x: number, y: number}} to
 */
function stretched({ left, top, width, height }, handle, to) {
  const west = handle.includes("w") ? to.x : left;
  const east = handle.includes("e") ? to.x : left + width;
  const north = handle.includes("n") ? to.y : top;
  const south = handle.includes("s") ? to.y : top + height;
  return between({ x: west, y: north }, { x: east, y: south });
}
