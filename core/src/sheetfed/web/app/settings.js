/** The form of a device's settings, drawn from its options. */

import { Api, Problem } from "./api.js";
import { control } from "./controls.js";
import { el } from "./dom.js";
import { recall, remember } from "./memory.js";
import { say } from "./words.js";

/**
 * @typedef {import("./api.js").Option} Option
 * @typedef {import("./api.js").Value} Value
 * @typedef {import("./api.js").Settings} Settings
 * @typedef {import("./controls.js").Control} Control
 */

const FIRST = ["source", "mode", "resolution", "page-size"];
const PLACES = ["left", "top", "width", "height", "depth"]; // never among the first
const KEEP = "keep-form";

/** Sends `problem` with a Problem as detail. */
export class SettingsForm extends EventTarget {
  #root;
  #api;
  #device = "";
  /** @type {Settings} */ #chosen = {};
  /** @type {Option[]} */ #options = [];
  /** @type {Map<string, Control>} */ #controls = new Map();
  #shape = "";
  #keep = String(recall(KEEP, "lossless"));
  #allOpen = false;

  /**
   * @param {HTMLElement} root
   * @param {Api} api
   */
  constructor(root, api) {
    super();
    this.#root = root;
    this.#api = api;
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

  /** @param {boolean} still */
  freeze(still) {
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
      const options = await this.#ask();
      if (this.#device === id) this.#draw(options);
    } catch (problem) {
      if (this.#device === id) this.#failed(/** @type {Problem} */ (problem));
    }
  }

  /** What the device offers, with what this person chose last time where that is still possible. */
  async #ask() {
    const id = this.#device;
    if (!Object.keys(this.#chosen).length) return (await this.#api.device(id)).options;
    try {
      return (await this.#api.options(id, this.#chosen)).options;
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.code !== "bad-settings") throw problem;
      this.#choose({});
      return (await this.#api.device(id)).options;
    }
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
    const asked = { ...this.#chosen, [name]: value };
    try {
      const { options } = await this.#api.options(id, asked);
      if (id !== this.#device) return;
      const action = options.find((option) => option.name === name)?.kind === "action";
      if (!action) this.#choose(asked);
      this.#draw(options);
    } catch (problem) {
      this.#draw(this.#options);
      this.dispatchEvent(new CustomEvent("problem", { detail: problem }));
    }
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
    }, el("summary", {}, say("allSettings")), ...this.#groups(rest), this.#keptPages());
    this.#root.replaceChildren(...common.map((option) => this.#control(option)), all);
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
      el("section", { class: "group" }, el("h3", {}, name), ...members.map((each) => this.#control(each))));
  }

  /** @param {Option} option */
  #control(option) {
    const made = control(option, (value) => this.#change(option.name, value));
    this.#controls.set(option.name, made);
    return made.element;
  }

  #keptPages() {
    const select = el("select", { id: KEEP, onchange: () => {
      this.#keep = select.value;
      remember(KEEP, select.value);
    } }, el("option", { value: "lossless" }, say("keptLossless")), el("option", { value: "jpeg" }, say("keptJpeg")));
    select.value = this.#keep;
    return el("section", { class: "group" }, el("h3", {}, say("keptPages")),
      el("div", { class: "field" }, el("label", { for: KEEP }, say("keptAs")), select,
        el("p", { class: "about" }, say("keptAbout"))));
  }
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
