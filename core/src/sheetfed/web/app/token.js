/** The token that lets this tab ask the service for anything. */

const PLACE = "sheetfed token";

/** Kept for the tab, so that a reload goes on, or as long as the page is. Sends `refused` when the service knows it no more. */
export class Token extends EventTarget {
  #held = ""; // where the browser keeps nothing, or has no room for it

  /** The token, or an empty text. */
  token() {
    if (this.#held) return this.#held;
    try {
      return sessionStorage.getItem(PLACE) ?? "";
    } catch {
      return "";
    }
  }

  /** @param {string} text */
  keep(text) {
    this.#held = "";
    try {
      sessionStorage.setItem(PLACE, text);
    } catch {
      this.#held = text;
    }
  }

  /**
   * The service refused this token.
   * @param {string} text
   */
  refuse(text) {
    if (!text || text !== this.token()) return; // there was none, or another one came meanwhile
    this.#held = "";
    try {
      sessionStorage.removeItem(PLACE);
    } catch {
      // it is not there
    }
    this.dispatchEvent(new Event("refused"));
  }
}
