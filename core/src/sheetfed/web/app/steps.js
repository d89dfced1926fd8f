/** Which steps pages go through, and where one document ends and the next begins. */

import { Sheetfed } from "../client/index.js";
import { el } from "../client/elements/dom.js";
import { recall, remember } from "../client/elements/memory.js";
import { SheetfedSettings } from "../client/elements/settings.js";
import { translated } from "../client/elements/told.js";
import { say } from "./words.js";

/**
 * @typedef {import("../client/shapes.js").Settings} Settings
 * @typedef {import("../client/shapes.js").Schemas["Steps"]["items"][number]} Step
 * @typedef {import("../client/shapes.js").Schemas["Separation"]} Separation
 * @typedef {{by: string, every: number}} Split
 */

const PLACE = "steps";
const SPLIT = "split";
const RULES = /** @type {const} */ (["", "barcode", "patch", "blank", "pages"]);

/** A part of the settings; it is remembered like them. Sends `change`. */
export class Steps extends EventTarget {
  #sheetfed;
  #place;
  #chosen;
  #split;
  /** @type {Step[]} */ #offered = [];
  #list = el("div", { class: "group" });
  element;

  /**
   * @param {Sheetfed} sheetfed
   * @param {string} [place]   begins what they are remembered by, and their ids
   */
  constructor(sheetfed, place = "") {
    super();
    this.#sheetfed = sheetfed;
    this.#place = place;
    this.#chosen = /** @type {Record<string, Settings>} */ (recall(place + PLACE, {}));
    this.#split = /** @type {Split} */ (recall(place + SPLIT, { by: "", every: 2 }));
    this.element = el("details", { class: "all steps", id: `${place}steps`, slot: "more", hidden: true }, el("summary", {}, say("steps")), this.#list);
  }

  /** What was chosen, to be kept in a profile. */
  get value() {
    return { chosen: this.#chosen, split: this.#split };
  }

  set value({ chosen, split }) {
    remember(this.#place + PLACE, this.#chosen = chosen);
    remember(this.#place + SPLIT, this.#split = split);
    this.#draw();
  }

  /** Asks which steps there are. */
  async load() {
    const { items } = await this.#sheetfed.listSteps();
    const same = JSON.stringify(items) === JSON.stringify(this.#offered);
    if (same && !this.element.hidden) return; // somebody may be typing
    this.#offered = items;
    this.element.hidden = false;
    this.#draw();
  }

  /** What a job is to be asked. */
  get wish() {
    const { by } = this.#split; // what separates has to be found first: the step for it has its name
    const steps = this.#offered.filter(({ name }) => name in this.#chosen || name === by)
      .map(({ name }) => ({ name, options: this.#chosen[name] ?? {} }));
    return { steps, ...(by ? { split: this.#rule } : {}) };
  }

  /** @returns {Separation} */
  get #rule() {
    const by = /** @type {Separation["by"]} */ (this.#split.by);
    return by === "pages" ? { by, every: this.#split.every } : { by };
  }

  #draw() {
    this.#list.replaceChildren(...this.#offered.flatMap((step) => this.#step(step)), this.#rules());
    const count = this.wish.steps.length + (this.#split.by ? 1 : 0);
    this.element.firstElementChild?.replaceChildren(count ? say("stepsChosen", { count }) : say("steps"));
  }

  /** @param {Step} step */
  #step({ name, title, options }) {
    const id = `${this.#place}step-${name}`;
    const chosen = this.#chosen[name];
    const tick = el("input", { type: "checkbox", id, checked: chosen !== undefined, onchange: () => {
      if (tick.checked) this.#choose({ ...this.#chosen, [name]: {} });
      else this.#choose(Object.fromEntries(Object.entries(this.#chosen).filter(([each]) => each !== name)));
      document.getElementById(id)?.focus();
    } });
    const row = el("div", { class: "field tick" }, tick, el("label", { for: id }, translated(title)));
    if (!chosen || !options.length) return [row];
    const form = new SheetfedSettings();
    form.setAttribute("name", id);
    form.className = "of-step";
    form.show(options, chosen);
    form.addEventListener("change", () => this.#keep({ ...this.#chosen, [name]: form.settings }));
    return [row, form];
  }

  #rules() {
    const [by, every] = [`${this.#place}split-by`, `${this.#place}split-every`];
    const select = el("select", { id: by, onchange: () => {
      this.#part({ ...this.#split, by: select.value });
      document.getElementById(by)?.focus();
    } }, ...RULES.map((rule) => el("option", { value: rule }, say(rule ? `split_${rule}` : "split_never"))));
    select.value = this.#split.by;
    const amount = el("input", { type: "number", id: every, min: 1, max: 1000, value: this.#split.every, onchange: () => {
      if (amount.validity.valid) this.#part({ ...this.#split, every: amount.valueAsNumber });
    } });
    return el("div", { class: "field" }, el("label", { for: by }, say("splitBy")), select,
      this.#split.by === "pages" && el("div", { class: "amount" }, el("label", { for: every, class: "unit" }, say("splitEvery")), amount));
  }

  /** @param {Record<string, Settings>} chosen */
  #choose(chosen) {
    this.#keep(chosen);
    this.#draw();
  }

  /** @param {Record<string, Settings>} chosen */
  #keep(chosen) {
    remember(this.#place + PLACE, this.#chosen = chosen);
    this.dispatchEvent(new Event("change"));
  }

  /** @param {Split} rule */
  #part(rule) {
    remember(this.#place + SPLIT, this.#split = rule);
    this.#draw();
    this.dispatchEvent(new Event("change"));
  }
}
