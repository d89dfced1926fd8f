/** The form of a device's settings, drawn from its options. */

import { Problem, Sheetfed } from "../client/index.js";
import { control } from "../client/elements/controls.js";
import { el } from "../client/elements/dom.js";
import { recall, remember } from "./memory.js";
import { say } from "./words.js";

/**
 * @typedef {import("../client/shapes.js").Option} Option
 * @typedef {import("../client/shapes.js").Value} Value
 * @typedef {import("../client/shapes.js").Settings} Settings
 * @typedef {import("../client/elements/controls.js").Control} Control
 */

const FIRST = ["source", "mode", "resolution", "page-size"];
const PLACES = ["left", "top", "width", "height", "depth"]; // never among the first
const KEEP = "keep-form";

/** Sends `problem` with a Problem as detail. */
export class SettingsForm extends EventTarget {
  #root;
  #api;
  #more;
  #device = "";
  /** @type {Settings} */ #chosen = {};
  /** @type {Option[]} */ #options = [];
  /** @type {Map<string, Control>} */ #controls = new Map();
  #shape = "";
  #keep = /** @type {"lossless" | "jpeg"} */ (recall(KEEP, "lossless"));
  #allOpen = false;
  #still = false; // a job has the device
  #stale = false; // the device could not be asked for what was chosen
  #changes = 0; // only the answer to the newest is drawn
  /** @type {Promise<unknown>} */ #last = Promise.resolve();

  /**
   * @param {HTMLElement} root
   * @param {Sheetfed} api
   * @param {HTMLElement} more   what is asked besides, among the device's settings
   */
  constructor(root, api, more) {
    super();
    this.#root = root;
    this.#api = api;
    this.#more = more;
    root.addEventListener("submit", (event) => event.preventDefault());
  }

