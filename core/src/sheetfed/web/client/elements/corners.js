/** Four corners on a page, to be dragged to those of a sheet. */

import { el } from "./dom.js";
import { say } from "./words.js";

/**
 * @typedef {[number, number]} Point   in pixels of the page
 * @typedef {[Point, Point, Point, Point]} Four
 * @typedef {{width: number, height: number}} Size
 */

const SPACE = "http://www.w3.org/2000/svg";

/** Sends `change` when one of them is somewhere else. */
export class Corners extends EventTarget {
  /** @type {Four | null} */ points = null;
  /** @type {Size} */ #page = { width: 1, height: 1 };
  #shade = document.createElementNS(SPACE, "svg");
  #handles = [0, 1, 2, 3].map((index) => el("button", {
    type: "button", class: "corner", "data-corner": index, "aria-label": say("corner", { number: index + 1 }),
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(index, event),
  }));
  element = el("div", { class: "corners", part: "corners", role: "group", hidden: true }, this.#shade, ...this.#handles);

  constructor() {
    super();
    this.#shade.setAttribute("aria-hidden", "true");
    this.#shade.setAttribute("preserveAspectRatio", "none");
  }

  /**
   * Shows corners, or none.
   * @param {Four | null} points
   */
  show(points) {
    this.points = points;
    this.#draw();
  }

  /** The page that they are on. */
  set page(/** @type {Size} */ { width, height }) {
    this.#page = { width, height };
    this.#draw();
  }

  /**
   * Puts one of them elsewhere on the page.
   * @param {number} index
   * @param {number} x
   * @param {number} y
   */
  move(index, x, y) {
    if (!this.points) return;
    const { width, height } = this.#page;
    const to = /** @type {Point} */ ([Math.max(0, Math.min(x, width)), Math.max(0, Math.min(y, height))]);
    const points = /** @type {Four} */ (this.points.map((point, place) => (place === index ? to : point)));
    if (!isConvex(points)) return;
    this.show(points);
    this.dispatchEvent(new Event("change"));
  }

  /** @param {number} index */
  focus(index) {
    this.#handles[index]?.focus({ preventScroll: true });
  }

  #draw() {
    const { points } = this;
    this.element.hidden = points === null;
    if (!points) return;
    const { width, height } = this.#page;
    this.#shade.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const outline = points.map((point) => point.join(" ")).join("L");
    this.#shade.replaceChildren(...[`M0 0H${width}V${height}H0ZM${outline}Z`, `M${outline}Z`].map((line) => {
      const path = document.createElementNS(SPACE, "path");
      path.setAttribute("d", line);
      return path;
    }));
    for (const [index, handle] of this.#handles.entries()) {
      const [x, y] = points[index] ?? [0, 0];
      Object.assign(handle.style, { left: `${(x / width) * 100}%`, top: `${(y / height) * 100}%` });
    }
  }

  /**
   * @param {number} index
   * @param {KeyboardEvent} event
   */
  #key(index, event) {
    const by = /** @type {Record<string, Point>} */ ({
      ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
    })[event.key];
    const point = this.points?.[index];
    if (!by || !point) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.ctrlKey ? 1 : Math.max(1, Math.round(this.#page.width / 100));
    this.move(index, point[0] + by[0] * step, point[1] + by[1] * step);
  }
}

/**
 * Reads corners as an option holds them; null where they are none.
 * @param {unknown} text
 * @returns {Four | null}
 */
export function cornersOf(text) {
  const points = String(text ?? "").trim().split(/\s+/).map((pair) => pair.split(",").map(Number));
  const whole = points.length === 4 && points.every((point) => point.length === 2 && point.every(Number.isFinite));
  return whole ? /** @type {Four} */ (points) : null;
}

/**
 * Writes corners as an option holds them.
 * @param {Four} points
 */
export function written(points) {
  return points.map((point) => point.map((each) => Math.round(each * 10) / 10).join(",")).join(" ");
}

/** @param {Four} points */
function isConvex(points) {
  const turns = points.map((point, index) => {
    const next = /** @type {Point} */ (points[(index + 1) % 4]);
    const after = /** @type {Point} */ (points[(index + 2) % 4]);
    return (next[0] - point[0]) * (after[1] - next[1]) - (next[1] - point[1]) * (after[0] - next[0]);
  });
  return turns.every((turn) => turn > 1);
}
