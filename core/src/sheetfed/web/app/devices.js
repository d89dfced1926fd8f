/** The devices to choose from, and what to do where there are none. */

import { Sheetfed } from "../client/index.js";
import { el, icon } from "../client/elements/dom.js";
import { remember } from "../client/elements/memory.js";
import { translated } from "../client/elements/told.js";
import { preferred } from "./early.js";
import { toast } from "./notices.js";
import { trouble } from "./told.js";
import { say } from "./words.js";

/** @typedef {import("../client/shapes.js").Device} Device */

const LIVE = ["waiting", "scanning", "paused"];

/** Sends `choose` when another device is the chosen one, and `problem`. */
export class Devices extends EventTarget {
  /** @type {Device | null} */ chosen = null;
  #root;
  #api;
  /** @type {Device[]} */ #items = [];
  /** @type {{source: string, error: import("../client/shapes.js").ProblemBody}[]} */ #problems = [];
  #looking = false;
  /** @type {Promise<void>} */ #over = Promise.resolve(); // the look that is on
  /** @type {"" | "list" | "look"} */ #again = ""; // what was wished while it could not be done
  #wanted = ""; // the device that the person chose, or scanned with: it may be away for a while
  #still = false; // a job has the chosen device
  /** @type {Map<string, {device: string, state: string}>} */ #jobs = new Map(); // those that are not over
  #state = el("p", { class: "muted small device-state", role: "status" });
  #free = el("button", { type: "button", class: "link", id: "free", onclick: () => this.#takeBack() }, say("deviceFree"));
  #later = 0; // the timer that looks again when what keeps a device should have ended

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
   * Asks which devices are there, unless that was `asked`; with `refresh`, the drivers look again. While a job
   * has the chosen device, which some drivers do not list then, it waits.
   * @param {{refresh?: boolean, asked?: ReturnType<Sheetfed["listDevices"]>}} [how]
   */
  load({ refresh = false, asked } = {}) {
    if (this.#looking || this.#waits) this.#again = refresh || this.#again === "look" ? "look" : "list";
    else this.#over = this.#look({ refresh, asked });
    return this.#over;
  }

  /** Whether the list is left alone because of a job. */
  get #waits() {
    return this.#still && this.chosen !== null;
  }