  /** What a job is to be asked. */
  get wish() {
    return { settings: { ...this.#chosen }, keep: { form: this.#keep } };
  }

  /** The first control that holds something impossible. */
  get mistake() {
    return /** @type {HTMLElement | null} */ (this.#root.querySelector("[aria-invalid=true]"));
  }

  /** Waits until the device has answered all questions; it takes one at a time. */
  settled() {
    return this.#last;
  }

  /** @param {boolean} still */
  freeze(still) {
    this.#still = still;
    if (!still && this.#stale) {
      this.#stale = false;
      this.load(this.#device);
    }
    this.#root.toggleAttribute("inert", still);
    this.#root.classList.toggle("still", still);
  }

  /**
   * Shows the settings of a device, or nothing.
   * @param {string | null} id
   */
  async load(id) {
    this.#device = id ?? "";
    this.#shape = "";
    this.#options = [];
    this.#root.hidden = id === null;
    if (id === null) return;
    this.#chosen = /** @type {Settings} */ (recall(`settings ${id}`, {}));
    this.#root.replaceChildren(el("p", { class: "muted" }, say("settingsWait")));
    try {
      const options = await this.#inTurn(() => this.#ask());
      if (this.#device === id) this.#draw(options);
    } catch (problem) {
      if (this.#device === id) this.#failed(/** @type {Problem} */ (problem));
    }
  }

  /** What the device offers, with what this person chose last time where that is still possible. */
  async #ask() {
    const id = this.#device;
    this.#stale = false;
    if (!Object.keys(this.#chosen).length) return (await this.#api.getDevice(id)).options;
    if (this.#still) return this.#remembered();
    try {
      const { options } = await this.#api.adjustDevice(id, this.#chosen);
      this.#choose(agreed(this.#chosen, options));
      return options;
    } catch (error) {
      const problem = /** @type {Problem} */ (error);
      if (problem.code === "device-busy") return this.#remembered();
      if (problem.code !== "bad-settings") throw problem;
      this.#choose({});
      return (await this.#api.getDevice(id)).options;
    }
  }

  /** What the service knows of a busy device, with what was chosen written over it. */
  async #remembered() {
    this.#stale = true;
    const { options } = await this.#api.getDevice(this.#device);
    return options.map((option) => ({ ...option, default: this.#chosen[option.name] ?? option.default }));
  }

  /** @param {Problem} problem */
  #failed(problem) {
    const again = el("button", { type: "button", onclick: () => this.load(this.#device) }, say("tryAgain"));
    this.#root.replaceChildren(
      el("p", {}, problem.title || say("failed")), el("p", { class: "muted" }, problem.advice), again);
  }

  /**
   * @param {string} name
   * @param {Value} value
   */
  async #change(name, value) {
    const id = this.#device;
    this.#changes += 1;
    const change = this.#changes;
    try {
      const options = await this.#inTurn(async () => {
        const asked = { ...this.#chosen, [name]: value };
        const answer = await this.#api.adjustDevice(id, asked);
        if (id === this.#device) this.#choose(agreed(asked, answer.options));
        return answer.options;
      });
      if (id === this.#device && change === this.#changes) this.#draw(options);
    } catch (problem) {
      this.#draw(this.#options);
      this.dispatchEvent(new CustomEvent("problem", { detail: problem }));
    }
  }

  /**
   * Asks when all earlier questions are answered.
   * @template T
   * @param {() => Promise<T>} question
   * @returns {Promise<T>}
   */
  #inTurn(question) {
    const answer = this.#last.then(question);
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** @param {Settings} chosen */
  #choose(chosen) {
    this.#chosen = chosen;
    remember(`settings ${this.#device}`, chosen);
  }

  /** @param {Option[]} options */
  #draw(options) {
    this.#options = options;
    const offered = options.map(({ default: _, ...rest }) => rest);
    const shape = JSON.stringify(offered);
    if (shape !== this.#shape) this.#build();
    this.#shape = shape;
    for (const option of options) this.#controls.get(option.name)?.show(option.default);
  }

  #build() {
    const focused = document.activeElement?.id;
    this.#controls.clear();
    const common = this.#options.filter(isCommon).sort((a, b) => rank(a) - rank(b));
    const rest = this.#options.filter((option) => !isCommon(option));
    const all = el("details", {
      class: "all", open: this.#allOpen, ontoggle: () => {
        if (all.open && !this.#allOpen) all.scrollIntoView({ block: "start", behavior: "smooth" });
        this.#allOpen = all.open;
      },
    }, el("summary", {}, say("allSettings")), ...this.#groups(rest), this.#keptPages(), this.#reset());
    this.#root.replaceChildren(...common.map((option) => this.#control(option)), this.#more, all);
    if (focused) document.getElementById(focused)?.focus();
  }

  /** @param {Option[]} options */
  #groups(options) {
    /** @type {Map<string, Option[]>} */
    const groups = new Map();
    for (const option of [...options].sort((a, b) => remoteness(a) - remoteness(b))) {
      const name = groupOf(option);
      groups.set(name, [...(groups.get(name) ?? []), option]);
    }
    return [...groups].map(([name, members]) =>
      el("section", { class: "group" }, el("h2", {}, name), ...members.map((each) => this.#control(each))));
  }

  /** @param {Option} option */
  #control(option) {
    const made = control(option, (value) => this.#change(option.name, value));
    this.#controls.set(option.name, made);
    return made.element;
  }

  #reset() {
    return el("button", { type: "button", id: "reset", onclick: () => {
      this.#choose({});
      this.load(this.#device);
    } }, say("defaults"));
  }

  #keptPages() {
    const select = el("select", { id: KEEP, onchange: () => {
      this.#keep = select.value === "jpeg" ? "jpeg" : "lossless";
      remember(KEEP, select.value);
    } }, el("option", { value: "lossless" }, say("keptLossless")), el("option", { value: "jpeg" }, say("keptJpeg")));
    select.value = this.#keep;
    return el("section", { class: "group" }, el("h2", {}, say("keptPages")),
      el("div", { class: "field" }, el("label", { for: KEEP }, say("keptAs")), select,
        el("p", { class: "about" }, say("keptAbout"))));
  }
}

/**
 * What was chosen, as the device took it: one choice may have changed another.
 * @param {Settings} chosen
 * @param {Option[]} options
 * @returns {Settings}
 */
function agreed(chosen, options) {
  const kept = options.filter((option) => option.name in chosen && option.kind !== "action" && !option.readonly);
  return Object.fromEntries(kept.map((option) => [option.name, option.default]));
}

/** @param {Option} option */
function isCommon(option) {
  return !option.advanced && !option.name.startsWith("raw.") && !PLACES.includes(option.name);
}

/** @param {Option} option */
function groupOf(option) {
  if (option.name.startsWith("raw.")) return say("driverSettings");
  return option.group || say("otherSettings");
}

/**
 * Groups with a name first, then the rest, then the driver's own.
 * @param {Option} option
 */
function remoteness(option) {
  if (option.name.startsWith("raw.")) return 2;
  return option.group ? 0 : 1;
}

/** @param {Option} option */
function rank(option) {
  const place = FIRST.indexOf(option.name);
  return place < 0 ? FIRST.length : place;
}
