/** The button that scans, and what it says while it does. */

import { el, icon } from "../client/elements/dom.js";
import { banner, clear } from "./notices.js";
import { Scan } from "./scan.js";
import { trouble } from "./told.js";
import { say } from "./words.js";

/**
 * What the button does.
 * @typedef {object} Deeds
 * @property {() => void} start
 * @property {(verb: "cancel" | "continue" | "keep" | "discard") => void} tell
 * @property {() => number} count      how many pages the document has
 * @property {() => string | null} here   the open document
 * @property {(id: string) => void} show  opens a document
 */

/** Draws the scan's state: the button, the progress, the banner of a paused job. */
export class ScanButton {
  #root;
  #scan;
  #deeds;
  #button = el("button", { type: "button", class: "main big", id: "scan-button" });
  #words = el("span", { id: "scan-words" });
  #bar = el("progress", { "aria-labelledby": "scan-words", max: "1" });
  #progress = el("div", { class: "progress" }, this.#words, this.#bar);
  #banner = "";
  #able = false;

  /**
   * @param {HTMLElement} root
   * @param {Scan} scan
   * @param {Deeds} deeds
   */
  constructor(root, scan, deeds) {
    this.#root = root;
    this.#scan = scan;
    this.#deeds = deeds;
    this.#button.addEventListener("click", () => this.press());
    scan.addEventListener("change", () => this.draw());
    this.#root.replaceChildren(this.#progress, this.#button);
    this.draw();
  }

  /** What the button would do now. */
  press() {
    if (this.#button.disabled) return;
    if (this.#scan.running) this.#deeds.tell("cancel");
    else if (this.#scan.paused) this.#deeds.tell("continue");
    else this.#deeds.start();
  }

  /** @param {boolean} able */
  enable(able) {
    this.#able = able;
    this.draw();
  }

  draw() {
    const { running, paused, stopping, job } = this.#scan;
    const word = stopping ? "cancelling" : running ? "cancel" : paused ? "continue" : "scan";
    this.#button.replaceChildren(icon(running ? "stop" : "scanner"), say(word));
    this.#button.classList.toggle("stop", running);
    this.#button.disabled = stopping || this.#scan.starting || (!running && !paused && !this.#able);
    this.#button.title = running ? "Esc" : "Ctrl+Enter";
    this.#progress.hidden = !running;
    if (running) this.#advance(job?.done ?? null, job?.state === "scanning");
    this.#pausedBanner();
  }

  /**
   * @param {number | null} done
   * @param {boolean} scanning
   */
  #advance(done, scanning) {
    const text = scanning ? say("scanningPage", { number: this.#deeds.count() + 1 }) : say("waiting");
    if (this.#words.textContent !== text) this.#words.textContent = text;
    if (done === null) this.#bar.removeAttribute("value");
    else this.#bar.value = done;
  }

  #pausedBanner() {
    const { paused, stopping, job } = this.#scan;
    const here = job?.document === this.#deeds.here();
    const key = paused && !stopping && job ? `${job.id} ${job.version} ${here} ${job.pages}` : "";
    if (key === this.#banner) return;
    this.#banner = key;
    if (!key || !job) return clear("paused");
    if (!here && job.document) return this.#elsewhere(job.document);
    const { title, detail, advice } = trouble(job.error ?? { title: say("paused") });
    const safe = say("soFar", { count: job.pages });
    banner("paused", {
      kind: "wait", close: false, title, detail, advice: [advice, safe].filter(Boolean).join(" "),
      actions: [
        { text: say("continue"), main: true, act: () => this.#deeds.tell("continue") },
        { text: say("keep"), act: () => this.#deeds.tell("keep") },
        { text: say("discard"), act: () => this.#deeds.tell("discard") },
      ],
    });
  }

  /** @param {string} id */
  #elsewhere(id) {
    banner("paused", {
      kind: "wait", close: false, title: say("pausedElsewhere"),
      actions: [{ text: say("open"), main: true, act: () => this.#deeds.show(id) }],
    });
  }
}