  /** @param {{refresh: boolean, asked?: ReturnType<Sheetfed["listDevices"]>}} how */
  async #look({ refresh, asked }) {
    this.#looking = true;
    this.#draw();
    try {
      const { items, problems } = await (asked ?? this.#api.listDevices({ refresh }));
      this.#items = items;
      this.#problems = problems;
    } catch (problem) {
      this.#tell(problem);
    }
    this.#looking = false;
    clearTimeout(this.#later);
    const ends = this.#items.flatMap(({ held }) => (held ? [held.seconds] : []));
    if (ends.length) this.#later = setTimeout(() => this.load(), (Math.min(...ends) + 1) * 1000);
    this.#settle();
    this.#draw();
    if (!this.#waits) await this.#catchUp();
  }

  /** Does what was wished meanwhile. */
  async #catchUp() {
    const refresh = this.#again === "look";
    const wished = this.#again !== "";
    this.#again = "";
    if (wished) await this.load({ refresh });
  }

  /**
   * What a device is called; its id where it is not listed.
   * @param {string} id
   */
  title(id) {
    const title = this.#items.find((device) => device.id === id)?.title;
    return title ? translated(title) : id;
  }

  /**
   * Takes news of a job: its device is at work.
   * @param {{id: string, device: string, state: string}} job
   */
  hear({ id, device, state }) {
    if (LIVE.includes(state)) this.#jobs.set(id, { device, state });
    else this.#jobs.delete(id);
    this.#say();
  }

  /** @param {boolean} still */
  freeze(still) {
    this.#still = still;
    if (still) this.#wanted = this.chosen?.id ?? "";
    else if (!this.#looking) this.#catchUp();
    this.#root.toggleAttribute("inert", still);
    this.#root.classList.toggle("still", still);
  }

  /** Keeps to the device that was wanted, else the one chosen now, else the one of last time, else takes the first. */
  #settle() {
    const listed = (/** @type {string | undefined} */ id) => this.#items.find((device) => device.id === id);
    const found = listed(this.#wanted) ?? listed(this.chosen?.id) ?? preferred(this.#items);
    this.#wanted ||= found?.id ?? "";
    if (this.chosen && !listed(this.chosen.id)) {
      toast([say("deviceWent", { device: translated(this.chosen.title) }), say("noDevicesAdvice")].join(" "));
    }
    if (found && found.id === this.chosen?.id) this.chosen = found;
    else this.#choose(found);
  }

  /** @param {Device | null} device */
  #choose(device) {
    this.chosen = device;
    this.#say();
    this.dispatchEvent(new Event("choose"));
  }

  #draw() {
    const focused = document.activeElement?.id;
    const again = el("button", {
      type: "button", class: "quiet icon-only", id: "refresh", "aria-label": say("refresh"),
      title: say("refresh"), "aria-busy": this.#looking, onclick: () => this.load({ refresh: true }),
    }, icon("refresh"));
    const kind = this.chosen?.kind ?? "scanner";
    const row = el("div", { class: "device-row" }, icon(kind), this.#select(), again);
    const why = el("button", { type: "button", class: "link", id: "absent", disabled: this.#looking, onclick: () => this.#why() }, say("absentTitle"));
    this.#root.replaceChildren(row, el("div", { class: "device-foot" }, this.#state, this.#free, why));
    this.#say();
    if (!this.#items.length && !this.#looking) this.#root.append(el("div", { class: "hint" }, el("p", {}, say("noDevicesAdvice"))));
    for (const each of this.#problems) this.#root.append(failing(each));
    if (focused && this.#root.querySelector(`#${CSS.escape(focused)}`)) document.getElementById(focused)?.focus();
  }

  #select() {
    if (!this.#items.length) {
      return el("p", { class: "none" }, say(this.#looking ? "looking" : "noDevices"));
    }
    const select = el("select", { id: "devices", "aria-label": say("device"), onchange: () => {
      const device = this.#items[select.selectedIndex] ?? null;
      remember("device", this.#wanted = device?.id ?? "");
      this.#choose(device);
      this.#draw();
    } }, ...this.#items.map((device) => el("option", {}, translated(device.title))));
    select.selectedIndex = this.#items.findIndex((device) => device.id === this.chosen?.id);
    return select;
  }

  /** Says what the chosen device is at. */
  #say() {
    const { id, vendor = "", model = "", title, held = null } = this.chosen ?? { id: "", title: "" };
    const name = [vendor, model].filter((each) => each && !title.includes(each)).join(" ");
    const job = [...this.#jobs.values()].find(({ device }) => device === id);
    const kept = held && (held.owner === "local" ? say("deviceHeldHere") : say("deviceHeld", { site: held.owner }));
    const at = job ? say(job.state === "paused" ? "devicePaused" : "deviceBusy") : (kept ?? say("deviceReady"));
    const text = id ? [name, at].filter(Boolean).join(" · ") : "";
    if (this.#state.textContent !== text) this.#state.textContent = text;
    this.#state.classList.toggle("busy", job !== undefined || kept !== null);
    this.#free.hidden = job !== undefined || kept === null;
  }

  /** Frees the chosen device from who keeps it: the person has the last word. */
  #takeBack() {
    if (this.chosen) this.#api.freeDevice(this.chosen.id).then(() => this.load(), (problem) => this.#tell(problem));
  }

  async #why() {
    const listed = () => ({ items: this.#items, problems: this.#problems });
    try {
      const { showAbsent } = await import("./absent.js");
      showAbsent(this.#api, { listed, look: () => this.load({ refresh: true }) });
    } catch (problem) {
      this.#tell(problem);
    }
  }

  /** @param {unknown} problem */
  #tell(problem) {
    this.dispatchEvent(new CustomEvent("problem", { detail: problem }));
  }
}

/** @param {{source: string, error: import("../client/shapes.js").ProblemBody}} problem */
function failing({ source, error }) {
  const { title, detail, advice } = trouble(error);
  return el("div", { class: "hint trouble" }, icon("warning"),
    el("p", {}, say("sourceFailed", { source }), " ", detail || title, " ", advice));
}
