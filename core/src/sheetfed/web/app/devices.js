/** The devices to choose from, and what to do where there are none. */

import { Problem, Sheetfed } from "../client/index.js";
import { el, icon } from "../client/elements/dom.js";
import { recall, remember } from "../client/elements/memory.js";
import { DEVICE_PACKAGES, say } from "./words.js";

/** @typedef {import("../client/shapes.js").Device} Device */

/** Sends `choose` when another device is the chosen one, and `problem`. */
export class Devices extends EventTarget {
  /** @type {Device | null} */ chosen = null;
  #root;
  #api;
  /** @type {Device[]} */ #items = [];
  /** @type {{source: string, error: import("../client/shapes.js").ProblemBody}[]} */ #problems = [];
  #looking = false;
  #again = false; // the list changed while it could not be read
  #still = false; // a job has the chosen device

  /**
   * @param {HTMLElement} root
   * @param {Sheetfed} api
   */
  constructor(root, api) {
    super();
    this.#root = root;
    this.#api = api;
  }

  /**
   * Asks which devices are there; with `refresh`, the drivers look again. While a job has the chosen
   * device, which some drivers do not list then, it waits.
   * @param {boolean} [refresh]
   */
  async load(refresh = false) {
    this.#again = this.#looking || (this.#still && this.chosen !== null);
    if (this.#again) return;
    this.#looking = true;
    this.#draw();
    try {
      const { items, problems } = await this.#api.listDevices({ refresh });
      this.#items = items;
      this.#problems = problems;
    } catch (problem) {
      this.#tell(/** @type {Problem} */ (problem));
    }
    this.#looking = false;
    this.#settle();
    this.#draw();
    if (this.#again) await this.load();
  }

  /**
   * What a device is called; its id where it is not listed.
   * @param {string} id
   */
  title(id) {
    return this.#items.find((device) => device.id === id)?.title ?? id;
  }

  /** @param {boolean} still */
  freeze(still) {
    this.#still = still;
    if (!still && this.#again) this.load();
    this.#root.toggleAttribute("inert", still);
    this.#root.classList.toggle("still", still);
  }

  /** Keeps to the device chosen now, else the one of last time, else takes the first. */
  #settle() {
    const wanted = this.chosen?.id ?? recall("device", "");
    const found = this.#items.find((device) => device.id === wanted) ?? this.#items[0] ?? null;
    if (found && found.id === this.chosen?.id) this.chosen = found;
    else this.#choose(found);
  }

  /** @param {Device | null} device */
  #choose(device) {
    this.chosen = device;
    this.dispatchEvent(new Event("choose"));
  }

  #draw() {
    const focused = document.activeElement?.id;
    const again = el("button", {
      type: "button", class: "quiet icon-only", id: "refresh", "aria-label": say("refresh"),
      title: say("refresh"), "aria-busy": this.#looking, onclick: () => this.load(true),
    }, icon("refresh"));
    const kind = this.chosen?.kind ?? "scanner";
    const row = el("div", { class: "device-row" }, icon(kind), this.#select(), again);
    this.#root.replaceChildren(row);
    if (!this.#items.length && !this.#looking) this.#root.append(nothing());
    for (const each of this.#problems) this.#root.append(trouble(each));
    if (focused && this.#root.querySelector(`#${CSS.escape(focused)}`)) document.getElementById(focused)?.focus();
  }

  #select() {
    if (!this.#items.length) {
      return el("p", { class: "none" }, say(this.#looking ? "looking" : "noDevices"));
    }
    const select = el("select", { id: "devices", "aria-label": say("device"), onchange: () => {
      const device = this.#items[select.selectedIndex] ?? null;
      remember("device", device?.id ?? "");
      this.#choose(device);
      this.#draw();
    } }, ...this.#items.map((device) => el("option", {}, device.title)));
    select.selectedIndex = this.#items.findIndex((device) => device.id === this.chosen?.id);
    return select;
  }

  /** @param {Problem} problem */
  #tell(problem) {
    this.dispatchEvent(new CustomEvent("problem", { detail: problem }));
  }
}

function nothing() {
  const packages = DEVICE_PACKAGES.map(([name, what]) => `${name} (${what})`).join("; ");
  return el("div", { class: "hint" },
    el("p", {}, say("noDevicesAdvice")), el("p", {}, say("noDevicesPackages", { packages })));
}

/** @param {{source: string, error: import("../client/shapes.js").ProblemBody}} problem */
function trouble({ source, error }) {
  return el("div", { class: "hint trouble" }, icon("warning"),
    el("p", {}, say("sourceFailed", { source, title: error.detail || error.title }), " ", error.advice));
}
