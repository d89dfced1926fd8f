/** Options as a form: what is asked often first, the rest in groups. */

import { control } from "./controls.js";
import { el } from "./dom.js";
import { translated } from "./told.js";
import { say } from "./words.js";

/**
 * @typedef {import("../shapes.js").Option} Option
 * @typedef {import("../shapes.js").Value} Value
 * @typedef {import("./controls.js").Control} Control
 */

const FIRST = ["source", "mode", "resolution", "page-size"];
const PLACES = ["left", "top", "width", "height", "depth"]; // never among the first
const RAW = "raw."; // what a driver offers beside

/** Draws options, anew only where other ones are offered: who types in one of them goes on. */
export class OptionForm {
  /** @type {Map<string, Control>} */ #controls = new Map();
  #shape = "";
  #open = false;
  #typing = false; // a value is half written
  /** @type {Option[] | null} */ #later = null; // to be shown when it is written
  #form;
  #changed;
  #before;
  #after;
  element = el("form", { class: "options", part: "settings", novalidate: true, onsubmit: (/** @type {Event} */ event) => event.preventDefault() });

  /**
   * @param {{form: string, changed: (name: string, value: Value) => void, before?: Node[], after?: Node[], last?: Node[]}} parts
   *   what the ids begin with, and what stands before, after and at the end of the options
   */
  constructor({ form, changed, before = [], after = [], last = [] }) {
    this.#form = form;
    this.#changed = changed;
    this.#before = [...before];
    this.#after = [...after];
    this.last = last;
    this.element.addEventListener("input", ({ target }) => { this.#typing = this.#holds(target); });
    this.element.addEventListener("change", () => { this.#typing = false; });
    this.element.addEventListener("focusout", () => this.#written());
  }

  /** The first control that holds something impossible. */
  get mistake() {
    return /** @type {HTMLElement | null} */ (this.element.querySelector("[aria-invalid=true]"));
  }

  /**
   * Shows options with their values, not before a value is written to its end.
   * @param {Option[]} options
   */
  show(options) {
    this.#later = this.#typing ? options : null;
    if (this.#typing) return;
    const shape = JSON.stringify(options.map(({ default: _, ...rest }) => rest));
    if (shape !== this.#shape) this.#build(options);
    this.#shape = shape;
    for (const option of options) this.#controls.get(option.name)?.show(option.default);
  }

  /**
   * Shows something else instead.
   * @param {...Node} content
   */
  say(...content) {
    this.#shape = "";
    this.#typing = false;
    this.element.replaceChildren(...content);
  }

  #written() {
    this.#typing = false;
    if (this.#later && !this.mistake) this.show(this.#later);
  }

  /**
   * Whether something is a control of an option.
   * @param {EventTarget | null} target
   */
  #holds(target) {
    return [...this.#controls.values()].some(({ element }) => element.contains(/** @type {Node} */ (target)));
  }

  /** @param {Option[]} options */
  #build(options) {
    const root = /** @type {Document | ShadowRoot} */ (this.element.getRootNode());
    const focused = root.activeElement?.id;
    this.#controls.clear();
    const common = options.filter(isCommon).sort((a, b) => rank(a) - rank(b));
    const rest = [...this.#groups(options.filter((option) => !isCommon(option))), ...this.last];
    this.element.replaceChildren(...this.#before, ...common.map((option) => this.#control(option)), ...this.#after,
      ...(rest.length ? [this.#all(rest)] : []));
    if (focused) root.getElementById(focused)?.focus();
  }

  /** @param {Node[]} content */
  #all(content) {
    const all = el("details", {
      class: "all", open: this.#open, ontoggle: () => {
        if (all.open && !this.#open) all.scrollIntoView({ block: "start", behavior: "smooth" });
        this.#open = all.open;
      },
    }, el("summary", {}, say("allSettings")), ...content);
    return all;
  }

  /** @param {Option[]} options */
  #groups(options) {
    /** @type {Map<string, Option[]>} */
    const groups = new Map();
    for (const option of options.sort((a, b) => remoteness(a) - remoteness(b))) {
      const name = groupOf(option);
      groups.set(name, [...(groups.get(name) ?? []), option]);
    }
    return [...groups].map(([name, members]) =>
      el("section", { class: "group" }, el("h2", {}, name), ...members.map((each) => this.#control(each))));
  }

  /** @param {Option} option */
  #control(option) {
    const made = control(option, (value) => this.#changed(option.name, value), this.#form);
    this.#controls.set(option.name, made);
    return made.element;
  }
}

/** @param {Option} option */
function isCommon(option) {
  return !option.advanced && !option.name.startsWith(RAW) && !PLACES.includes(option.name);
}

/** @param {Option} option */
function groupOf(option) {
  if (option.name.startsWith(RAW)) return say("driverSettings");
  return translated(option.group) || say("otherSettings");
}

/**
 * Groups with a name first, then the rest, then the driver's own.
 * @param {Option} option
 */
function remoteness(option) {
  if (option.name.startsWith(RAW)) return 2;
  return option.group ? 0 : 1;
}

/** @param {Option} option */
function rank(option) {
  const place = FIRST.indexOf(option.name);
  return place < 0 ? FIRST.length : place;
}
