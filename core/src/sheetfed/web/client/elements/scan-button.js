/** `<sheetfed-scan-button>`: a button that scans, from the first connection to the last page. */

import { Problem } from "../problem.js";
import { Sheetfed } from "../sheetfed.js";
import { SheetfedConnection } from "./connection.js";
import { el, icon } from "./dom.js";
import { LOOK } from "./look.js";
import { inLine } from "./told.js";
import { say } from "./words.js";

/**
 * The attribute `device` names one by its id; without it the first one scans. `settings`, a property,
 * says how; `addresses` where the service is, if not where it usually is.
 *
 * Events: `page` with each page as detail, `done` with the connection and the job, `problem` with what
 * went wrong. A scan that is paused is kept with the pages it has.
 */
export class SheetfedScanButton extends HTMLElement {
  /** @type {import("../shapes.js").Settings} */ settings = {};
  /** @type {string[] | undefined} */ addresses = undefined;
  /** @type {Sheetfed | null} */ sheetfed = null;
  #root = this.attachShadow({ mode: "open" });
  #button = el("button", { type: "button", class: "main scans", part: "button", onclick: () => this.press() });
  #words = el("p", { class: "scan-words muted small", part: "words", role: "status", "aria-live": "polite" });
  #connection = new SheetfedConnection();
  /** @type {AbortController | null} */ #scanning = null;

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [LOOK];
    this.#root.append(this.#button, this.#connection, this.#words);
    this.#draw();
  }

  disconnectedCallback() {
    this.#scanning?.abort();
  }

  /** Scans, or stops the scan. */
  async press() {
    if (this.#scanning) return this.#scanning.abort();
    const { signal } = this.#scanning = new AbortController();
    this.#draw();
    this.#words.textContent = "";
    try {
      const job = await this.#run(signal);
      this.#words.textContent = say("scannedPages", { count: job.pages });
      this.#tell("done", { sheetfed: this.sheetfed, job });
    } catch (error) {
      if (!signal.aborted) this.#refused(error);
    } finally {
      this.#scanning = null;
      this.#draw();
    }
  }

  /**
   * Where the page may not scan any more, it asks anew.
   * @param {AbortSignal} signal
   */
  async #run(signal) {
    const connected = () => this.#connection.connect({ addresses: this.addresses, signal });
    const before = this.sheetfed;
    try {
      return await this.#scan(this.sheetfed ??= await connected(), signal);
    } catch (error) {
      if (!before || !(error instanceof Problem && error.code === "not-allowed")) throw error;
      return this.#scan(this.sheetfed = await connected(), signal);
    }
  }

  /**
   * @param {Sheetfed} sheetfed
   * @param {AbortSignal} signal
   */
  async #scan(sheetfed, signal) {
    const device = this.getAttribute("device") ?? (await sheetfed.listDevices({ signal })).items[0]?.id;
    if (!device) throw new Problem({ code: "device-gone", title: say("noDevice") });
    const scan = await sheetfed.scan({ device, settings: this.settings }, { signal, paused: ({ pages }) => (pages ? "keep" : "discard") });
    let count = 0;
    for await (const page of scan) {
      count += 1;
      this.#words.textContent = say("scanningPages", { count });
      this.#tell("page", page);
    }
    return scan.job;
  }

  /** @param {unknown} error */
  #refused(error) {
    this.#words.textContent = inLine(error);
    this.#tell("problem", error);
  }

  #draw() {
    const busy = this.#scanning !== null;
    this.#button.replaceChildren(icon(busy ? "stop" : "scanner"), el("slot", {}, say(busy ? "cancel" : "scan")));
    if (busy) this.#button.lastElementChild?.replaceWith(say("cancel"));
  }

  /**
   * @param {"page" | "done" | "problem"} name
   * @param {unknown} detail
   */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("sheetfed-scan-button", SheetfedScanButton);
