/** The list of sites: requests to decide, approvals to take back. */

import { Sheetfed } from "../client/index.js";
import { armed } from "./armed.js";
import { open } from "./dialogs.js";
import { el } from "../client/elements/dom.js";
import { tell, toast } from "./notices.js";
import { sure } from "./sure.js";
import { moment, say } from "./words.js";

/**
 * @typedef {import("../client/shapes.js").Site} Site
 * @typedef {import("../client/shapes.js").PendingSite} Pairing
 */

/** Shows what `draw` is given for as long as it is open. */
export class SitesDialog {
  #api;
  #changed;
  /** @type {HTMLDialogElement | null} */ #dialog = null;
  #requests = el("ul", { class: "requests" });
  #sites = el("ul", { class: "sites" });

  /**
   * @param {Sheetfed} api
   * @param {() => void} changed   told when the list is to be read afresh
   */
  constructor(api, changed) {
    this.#api = api;
    this.#changed = changed;
  }

  /** @param {{items: Site[], pending: Pairing[]}} list */
  open(list) {
    if (this.#dialog) return;
    this.#requests.replaceChildren();
    this.#dialog = open(say("sites"), "sites-dialog", this.#requests, this.#sites);
    this.#dialog.addEventListener("close", () => { this.#dialog = null; });
    this.draw(list);
  }

  /** @param {{items: Site[], pending: Pairing[]}} list */
  draw({ items, pending }) {
    if (!this.#dialog) return;
    this.#drawRequests(pending);
    this.#drawSites(items);
  }

  /**
   * A request that stays keeps its place and its button: nothing moves under a finger.
   * @param {Pairing[]} pending
   */
  #drawRequests(pending) {
    const shown = new Map([...this.#requests.children].map((row) => [row.getAttribute("data-id"), row]));
    for (const [id, row] of shown) if (!pending.some((each) => each.id === id)) row.remove();
    this.#requests.append(...pending.filter(({ id }) => !shown.has(id)).map((each) => this.#request(each)));
  }

  /**
   * A site that is what it was keeps its row and its buttons: somebody may be deciding.
   * @param {Site[]} items
   */
  #drawSites(items) {
    const list = this.#sites;
    const focused = list.matches(":focus-within");
    const shown = new Map([...list.children].map((row) => [row.getAttribute("data-origin"), row]));
    const rows = items.map((site) => {
      const row = shown.get(site.origin);
      if (row?.className !== site.state) return this.#site(site);
      row.querySelector(".small")?.replaceChildren(facts(site).join(" · "));
      return row;
    });
    for (const row of shown.values()) if (!rows.includes(row)) row.remove();
    rows.forEach((row, place) => { if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null); });
    if (!rows.length) list.replaceChildren(el("li", { class: "muted" }, say("noSites")));
    if (focused && !list.matches(":focus-within")) this.#dialog?.querySelector("button")?.focus();
  }

  /** @param {Pairing} pairing */
  #request({ id, display, code }) {
    const digits = code.replace(/^(...)/, "$1 ");
    const block = el("button", {
      type: "button", onclick: () => this.#ask(() => this.#api.blockPairing(id), say("siteBlocked", { site: display })),
    }, say("siteBlock"));
    const approve = armed(say("siteApprove"), () =>
      this.#ask(() => this.#api.approvePairing(id, code), say("siteApproved", { site: display })));
    return el("li", { class: "request", "data-id": id },
      el("h3", {}, display), el("p", { class: "code", "aria-label": [...code].join(" ") }, digits),
      el("p", {}, say("siteCompare")), el("div", { class: "banner-actions" }, block, approve));
  }

  /** @param {Site} site */
  #site(site) {
    const { display, state } = site;
    const ours = site.from === "person";
    return el("li", { class: state, "data-origin": site.origin },
      el("div", { class: "words" }, el("h3", {}, display), el("p", { class: "muted small" }, facts(site).join(" · "))),
      ours && el("div", { class: "site-actions" },
        state !== "blocked" && this.#button("siteBlock", site, () => this.#api.decideSite(site.origin, "blocked")),
        this.#button(state === "approved" ? "siteRevoke" : "siteForget", site, () => this.#api.revokeSite(site.origin))));
  }

  /**
   * @param {"siteBlock" | "siteRevoke" | "siteForget"} word
   * @param {Site} site
   * @param {() => Promise<unknown>} wish
   */
  #button(word, { display }, wish) {
    const text = say(word);
    const question = say(word === "siteBlock" ? "siteSure" : "siteSureWithDocuments", { text });
    return sure({ text, label: `${text}: ${display}`, question, act: () => this.#ask(wish) });
  }

  /**
   * @param {() => Promise<unknown>} question
   * @param {string} [done]
   */
  async #ask(question, done) {
    try {
      await question();
      if (done) toast(done);
    } catch (problem) {
      this.#dialog?.close();
      tell(problem);
    }
    this.#changed();
  }
}

/** @param {Site} site */
function facts({ state, approved, last_used: used, from, scanning }) {
  const said = [];
  if (scanning) said.push(say("siteScanning"));
  if (state === "blocked") said.push(say("siteIsBlocked"));
  if (state === "expired") said.push(say("siteExpired"));
  if (state === "approved" && approved) said.push(say("siteSince", { moment: moment(approved) }));
  if (state === "approved") said.push(used ? say("siteUsed", { moment: moment(used) }) : say("siteUnused"));
  if (from === "configuration") said.push(say("siteConfigured"));
  return said;
}
