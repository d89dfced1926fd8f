/** The first page of a file that comes in, seen before any of its pages is kept. */

import { OpenDocument } from "./document.js";
import { Pages } from "./pages.js";
import { Pictures } from "./pictures.js";

/** @typedef {import("../shapes.js").Page} Page */

/** What the service tells of a file on its way. */
/** @typedef {{watch?: string, picture?: {type: string, width: number, height: number, data: string}}} Told */

/** Shows it where the page will be, and takes it away again where the file is refused. */
export class Ahead {
  #document;
  #pages;
  #pictures;
  #watch = ""; // the word by which the service tells of the file that is awaited
  /** @type {string | null} */ #into = null; // the document that it goes into; a new one is not there yet
  #url = "";

  /** @param {{document: OpenDocument, pages: Pages, pictures: Pictures}} rooms */
  constructor({ document, pages, pictures }) {
    this.#document = document;
    this.#pages = pages;
    this.#pictures = pictures;
  }

  /**
   * Asks for a file to be taken into a document, the open one by itself, and shows what came of it.
   * @template {{pages: Page[]}} T
   * @param {(watch: string) => Promise<T>} ask
   * @param {(told: T) => Promise<void>} show
   * @param {string | null} [into]   null for a new one
   */
  async during(ask, show, into = this.#document.id) {
    this.#end(); // the file before, whose answer is on its way still
    const watch = this.#watch = `${Math.random()}`;
    this.#into = into;
    try {
      const told = await ask(watch);
      const [first] = told.pages;
      if (first && this.#url && this.#watch === watch) {
        this.#pictures.have(first, this.#url);
        this.#url = "";
      }
      await show(told);
      return told.pages.length;
    } finally {
      if (this.#watch === watch) this.#end();
    }
  }

  /** @param {Told} told */
  hear({ watch, picture }) {
    if (!picture || !watch || watch !== this.#watch || this.#url || this.#document.id !== this.#into) return;
    const bytes = Uint8Array.from(atob(picture.data), (letter) => letter.charCodeAt(0));
    this.#url = URL.createObjectURL(new Blob([bytes], { type: picture.type }));
    this.#pages.ahead = { url: this.#url, ratio: picture.width / picture.height };
  }

  #end() {
    this.#watch = "";
    this.#pages.ahead = null;
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = "";
  }
}
