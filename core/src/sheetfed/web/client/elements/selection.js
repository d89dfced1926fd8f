/** Which pages are selected. */

/** Sends `change`. */
export class Selection extends EventTarget {
  /** @type {Set<string>} */ #ids = new Set();
  #from = ""; // where a range starts

  get size() {
    return this.#ids.size;
  }

  /** @param {string} id */
  has(id) {
    return this.#ids.has(id);
  }

  /**
   * The selected pages in the order of the document.
   * @param {string[]} order
   */
  among(order) {
    return order.filter((id) => this.#ids.has(id));
  }

  /**
   * Selects a page, or no longer.
   * @param {string} id
   */
  toggle(id) {
    if (!this.#ids.delete(id)) this.#ids.add(id);
    this.#from = id;
    this.#changed();
  }

  /**
   * Selects from the page chosen last to this one.
   * @param {string} id
   * @param {string[]} order
   */
  reach(id, order) {
    const ends = [order.indexOf(this.#from), order.indexOf(id)].sort((a, b) => a - b);
    const [start = 0, end = 0] = ends;
    for (const each of order.slice(Math.max(start, 0), end + 1)) this.#ids.add(each);
    this.#changed();
  }

  /** @param {string[]} ids */
  set(ids) {
    this.#ids = new Set(ids);
    this.#changed();
  }

  /**
   * Forgets pages that are no longer there.
   * @param {string[]} order
   */
  prune(order) {
    const there = this.among(order);
    if (there.length !== this.#ids.size) this.set(there);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
