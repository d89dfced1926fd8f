/** The open document: its pages in order, as the service has them. */

import { Problem } from "../problem.js";
import { Sheetfed } from "../sheetfed.js";

/**
 * @typedef {import("../shapes.js").Page} Page
 * @typedef {import("../shapes.js").Document} Document
 */

/**
 * Sends `change` when what is to be shown changed, `problem` with a Problem as detail, and `lost` when
 * the document itself is not there any more.
 *
 * A deleted page is first only hidden here; the service is told by `commit`, so that `restore` can
 * bring it back. `final`, with ids as detail, tells of hidden pages that cannot be brought back now.
 */
export class OpenDocument extends EventTarget {
  /** @type {string | null} */ id = null;
  title = "";
  /** @type {string[]} */ tags = [];
  version = 0;
  opening = false;
  /** @type {{id: string | null}} */ place = { id: null }; // where what comes now belongs, whatever is opened meanwhile
  #sheetfed;
  /** @type {Page[]} */ #pages = [];
  /** @type {Set<string>} */ #hidden = new Set();
  /** @type {Set<string>} */ #leaving = new Set(); // the service is being told to delete them
  /** @type {Set<Promise<boolean>>} */ #commits = new Set();
  /** @type {Page[]} */ #arrivals = []; // told by events since it was opened
  #noted = { id: "", version: 0 };
  #refreshing = 0;

  /** @param {Sheetfed} sheetfed */
  constructor(sheetfed) {
    super();
    this.#sheetfed = sheetfed;
  }

  /** The pages to be shown. */
  get pages() {
    return this.#pages.filter(({ id }) => !this.#hidden.has(id) && !this.#leaving.has(id));
  }

  /**
   * Opens another document, or none.
   * @param {string | null} id
   * @param {Document} [known]   what the service just said of it, so that it need not be asked again
   */
  async open(id, known) {
    if (id === this.id) return;
    this.commit();
    Object.assign(this, { id, title: "", tags: [], version: 0, opening: id !== null, place: { id } });
    this.#pages = [];
    this.#arrivals = [];
    this.#changed();
    const late = known && this.#noted.id === id && this.#noted.version > known.version;
    if (id !== null) await this.refresh(late ? undefined : known);
  }

  /**
   * Notes what the service told last of a document, open or not.
   * @param {{id: string, version: number}} told
   */
  note(told) {
    this.#noted = told;
  }

  /**
   * Reads it afresh.
   * @param {Document} [known]   an answer that need not be asked for
   */
  async refresh(known) {
    const id = this.id;
    if (id === null) return;
    clearTimeout(this.#refreshing);
    try {
      await this.#read(id, known ? Promise.resolve(known) : this.#sheetfed.getDocument(id));
    } catch (problem) {
      if (this.id === id) this.#unread(/** @type {Problem} */ (problem));
    }
    if (this.id !== id) return;
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

  /**
   * Shows a page as it is now, where it is one of these.
   * @param {Page} page
   */
  renew(page) {
    const place = this.#pages.findIndex((known) => known.id === page.id);
    if (place < 0) return;
    this.#pages[place] = page;
    this.#changed();
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
    await this.#ask((id) => this.#sheetfed.movePages(id, moving.map((page) => page.id), before));
  }

  /**
   * Edits pages, all or none.
   * @param {string[]} ids
   * @param {import("../shapes.js").EditWish[]} edits
   */
  edit(ids, edits) {
    return this.#ask((id) => this.#sheetfed.editPages(id, edits, { pages: ids }));
  }

  /**
   * Takes back the last edit of pages.
   * @param {string[]} ids
   */
  undo(ids) {
    return this.#ask((id) => this.#sheetfed.undoPages(id, { pages: ids }));
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
   * Deletes hidden pages for good, all or these, and waits until no page is being deleted.
   * @param {string[]} [ids]
   * @returns {Promise<boolean>} whether all that were to go are gone
   */
  async commit(ids = [...this.#hidden]) {
    const going = ids.filter((id) => this.#hidden.has(id));
    if (going.length) {
      const commit = this.#delete(going);
      this.#commits.add(commit);
      commit.finally(() => this.#commits.delete(commit));
    }
    return (await Promise.all(this.#commits)).every(Boolean);
  }

  /** @param {string[]} ids */
  async #delete(ids) {
    for (const id of ids) this.#leaving.add(id);
    this.#finish(ids);
    const done = await this.#ask((id) => this.#sheetfed.removePages(id, ids));
    for (const id of ids) this.#leaving.delete(id);
    this.#changed();
    return done;
  }

  /**
   * Asks the service for a change. If it fails, the document is read again, so that nothing is shown
   * that did not happen.
   * @param {(id: string) => Promise<Document>} question
   * @returns {Promise<boolean>} whether it was done
   */
  async #ask(question) {
    const id = /** @type {string} */ (this.id);
    try {
      await this.#read(id, question(id));
      return true;
    } catch (problem) {
      if (this.id === id) await this.refresh();
      this.#tell("problem", problem); // of a document that was left, too: pages were to be deleted there
      return false;
    }
  }

  /**
   * Takes an answer, unless a newer one overtook it. Pages that arrived while it was on its way are
   * not in it and stay.
   * @param {string} id
   * @param {Promise<Document>} asked
   */
  async #read(id, asked) {
    const before = this.#arrivals.length;
    const answer = await asked;
    if (this.id !== id || answer.version < this.version) return;
    const known = new Set(answer.pages.map((page) => page.id));
    const late = this.#arrivals.slice(before).filter((page) => !known.has(page.id));
    this.#pages = [...answer.pages, ...late];
    this.title = answer.title;
    this.tags = answer.tags ?? [];
    this.version = answer.version;
    const there = new Set(this.#pages.map((page) => page.id));
    this.#finish([...this.#hidden].filter((hidden) => !there.has(hidden)));
    this.#changed();
  }

  /** @param {Problem} problem */
  #unread(problem) {
    if (problem.code !== "not-found") return this.#tell("problem", problem);
    this.#finish([...this.#hidden]);
    this.#tell("lost");
  }

  /**
   * From now on these pages cannot be brought back.
   * @param {string[]} ids
   */
  #finish(ids) {
    for (const id of ids) this.#hidden.delete(id);
    if (ids.length) this.#tell("final", ids);
  }

  #changed() {
    this.#tell("change");
  }

  /**
   * @param {"change" | "problem" | "lost" | "final"} name
   * @param {unknown} [detail]
   */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
