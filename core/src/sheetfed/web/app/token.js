/** The token that lets this tab ask the service for anything. */

const PLACE = "sheetfed token";

/** Kept for the tab, so that a reload goes on. Sends `refused` when the service knows it no more. */
export class Token extends EventTarget {
  /** The token, or an empty text. */
  token() {
    return sessionStorage.getItem(PLACE) ?? "";
  }

  /** @param {string} text */
  keep(text) {
    sessionStorage.setItem(PLACE, text);
  }

  /**
   * The service refused this token.
   * @param {string} text
   */
  refuse(text) {
    if (!text || text !== this.token()) return; // there was none, or another one came meanwhile
    sessionStorage.removeItem(PLACE);
    this.dispatchEvent(new Event("refused"));
  }
}
