/** The words of pages over their pictures: unseen, to be selected and copied. */

import { Sheetfed } from "../sheetfed.js";
import { el } from "./dom.js";

/**
 * @typedef {import("../shapes.js").Page} Page
 * @typedef {import("../shapes.js").Mark} Mark
 * @typedef {{text: string, left: number, top: number, width: number, height: number}} Line   in pixels of the page
 */

const KEPT = 20;

/** Knows what is written on pages. */
export class Lettering {
  #sheetfed;
  /** @type {Map<string, Promise<Line[]>>} */ #kept = new Map();

  /** @param {Sheetfed} sheetfed */
  constructor(sheetfed) {
    this.#sheetfed = sheetfed;
  }

  /**
   * What is written on a page, in lines; nothing where nobody read it.
   * @param {Page} page
   * @returns {Promise<Line[]>}
   */
  of(page) {
    const key = `${page.id} ${page.etag}`;
    const lines = this.#kept.get(key) ?? this.#read(page);
    this.#kept.delete(key);
    this.#kept.set(key, lines);
    for (const old of [...this.#kept.keys()].slice(0, -KEPT)) this.#kept.delete(old);
    return lines.catch(() => {
      this.#kept.delete(key); // asked again when the page is next seen
      return [];
    });
  }

  /** @param {Page} page */
  async #read(page) {
    const own = page.media_type.startsWith("image/") ? { items: [] } : await this.#sheetfed.getContents(page.id);
    return lines([...own.items, ...page.marks].filter(({ kind }) => kind === "text"));
  }
}

/** @param {Page} page */
export function hasText({ media_type: type, marks }) {
  return !type.startsWith("image/") || marks.some(({ kind }) => kind === "text");
}

/**
 * Lays lines over the picture of a page.
 * @param {HTMLElement} layer
 * @param {{width: number, height: number}} page
 * @param {Line[]} lines
 */
export function write(layer, { width, height }, lines) {
  layer.replaceChildren(...lines.map((line) => {
    const stretch = line.width / (textWidth(line.text) * line.height || 1);
    const made = el("div", {}, line.text);
    Object.assign(made.style, {
      left: `${(line.left / width) * 100}%`, top: `${(line.top / height) * 100}%`,
      fontSize: `${(line.height / height) * 100}cqh`, transform: `scaleX(${stretch})`,
    });
    return made;
  }));
}

/**
 * Puts words that stand beside one another together, so that they are copied as they are read.
 * @param {Mark[]} words
 * @returns {Line[]}
 */
function lines(words) {
  /** @type {Line[]} */ const found = [];
  for (const { value, box } of words) {
    if (!box) continue;
    const last = found.at(-1);
    const middle = box.top + box.height / 2;
    if (last && middle > last.top && middle < last.top + last.height && box.left >= last.left + last.width - box.height / 2) {
      last.text += ` ${value}`;
      const bottom = Math.max(last.top + last.height, box.top + box.height);
      last.top = Math.min(last.top, box.top);
      last.height = bottom - last.top;
      last.width = box.left + box.width - last.left;
    } else found.push({ text: value, left: box.left, top: box.top, width: box.width, height: box.height });
  }
  return found;
}

const PEN = document.createElement("canvas").getContext("2d");

/**
 * How wide a text is, in letters' heights.
 * @param {string} text
 */
function textWidth(text) {
  if (!PEN) return text.length / 2;
  PEN.font = "100px sans-serif";
  return PEN.measureText(text).width / 100;
}
