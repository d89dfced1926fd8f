/** Files that come into the open document, one after the other. */

import { Problem } from "../problem.js";
import { Sheetfed } from "../sheetfed.js";
import { Ahead } from "./ahead.js";
import { OpenDocument } from "./document.js";
import { trouble } from "./told.js";
import { Toasts } from "./toasts.js";
import { say } from "./words.js";

/** Takes files in. */
export class Taking {
  #sheetfed;
  #document;
  #ahead;
  #toasts;
  #tell;
  /** @type {Promise<void>} */ #last = Promise.resolve();

  /**
   * @param {Sheetfed} sheetfed
   * @param {OpenDocument} document
   * @param {Ahead} ahead
   * @param {Toasts} toasts
   * @param {(problem: unknown) => void} tell
   */
  constructor(sheetfed, document, ahead, toasts, tell) {
    this.#sheetfed = sheetfed;
    this.#document = document;
    this.#ahead = ahead;
    this.#toasts = toasts;
    this.#tell = tell;
  }

  /**
   * Takes files in after those that are coming in already; one that cannot be opened keeps no other back.
   * @param {File[]} files
   * @param {string | null} before   the page that theirs come to stand before
   */
  take(files, before) {
    const { place } = this.#document;
    for (const file of files) this.#last = this.#last.then(() => this.#one(file, before, place));
  }

  /**
   * @param {File} file
   * @param {string | null} before
   * @param {OpenDocument["place"]} place
   */
  async #one(file, before, place) {
    try {
      const count = await this.#import(file, before, place);
      this.#toasts.toast(say("imported", { name: file.name, count }));
    } catch (error) {
      const { title, advice } = trouble(error instanceof Problem ? error : {});
      this.#toasts.toast([say("notImported", { name: file.name }), title, advice].filter(Boolean).join(". "));
      this.#tell(error);
    }
  }

  /**
   * @param {File} file
   * @param {string | null} before
   * @param {OpenDocument["place"]} place
   */
  #import(file, before, place) {
    const { id } = place;
    if (id !== null) {
      return this.#ahead.during(
        (watch) => this.#sheetfed.importPages(id, file, before ? { before } : { watch }),
        () => this.#document.refresh(), id,
      );
    }
    const title = file.name.replace(/\.[^.]+$/, "");
    return this.#ahead.during((watch) => this.#sheetfed.importDocument(file, { title, watch }), async (made) => {
      place.id = made.id;
      if (this.#document.place === place) await this.#document.open(made.id, made); // else another is looked at now
    }, id);
  }
}
