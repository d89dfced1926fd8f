/** `<sheetfed-connection>`: brings a page to the service, and says to the person what it takes. */

import { connect } from "../connect.js";
import { Unreachable } from "../problem.js";
import { Sheetfed } from "../sheetfed.js";
import { el } from "./dom.js";
import { LOOK } from "./look.js";
import { say, sayCause } from "./words.js";

/**
 * Call `connect` from a click. It shows why the browser is going to ask, the code to compare, and what
 * to do where the service cannot be reached; it is empty while nothing has to be said.
 */
export class SheetfedConnection extends HTMLElement {
  #root = this.attachShadow({ mode: "open" });
  #box = el("div", { class: "connection", part: "connection", role: "status", "aria-live": "polite", hidden: true });

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [LOOK];
    this.#root.append(this.#box);
  }

  /**
   * Connects, as often as the person wants to try. Rejects with the signal's reason only.
   * @param {import("../connect.js").Wish} [wish]
   * @returns {Promise<Sheetfed>}
   */
  async connect(wish = {}) {
    for (;;) {
      try {
        const sheetfed = await connect({
          ...wish, tell: (state) => this.#tell(state), show: (code) => this.#show(code),
        });
        this.#clear();
        return sheetfed;
      } catch (error) {
        this.#clear();
        if (!(error instanceof Unreachable)) throw error;
        console.info(`sheetfed: ${error.developer}`);
        const anew = await this.#refused(error, wish.signal);
        wish = { ...wish, anew };
      }
    }
  }

  /**
   * Says what goes on; before the browser asks, waits until the person has read it.
   * @param {Unreachable} state
   * @returns {Promise<void> | void}
   */
  #tell(state) {
    const text = el("p", {}, sayCause(state));
    if (state.code !== "lna-prompt") return this.#put(text);
    return new Promise((go) => this.#put(text, this.#button(say("goOn"), () => {
      this.#clear();
      go();
    })));
  }

  /** @param {string} code */
  #show(code) {
    this.#put(el("p", {}, say("compareCode")), el("p", { class: "code" }, `${code.slice(0, 3)} ${code.slice(3)}`));
  }

  /**
   * Says why there is no connection, until the person wants to try again; whether that is with another
   * service than before.
   * @param {Unreachable} error
   * @param {AbortSignal | null} [signal]
   * @returns {Promise<boolean>}
   */
  #refused(error, signal) {
    return new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => {
        this.#clear();
        reject(signal.reason);
      }, { once: true });
      this.#put(el("p", {}, sayCause(error)), this.#button(say("tryAgain"), () => {
        this.#clear();
        resolve(error.code === "other-service");
      }));
    });
  }

  /**
   * @param {string} text
   * @param {() => void} act
   */
  #button(text, act) {
    return el("button", { type: "button", class: "main", part: "button", onclick: act }, text);
  }

  /** @param {...Node} content */
  #put(...content) {
    this.#box.hidden = false;
    this.#box.replaceChildren(...content);
  }

  #clear() {
    this.#box.hidden = true;
    this.#box.replaceChildren();
  }
}

customElements.define("sheetfed-connection", SheetfedConnection);
