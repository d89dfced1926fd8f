/** Fetches the pictures of pages, few at a time, and keeps them. */

import { Api } from "./api.js";

/** @typedef {import("./api.js").Page} Page */

const AT_ONCE = 3; // a browser gives a host six connections, and scanning needs some
const LARGE_KEPT = 8;
const THUMBNAIL = 180; // no more than what the service keeps ready for every page
const STEP = 300; // large pictures come in few sizes, so that a resized window needs no new one

/** Pictures as addresses that an `img` can show. */
export class Pictures {
  #api;
  #busy = 0;
  /** @type {(() => void)[]} */ #waiting = [];
  /** @type {Map<string, Promise<string>>} */ #kept = new Map();

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
  }

  /**
   * @param {Page} page
   * @returns {Promise<string>}
   */
  thumbnail(page) {
    return this.#picture(page, { width: THUMBNAIL, height: THUMBNAIL });
  }

  /**
   * A picture at least `width` wide where the page is.
   * @param {Page} page
   * @param {number} width
   * @returns {Promise<string>}
   */
  large(page, width) {
    const enough = Math.min(Math.ceil(width / STEP) * STEP, page.width);
    const height = Math.ceil((enough * page.height) / page.width);
    const picture = this.#picture(page, { width: enough, height });
    this.#forgetOldLarge();
    return picture;
  }

  /**
   * Lets go of a page's pictures.
   * @param {string} id
   */
  forget(id) {
    for (const key of this.#kept.keys()) if (key.startsWith(`${id} `)) this.#drop(key);
  }

  /**
   * @param {Page} page
   * @param {{width: number, height: number}} room
   */
  #picture(page, room) {
    const key = `${page.id} ${room.width}`;
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const coming = this.#turn().then(() => this.#fetch(page.id, room));
    this.#kept.set(key, coming);
    coming.catch(() => this.#kept.delete(key));
    return coming;
  }

  /**
   * @param {string} id
   * @param {{width: number, height: number}} room
   */
  async #fetch(id, room) {
    try {
      return URL.createObjectURL(await this.#api.image(id, room));
    } finally {
      this.#busy -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** @returns {Promise<void>} */
  #turn() {
    return new Promise((resolve) => {
      const start = () => { this.#busy += 1; resolve(); };
      if (this.#busy < AT_ONCE) start();
      else this.#waiting.push(start);
    });
  }

  #forgetOldLarge() {
    const large = [...this.#kept.keys()].filter((key) => !key.endsWith(` ${THUMBNAIL}`));
    for (const key of large.slice(0, -LARGE_KEPT)) this.#drop(key);
  }

  /** @param {string} key */
  #drop(key) {
    this.#kept.get(key)?.then((url) => URL.revokeObjectURL(url), () => undefined);
    this.#kept.delete(key);
  }
}
