/** Fetches the pictures of pages, few at a time, and keeps them. */

import { Sheetfed } from "../sheetfed.js";

/** @typedef {import("../shapes.js").Page} Page */

const AT_ONCE = 3; // a browser gives a host six connections, and scanning needs some
const LARGE_KEPT = 8;
const SMALL_KEPT = 400;
const THUMBNAIL = 180; // no more than what the service keeps ready for every page
const SHOWN = 1_000; // milliseconds after which an address was taken by all who waited for it
const STEP = 300; // large pictures come in few sizes, so that a resized window needs no new one

/** @typedef {{url: Promise<string>, wanted: number, left: AbortController}} Coming   by how many, until none is left */

/** Pictures as addresses that an `img` can show; what nobody waits for any more is not fetched. */
export class Pictures {
  #sheetfed;
  #busy = 0;
  /** @type {(() => void)[]} */ #waiting = []; // the newest is next: it is what is looked at now
  /** @type {Map<string, Coming>} */ #kept = new Map();

  /** @param {Sheetfed} sheetfed */
  constructor(sheetfed) {
    this.#sheetfed = sheetfed;
  }

  /**
   * @param {Page} page
   * @param {AbortSignal} [signal]   the page was scrolled away
   * @returns {Promise<string>}
   */
  thumbnail(page, signal) {
    const picture = this.#picture(page, { width: THUMBNAIL, height: THUMBNAIL }, signal);
    this.#forgetOld((key) => key.endsWith(` ${THUMBNAIL}`), SMALL_KEPT);
    return picture;
  }

  /**
   * Takes a picture of a page that is at hand already.
   * @param {Page} page
   * @param {string} url   given up to this room, which revokes it in time
   */
  have(page, url) {
    const key = `${page.id} ${page.etag} ${THUMBNAIL}`;
    if (this.#kept.has(key)) return URL.revokeObjectURL(url);
    this.#kept.set(key, { url: Promise.resolve(url), wanted: 1, left: new AbortController() });
  }

  /**
   * A picture at least `width` wide where the page is.
   * @param {Page} page
   * @param {number} width
   * @param {AbortSignal} [signal]   the page is seen no more
   * @returns {Promise<string>}
   */
  large(page, width, signal) {
    const enough = Math.min(Math.ceil(width / STEP) * STEP, page.width);
    const height = Math.ceil((enough * page.height) / page.width);
    const picture = this.#picture(page, { width: enough, height }, signal);
    this.#forgetOld((key) => !key.endsWith(` ${THUMBNAIL}`), LARGE_KEPT);
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
   * @param {AbortSignal} [signal]
   */
  #picture(page, room, signal) {
    const key = `${page.id} ${page.etag} ${room.width}`;
    const made = this.#kept.get(key) ?? this.#fresh(key, page.id, room);
    made.wanted += 1;
    signal?.addEventListener("abort", () => {
      made.wanted -= 1;
      if (made.wanted === 0) made.left.abort();
    });
    return made.url;
  }

  /**
   * @param {string} key
   * @param {string} id
   * @param {{width: number, height: number}} room
   */
  #fresh(key, id, room) {
    const left = new AbortController();
    const url = this.#turn(left.signal).then(() => this.#fetch(id, room, left.signal));
    const made = { url, wanted: 0, left };
    const drop = () => { if (this.#kept.get(key) === made) this.#kept.delete(key); };
    left.signal.addEventListener("abort", drop); // who wants it now begins anew
    url.then(() => left.signal.removeEventListener("abort", drop), drop);
    this.#kept.set(key, made);
    return made;
  }

  /**
   * @param {string} id
   * @param {{width: number, height: number}} room
   * @param {AbortSignal} signal
   */
  async #fetch(id, room, signal) {
    try {
      signal.throwIfAborted();
      return URL.createObjectURL(await this.#sheetfed.getImage(id, { ...room, type: "image/jpeg", signal }));
    } finally {
      this.#busy -= 1;
      this.#waiting.pop()?.();
    }
  }

  /**
   * Waits until one more picture may be fetched.
   * @param {AbortSignal} signal
   * @returns {Promise<void>}
   */
  #turn(signal) {
    return new Promise((resolve, reject) => {
      const start = () => { this.#busy += 1; resolve(); };
      if (this.#busy < AT_ONCE) return start();
      this.#waiting.push(start);
      signal.addEventListener("abort", () => {
        const place = this.#waiting.indexOf(start);
        if (place < 0) return;
        this.#waiting.splice(place, 1);
        reject(signal.reason);
      });
    });
  }

  /**
   * @param {(key: string) => boolean} which
   * @param {number} most
   */
  #forgetOld(which, most) {
    for (const key of [...this.#kept.keys()].filter(which).slice(0, -most)) this.#drop(key);
  }

  /** @param {string} key */
  #drop(key) {
    this.#kept.get(key)?.url.then((url) => setTimeout(() => URL.revokeObjectURL(url), SHOWN), () => undefined);
    this.#kept.delete(key);
  }
}
