/** What is written on pages: laid over the picture to be selected, and found in the whole document. */

import { Sheetfed } from "../sheetfed.js";
import { OpenDocument } from "./document.js";
import { el } from "./dom.js";
import { hasText, Lettering } from "./lettering.js";
import { Stage } from "./stage.js";
import { inLine } from "./told.js";
import { say } from "./words.js";

/**
 * @typedef {import("../shapes.js").Page} Page
 * @typedef {import("../shapes.js").Schemas["Findings"]["items"][number]} Finding
 */

const MOST = 500; // findings that are listed

/** A field to search the document, and the words of the page that is shown. */
export class Text {
  #sheetfed;
  #document;
  #stage;
  #lettering;
  #go;
  /** @type {Page | null} */ #page = null;
  /** @type {Finding | null} */ #pointed = null;
  /** @type {string | null} */ #searched = null; // the document that the findings are of
  #left = new AbortController();
  #wanted = el("input", { type: "search", "aria-label": say("searchText"), placeholder: say("searchText"), onchange: () => this.#search() });
  #list = el("ul", { class: "findings" });
  #told = el("p", { class: "note", role: "status" });
  element = el("section", { class: "found text-search", hidden: true, "aria-label": say("searchText") }, this.#wanted, this.#told, this.#list);

  /** @param {{sheetfed: Sheetfed, document: OpenDocument, stage: Stage, lettering: Lettering, go: (id: string) => void}} rooms */
  constructor({ sheetfed, document, stage, lettering, go }) {
    this.#sheetfed = sheetfed;
    this.#document = document;
    this.#stage = stage;
    this.#lettering = lettering;
    this.#go = go;
  }

  /** Is there where the document has text; what was found in another one is not. */
  offer() {
    if (this.#searched !== this.#document.id) {
      this.#searched = this.#document.id;
      this.#wanted.value = "";
      this.#search();
    }
    this.element.hidden = !this.#document.pages.some(hasText);
  }

  /**
   * Lays the words of a page over it.
   * @param {Page} page
   */
  async show(page) {
    if (this.#page?.id === page.id && this.#page.etag === page.etag) return;
    this.#page = page;
    this.#stage.write([]);
    this.#stage.light(this.#pointed?.page === page.id ? this.#pointed.boxes : []);
    if (!hasText(page)) return;
    const lines = await this.#lettering.of(page);
    if (this.#page === page) this.#stage.write(lines);
  }

  async #search() {
    this.#left.abort();
    const { signal } = this.#left = new AbortController();
    const find = this.#wanted.value.trim();
    this.#pointed = null;
    this.#list.replaceChildren();
    this.#told.textContent = "";
    const { id } = this.#document;
    if (!find || id === null) return;
    try {
      for (let cursor; cursor !== null && this.#list.children.length < MOST;) {
        const { items, next } = await this.#sheetfed.findText(id, find, { cursor, signal });
        if (signal.aborted) return;
        this.#list.append(...items.map((each) => this.#found(each)));
        cursor = next;
      }
      if (!this.#list.children.length) this.#told.textContent = say("notFound");
    } catch (error) {
      if (!signal.aborted) this.#told.textContent = inLine(error);
    }
  }

  /** @param {Finding} finding */
  #found(finding) {
    return el("li", {}, el("button", { type: "button", class: "quiet finding", onclick: () => {
      this.#pointed = finding;
      this.#go(finding.page);
      this.#stage.light(finding.boxes);
    } }, el("span", { class: "kind" }, say("page", { number: finding.position + 1 })), el("span", { class: "value" }, finding.text)));
  }
}
