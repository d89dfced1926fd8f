/** What a person must know of sites: who asks to scan, who scans now, who may. */

import { Sheetfed } from "../client/index.js";
import { el, icon } from "../client/elements/dom.js";
import { banner, clear, tell, toast } from "./notices.js";
import { SitesDialog } from "./sitesdialog.js";
import { say } from "./words.js";

/**
 * @typedef {import("../client/shapes.js").Site} Site
 * @typedef {import("../client/shapes.js").PendingSite} Pairing
 */

/** The button that opens the list of sites, and the notices about them. */
export class Sites {
  #api;
  #button;
  #deviceTitle;
  #dialog;
  /** @type {{items: Site[], pending: Pairing[]}} */ #list = { items: [], pending: [] };
  /** @type {Map<string, string>} */ #said = new Map();
  /** @type {Map<string, {site: string, device: string}>} */ #scans = new Map(); // told since, by job
  #asked = 0;
  #soon = 0;

  /**
   * @param {HTMLElement} button
   * @param {Sheetfed} api
   * @param {(id: string) => string} deviceTitle
   */
  constructor(button, api, deviceTitle) {
    this.#api = api;
    this.#button = button;
    this.#deviceTitle = deviceTitle;
    this.#dialog = new SitesDialog(api, () => this.load());
    button.addEventListener("click", () => this.#open());
    this.#draw();
  }

  /** Reads all afresh: news may have been missed. */
  async refresh() {
    this.#scans.clear();
    await this.load();
  }

  /** Reads the list afresh; of many answers the one asked for last counts. */
  async load() {
    const asked = this.#asked += 1;
    try {
      const list = await this.#api.listSites();
      if (asked !== this.#asked) return;
      this.#list = list;
      this.#draw();
      this.#expire();
    } catch (problem) {
      tell(problem);
    }
  }

  /**
   * Takes news of a site.
   * @param {{site: string, what: string, device: string, job: string}} news
   */
  hear({ site, what, device, job }) {
    if (what === "scan") this.#scans.set(job, { site, device });
    if (what === "scan-ended") {
      this.#scans.delete(job);
      toast(say("siteScanned", { site }));
    }
    this.load();
  }

  /** Looks again when the first request must have run out. */
  #expire() {
    clearTimeout(this.#soon);
    if (!this.#list.pending.length) return;
    const first = Math.min(...this.#list.pending.map((each) => each.expires_in));
    this.#soon = setTimeout(() => this.load(), (first + 0.5) * 1000);
  }

  #open() {
    this.#dialog.open(this.#list);
    this.load();
  }

  #draw() {
    const count = this.#list.pending.length;
    const label = count ? say("sitesAsking", { count }) : say("sites");
    this.#button.setAttribute("aria-label", label);
    this.#button.title = label;
    this.#button.replaceChildren(icon("site"), count ? el("span", { class: "badge" }, String(count)) : "");
    this.#ask();
    this.#warn();
    this.#dialog.draw(this.#list);
  }

  /** Says that sites ask; the decision is made in the dialog, beside the code. */
  #ask() {
    const [first, ...others] = this.#list.pending;
    const count = others.length + 1;
    const one = say("siteAsks", { site: first?.display ?? "" });
    const title = others.length ? say("sitesAsking", { count }) : one;
    const action = { text: say("siteDecide"), main: true, act: () => this.#open() };
    this.#say("asking", first && { drawing: "site", title, advice: say("siteAsksAdvice"), actions: [action] });
  }

  /** Says which sites scan at this moment, or are about to. */
  #warn() {
    const busy = new Map([...this.#scans.values()].map(({ site, device }) => [site, device]));
    for (const { origin, scanning } of this.#list.items) if (scanning) busy.set(origin, scanning);
    const title = [...busy].map(([site, device]) =>
      say("siteScans", { site, device: this.#deviceTitle(device) })).join(" ");
    const action = { text: say("sites"), act: () => this.#open() };
    this.#say("site-scans", title ? { drawing: "scanner", title, actions: [action] } : undefined);
  }

  /**
   * A banner that stays as long as what it says is so; it is not drawn, nor read aloud, twice.
   * @param {string} name
   * @param {import("./notices.js").Notice} [what]
   */
  #say(name, what) {
    if ((this.#said.get(name) ?? "") === (what?.title ?? "")) return;
    this.#said.set(name, what?.title ?? "");
    if (what) banner(name, { kind: "wait", close: false, ...what });
    else clear(name);
  }
}
