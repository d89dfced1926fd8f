/** The open document: its pages in order, as the service has them. */

import { Api } from "./api.js";

/**
 * @typedef {import("./api.js").Page} Page
 * @typedef {import("./api.js").Document} Document
 */

/**
 * Sends `change` when what is to be shown changed, and `problem` with a Problem as detail.
 *
 * A deleted page is first only hidden here; the service is told by `commit`, so that `restore` can
 * bring it back.
 */
export class OpenDocument extends EventTarget {
  /** @type {string | null} */ id = null;
  title = "";
  version = 0;
  opening = false;
  #api;
  /** @type {Page[]} */ #pages = [];
  /** @type {Set<string>} */ #hidden = new Set();
  /** @type {Page[]} */ #arrivals = []; // told by events since it was opened
  #refreshing = 0;

  /** @param {Api} api */
  constructor(api) {
    super();
    this.#api = api;
  }

  /** The pages to be shown. */
  get pages() {
    return this.#pages.filter((page) => !this.#hidden.has(page.id));
  }

  /**
   * Opens another document, or none.
   * @param {string | null} id
   */
  async open(id) {
    if (id === this.id) return;
    this.commit();
    Object.assign(this, { id, title: "", version: 0, opening: id !== null });
    this.#pages = [];
    this.#arrivals = [];
    this.#changed();
    if (id !== null) await this.refresh();
  }

  /** Reads it afresh. */
  async refresh() {
    if (this.id === null) return;
    await this.#ask((id) => this.#api.document(id));
    this.opening = false;
    this.#changed();
  }

  /** Reads it afresh soon; many wishes become one. */
  refreshSoon() {
    clearTimeout(this.#refreshing);
    this.#refreshing = setTimeout(() => this.refresh(), 60);
  }

  /**
   * Shows a page that just arrived.
   * @param {Page} page
   */
  add(page) {
    if (page.document !== this.id || this.#pages.some((known) => known.id === page.id)) return;
    this.#arrivals.push(page);
    this.#pages.push(page);
    this.#changed();
  }

  /** @param {string} title */
  async rename(title) {
    if (this.id === null || title === this.title) return;
    this.title = title;
    await this.#ask((id) => this.#api.rename(id, title));
  }

  /**
   * Moves pages, in their order, to stand before another one, or to the end.
   * @param {string[]} ids
   * @param {string | null} before
   */
  async move(ids, before) {
    const moving = this.#pages.filter((page) => ids.includes(page.id));
    const staying = this.#pages.filter((page) => !ids.includes(page.id));
    const place = staying.findIndex((page) => page.id === before);
    staying.splice(place < 0 ? staying.length : place, 0, ...moving);
    this.#pages = staying;
    this.#changed();
    await this.#ask((id) => this.#api.movePages(id, moving.map((page) => page.id), before));
  }

  /**
   * Hides pages until they are committed or restored.
   * @param {string[]} ids
   */
  hide(ids) {
    for (const id of ids) this.#hidden.add(id);
    this.#changed();
  }

  /**
   * Brings hidden pages back.
   * @param {string[]} ids
   */
  restore(ids) {
    for (const id of ids) this.#hidden.delete(id);
    this.#changed();
  }

  /**
   * Deletes hidden pages for good, all or these.
   * @param {string[]} [ids]
   */
  async commit(ids = [...this.#hidden]) {
    const going = ids.filter((id) => this.#hidden.has(id));
    if (this.id === null || !going.length) return;
    const done = await this.#ask((id) => this.#api.removePages(id, going));
    this.restore(going);
    if (!done) this.refreshSoon();
  }

  /**
   * Asks the service for something that answers with the document. Pages that arrived while the
   * answer was on its way are not in it and stay.
   * @param {(id: string) => Promise<Document>} question
   * @returns {Promise<boolean>} whether it was answered
   */
  async #ask(question) {
    const id = /** @type {string} */ (this.id);
    const before = this.#arrivals.length;
    try {
      const answer = await question(id);
      if (this.id !== id) return true;
      const known = new Set(answer.pages.map((page) => page.id));
      const late = this.#arrivals.slice(before).filter((page) => !known.has(page.id));
      this.#pages = [...answer.pages, ...late];
      this.title = answer.title;
      this.version = answer.version;
      this.#changed();
      return true;
    } catch (problem) {
      if (this.id === id) this.dispatchEvent(new CustomEvent("problem", { detail: problem }));
      return false;
    }
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
